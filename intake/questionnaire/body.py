"""Places of the body: one list for the choices, the words, the drawing and its touch targets.

Shapes are drawn on the viewer's right of a view box whose middle is x = 0; the other side is
computed, so the two cannot differ. Front view: the person's left is on the viewer's right.
Back view: the person's left is on the viewer's left. A shape may reach beyond the skin: draw it
under a clip path made of the view's silhouette.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Literal

Side = Literal["left", "right", "middle"]
Spot = tuple[float, float]

WIDTH, HEIGHT = 280, 484
VIEW_BOX = f"{-WIDTH // 2} 0 {WIDTH} {HEIGHT}"
"""View box of one figure, which stands 462 units tall."""

TARGET = 44
"""Least distance of two touch targets' centres, in units of the view box, which is drawn no
smaller than one pixel a unit on the narrowest phones."""

ALL_OVER = "all_over"
"""The choice that is no place and has no shape."""

MAIN, MARKED = "main", "marked"
"""Levels of a mark: the place that bothers most, and any other place."""

_SPOTS = {"M": 1, "L": 1, "Q": 2, "C": 3}
_TOLERANCE = 1
"""Units by which a control point may be off: the curve is, by less than half of them."""
_ORIGIN, _NOWHERE = (0.0, 0.0), (math.inf, math.inf)
_COMMAND = re.compile(r"([MLQCZ])([^MLQCZ]*)")
_PAIR = re.compile(r"(-?[\d.]+),(-?[\d.]+)")


@dataclass(frozen=True, slots=True)
class Place:
    """One place; path data is empty and spots are None in a view that does not show it.

    `*_at` is a spot inside the shape; `*_target` is the centre of its touch target, which lies
    off the shape where the hand has too little room, and is the same spot of both views.
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

    @property
    def back_target(self) -> Spot | None:
        return _mirrored_spot(self.front_target) if self.back else None


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A region on the viewer's right (or in the middle) of one view."""

    shape: str
    at: Spot


def mirrored(path: str) -> str:
    """Return absolute path data (M, L, Q, C, Z with "x,y" pairs) reflected in the line x = 0."""
    return _PAIR.sub(lambda pair: f"{_negated(pair[1])},{pair[2]}", path)


def compact(path: str) -> str:
    """Return absolute path data (M, L, Q, C, Z) in fewer bytes, the same to the eye.

    Numbers are relative and halves, and a curve that goes on smoothly leaves its first control
    point out.
    """
    short, here, start, before, ahead = "", _ORIGIN, _ORIGIN, "", _NOWHERE
    for letter, text in _COMMAND.findall(path):
        for part in _parts(letter, text):
            smooth = letter == "C" and math.dist(part[0], ahead) < _TOLERANCE
            name = "s" if smooth else letter.lower()
            short += _joined("" if name == before else name, _relative(part[smooth:], here))
            here, before = part[-1], name
            ahead = _mirrored_in(here, part[1]) if letter == "C" else _NOWHERE
        if letter == "M":
            start = here
        if letter == "Z":
            short, here, before, ahead = f"{short}z", start, "", _NOWHERE
    return short


def _parts(letter: str, text: str) -> list[list[Spot]]:
    """The spots of each line or curve of a command."""
    spots = [(round(float(x) * 2) / 2, round(float(y) * 2) / 2) for x, y in _PAIR.findall(text)]
    size = _SPOTS.get(letter, 1)
    return [spots[at : at + size] for at in range(0, len(spots), size)]


def _mirrored_in(middle: Spot, spot: Spot) -> Spot:
    return 2 * middle[0] - spot[0], 2 * middle[1] - spot[1]


def _relative(spots: list[Spot], here: Spot) -> str:
    numbers = (f"{spot[i] - here[i]:g}" for spot in spots for i in (0, 1))
    text = " ".join(re.sub(r"^(-?)0\.", r"\1.", number) for number in numbers)
    return text.replace(" -", "-")


