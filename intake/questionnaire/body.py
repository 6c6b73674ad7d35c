"""Places of the body: one list for the choices, the words, the drawing and its touch targets.

Shapes are drawn on the viewer's right of a view box whose middle is x = 0; the other side is
computed, so the two cannot differ. Front view: the person's left is on the viewer's right.
Back view: the person's left is on the viewer's left. A shape may reach beyond the skin: draw it
under a clip path made of the view's silhouette.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from math import dist
from typing import Literal

Side = Literal["left", "right", "middle"]
Spot = tuple[float, float]

WIDTH, HEIGHT = 320, 456
VIEW_BOX = f"-160 0 {WIDTH} {HEIGHT}"
"""View box of one figure, which stands 429 units tall."""

TARGET = 44
"""Width and height of a touch target, in units of the view box."""

ALL_OVER = "all_over"
"""The choice that is no place and has no shape."""

MAIN, MARKED = "main", "marked"
"""Levels of a mark: the place that bothers most, and any other place."""

_PAIR = re.compile(r"(-?[\d.]+),(-?[\d.]+)")


@dataclass(frozen=True, slots=True)
class Place:
    """One place; path data is empty and spots are None in a view that does not show it.

    `*_at` is a spot inside the shape; `*_target` is the centre of its touch target, 44 units
    wide and high, which stands beside the body where the hand has too little room.
    """

    code: str
    words: str
    side: Side
    region: str
    limb: str
    front: str
    back: str
    front_at: Spot
    back_at: Spot | None
    front_target: Spot
    back_target: Spot | None

    @property
    def front_leader(self) -> str:
        """Path data of the line from the shape to a target that stands beside it, or ""."""
        return _leader(self.front_at, self.front_target)

    @property
    def back_leader(self) -> str:
        """The same in the back view."""
        if self.back_at is None or self.back_target is None:
            return ""
        return _leader(self.back_at, self.back_target)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A region on the viewer's right (or in the middle) of one view."""

    shape: str
    at: Spot
    target: Spot


def mirrored(path: str) -> str:
    """Return absolute path data (M, L, Q, C, Z with "x,y" pairs) reflected in the line x = 0."""
    return _PAIR.sub(lambda pair: f"{_negated(pair[1])},{pair[2]}", path)


def percent(spot: Spot) -> Spot:
    """Return where a spot lies in the view box, in percent from its left and top edges."""
    return round((spot[0] + WIDTH / 2) / WIDTH * 100, 2), round(spot[1] / HEIGHT * 100, 2)


def _leader(at: Spot, target: Spot) -> str:
    return _line(at, target) if dist(at, target) > TARGET / 2 else ""


def _line(start: Spot, end: Spot) -> str:
    return f"M{start[0]:g},{start[1]:g}L{end[0]:g},{end[1]:g}"


def _negated(number: str) -> str:
    if float(number) == 0:
        return number
    return number.removeprefix("-") if number.startswith("-") else f"-{number}"


def _mirrored_spot(spot: Spot) -> Spot:
    return 0.0 - spot[0], spot[1]


def _both(half: str) -> str:
    return half + mirrored(half)


def _outline(half: str) -> str:
    """Close a half outline of cubic curves, from crown to crotch, with its mirror image."""
    upwards = reversed(_PAIR.findall(half)[:-1])
    return f"{half} " + " ".join(f"{_negated(x)},{y}" for x, y in upwards) + "Z"


