#!/bin/sh
# Debian's Chromium and fonts for the browser tests. CHROMIUM names another executable.
set -eu

fail() { echo "$*" >&2; exit 1; }
found() { [ -x "${CHROMIUM:-/usr/bin/chromium}" ]; }

found && exit 0
[ -z "${CHROMIUM:-}" ] || fail "CHROMIUM=$CHROMIUM is not an executable."
command -v apt-get >/dev/null || fail "The browser tests need Chromium. Install it, then: make test CHROMIUM=/path/to/chromium"
[ "$(id -u)" = 0 ] || fail "The browser tests need Chromium: sudo apt-get install chromium fonts-liberation"
echo "Installing Chromium …"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-liberation; } \
    >"$log" 2>&1 </dev/null || { tail -5 "$log" >&2; fail "Chromium could not be installed by apt, see above."; }
found || fail "Chromium was installed, but /usr/bin/chromium is not there."