def _joined(name: str, numbers: str) -> str:
    return name + numbers if name or numbers.startswith("-") else f" {numbers}"


def percent(spot: Spot) -> Spot:
    """Return where a spot lies in the view box, in percent from its left and top edges."""
    return round((spot[0] + WIDTH / 2) / WIDTH * 100, 2), round(spot[1] / HEIGHT * 100, 2)


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
    "M0,9C4.3,9 9.1,10 12.5,12.3 15.8,14.6 18.6,18.7 20.2,22.5 22,26.8 21.9,32.2 21.8,37 "
    "21.8,39 21.5,41.2 21.4,43 22.2,43.2 23.4,43.2 24,43.6 25.4,44.6 24.2,48 23.6,50 23,51.9 "
    "21.4,53.8 20.4,55.4 19.8,57.8 19.4,60.9 18.4,63.5 17.4,66.1 15.3,68.3 14.6,71 13.9,73.5 "
    "13.7,76.5 14.2,79 14.8,81.9 16.5,85.1 18.5,87.2 21.4,90.3 26.7,91.1 31,92.6 35.6,94.2 "
    "40.6,94.6 45,96.6 48.9,98.4 53.1,100.5 56,103.5 59.4,107 61,112.4 63,117 65.5,122.8 "
    "66.9,129.1 69.2,135 71.7,141.4 74.5,147.8 77.5,154 80.3,159.8 83.6,165.3 86.5,171 "
    "90.1,178.2 93.8,185.5 96.6,193 99.7,201.1 101.6,209.6 104,218 106.2,225.6 107.4,233.6 "
    "110.2,241 112.3,246.5 115.4,251.6 117.6,257 119.8,262.2 121.7,267.6 123.4,273 125,278.1 "
    "127.9,283.2 127.8,288.5 127.8,290.2 128.2,293.1 127.2,293.6 126.4,293.9 124.4,293.4 "
    "123.6,292.6 123.1,292.1 122.9,291.1 122.6,290.4 123.1,292.9 125.5,296.6 124.2,298.6 "
    "123.5,299.7 121.7,301.2 120.6,301.2 119.3,301.1 118,298.6 117.2,297 116.9,296.4 "
    "116.6,295.6 116.4,295 116.4,297.1 117.7,300.4 116.4,302 115.6,303 113.6,304.2 112.6,304 "
    "111.3,303.8 110.7,300.8 110.2,299 110,298.2 109.9,297.2 109.8,296.5 109.4,297.7 "
    "109.5,299.9 108.6,300.4 107.8,300.9 105.9,300.5 105,300 103.4,299.1 104.1,295.7 "
    "103.8,293.5 103.3,290 103.1,286.5 102.6,283 102.2,280.5 101.6,277.7 101.2,275.4 100,277 "
    "98.7,279 97.2,280.6 95.2,282.8 93,285.1 90.4,286.6 88.4,287.7 85.6,289.8 84,289 83,288.4 "
    "81.9,286.5 81.6,285.2 81.1,282.9 84.3,280.5 85.4,278 87.1,274.4 88.2,270.7 89.6,267 "
    "91,263.3 92.5,259.7 93.6,256 94.6,252.7 95.8,249.3 96,246 96.4,240 93.7,233.9 92,228 "
    "90,221.2 87.2,214.6 84.5,208 81.6,200.9 78.4,193.9 75,187 72.3,181.6 69.3,176.4 66.5,171 "
    "63.4,165 60.6,159 57.5,153 53.9,146 49.8,138.3 46.5,132 46,136.8 45.5,142.7 44.8,148 "
    "43.9,154.7 42.2,161.3 41.2,168 40.2,174.6 39,181.3 39,188 39,193.3 39.5,198.7 40.4,204 "
    "41.4,210.1 43.6,216 45,222 46.6,228.9 48.2,235.9 49,243 49.7,249.3 49.8,255.7 49.8,262 "
    "49.7,270.3 48.9,278.7 48,287 47.1,295 45.7,303 44.4,311 43.4,317 41.9,323 41.4,329 "
    "41,334.6 41.1,340.3 41.4,346 41.7,352.7 43.3,359.3 43.6,366 43.9,372.6 43.7,379.4 43,386 "
    "42.2,393.4 40.2,400.7 38.8,408 37.5,414.7"
)
_LEG_FRONT = (
    "35.3,421.3 34.8,428 34.5,432 34,436.2 34.8,440 35.6,443.8 37.7,447.5 39.6,451 41.5,454.3 "
    "45.3,456.9 46.2,460.5 46.7,462.5 47.5,465.3 46.6,467 45.8,468.5 43.7,469.7 42,470.4 "
    "39.9,471.3 37.3,470.9 35,471 32.3,471.1 29.4,471.9 27,471 25.2,470.3 23.2,468.9 "
    "22.2,467.4 20.8,465.3 21.5,461.8 21.4,459 21.3,455.3 22.1,451.7 22.2,448 22.3,444.3 "
    "22.2,440.7 22,437 21.7,432.6 21,428.3 20.4,424 19.2,415.6 17.3,407.4 16.2,399 15.1,390.7 "
    "13.9,382.3 13.8,374 13.7,366.7 15,359.3 15,352 15,346 14.8,340 14.4,334 13.9,326.6 "
    "13.1,319.3 12.2,312 11.2,303.6 10,295.3 8.6,287 7.5,280.3 6.6,273.6 5,267 4.3,264 "
    "4,260.7 2.6,258 1.9,256.6 1.6,254 0,254"
)
_LEG_BACK = (
    "35.2,421.2 34.8,428 34.6,431.6 34.4,435.4 35,439 35.6,442.8 37.1,446.5 38.6,450 "
    "39.9,452.9 42.3,455.4 43,458.5 43.4,460.3 44.2,462.6 43.4,464 42.8,465.1 40.9,465.7 "
    "39.6,466.4 38.1,467.2 36.6,467.9 35,468.4 32.8,469.1 30.2,470 28,469.5 26.2,469.1 "
    "24.2,467.9 23,466.6 20.8,464.2 21.6,459.5 21.4,456 21.1,451 22.7,446 22.6,441 22.5,435.3 "
    "21.2,429.7 20.4,424 19.2,415.6 17.3,407.4 16.2,399 15.1,390.7 13.9,382.3 13.8,374 "
    "13.7,366.7 15,359.3 15,352 15,346 14.8,340 14.4,334 13.9,326.6 13.1,319.3 12.2,312 "
    "11.2,303.6 10,295.3 8.6,287 7.5,280.3 6.6,273.6 5,267 4.3,264 4,260.7 2.6,258 1.9,256.6 "
    "1.6,254 0,254"
)

