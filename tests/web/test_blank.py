"""Blank questions are drawn once for everybody; what somebody typed is drawn for them alone."""

from __future__ import annotations

from flask import Flask

from intake.web.patient.blank import KEPT
from tests.web.browser import ANA, begun, known

PAGE = "/form/about-you"
NAME = f'value="{ANA["name"]}"'


def test_what_one_person_typed_is_never_drawn_for_another(app: Flask) -> None:
    one, other = known(app), begun(app)
    # The first to come by is somebody whose page is filled in.
    app.extensions[KEPT].clear()
    one.open(PAGE)
    assert NAME in one.html
    other.open(PAGE)
    assert NAME not in other.html
    one.open(PAGE)
    assert NAME in one.html
    assert not any(str(ANA["name"]) in drawn for drawn in app.extensions[KEPT].values())
