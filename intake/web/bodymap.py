"""The places of the body as the page shows them: a list by part of the body, and a picture.

List and picture are one set of checkboxes: every spot of the picture is a second label.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from intake.questionnaire.body import (
    BY_CODE,
    HALF_BACK,
    HALF_DETAIL_BACK,
    HALF_DETAIL_FRONT,
    HALF_FRONT,
    MIDLINE,
    PLACES,
    VIEW_BOX,
    Place,
    Side,
    compact,
)
from intake.questionnaire.model import Choice, Question
from intake.web.language import translated

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
    """One figure of the picture; `sides` caption what is on the viewer's left and right.

    `shapes` are places with the name of their path and whether it is drawn mirrored.
    """

    name: str
    title: object
    sides: tuple[Side, Side]
    shapes: tuple[tuple[Place, str, bool], ...]


def _view(name: str, title: object, sides: tuple[Side, Side]) -> View:
    shown = [place for place in PLACES if name == "front" or place.back]
    return View(
        name=name,
        title=title,
        sides=sides,
        shapes=tuple((place, _path_of(place, name), place.side == sides[0]) for place in shown),
    )


def _path_of(place: Place, view: str) -> str:
    """The name of a place's path: the front's serves the back where they are the same."""
    return _back_name(place.region) if view == "back" else place.region


def _back_name(region: str) -> str:
    front, back = _drawn(region)
    return region if front == back else f"back-{region}"


def _drawn(region: str) -> tuple[str, str]:
    """Path data of the front and back view, both on the viewer's right or in the middle."""
    front = next(p for p in PLACES if p.region == region and p.side != "right")
    back = next(p for p in PLACES if p.region == region and p.side != "left")
    return front.front, back.back


def _paths() -> dict[str, str]:
    """All path data by name, each drawn once: the page mirrors it where it needs the other side."""
    regions = dict.fromkeys(place.region for place in PLACES)
    fronts = {region: _drawn(region)[0] for region in regions}
    backs = {_back_name(region): _drawn(region)[1] for region in regions if _drawn(region)[1]}
    halves = {"front": HALF_FRONT, "back": HALF_BACK, "midline": MIDLINE}
    lines = {"front-lines": HALF_DETAIL_FRONT, "back-lines": HALF_DETAIL_BACK}
    return fronts | backs | halves | lines


PATHS = {name: compact(path) for name, path in _paths().items()}

VIEWS = (
    _view("front", _l("Front"), ("right", "left")),
    _view("back", _l("Back"), ("left", "right")),
)

CAPTIONS = {"left": _l("your left"), "right": _l("your right")}
CARER_CAPTIONS = {"left": _l("the person’s left"), "right": _l("the person’s right")}

LINES = {
    "left": _l("Left side: %(places)s"),
    "right": _l("Right side: %(places)s"),
    "middle": _l("Middle: %(places)s"),
    "": "%(places)s",
}

__all__ = ["PATHS", "VIEWS", "VIEW_BOX", "by_part", "by_side", "captions"]


def captions(by_carer: bool) -> dict[str, object]:
    """The words for the two sides, from the view of the person whose body it is."""
    return {**(CARER_CAPTIONS if by_carer else CAPTIONS)}


def by_side(question: Question, codes: Collection[str]) -> str:
    """The chosen places in words, a line for each side: left and right are easily mixed up."""
    chosen = [option for option in question.options if option.code in codes]
    sides = {side: [translated(o.text) for o in chosen if _side(o) == side] for side in LINES}
    return "\n".join(
        str(line) % {"places": ", ".join(sides[side])}
        for side, line in LINES.items()
        if sides[side]
    )


def _side(option: Choice) -> str:
    return BY_CODE[option.code].side if option.code in BY_CODE else ""


def by_part(options: tuple[Choice, ...]) -> list[tuple[object, list[Choice]]]:
    """Places under the part of the body they belong to; what is no place comes last, untitled."""
    groups: dict[str, list[Choice]] = {}
    for option in options:
        limb = BY_CODE[option.code].limb if option.code in BY_CODE else ""
        groups.setdefault(limb, []).append(option)
    return [(TITLES[limb], groups[limb]) for limb in TITLES if limb in groups]
