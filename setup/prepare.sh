#!/bin/sh
# Makes a checkout ready to run: system libraries, virtual environment, locked packages, htmx.
# Each step is skipped when there is nothing to do. With --tests, also what the tests need; with
# --reliability, servers too, which the tests start for themselves.
set -eu
cd "$(dirname "$0")/.."

LOCK=requirements.txt
PACKAGES="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 libfontconfig1 fontconfig"
# One clean face with every accent (Noto), signs (DejaVu), and Chinese, Japanese, Korean (WenQuanYi).
PACKAGES="$PACKAGES fonts-noto-core fonts-dejavu-core fonts-wqy-microhei ca-certificates"
case "${1:-}" in
    --tests | --reliability)
        LOCK=requirements-dev.txt
        # nginx: the sample of the proxy is run. strace: what is on the disk before the reply.
        PACKAGES="$PACKAGES poppler-utils nginx strace"
        ;;
esac
if [ "${1:-}" = --reliability ]; then PACKAGES="$PACKAGES postgresql iproute2"; fi

say() { echo "set-up: $*"; }
stop() { echo "set-up: $*" >&2; exit 1; }

find_python() {
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

is_installed() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -q '^installed$'; }

has_chromium() {
    command -v chromium >/dev/null || command -v google-chrome >/dev/null ||
        { command -v chromium-browser >/dev/null && chromium-browser --version >/dev/null 2>&1; }
}

# What to put before a command that only root may run; empty for root.
find_sudo() {
    if [ "$(id -u)" = 0 ]; then return; fi
    command -v sudo || stop "needs root or sudo to install:$1"
}

# Its chatter is shown only when it fails.
apt_quietly() {
    said=$($sudo env DEBIAN_FRONTEND=noninteractive apt-get "$@" 2>&1) ||
        { echo "$said" | tail -5 >&2; return 1; }
}

install_debian_packages() {
    wanted=""
    for package in $PACKAGES; do
        is_installed "$package" || wanted="$wanted $package"
    done
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        wanted="$wanted $("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    fi
    if [ "$LOCK" = requirements-dev.txt ] && ! has_chromium; then wanted="$wanted chromium"; fi
    # For the checkers of FHIR.
    if [ "$LOCK" = requirements-dev.txt ] && ! command -v npm >/dev/null; then
        wanted=" nodejs npm$wanted"
    fi
    [ -n "$wanted" ] || return 0

    sudo=$(find_sudo "$wanted")
    say "system packages:$wanted"
    apt_quietly update -qq || stop "apt-get update failed; is this machine online?"
    # Ubuntu's chromium is a snap, which cannot be installed like this.
    if ! apt-cache policy chromium | grep -q 'Candidate: [0-9]'; then
        case "$wanted" in *chromium) say "install Chromium or Chrome yourself for the browser tests" ;; esac
        wanted="${wanted% chromium}"
    fi
    [ -z "$wanted" ] || apt_quietly install -y -qq --no-install-recommends $wanted ||
        stop "could not install:$wanted"
    # A cache from before an interrupted scan hides faces, and the PDF would come out in another.
    if command -v fc-cache >/dev/null; then $sudo fc-cache -f; fi
}

install_system_packages() {
    if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
        install_debian_packages
        return
    fi
    # Elsewhere nothing is installed behind the person's back.
    "$python" setup/check_libraries.py >/dev/null 2>&1 && return
    case "$(uname -s)" in
        Darwin) stop "install this first: brew install pango harfbuzz postgresql@17" ;;
        Linux)
            if command -v dnf >/dev/null; then
                stop "install this first: dnf install pango harfbuzz google-noto-sans-fonts google-noto-sans-cjk-fonts"
            elif command -v pacman >/dev/null; then
                stop "install this first: pacman -S pango harfbuzz noto-fonts noto-fonts-cjk"
            fi ;;
    esac
    stop "install Pango, HarfBuzz with its subset library, and the Noto fonts first"
}

check_database() {
    case "$(uname -s)-$(uname -m)-${DATABASE_URL:-}" in
        *-postgres*) ;;
        Linux-x86_64-*) ;;
        *) stop "no safe SQLite driver for $(uname -s) $(uname -m): set DATABASE_URL=postgresql://… to use PostgreSQL" ;;
    esac
}

make_environment() {
    if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        say "virtual environment with $("$python" --version)"
        "$python" -m venv --clear .venv
    fi
}

install_locked() {
    cmp -s "$LOCK" ".venv/$LOCK" && return
    say "packages from $LOCK"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes --only-binary=:all: --requirement "$LOCK" ||
        stop "the packages of $LOCK could not be installed"
    # The stamps: copies of what is installed. The test lock holds all of the other one.
    cp requirements.txt .venv/requirements.txt
    cp "$LOCK" ".venv/$LOCK"
}

python=$(find_python)
[ -n "$python" ] || stop "needs Python 3.11 or newer (Debian, Ubuntu: apt-get install python3)"
check_database
install_system_packages
make_environment
install_locked
.venv/bin/python setup/check_libraries.py
.venv/bin/python setup/vendor_htmx.py
# Without them the tests that need them are left out, and say so.
if [ "$LOCK" = requirements-dev.txt ]; then .venv/bin/python setup/fhir_checkers.py || true; fi
