"""The rules by topic. Importing a module registers its rules; the order here is the order of
evaluation and of the trace."""

from intake.scoring.rules import (  # isort: skip
    urgency,
    pathway,
    defers,
    caps,
    points,
    flags,
    filler,
)

__all__ = ["caps", "defers", "filler", "flags", "pathway", "points", "urgency"]
