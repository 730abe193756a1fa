#!/bin/sh
# Makes .venv with the newest suitable Python and installs $1 at the pinned versions.
set -eu
target=$1

suitable() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for name in python3 python3.13 python3.12 python3.11 python3.14; do
        if command -v "$name" >/dev/null && suitable "$name"; then command -v "$name"; return; fi
    done
    echo "assent needs Python 3.11 or newer; none was found on PATH." >&2
    echo "Debian: apt install python3    macOS: brew install python@3.13" >&2
    exit 1
}

make_venv() {
    "$1" -m venv .venv 2>/dev/null && return
    # Debian ships venv's pip bootstrap in a package of its own.
    rm -rf .venv
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
        "$1" -m venv .venv
    else
        echo "Python's venv module is incomplete. Debian: sudo apt install python3-venv" >&2
        exit 1
    fi
}

if ! [ -x .venv/bin/python ] || ! suitable .venv/bin/python; then
    rm -rf .venv
    python=$(find_python)
    make_venv "$python"
fi
echo "Installing assent ($target) into .venv …"
.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e "$target"
