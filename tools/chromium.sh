#!/bin/sh
# Debian's Chromium and fonts for the browser tests, which look for `chromium` on the PATH.
set -eu

fail() { echo "$*" >&2; exit 1; }

command -v chromium >/dev/null && exit 0
command -v apt-get >/dev/null || fail "The browser tests need Chromium. Install it so that the command chromium is found."
[ "$(id -u)" = 0 ] || fail "The browser tests need Chromium: sudo apt-get install chromium fonts-liberation"
echo "Installing Chromium …"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-liberation; } \
    >"$log" 2>&1 </dev/null || { tail -5 "$log" >&2; fail "Chromium could not be installed by apt, see above."; }
command -v chromium >/dev/null || fail "Chromium was installed, but the command chromium is not found."
