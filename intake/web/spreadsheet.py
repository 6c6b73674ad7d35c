"""Tables to download, for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

from intake.report.spreadsheet import harmless


def spreadsheet(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV file of this name; no cell of it is taken for a formula."""
    text = io.StringIO(newline="")
    written = csv.writer(text)
    written.writerow(head)
    written.writerows([harmless(each) for each in row] for row in rows)
    # Without the mark, Excel reads UTF-8 as something else.
    reply = Response(text.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    reply.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return reply
