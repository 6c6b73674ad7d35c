"""A document that runs away is stopped, and the next one is drawn."""

import os
from pathlib import Path

import pytest

from intake.report.pdf import render
from intake.report.renderer import Renderer, RenderFailed, render_slowly
from tests.unit.report.given import document, whole


@pytest.fixture
def renderer():
    limited = Renderer()
    yield limited
    limited.close()


def runaway():
    """Alternating right-to-left characters take minutes."""
    sealed = document(whole(main_problem="x"))
    for row in sealed["rows"]:
        if row["key"] == "main_problem":
            row["words"] = "\u05d0a" * 200_000
    return sealed


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_draws_what_this_process_draws(renderer):
    assert renderer.render(document()) == render(document())


def test_one_process_draws_many_documents(renderer):
    renderer.render(document())
    first = renderer.pid
    renderer.render(document())
    assert renderer.pid == first


@pytest.mark.parametrize("limit", [{"wall_seconds": 6.0}, {"cpu_seconds": 5}])
def test_a_runaway_is_killed_and_the_next_is_drawn(limit):
    limited = Renderer(**limit)
    try:
        limited.render(document())
        pid = limited.pid
        with pytest.raises(RenderFailed, match="limit"):
            limited.render(runaway())
        assert not is_running(pid)
        assert limited.render(document()).startswith(b"%PDF")
    finally:
        limited.close()


def test_the_kernel_counts_the_time_of_each_document(renderer):
    """The limit by the clock would stop a runaway too, and hide that this one is gone."""
    renderer.render(document())
    limits = Path(f"/proc/{renderer.pid}/limits").read_text()
    (line,) = [line for line in limits.splitlines() if line.startswith("Max cpu time")]
    assert int(line.split()[3]) < 200


def test_memory_has_a_limit():
    limited = Renderer(memory_bytes=60 << 20)
    try:
        with pytest.raises(RenderFailed):
            limited.render(document())
    finally:
        limited.close()


def test_a_fault_tells_nothing_of_the_document(renderer):
    sealed = document(whole(main_problem="canary words"))
    sealed["clinic"]["time_zone"] = "canary/zone"
    with pytest.raises(RenderFailed) as failed:
        renderer.render(sealed)
    assert "canary" not in str(failed.value)
    assert renderer.render(document()).startswith(b"%PDF")


def test_secrets_of_the_worker_do_not_reach_the_process(renderer, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "canary")
    renderer.render(document())
    assert b"canary" not in Path(f"/proc/{renderer.pid}/environ").read_bytes()


def test_one_long_document_is_drawn_at_a_time(monkeypatch):
    """Whoever presses again and again starts no more processes."""
    refused = []

    def press_again(self, sealed, what):
        with pytest.raises(RenderFailed, match="another"):
            render_slowly(sealed, what)
        refused.append(what)
        return b"%PDF"

    monkeypatch.setattr(Renderer, "render", press_again)
    for _ in range(2):
        assert render_slowly({}, "paper_form") == b"%PDF"
    assert refused == ["paper_form"] * 2
