"""Fourteen whole patients: who they are, what they answer, and what the doctor must see.

One JSON file each: `id`, `title`, `story`, `today` (the day on which the rules judge), `answers`
and `shown` as in an answers file, and `expected` with `urgency`, the `band` in words, the
`key_rules` that must hold, `must_mention` (a fact, and the exact words that say it on the PDF)
and `must_not` (words that may stand nowhere on it). All people are invented.

`flask intake demo` loads them as sent responses: `load_all()` gives the patients in order.
"""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def load_all() -> list[dict[str, Any]]:
    """The patients, sorted by id."""
    files = sorted(FOLDER.glob("v*.json"))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]
