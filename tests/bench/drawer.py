"""Draws one patient's summary again and again in a process of its own, for the benches.

    python -m tests.bench.drawer HOW_OFTEN

Says "ready", waits for a line, draws, and tells as JSON what it took.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from hashlib import sha256
from pathlib import Path

from intake.report import pdf
from tests.bench.patients import document

EARLY = 50


def resident() -> int:
    """Kilobytes of memory that this process holds."""
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def main() -> None:
    # WeasyPrint leaves a file to the garbage collector.
    warnings.simplefilter("ignore", ResourceWarning)
    often, of_patient = int(sys.argv[1]), document()
    pdf.warm_up()
    drawn = pdf.render(of_patient)
    print("ready", flush=True)
    sys.stdin.readline()
    begun, early = time.perf_counter(), 0
    for number in range(often):
        pdf.render(of_patient)
        if number == min(EARLY, often // 2):
            early = resident()
    told = {
        "digest": sha256(drawn).hexdigest(),
        "early": early,
        "late": resident(),
        "seconds": time.perf_counter() - begun,
    }
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