HALF_FRONT = f"{_UPPER} {_LEG_FRONT}"
HALF_BACK = f"{_UPPER} {_LEG_BACK}"
SILHOUETTE_FRONT = _outline(HALF_FRONT)
SILHOUETTE_BACK = _outline(HALF_BACK)

MIDLINE = "M-2,10L2,10L2,253L-2,253Z"
"""A strip inside the body that closes the seam between two halves drawn apart."""

_FINGER_LINES = "M122.6,290.4L117.6,277M116.4,295L112.8,279M109.8,296.5L108,281"

# Faint lines that carry no meaning, but tell the front from the back.
HALF_DETAIL_FRONT = (
    _FINGER_LINES
    + "M16.6,66.5C13,72 7,75 0,75"  # jaw
    + "M6,98C15,97 24,95 32,91.5"  # collar bone
    + "M20,347Q28,353.5 36.5,346"  # kneecap
    + "M27.4,470L27,463.5M32.4,470.5L32,463.5M37.2,470.5L36.6,464M41.6,470L40.6,464.5"  # toes
)
HALF_DETAIL_BACK = (
    _FINGER_LINES
    + "M20.4,55.4C15,60 7,61.5 0,61.5"  # hairline
    + "M18,121C19,133 23,142 32,145"  # shoulder blade
    + "M0,106L0,208M0,228L0,254M6,263.5Q22,273 41,263"  # spine and buttock
    + "M20,338Q28,342 36.5,337"  # hollow of the knee
    + "M25.4,430Q26.8,440 25.6,450M31.4,430Q30,440 31.6,450"  # heel cord
)
DETAIL_FRONT, DETAIL_BACK = _both(HALF_DETAIL_FRONT), _both(HALF_DETAIL_BACK)