_UPPER = (
    "M0,9.5C11.4,9.5 17.4,15.5 19,26.5 19.3,28.5 18.7,30.6 19,32.6 19.4,35.7 23.3,32.5 "
    "21.1,41.5 20.9,42.3 20.6,43.1 20.3,43.9 19.8,45 18.6,45.2 18,46.2 17,47.9 17.1,50.2 "
    "16.4,52 15.3,54.7 13.4,56.9 12.4,59.6 10.7,64.3 10.6,70.3 13.2,74.5 22.1,89.6 47.5,80 "
    "58.5,99 60.2,102.1 61,105.5 62.3,108.7 64.8,115.2 67.4,121.6 70.4,127.8 78.5,144.9 "
    "88.6,161.3 93.6,179.6 96.6,190.3 98.5,201.3 100.1,212.3 100.7,217.1 100.6,222.3 102,227 "
    "104.8,236.7 112.8,243.6 118.9,251.3 120.6,253.5 125.2,259 124.2,262 123.8,263.1 "
    "122.9,264.8 121.6,265 118.9,265.5 113,259 111.3,257 111.9,263.9 113.6,270.7 113.7,277.6 "
    "113.7,279 112,283.2 110.1,281.8 109.1,281 108.5,279.5 108,278.4 108.1,281 108.6,288.9 "
    "104.4,288.3 103.6,288.2 103,287.8 102.7,287.1 101.9,285.4 101.9,283.3 101.8,281.5 "
    "101.8,290.5 95.1,288.7 95.6,278.6 95.4,279.3 95.1,280.6 94.2,280.6 89.8,280.7 90.2,270.1 "
    "90,267.4 89.5,259.2 87.6,251.1 87.4,242.9 87.2,236.5 88.7,230.3 87.7,223.9 85.5,211 "
    "79.6,199.5 74.7,187.5 71.4,179.3 69.2,170.8 65.8,162.8 59.8,148.8 51.9,135.9 44.8,122.5 "
    "44.3,131.1 43.2,139.5 41.8,148 40.2,157.6 38.2,167 38.4,176.7 38.7,193.9 44.2,210.3 "
    "45.4,227.4 46.5,244.2 45.4,261 44.1,277.8 43.5,285.1 42.6,292.3 42.7,299.7 42.7,315.3 "
    "46.3,329.4 47,344.6 47.4,356.5 45.2,368.2 43.8,380"
)
_LEG_FRONT = (
    "43.2,385 42.3,390 42.2,395 41.9,404.6 43.1,408.5 49.7,415.7 52.9,419.3 60.9,426.4 "
    "60.7,431.4 60.5,434.6 53.7,436.7 51.2,437.4 47.2,438.6 37.9,440.7 34.8,437 33.3,435.2 "
    "32.8,432.2 32.4,430 31.9,427.8 29.6,410.5 29.5,408 29.2,401.4 30,398.1 28.8,390.8 "
    "27.5,382.3 24.9,374.1 23,365.7 21.1,357.7 19.8,349.4 19.1,341.1 18.4,332.3 19,326 "
    "19.2,317.4 19.4,306.5 17.6,295.6 15.5,285 13.1,272.6 10.3,257.3 5.8,245.5 5.2,243.8 "
    "1.9,234.5 0,234.5"
)
_LEG_BACK = (
    "43.2,385 42.3,390 42.2,395 42,402.9 41.9,406.3 47.2,412.5 49.1,414.7 56.7,422.1 56.5,424.9 "
    "56.4,426.4 55.3,428 54,428.7 52.4,429.6 50.2,429.6 48.4,430 42.7,431.4 31.4,435.3 "
    "29.3,426.7 26.8,415.9 30.6,404.8 29.3,393.9 28.2,384.3 25.2,375.2 23,365.7 21.5,359.3 "
    "20.4,352.6 19.6,346 18.9,339.8 18.4,333.4 18.7,327.1 18.8,323.4 19.2,319.7 19.2,316 "
    "19.2,304.8 17.2,293.7 15.1,282.8 12.7,270.9 10.1,256.9 5.8,245.5 5.2,243.8 1.9,234.5 "
    "0,234.5"
)

SILHOUETTE_FRONT = _outline(f"{_UPPER} {_LEG_FRONT}")
SILHOUETTE_BACK = _outline(f"{_UPPER} {_LEG_BACK}")

_FINGER_LINES = "M101.8,281.5L101.4,268M108,278.4L107.2,266M95.6,278.6L95.8,268"

# Faint lines that carry no meaning, but tell the front from the back.
DETAIL_FRONT = _both(
    _FINGER_LINES
    + "M12.2,59C9,66 5,68.5 0,68.5"  # jaw
    + "M5,93.2C13,92.4 21,90 28.5,86.4"  # collar bone
    + "M22,325Q30.5,331 39,324"  # kneecap
    + "M40.6,438.4L40,432M46.6,438L45.2,431M51.8,436.8L50,429.8M56.4,435L54,428.4"  # toes
)
DETAIL_BACK = "M0,94L0,192" + _both(
    _FINGER_LINES
    + "M17,112C18,124 22,132 31,135"  # shoulder blade
    + "M0,208L0,234M5,243Q20,252 37,243"  # buttock
    + "M22,312Q30.5,316 39,311"  # hollow of the knee
    + "M33.2,392Q34.6,401 33.2,411M39.6,392Q38.2,401 39.8,411"  # heel cord
)

