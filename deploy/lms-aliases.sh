#!/bin/sh
# Hands the dealers' @dein.auto addresses to Postfix. When the portal cannot be asked, the map stays as it is.
# Run as root in the portal's folder with its environment; docs/operations.md says how.
set -eu
map=${1:-/etc/postfix/portal-lms}
new=$map.new
umask 022
${FLASK:-.venv/bin/flask} --app portal lms-aliases >"$new"
mv "$new" "$map"
postmap "$map"
