"""The process that draws: reads documents from its input, writes PDFs to its output.

Started by `renderer.Renderer` with its CPU seconds a document and its bytes of memory.
"""

import json
import os
import resource
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import IO, Any

from intake.report import own_copy, paper, paper_form, pdf
from intake.report.record import RecordView
from intake.report.renderer import DRAWN, FAILED, OWN_COPY, PAPER_FORM, PROOF, receive, send


def serve(requests: IO[bytes], answers: IO[bytes], cpu_seconds: int) -> None:
    """Say that all is ready, then draw until the other side goes away."""
    _reply(answers, DRAWN, b"")
    while True:
        try:
            request = receive(requests)
        except EOFError:
            return
        _allow_cpu(cpu_seconds)
        _reply(answers, *_drawn(request))


def _reply(answers: IO[bytes], status: bytes, answer: bytes) -> None:
    answers.write(status)
    send(answers, answer)


def _drawn(request: bytes) -> tuple[bytes, bytes]:
    try:
        return DRAWN, _draw(json.loads(request))
    except Exception as fault:
        # The kind of fault alone: its words may quote an answer.
        return FAILED, type(fault).__name__.encode()


def _draw(asked: Mapping[str, Any]) -> bytes:
    if asked["what"] == PROOF:
        return paper.proof()
    if asked["what"] == OWN_COPY:
        return own_copy.render(asked["document"])
    if asked["what"] == PAPER_FORM:
        return paper_form.render(asked["document"])
    record = asked["record"]
    return pdf.render(asked["document"], RecordView.from_dict(record) if record else None)


def _allow_cpu(seconds: int) -> None:
    """Let the kernel end this process when one document takes more than its share."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + 1 + seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))


def _limit_memory(size: int) -> None:
    # macOS knows the limit but does not take it.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    cpu_seconds, memory_bytes = map(int, sys.argv[1:3])
    answers = os.fdopen(os.dup(1), "wb")
    # Nothing but answers may reach the pipe.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    # Fonts are read before memory is short: a scan cut off would leave every program of this
    # machine with a font cache that misses faces.
    pdf.warm_up()
    own_copy.warm_up()
    paper_form.warm_up()
    _limit_memory(memory_bytes)
    serve(sys.stdin.buffer, answers, cpu_seconds)


if __name__ == "__main__":
    main()