_ARM = {
    "shoulder": _Drawing(
        "M30,78C32,94 35,112 44.8,122.5L50,138Q66,136 80,123L74,84L45,76Z", (57, 106), (56, 102)
    ),
    "elbow": _Drawing("M53,147Q69,145 83,132L104,179Q87,190 68,189Z", (78, 164), (75, 147)),
    "forearm": _Drawing("M69,195Q87,196 104,185L108,215Q94,221 80,220Z", (90, 203), (85, 191.5)),
    "wrist": _Drawing("M80,226Q94,227 109,221L109,233Q98,241 82,241Z", (95, 232), (130, 207)),
    "thumb": _Drawing(
        "M103.4,242C103,249 106,254 111.3,257L113,268L132,270L128,244L108,237Z",
        (115, 254),
        (138, 252.5),
    ),
    "fingers": _Drawing(
        "M82,247Q91,247.5 98.4,245C99,254 103,260.5 110.6,262L118,296L84,296Z",
        (101, 268),
        (103, 282),
    ),
}
_KNEE = _Drawing("M10,294Q30,287 50,292L52,338Q32,345 12,340Z", (30.6, 316), (31, 316))
_LEG = {
    "hip": _Drawing(
        "M52,189C41,198 28,213 14,225.5C21,233 27.5,242 31.5,256Q42,262 52,258Z",
        (38, 222),
        (38, 213),
    ),
    "inner_thigh": _Drawing(
        "M1,236L10.5,229C18,236 25,246 28.5,259C29.5,271 26,283 16,290L8,287L1,246Z",
        (19, 258),
        (22.6, 258),
    ),
    "knee": _KNEE,
    "ankle_foot": _Drawing(
        "M14,366Q34,359 54,364L52,396L64,421Q46,428 26,424Z", (37, 394), (36, 376)
    ),
    "toes": _Drawing("M26,429.5Q46,433 66,424L70,446L26,446Z", (47, 433.5), (54, 430)),
}
_FRONT = (
    _ARM
    | _LEG
    | {
        "neck": _Drawing(
            _outline("M0,71.5C6,71.5 10.5,68 13,61 15,76 22,81 27.5,84.5 18,88.5 8,91 0,91"),
            (0, 80),
            (0, 78),
        ),
        "trunk": _Drawing(
            _outline(
                "M0,95C10,95 20,92 27.5,88 29.5,100 33,115 42,125 50,140 48,166 48,185"
                " 38,194 25,210 11,222 7,225 3,226 0,226"
            ),
            (0, 150),
            (0, 150),
        ),
    }
)
_BACK = _ARM | {
    "hip": _Drawing("M52,192C38,194 16,198 1.5,208L1.5,238Q22,254 52,246Z", (24, 222), (28, 218)),
    "inner_thigh": _Drawing(
        "M1,243Q13,250 28,251.5C30,268 26,283 16,290L8,287L1,250Z", (19, 264), (22.6, 264)
    ),
    "knee": _KNEE,
    "ankle_foot": _Drawing("M12,346Q32,351 54,344L64,440L24,440Z", (34, 376), (35, 376)),
    "neck": _Drawing(
        _outline("M0,57C6,57 12,55 18,49 15,76 22,81 27.5,84.5 18,88.5 8,91 0,91"),
        (0, 74),
        (0, 74),
    ),
    "trunk": _Drawing(
        _outline(
            "M0,95C10,95 20,92 27.5,88 29.5,100 33,115 42,125 50,140 48,166 48,187"
            " 34,189 14,193 0,203"
        ),
        (0, 150),
        (0, 150),
    ),
}


_SIDED = (
    ("shoulder", "arm", "Left shoulder", "Right shoulder"),
    ("elbow", "arm", "Left elbow", "Right elbow"),
    ("forearm", "arm", "Left forearm", "Right forearm"),
    ("wrist", "arm", "Left wrist", "Right wrist"),
    ("thumb", "arm", "Left thumb", "Right thumb"),
    ("fingers", "arm", "Left hand or fingers", "Right hand or fingers"),
    ("hip", "leg", "Left hip", "Right hip"),
    ("inner_thigh", "leg", "Left inner thigh", "Right inner thigh"),
    ("knee", "leg", "Left knee", "Right knee"),
    ("ankle_foot", "leg", "Left ankle or foot", "Right ankle or foot"),
    ("toes", "leg", "Left toes", "Right toes"),
)


def _turned(drawing: _Drawing) -> _Drawing:
    return _Drawing(
        mirrored(drawing.shape), _mirrored_spot(drawing.at), _mirrored_spot(drawing.target)
    )


