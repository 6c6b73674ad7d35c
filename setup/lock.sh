#!/bin/sh
# Writes the lock files from pyproject.toml, for every Python from 3.11 on and every system, and
# that of the scanners, for this Python on this system.
# `make lock UPGRADE=--upgrade` also takes newer releases of what pyproject.toml leaves open.
set -eu
cd "$(dirname "$0")/.."

[ -x build/lock/bin/uv ] || { python3 -m venv build/lock && build/lock/bin/pip install --quiet uv==0.13.9; }

compile() {
    build/lock/bin/uv pip compile pyproject.toml --quiet --no-header --no-annotate \
        --universal --python-version 3.11 --only-binary :all: \
        --generate-hashes ${UPGRADE:-} "$@"
}

compile --output-file requirements.txt
compile --extra test --constraint requirements.txt --output-file requirements-dev.txt

# yaswfp, plain Python that wapiti needs, comes as source only.
build/lock/bin/uv pip compile setup/security/tools.in --quiet --no-header --no-annotate \
    --override setup/security/overrides.txt --python-version 3.11 \
    --only-binary :all: --no-binary yaswfp \
    --generate-hashes ${UPGRADE:-} --output-file requirements-security.txt
