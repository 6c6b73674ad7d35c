"""Logs that cannot hold an answer: an allow-list of keys, and no free text at all.

An event is a fixed word; a value is a number, an id or a code. Every library's messages pass
through here too and lose their text, since a message may quote what a person typed: what is
left is who spoke and where, and for an error its type and the lines it went through.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

NUMBERS = frozenset(
    """
    bytes clinic_id count duration_ms length pages pid port rev rows staff_id status version
    """.split()
)
"""Keys whose value is a number."""

CODES = frozenset(
    """
    action actor band call_id card clinic code draft_id endpoint engine key_id kind language level
    method reason reference request_id response_id revision role rule step urgency
    """.split()
)
"""Keys whose value is an id, a slug or a fixed word: no spaces, at most 64 characters."""

_OWN = frozenset({"timestamp", "logger", "where", "error", "trace"})
"""Keys that only this module fills."""

_WORD = re.compile(r"[a-z][a-z0-9_]{0,59}")
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_ROOT = Path(__file__).resolve().parent.parent
_MOST_FRAMES = 30

# What the server says of itself, by its templates; its other messages can quote a request.
_SERVER_EVENTS = {
    "Starting gunicorn %s": "server_starting",
    "Listening at: %s (%s)": "server_listening",
    "Booting worker with pid: %s": "worker_started",
    "Worker exiting (pid: %s)": "worker_stopped",
    "Handling signal: %s": "server_signalled",
    "Shutting down: %s": "server_stopped",
    "WORKER TIMEOUT (pid:%s)": "worker_timed_out",
    "Error handling request": "request_failed",
    "Error handling request %s": "request_failed",
    "Error handling request %s %s": "request_failed",
    "Error handling request (no URI read)": "request_failed",
    "Worker (pid:%s) was sent %s!": "worker_signalled",
    "Worker (pid:%s) was sent %s! Perhaps out of memory?": "worker_killed",
    "Worker (pid:%s) exited with code %s.": "worker_failed",
    "Using worker: %s": "server_worker_kind",
    "Exception in worker process": "worker_failed",
    "Exception on %s [%s]": "request_failed",
}


def configure_logs(
    stream: TextIO | None = None, level: int = logging.INFO, *, form: str = "logfmt"
) -> None:
    """Send every log of the process, this project's and all libraries', through the allow-list.

    One line each, as "logfmt" (key=value) or "json".
    """
    drawn = _RENDERERS[form]
    handler = _PrivateHandler(stream or sys.stderr, drawn)
    stamps: list[Processor] = [
        # The request that a line belongs to, for what libraries say too.
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[strip_foreign, *stamps],
            processors=[
                keep_allowed,
                drawn,
            ],
            use_get_message=False,
        )
    )
    root = logging.getLogger()
    for other in list(root.handlers):
        if type(other) in (_PrivateHandler, logging.StreamHandler):
            root.removeHandler(other)
    root.addHandler(handler)
    root.setLevel(level)
    for name in ("werkzeug", "fontTools", "alembic", "sqlalchemy", "weasyprint.progress"):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            strip_own,
            *stamps,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def log_crashes() -> None:
    """Log what nothing caught, instead of printing it with its message."""

    def in_thread(crash: threading.ExceptHookArgs) -> None:
        if crash.exc_value is not None:
            _log_crash(crash.exc_type, crash.exc_value, crash.exc_traceback)

    sys.excepthook = _log_crash
    threading.excepthook = in_thread


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; its events are fixed words, its keys those of `NUMBERS` and `CODES`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def _as_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    first = {key: event[key] for key in _FIRST if key in event}
    return json.dumps({**first, **event})


_FIRST = ["timestamp", "level", "event"]
_RENDERERS: dict[str, Processor] = {
    "logfmt": structlog.processors.LogfmtRenderer(key_order=_FIRST, drop_missing=True),
    "json": _as_json,
}


class _PrivateHandler(logging.StreamHandler[TextIO]):
    """Keeps a record that cannot be printed to itself; logging would print its arguments."""

    def __init__(self, stream: TextIO, drawn: Processor) -> None:
        super().__init__(stream)
        self._drawn = drawn

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name logging calls
        told = {"level": "error", "event": "log_failed", "logger": _code(record.name)}
        self.stream.write(f"{self._drawn(None, 'error', told)!s}\n")


def _log_crash(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    get_logger(__name__).critical("crashed", exc_info=(kind, error, trace))


# --- Processors --------------------------------------------------------------------------------


def strip_own(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Turn an exception into its type and place; nobody else fills those keys."""
    kept = {key: value for key, value in event.items() if key not in _OWN}
    given = kept.pop("exc_info", None)
    if isinstance(given, BaseException):
        given = (type(given), given, given.__traceback__)
    return kept | _error_fields(given if isinstance(given, tuple) else given and sys.exc_info())


def strip_foreign(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Leave of a library's record who spoke and where, and for an error its type and place."""
    record: logging.LogRecord = event["_record"]
    stripped: EventDict = {"_record": record, "_from_structlog": False, "pid": record.process}
    if isinstance(record.msg, str) and record.msg in _SERVER_EVENTS:
        stripped["event"] = _SERVER_EVENTS[record.msg]
    else:
        stripped["event"] = "library_message"
        stripped["logger"] = _code(record.name)
        stripped["where"] = f"{_short_path(record.pathname)}:{record.lineno}"
    stripped.update(_error_fields(record.exc_info))
    return stripped


def keep_allowed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop every key that is not allowed and every value that is not of its key's shape."""
    kept: EventDict = {"event": "unnamed_event"}
    if isinstance(event.get("event"), str) and _WORD.fullmatch(event["event"]):
        kept["event"] = event["event"]
    for key, value in event.items():
        if key in _OWN:
            kept[key] = value
        elif key in NUMBERS and isinstance(value, int | float):
            kept[key] = round(value, 1)
        elif key in CODES and isinstance(value, str | int):
            kept[key] = _code(str(value))
    return kept


def _code(text: str) -> str:
    return text if _CODE.fullmatch(text) else "-"


# --- Exceptions: type and place, never the message ---------------------------------------------


def _error_fields(exc_info: object) -> dict[str, str]:
    if not isinstance(exc_info, tuple) or not isinstance(exc_info[1], BaseException):
        return {}
    error = exc_info[1]
    frames = traceback.extract_tb(exc_info[2])[-_MOST_FRAMES:]
    places = [f"{_short_path(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    return {
        "error": " < ".join(_type_name(each) for each in _causes(error)),
        "trace": " > ".join(places),
    }


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, then what it came from; each once."""
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)


def _type_name(error: BaseException) -> str:
    kind = type(error)
    if kind.__module__ == "builtins":
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


def _short_path(path: str) -> str:
    _, library, rest = path.rpartition("site-packages/")
    if library:
        return rest
    return path.removeprefix(f"{_ROOT}/")
