"""No log line may hold what a person typed, whoever writes it and however."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading

import pytest
import structlog

from intake.logs import configure_logs, get_logger, log_crashes

CANARY = "Canary O'Hara, born 1980-02-29, cannot swallow"


@pytest.fixture
def log():
    """What was logged so far, by a process set up as the server is."""
    root = logging.getLogger()
    before = (root.level, sys.excepthook, threading.excepthook)
    stream = io.StringIO()
    configure_logs(stream)
    yield stream
    root.removeHandler(_handler(stream))
    root.setLevel(before[0])
    sys.excepthook, threading.excepthook = before[1:]
    structlog.reset_defaults()


def _handler(stream: io.StringIO) -> logging.Handler:
    (ours,) = [each for each in logging.getLogger().handlers if vars(each).get("stream") is stream]
    return ours


def _hand_over(log: io.StringIO, name: str, message: object, *args: object) -> None:
    """Give our handler alone a record that the test runner's own handlers would stumble over."""
    record = logging.getLogger(name).makeRecord(
        name, logging.ERROR, __file__, 1, message, args, None
    )
    _handler(log).handle(record)


def _lines(log: io.StringIO) -> list[str]:
    return log.getvalue().splitlines()


def test_ids_counts_slugs_and_durations_are_kept(log):
    get_logger("intake.web").info(
        "step_saved", step="about-you", draft_id="7f3a", duration_ms=12.345, status=303, rev=4
    )

    (line,) = _lines(log)
    assert "level=info event=step_saved " in line
    assert line.endswith("step=about-you draft_id=7f3a duration_ms=12.3 status=303 rev=4")


def test_the_time_is_utc(log):
    get_logger("intake").info("started")

    assert _lines(log)[0].split()[0].endswith("Z")


@pytest.mark.parametrize(
    "write",
    [
        lambda logger: logger.info("step_saved", answer=CANARY),
        lambda logger: logger.info("step_saved", step=CANARY),
        lambda logger: logger.info("step_saved", duration_ms=CANARY),
        lambda logger: logger.info("step_saved", rows=[CANARY]),
        lambda logger: logger.info("step_saved", where=CANARY, trace=CANARY, error=CANARY),
        lambda logger: logger.info("step_saved", timestamp=CANARY, logger=CANARY),
        lambda logger: logger.info("step_saved", exc_info=ValueError(CANARY)),
        lambda logger: logger.info("step_saved", stack_info=CANARY),
        lambda logger: logger.info("step_saved", **{CANARY: 1}),
        lambda logger: logger.info(CANARY),
        lambda logger: logger.info("saved %s", CANARY),
        lambda logger: logger.bind(name=CANARY).info("step_saved"),
    ],
)
def test_own_events_keep_no_words(log, write):
    write(get_logger("intake.web"))

    (line,) = _lines(log)
    assert "Canary" not in line
    assert "swallow" not in line


@pytest.mark.parametrize(
    "name", ["werkzeug", "gunicorn.error", "sqlalchemy.engine", "weasyprint", "flask.app", "x"]
)
def test_library_messages_lose_their_words(log, name):
    logger = logging.getLogger(name)
    logger.warning(CANARY)
    logger.warning("GET /?name=%s", CANARY)
    _hand_over(log, name, "broken %d", CANARY)
    logger.warning("extra", extra={"answer": CANARY, "step": CANARY})

    assert len(_lines(log)) == 4
    assert "Canary" not in log.getvalue()
    assert f"logger={name} where=tests/unit/test_logs.py:" in log.getvalue()


def _raise_chain() -> None:
    answer = CANARY
    try:
        int(answer)
    except ValueError as error:
        raise RuntimeError(f"could not save {answer}") from error


