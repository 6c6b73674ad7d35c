"""What gunicorn and the `flask` command load."""

import os
import sys

from flask import Flask

from intake import ROOT, create_app
from intake.config import ConfigError, instance_folder
from intake.store import StoreNotReady


def _load() -> Flask:
    try:
        return create_app()
    except (ConfigError, StoreNotReady) as error:
        if _sets_up():
            return _commands_only()
        sys.exit(f"intake: {error}")


def _sets_up() -> bool:
    """Whether this is `flask intake …`: the commands that make keys and tables run without them."""
    return os.environ.get("FLASK_RUN_FROM_CLI") == "true" and "intake" in sys.argv


def _commands_only() -> Flask:
    from intake import web

    app = web.bare_app(instance_folder(ROOT))
    web.add_commands(app)
    return app


app = _load()