_ARM = {
    "shoulder": _Drawing(
        "M32,82C34,104 38,120 46.5,131L52,146Q64,143 80,133L78,88L46,82Z", (58, 112)
    ),
    "elbow": _Drawing("M48,156Q66,151 84,141L106,185Q88,193 70,201Z", (73, 165)),
    "forearm": _Drawing("M72,207Q90,199 108,191L120,223Q104,231 82,237Z", (94, 212)),
    "wrist": _Drawing("M84,242Q104,237 122,229L128,251Q110,256 88,251Z", (104, 243)),
    "thumb": _Drawing(
        "M86,256L94,256C99,262 101.4,269 101.6,276L101,298L66,298L66,262Z", (88, 278)
    ),
    "fingers": _Drawing(
        "M98.6,257.6Q112,260 134,255L138,290L128,312L100,312L104.4,277"
        "C104.2,269 102,262.5 98.6,257.6Z",
        (112, 280),
    ),
}
_KNEE = _Drawing("M6,318Q30,311 58,316L58,362Q32,369 6,364Z", (28, 339))
_LEG = {
    "hip": _Drawing(
        "M58,206C44,217 29,232 14,244.5C21,252 27.5,261 31.5,276Q42,281 58,277Z", (38, 242)
    ),
    "inner_thigh": _Drawing(
        "M1,256L10.5,248.5C18,255.5 25,265.5 28.5,279C29.5,291 27,303 18,310L8,309L1,266Z",
        (19, 280),
    ),
    "knee": _KNEE,
    "ankle_foot": _Drawing("M8,392Q34,385 60,390L60,449Q38,453.5 12,450Z", (28, 424)),
    "toes": _Drawing("M12,455Q38,458.5 60,454L60,480L12,480Z", (34, 463)),
}
_FRONT = (
    _ARM
    | _LEG
    | {
        "neck": _Drawing(
            _outline("M0,77.5C7,77.5 12.5,74.5 17,67 15,78 20,84 29.5,87.5 20,91.5 9,94.5 0,94.5"),
            (0, 84),
        ),
        "trunk": _Drawing(
            _outline(
                "M0,99C10,99 20,96 29,91.5 31,106 35,122 43.5,134 50,146 48,172 50,203"
                " 40,213 26,228 11.5,241 7.5,244.5 3,246 0,246"
            ),
            (0, 160),
        ),
    }
)
_BACK = _ARM | {
    "hip": _Drawing("M58,211C38,213 16,217 1.5,227L1.5,257Q22,274 58,265Z", (26, 242)),
    "inner_thigh": _Drawing("M1,262Q13,271 28,272.5C30,288 27,304 18,311L8,309L1,268Z", (19, 285)),
    "knee": _KNEE,
    "ankle_foot": _Drawing("M6,369Q32,374 58,367L60,480L12,480Z", (29, 400)),
    "neck": _Drawing(
        _outline("M0,64.5C8,64.5 15,62.5 21,57.5 15,76 18,84 29.5,87.5 20,91.5 9,94.5 0,94.5"),
        (0, 80),
    ),
    "trunk": _Drawing(
        _outline(
            "M0,99C10,99 20,96 29,91.5 31,106 35,122 43.5,134 50,146 48,172 50,206"
            " 34,208 14,212 0,222"
        ),
        (0, 160),
    ),
}