def _place(
    code: str,
    words: str,
    side: Side,
    region: str,
    limb: str,
    front: _Drawing,
    back: _Drawing | None,
) -> Place:
    return Place(
        code=code,
        words=words,
        side=side,
        region=region,
        limb=limb,
        front=front.shape,
        back=back.shape if back else "",
        front_at=front.at,
        back_at=back.at if back else None,
        front_target=front.target,
        back_target=back.target if back else None,
    )


def _left(region: str, limb: str, words: str) -> Place:
    back = _BACK.get(region)
    return _place(
        f"left_{region}",
        words,
        "left",
        region,
        f"left_{limb}",
        _FRONT[region],
        back and _turned(back),
    )


def _right(region: str, limb: str, words: str) -> Place:
    return _place(
        f"right_{region}",
        words,
        "right",
        region,
        f"right_{limb}",
        _turned(_FRONT[region]),
        _BACK.get(region),
    )


def _middle(region: str, words: str) -> Place:
    return _place(region, words, "middle", region, "middle", _FRONT[region], _BACK[region])


PLACES: tuple[Place, ...] = (
    *(_left(region, limb, left) for region, limb, left, _ in _SIDED if limb == "arm"),
    *(_right(region, limb, right) for region, limb, _, right in _SIDED if limb == "arm"),
    *(_left(region, limb, left) for region, limb, left, _ in _SIDED if limb == "leg"),
    *(_right(region, limb, right) for region, limb, _, right in _SIDED if limb == "leg"),
    _middle("neck", "Neck"),
    _middle("trunk", "Chest, back or belly"),
)
"""Every place that has a shape, limb by limb; `ALL_OVER` is apart."""

BY_CODE: dict[str, Place] = {place.code: place for place in PLACES}

# Where the doctor's figure writes a place's label, on the viewer's right of the front view.
_LABEL_SPOTS: dict[str, Spot] = {
    "shoulder": (86, 92),
    "elbow": (110, 146),
    "forearm": (124, 182),
    "wrist": (130, 218),
    "thumb": (134, 284),
    "fingers": (106, 314),
    "hip": (67, 222),
    "inner_thigh": (67, 272),
    "knee": (68, 332),
    "ankle_foot": (74, 376),
    "toes": (86, 420),
    "neck": (48, 62),
    "trunk": (0, 150),
}

_INK, _SKIN, _SHADE, _PAPER = "#000", "#f0f2f4", "#c6ccd2", "#fff"
_LABEL_SIZE = 23
_BACK_SHIFT = 288
_FIGURE_VIEW_BOX = "-156 0 584 476"


def _shifted(path: str) -> str:
    return _PAIR.sub(lambda pair: f"{float(pair[1]) + _BACK_SHIFT:g},{pair[2]}", path)


# Everything but the two bodies. Painted last, it trims the shading to the skin: WeasyPrint's time
# goes by the points of all paths, and this outline is drawn once where clip paths draw it thrice.
_OUTSIDE = f"M-2000,-2000L2000,-2000L2000,2000L-2000,2000Z{SILHOUETTE_FRONT}" + _shifted(
    SILHOUETTE_BACK
)
_DETAIL = DETAIL_FRONT + _shifted(DETAIL_BACK)

# Paper is laid over it outside of the silhouettes.
_GROUND = "M-130,5L418,5L418,445L-130,445Z"


def figure_svg(
    marks: Mapping[str, str],
    *,
    title: str,
    labels: Mapping[str, str] | None = None,
    name: str = "body",
    font: str = "sans-serif",
) -> str:
    """Return both views as one inline SVG for white paper, legible without colour.

    `marks` gives MAIN (solid) or MARKED (hatched) by place code; ALL_OVER hatches the whole body.
    `labels` gives up to three characters by place code, written once, at the front view.
    `title` becomes the alternative text; `name` starts the ids, so make it unique in a document.
    Raises ValueError on a place or level that is not known.
    """
    labels = labels or {}
    if not (set(marks) - {ALL_OVER} | set(labels)) <= BY_CODE.keys():
        raise ValueError("A place that is not on the body map")
    if not set(marks.values()) <= {MAIN, MARKED}:
        raise ValueError("A mark is neither main nor marked")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{_FIGURE_VIEW_BOX}" role="img"'
        f' font-family="{escape(font)}" font-size="{_LABEL_SIZE}" font-weight="bold"'
        f' text-anchor="middle"><title>{escape(title)}</title>'
        f'<path d="{_GROUND}" fill="{_SKIN}"/>'
        f'<path d="{_DETAIL}" fill="none" stroke="#aab2ba" stroke-width="1.6"/>'
        f"{_shading(marks, escape(name))}"
        f'<path d="{_OUTSIDE}" fill="{_PAPER}" fill-rule="evenodd" stroke="#454e57"'
        f' stroke-width="2.6" stroke-linejoin="round"/>'
        f"{_captions()}{_labels(labels, marks)}</svg>"
    )


