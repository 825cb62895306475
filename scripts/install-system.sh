#!/bin/sh
# Install what is missing on Debian and its relatives; say what to install elsewhere. Safe to run again.
# With the word chromium: the browser that the pages are tested in, too.
set -eu

missing=""
if [ "${1:-}" = chromium ] && ! command -v chromium >/dev/null 2>&1; then
    missing="chromium"
fi
# What drives the browser comes with a Node.js of its own, which a minimal Debian lacks this library for.
if [ "${1:-}" = chromium ] && command -v apt-get >/dev/null 2>&1 && ! ls /usr/lib/*/libatomic.so.1 >/dev/null 2>&1; then
    missing="$missing libatomic1"
fi
if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 ||
   ! ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1; then
    missing="postgis $missing"
fi
if ! python3 -c 'import ensurepip' >/dev/null 2>&1 && [ ! -x .venv/bin/python ]; then
    missing="$missing python3-venv"
fi
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    if command -v initdb >/dev/null 2>&1 && [ "${missing%chromium}" = "$missing" ]; then exit 0; fi
    [ "$missing" != chromium ] || { echo "Please install Chromium." >&2; exit 1; }
    echo "Please install PostgreSQL 15 or later with PostGIS 3, and Python 3.11 or later with venv." >&2
    exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1; then
    as_root="sudo"
else
    echo "Missing: $missing. Run as root, or with sudo: apt-get install postgresql-15-postgis-3 python3-venv chromium" >&2
    exit 1
fi

echo "Installing Debian packages ($missing; about a minute) …"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
quietly() {
    if ! $as_root env DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        exit 1
    fi
}
quietly apt-get update
case "$missing" in
    *postgis*)
        # The package is named after the release's PostgreSQL: take the newest there is.
        postgis=$(apt-cache --names-only search '^postgresql-[0-9]+-postgis-3$' | cut -d' ' -f1 | sort -V | tail -n 1)
        if [ -z "$postgis" ]; then
            echo "This system has no package postgresql-NN-postgis-3; please install PostgreSQL with PostGIS 3." >&2
            exit 1
        fi
        missing="$postgis ${missing#postgis}"
        ;;
esac
# shellcheck disable=SC2086 # a list of package names
quietly apt-get install -y --no-install-recommends $missing
rm -f "$log"
