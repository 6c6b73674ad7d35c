"""How the server runs. Read by gunicorn at start, from the folder of the project."""

import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from flask import Flask
from gunicorn.glogging import Logger

from intake.config import ConfigError, instance_folder, load_clinics, load_keys, load_settings
from intake.logs import configure_logs, log_crashes
from intake.web.work import Worker

try:
    _settings = load_settings(instance_folder(ROOT))
    load_keys(_settings.instance_path)
    load_clinics(_settings.instance_path)
except ConfigError as error:
    sys.exit(f"intake: {error}")


# Memory, not a disk: a slow disk would look like a hung worker.
_MEMORY = next((str(path) for path in [Path("/dev/shm")] if path.is_dir()), None)  # noqa: S108 - memory, see above
_COUNTS = "PROMETHEUS_MULTIPROC_DIR"
if _settings.metrics_token and _COUNTS not in os.environ:
    # Set before any worker loads the counters; it stays when this file is read again on SIGHUP.
    os.environ[_COUNTS] = tempfile.mkdtemp(prefix="intake-counts-", dir=_MEMORY)


class PrivateLogger(Logger):
    """Sends gunicorn's own messages through the allow-list, and logs no request line."""

    def setup(self, cfg):
        super().setup(cfg)
        configure_logs(form=_settings.log_format)
        log_crashes()
        self.error_log.handlers = []
        self.error_log.propagate = True

    def access(self, resp, req, environ, request_time):
        """Nothing: the application logs each request without its address."""


def on_starting(server):
    """Say plainly that the port is taken, before gunicorn tries it five times."""
    with socket.socket(socket.AF_INET6 if ":" in _settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_settings.host, _settings.port))
        except OSError:
            sys.exit(
                f"intake: {_settings.host}:{_settings.port} is taken; "
                f"choose another: make run PORT={_settings.port + 1}"
            )


def when_ready(server):
    """Tell the person at the terminal where to go."""
    host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host
    sys.stderr.write(
        f"\n  The intake is at   http://{host}:{_settings.port}/\n"
        "  First staff account:  make staff\n"
        "  Stop with Ctrl+C. Everything sent stays in instance/.\n\n"
    )


def post_worker_init(worker):
    """Do jobs beside serving, once the worker stands on its own."""
    if isinstance(worker.wsgi, Flask):
        worker.jobs = Worker(worker.wsgi)
        worker.jobs.start()


def worker_exit(server, worker):
    """Let the job at hand come to its end."""
    if hasattr(worker, "jobs"):
        worker.jobs.stop()


def on_exit(server):
    """Leave no counts behind: they began with this server."""
    if _settings.metrics_token:
        shutil.rmtree(os.environ[_COUNTS], ignore_errors=True)


bind = (
    f"[{_settings.host}]:{_settings.port}"
    if ":" in _settings.host
    else (f"{_settings.host}:{_settings.port}")
)
worker_class = "gthread"
workers = 2
threads = 4
timeout = 60
graceful_timeout = 30
keepalive = 5
umask = 0o077
logger_class = PrivateLogger
control_socket_disable = True
worker_tmp_dir = _MEMORY
limit_request_line = 4094
limit_request_fields = 60
# The application itself counts the proxies it trusts (INTAKE_PROXY_HOPS).
forwarded_allow_ips = ""
