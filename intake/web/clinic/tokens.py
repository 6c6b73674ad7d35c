"""Tokens of the clinic's programs, for its administrators: made, shown once, and ended."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.store import BadValue, tokens
from intake.web import auth
from intake.web.access import staff_afresh
from intake.web.auth import ADMIN
from intake.web.clinic.blueprint import pages
from intake.web.replies import leave_to, stay
from intake.web.visit import clinic, store

DAYS = (30, 90, 366)


@pages.get("/tokens")
@staff_afresh(ADMIN)
def programs() -> ResponseReturnValue:
    """Every token, and a form for one more; one that was just made is shown."""
    return _page()


@pages.post("/tokens")
@staff_afresh(ADMIN)
def make_token() -> ResponseReturnValue:
    """Make a token; the next page shows it."""
    days = request.form.get("days", "")
    if not request.form.get("name", "").strip():
        return stay(_page([("name", _("Type what the program is called."))]))
    if days not in map(str, DAYS):
        return stay(_page([("days", _("Choose how long it works."))]))
    by, name = auth.person().actor, request.form["name"]
    try:
        secret = tokens.make(store(), clinic().id, name, days=int(days), by=by)
    except BadValue as refused:
        return stay(_page([("name", str(refused))]))
    auth.show_once(auth.person(), token=secret)
    return leave_to(url_for(".programs"))


@pages.post("/tokens/<id>/end")
@staff_afresh(ADMIN)
def end_token(id: str) -> ResponseReturnValue:
    """End a token at once."""
    if id not in {each.id for each in tokens.of(store(), clinic().id)}:
        abort(404)
    tokens.revoke(store(), clinic().id, id, by=auth.person().actor)
    return leave_to(url_for(".programs"))


def _page(errors: Sequence[tuple[str, str]] = ()) -> str:
    return render_template(
        "clinic/tokens.html",
        errors=errors,
        secret=auth.to_show(auth.person()).get("token", ""),
        tokens=tokens.of(store(), clinic().id),
        works=lambda token: tokens.works(store(), token),
        typed=request.form,
        days=DAYS,
        base=url_for("fhir.metadata", _external=True).removesuffix("/metadata"),
        at=lambda moment: moment.astimezone(clinic().zone),
    )