def _shading(marks: Mapping[str, str], name: str) -> str:
    marked = _merged(code for code, level in marks.items() if level == MARKED)
    main = _merged(code for code, level in marks.items() if level == MAIN)
    shading = _clipped(_GROUND, f"{name}-all", "9") if ALL_OVER in marks else ""
    if marked:
        shading += (
            f'<path d="{marked}" fill="{_SHADE}" stroke="{_INK}" stroke-width="3"/>'
            f"{_clipped(marked, f'{name}-marked', '5')}"
        )
    if main:
        shading += f'<path d="{main}" fill="{_INK}" stroke="{_INK}" stroke-width="2"/>'
    return shading


def _clipped(path: str, id: str, gap: str) -> str:
    """Stripes within a path alone."""
    return (
        f'<clipPath id="{id}"><path d="{path}"/></clipPath>'
        f'<g clip-path="url(#{id})">{_hatching(gap)}</g>'
    )


def _merged(codes: Iterable[str]) -> str:
    places = (BY_CODE[code] for code in codes if code != ALL_OVER)
    return "".join(place.front + _shifted(place.back) for place in places)


def _hatching(gap: str) -> str:
    """Stripe both views: the dashes of one very wide line spare a pattern."""
    return (
        f'<path d="M-360,-260L620,720" fill="none" stroke="{_INK}"'
        f' stroke-width="760" stroke-dasharray="1.7,{gap}"/>'
    )


def _captions() -> str:
    letters = (("R", -84), ("L", 84), ("L", _BACK_SHIFT - 84), ("R", _BACK_SHIFT + 84))
    return (
        f'<g fill="{_INK}"><text x="0" y="470">Front</text>'
        f'<text x="{_BACK_SHIFT}" y="470">Back</text>'
        + "".join(f'<text x="{x}" y="58">{letter}</text>' for letter, x in letters)
        + "</g>"
    )


def _labels(labels: Mapping[str, str], marks: Mapping[str, str]) -> str:
    """Draw boxed labels with leaders to their places; the label of a main place is reversed."""
    main = [code for code in labels if marks.get(code) == MAIN]
    others = [code for code in labels if marks.get(code) != MAIN]
    leaders = "".join(_line(BY_CODE[code].front_at, _label_spot(BY_CODE[code])) for code in labels)
    lines = (
        f'<path d="{leaders}" fill="none" stroke="{_PAPER}" stroke-width="4.4"/>'
        f'<path d="{leaders}" fill="none" stroke="{_INK}" stroke-width="1.8"/>'
    )
    return (
        (lines if labels else "")
        + _boxed(others, labels, "#fff", _INK)
        + _boxed(main, labels, _INK, _PAPER)
    )


def _boxed(codes: Iterable[str], labels: Mapping[str, str], paper: str, ink: str) -> str:
    spots = {code: _label_spot(BY_CODE[code]) for code in codes}
    if not spots:
        return ""
    boxes = "".join(_box(spot, len(labels[code])) for code, spot in spots.items())
    texts = "".join(
        f'<text x="{x:g}" y="{y + 8.4:g}">{escape(labels[code])}</text>'
        for code, (x, y) in spots.items()
    )
    return (
        f'<path d="{boxes}" fill="{paper}" stroke="{_INK}" stroke-width="1.8"/>'
        f'<g fill="{ink}">{texts}</g>'
    )


def _label_spot(place: Place) -> Spot:
    spot = _LABEL_SPOTS[place.region]
    return _mirrored_spot(spot) if place.side == "right" else spot


def _box(centre: Spot, characters: int) -> str:
    """Draw a rounded box, 26 units high, around a label of so many characters."""
    (x, y), half = centre, 5 + 7.5 * max(characters, 1)
    left, right, top, bottom = x - half, x + half, y - 13, y + 13
    return (
        f"M{left + 8:g},{top:g}L{right - 8:g},{top:g}Q{right:g},{top:g} {right:g},{top + 8:g}"
        f"L{right:g},{bottom - 8:g}Q{right:g},{bottom:g} {right - 8:g},{bottom:g}"
        f"L{left + 8:g},{bottom:g}Q{left:g},{bottom:g} {left:g},{bottom - 8:g}"
        f"L{left:g},{top + 8:g}Q{left:g},{top:g} {left + 8:g},{top:g}Z"
    )