# Centres of the touch targets, on the viewer's right of the front view; the same in the back view.
# Round fingers need round targets: what counts is the distance of the centres.
_TARGETS: dict[str, Spot] = {
    "shoulder": (58, 106),
    "elbow": (75, 162),
    "forearm": (93, 206),
    "wrist": (107, 250),
    "thumb": (68, 273),
    "fingers": (117.5, 294),
    "hip": (31, 235),
    "inner_thigh": (22.8, 283),
    "knee": (28, 339),
    "ankle_foot": (30, 409),
    "toes": (35, 459),
    "neck": (0, 80),
    "trunk": (0, 160),
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
    return _Drawing(mirrored(drawing.shape), _mirrored_spot(drawing.at))


def _place(side: Side, region: str, limb: str, words: str) -> Place:
    front, back, target = _FRONT[region], _BACK.get(region), _TARGETS[region]
    if side == "left":
        back = back and _turned(back)
    if side == "right":
        front, target = _turned(front), _mirrored_spot(target)
    return Place(
        code=region if side == "middle" else f"{side}_{region}",
        words=words,
        side=side,
        region=region,
        limb=limb if side == "middle" else f"{side}_{limb}",
        front=front.shape,
        back=back.shape if back else "",
        front_at=front.at,
        back_at=back.at if back else None,
        front_target=target,
    )


def _limb(side: Side, limb: str) -> tuple[Place, ...]:
    return tuple(
        _place(side, region, limb, left if side == "left" else right)
        for region, of_limb, left, right in _SIDED
        if of_limb == limb
    )


PLACES: tuple[Place, ...] = (
    *_limb("left", "arm"),
    *_limb("right", "arm"),
    *_limb("left", "leg"),
    *_limb("right", "leg"),
    _place("middle", "neck", "middle", "Neck"),
    _place("middle", "trunk", "middle", "Chest, back or belly"),
)
"""Every place that has a shape, limb by limb; `ALL_OVER` is apart."""

BY_CODE: dict[str, Place] = {place.code: place for place in PLACES}

# Where the doctor's figure writes a place's label, on the viewer's right of the front view.
_LABEL_SPOTS: dict[str, Spot] = {
    "shoulder": (90, 94),
    "elbow": (108, 150),
    "forearm": (124, 188),
    "wrist": (132, 226),
    "thumb": (66, 309),
    "fingers": (114, 326),
    "hip": (66, 226),
    "inner_thigh": (63, 266),
    "knee": (70, 350),
    "ankle_foot": (74, 406),
    "toes": (80, 452),
    "neck": (48, 64),
    "trunk": (0, 160),
}

_INK, _SKIN, _SHADE, _PAPER = "#000", "#f0f2f4", "#c6ccd2", "#fff"
_LABEL_SIZE = 23
_BACK_SHIFT = 288
_FIGURE_VIEW_BOX = "-156 0 584 506"


def _shifted(path: str) -> str:
    return _PAIR.sub(lambda pair: f"{float(pair[1]) + _BACK_SHIFT:g},{pair[2]}", path)


# Everything but the two bodies. Painted last, it trims the shading to the skin: WeasyPrint's time
# goes by the points of all paths, and this outline is drawn once where clip paths draw it thrice.
_OUTSIDE = f"M-2000,-2000L2000,-2000L2000,2000L-2000,2000Z{SILHOUETTE_FRONT}" + _shifted(
    SILHOUETTE_BACK
)
_DETAIL = DETAIL_FRONT + _shifted(DETAIL_BACK)

# Paper is laid over it outside of the silhouettes.
_GROUND = "M-134,5L422,5L422,476L-134,476Z"


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
    letters = (("R", -106), ("L", 106), ("L", _BACK_SHIFT - 106), ("R", _BACK_SHIFT + 106))
    return (
        f'<g fill="{_INK}"><text x="0" y="500">Front</text>'
        f'<text x="{_BACK_SHIFT}" y="500">Back</text>'
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
