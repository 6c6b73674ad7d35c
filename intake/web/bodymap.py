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
)
from intake.questionnaire.model import Choice

TITLES = {
    "left_arm": _l("Left arm and hand"),
    "right_arm": _l("Right arm and hand"),
    "left_leg": _l("Left leg and foot"),
    "right_leg": _l("Right leg and foot"),
    "middle": _l("Neck and trunk"),
    "": _l("Or"),
}


@dataclass(frozen=True, slots=True)
class View:
    """One figure of the picture; `left` and `right` caption the viewer's sides."""

    name: str
    title: object
    left: object
    right: object
    outline: str
    detail: str
    shapes: tuple[tuple[str, str], ...]
    spots: tuple[str, ...]


def _shape(place: Place, name: str) -> str:
    return place.front if name == "front" else place.back


def _view(name: str, title: object, left: object, right: object) -> View:
    front = name == "front"
    shown = [place for place in PLACES if _shape(place, name)]
    return View(
        name=name,
        title=title,
        left=left,
        right=right,
        outline=SILHOUETTE_FRONT if front else SILHOUETTE_BACK,
        detail=DETAIL_FRONT if front else DETAIL_BACK,
        shapes=tuple((place.code, _shape(place, name)) for place in shown),
        spots=tuple(place.code for place in shown),
    )


VIEWS = (
    _view("front", _l("Front"), _l("your right"), _l("your left")),
    _view("back", _l("Back"), _l("your left"), _l("your right")),
)

__all__ = ["VIEWS", "VIEW_BOX", "by_part"]


def by_part(options: tuple[Choice, ...]) -> list[tuple[object, list[Choice]]]:
    """Places under the part of the body they belong to; what is no place comes last."""
    groups: dict[str, list[Choice]] = {}
    for option in options:
        limb = BY_CODE[option.code].limb if option.code in BY_CODE else ""
        groups.setdefault(limb, []).append(option)
    return [(TITLES[limb], groups[limb]) for limb in TITLES if limb in groups]
