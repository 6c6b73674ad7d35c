#!/bin/sh
# Writes both lock files from pyproject.toml, for every Python from 3.11 on and every system.
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
