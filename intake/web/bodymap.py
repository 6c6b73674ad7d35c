"""The places of the body as the page shows them: a list by part of the body, and a picture.

List and picture are one set of checkboxes: every spot of the picture is a second label.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from intake.questionnaire.body import (
    BY_CODE,
    DETAIL_BACK,
    DETAIL_FRONT,
    PLACES,
    SILHOUETTE_BACK,
    SILHOUETTE_FRONT,
    VIEW_BOX,
    Place,
    Side,
)
from intake.questionnaire.model import Choice

TITLES = {
    "left_arm": _l("Left arm and hand"),
    "right_arm": _l("Right arm and hand"),
    "left_leg": _l("Left leg and foot"),
    "right_leg": _l("Right leg and foot"),
    "middle": _l("Neck and trunk"),
    "": "",
}


@dataclass(frozen=True, slots=True)
class View:
    """One figure of the picture; `sides` caption what is on the viewer's left and right."""

    name: str
    title: object
    sides: tuple[Side, Side]
    outline: str
    detail: str
    shapes: tuple[tuple[Place, str], ...]


def _shape(place: Place, name: str) -> str:
    return place.front if name == "front" else place.back


def _view(name: str, title: object, sides: tuple[Side, Side]) -> View:
    front = name == "front"
    return View(
        name=name,
        title=title,
        sides=sides,
        outline=SILHOUETTE_FRONT if front else SILHOUETTE_BACK,
        detail=DETAIL_FRONT if front else DETAIL_BACK,
        shapes=tuple((place, shape) for place in PLACES if (shape := _shape(place, name))),
    )


VIEWS = (
    _view("front", _l("Front"), ("right", "left")),
    _view("back", _l("Back"), ("left", "right")),
)

CAPTIONS = {"left": _l("your left"), "right": _l("your right")}
CARER_CAPTIONS = {"left": _l("the person’s left"), "right": _l("the person’s right")}

__all__ = ["VIEWS", "VIEW_BOX", "by_part", "captions"]


def captions(by_carer: bool) -> dict[str, object]:
    """The words for the two sides, from the view of the person whose body it is."""
    return {**(CARER_CAPTIONS if by_carer else CAPTIONS)}


def by_part(options: tuple[Choice, ...]) -> list[tuple[object, list[Choice]]]:
    """Places under the part of the body they belong to; what is no place comes last, untitled."""
    groups: dict[str, list[Choice]] = {}
    for option in options:
        limb = BY_CODE[option.code].limb if option.code in BY_CODE else ""
        groups.setdefault(limb, []).append(option)
    return [(TITLES[limb], groups[limb]) for limb in TITLES if limb in groups]