def test_an_exception_is_its_types_and_its_places(log):
    try:
        _raise_chain()
    except RuntimeError:
        get_logger("intake.web").exception("save_failed", draft_id="7f3a")
        logging.getLogger("flask.app").exception("Exception on %s [%s]", CANARY, "POST")

    own, library = _lines(log)
    for line in (own, library):
        assert 'error="RuntimeError < ValueError"' in line
        assert "tests/unit/test_logs.py:" in line
        assert line.endswith(' _raise_chain"')
    assert "event=save_failed draft_id=7f3a" in own
    assert "event=request_failed" in library
    assert "Canary" not in log.getvalue()


def test_a_record_that_cannot_be_printed_stays_private(log, capsys):
    class Unprintable:
        def __str__(self) -> str:
            raise ValueError(CANARY)

    _hand_over(log, "weasyprint", Unprintable())

    assert _lines(log) == ["level=error event=log_failed logger=weasyprint"]
    assert "Canary" not in capsys.readouterr().err


def test_crashes_are_logged_and_not_printed(log, capsys):
    log_crashes()
    try:
        _raise_chain()
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    thread = threading.Thread(target=_raise_chain)
    thread.start()
    thread.join()

    assert [line.count("event=crashed") for line in _lines(log)] == [1, 1]
    assert "Canary" not in log.getvalue() + capsys.readouterr().err


def test_setting_up_twice_writes_once(log):
    configure_logs(log)
    get_logger("intake").info("started")

    assert len(_lines(log)) == 1


# --- As JSON ------------------------------------------------------------------------------------


@pytest.fixture
def json_log(log):
    stream = io.StringIO()
    configure_logs(stream, form="json")
    yield stream
    configure_logs(log)
    structlog.contextvars.clear_contextvars()


def test_every_line_is_one_json_object(json_log):
    get_logger("intake.web").info("step_saved", step="about-you", duration_ms=12.345, status=303)
    try:
        _raise_chain()
    except RuntimeError:
        get_logger("intake.web").exception("save_failed", draft_id="7f3a")
    logging.getLogger("weasyprint").warning(CANARY + "\n{}")
    _hand_over(json_log, "x", "broken %d", CANARY)

    saved, failed, library, broken = map(json.loads, _lines(json_log))
    assert list(saved)[:3] == ["timestamp", "level", "event"]
    assert saved["event"] == "step_saved"
    assert (saved["step"], saved["duration_ms"], saved["status"]) == ("about-you", 12.3, 303)
    assert (failed["draft_id"], failed["error"]) == ("7f3a", "RuntimeError < ValueError")
    assert library["event"] == broken["event"] == "library_message"


@pytest.mark.parametrize(
    "write",
    [
        lambda logger: logger.info("step_saved", answer=CANARY, step=CANARY, rows=[CANARY]),
        lambda logger: logger.info("step_saved", exc_info=ValueError(CANARY)),
        lambda logger: logger.info("step_saved", **{CANARY: 1}),
        lambda logger: logger.info(CANARY),
        lambda _: logging.getLogger("flask.app").error("%s", CANARY, extra={"step": CANARY}),
    ],
)
def test_json_keeps_no_words_either(json_log, write):
    structlog.contextvars.bind_contextvars(answer=CANARY, request_id=CANARY)
    write(get_logger("intake.web"))

    (line,) = _lines(json_log)
    assert json.loads(line)["request_id"] == "-"
    assert "Canary" not in line
    assert "swallow" not in line


def test_a_record_that_cannot_be_printed_is_json_too(json_log):
    class Unprintable:
        def __str__(self) -> str:
            raise ValueError(CANARY)

    _hand_over(json_log, "weasyprint", Unprintable())

    (line,) = _lines(json_log)
    assert json.loads(line) == {"level": "error", "event": "log_failed", "logger": "weasyprint"}


def test_lines_of_libraries_carry_the_request_they_belong_to(log):
    structlog.contextvars.bind_contextvars(request_id="1f2e3d4c")
    logging.getLogger("weasyprint").warning("x")
    structlog.contextvars.clear_contextvars()

    assert "request_id=1f2e3d4c" in log.getvalue()


def test_debug_is_silent(log):
    get_logger("intake").debug("step_saved")
    logging.getLogger("werkzeug").info("GET /")

    assert _lines(log) == []
