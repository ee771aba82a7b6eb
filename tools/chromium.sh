#!/bin/sh
# Debian's Chromium and fonts for the browser tests: the headless shell, or a `chromium` that is there already.
set -eu

fail() { echo "$*" >&2; exit 1; }
ready() { command -v chromium-headless-shell >/dev/null; }

ready && exit 0
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    command -v chromium >/dev/null && exit 0
    fail "The browser tests need Chromium: sudo apt-get install chromium-headless-shell fonts-liberation"
fi
echo "Installing Chromium …"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    chromium-headless-shell fonts-liberation; } >"$log" 2>&1 </dev/null || {
    command -v chromium >/dev/null && exit 0 # where the shell is no package of its own
    tail -5 "$log" >&2
    fail "Chromium could not be installed by apt, see above."
}
ready || fail "Chromium was installed, but the command chromium-headless-shell is not found."
