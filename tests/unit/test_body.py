"""The body map: one list of places, drawn once and mirrored."""

import itertools
import math
import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from intake.questionnaire import body
from intake.questionnaire.body import ALL_OVER, BY_CODE, MAIN, MARKED, PLACES, Place, figure_svg

SVG = "{http://www.w3.org/2000/svg}"
VIEWS = ("front", "back")

Polygon = list[tuple[float, float]]


def numbers(path: str) -> Polygon:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path)]


def bezier(points: Polygon, t: float) -> tuple[float, float]:
    while len(points) > 1:
        points = [
            (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t)
            for a, b in itertools.pairwise(points)
        ]
    return points[0]


def polygon(path: str) -> Polygon:
    """Flatten closed path data of M, L, Q, C and Z."""
    outline: Polygon = []
    degree = {"M": 1, "L": 1, "Q": 2, "C": 3}
    for letter, text in re.findall(r"([MLQC])([^MLQCZ]+)", path):
        points, step = numbers(text), degree[letter]
        for start in range(0, len(points), step):
            curve = [*outline[-1:], *points[start : start + step]]
            outline += [bezier(curve, t / 8) for t in range(1, 9)]
    return outline


def holds(shape: Polygon, spot: tuple[float, float]) -> bool:
    x, y = spot
    crossings = 0
    for (x1, y1), (x2, y2) in zip(shape, shape[1:] + shape[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            crossings += 1
    return crossings % 2 == 1


def silhouette(view: str) -> Polygon:
    return polygon(body.SILHOUETTE_FRONT if view == "front" else body.SILHOUETTE_BACK)


def drawn(view: str) -> list[Place]:
    return [place for place in PLACES if getattr(place, view)]


def test_twenty_four_places_eleven_a_side() -> None:
    assert len(PLACES) == len(BY_CODE) == 24
    assert [p.side for p in PLACES].count("left") == 11
    assert [p.side for p in PLACES].count("right") == 11
    assert {p.code for p in PLACES if p.side == "middle"} == {"neck", "trunk"}
    assert ALL_OVER not in BY_CODE
    assert len({p.words for p in PLACES}) == 24


@pytest.mark.parametrize("place", PLACES, ids=lambda p: p.code)
def test_code_words_and_limb_name_the_same_side(place: Place) -> None:
    if place.side == "middle":
        assert place.code == place.region
        assert place.limb == "middle"
        return
    assert place.code == f"{place.side}_{place.region}"
    assert place.words.startswith(place.side.capitalize() + " ")
    assert place.limb in {f"{place.side}_arm", f"{place.side}_leg"}


@pytest.mark.parametrize("view", VIEWS)
def test_left_and_right_are_exact_mirrors(view: str) -> None:
    for left in (p for p in PLACES if p.side == "left"):
        right = BY_CODE[f"right_{left.region}"]
        mine, theirs = numbers(getattr(left, view)), numbers(getattr(right, view))
        assert mine == [(-x, y) for x, y in theirs]
        for spot in (f"{view}_at", f"{view}_target"):
            here, there = getattr(left, spot), getattr(right, spot)
            assert here == (there and (-there[0], there[1]))


@pytest.mark.parametrize(("view", "sign"), [("front", 1), ("back", -1)])
def test_left_is_where_the_person_would_find_it(view: str, sign: int) -> None:
    for place in drawn(view):
        if place.side == "left":
            assert sign * getattr(place, f"{view}_at")[0] > 0
            assert all(sign * x > 0 for x, _ in numbers(getattr(place, view)))


def test_middle_places_and_outlines_are_symmetrical() -> None:
    for path in (
        body.SILHOUETTE_FRONT,
        body.SILHOUETTE_BACK,
        *(getattr(BY_CODE[code], view) for code in ("neck", "trunk") for view in VIEWS),
    ):
        points = set(numbers(path))
        assert points == {(0.0 - x, y) for x, y in points}


def test_every_place_is_seen_and_only_toes_are_hidden_from_behind() -> None:
    assert len(drawn("front")) == 24
    hidden = {p.code for p in PLACES} - {p.code for p in drawn("back")}
    assert hidden == {"left_toes", "right_toes"}
    assert all(BY_CODE[code].back_at is BY_CODE[code].back_target is None for code in hidden)


@pytest.mark.parametrize("view", VIEWS)
def test_spots_lie_on_the_body_inside_their_own_shape_alone(view: str) -> None:
    outline = silhouette(view)
    shapes = {place.code: polygon(getattr(place, view)) for place in drawn(view)}
    for place in drawn(view):
        spot = getattr(place, f"{view}_at")
        assert holds(outline, spot), place.code
        assert [code for code, shape in shapes.items() if holds(shape, spot)] == [place.code]


@pytest.mark.parametrize("view", VIEWS)
def test_shapes_do_not_overlap_on_the_skin(view: str) -> None:
    outline = silhouette(view)
    shapes = {place.code: polygon(getattr(place, view)) for place in drawn(view)}
    for x, y in itertools.product(range(-136, 137, 3), range(8, 476, 4)):
        spot = (x + 0.31, y + 0.17)
        if not holds(outline, spot):
            continue
        found = [code for code, shape in shapes.items() if holds(shape, spot)]
        assert len(found) <= 1, f"{found} at {spot}"


@pytest.mark.parametrize("view", VIEWS)
def test_touch_targets_have_room_and_stay_in_the_view_box(view: str) -> None:
    targets = {p.code: getattr(p, f"{view}_target") for p in drawn(view)}
    for (one, here), (other, there) in itertools.combinations(targets.items(), 2):
        assert math.dist(here, there) > body.TARGET, f"{one} and {other}"
    for x, y in targets.values():
        assert abs(x) + body.TARGET / 2 <= body.WIDTH / 2
        assert body.TARGET / 2 <= y <= body.HEIGHT - body.TARGET / 2


@pytest.mark.parametrize("view", VIEWS)
def test_every_target_reaches_over_its_own_place(view: str) -> None:
    for place in drawn(view):
        at, target = getattr(place, f"{view}_at"), getattr(place, f"{view}_target")
        assert math.dist(at, target) < body.TARGET / 2, place.code


def test_both_views_and_both_sides_share_one_spot_a_region() -> None:
    for place in PLACES:
        x, y = place.front_target
        for twin in (p for p in PLACES if p.region == place.region):
            assert (abs(twin.front_target[0]), twin.front_target[1]) == (abs(x), y)
        assert place.back_target in {None, (-x, y)}


def test_percent_counts_from_the_top_left_corner() -> None:
    assert body.percent((-body.WIDTH / 2, 0)) == (0, 0)
    assert body.percent((0, body.HEIGHT / 2)) == (50, 50)


def test_mirroring_twice_gives_the_same_path() -> None:
    path = "M0,1C-2.5,3 4,5 -6,7Z"
    assert body.mirrored(path) == "M0,1C2.5,3 -4,5 6,7Z"
    assert body.mirrored(body.mirrored(path)) == path


def drawn_out(path: str) -> Polygon:
    """Flatten relative path data of m, l, q, c, s and z."""
    outline: Polygon = []
    here = start = ahead = (0.0, 0.0)
    for letter, text in re.findall(r"([mlqcsz])([^mlqcsz]*)", path):
        given = [float(number) for number in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", text)]
        pairs = list(zip(given[::2], given[1::2], strict=True))
        step = {"q": 2, "s": 2, "c": 3}.get(letter, 1)
        for at in range(0, len(pairs), step):
            spots = [(here[0] + x, here[1] + y) for x, y in pairs[at : at + step]]
            curve = [here, ahead, *spots] if letter == "s" else [here, *spots]
            curve = [*outline[-1:], *spots] if letter == "m" else curve
            outline += [bezier(curve, t / 8) for t in range(1, 9)]
            here = spots[-1]
            ahead = (2 * here[0] - curve[-2][0], 2 * here[1] - curve[-2][1]) if step > 1 else here
        start = here if letter == "m" else start
        here = start if letter == "z" else here
    return outline


def test_fewer_bytes_draw_the_same() -> None:
    paths = [body.HALF_FRONT, body.HALF_BACK, body.DETAIL_FRONT, BY_CODE["trunk"].back]
    for path in [*paths, *(p.front for p in PLACES), BY_CODE["neck"].front + body.MIDLINE]:
        short = body.compact(path)
        assert len(short) < len(path)
        for spot, there in zip(polygon(path), drawn_out(short), strict=True):
            assert math.dist(spot, there) < 0.75, (path, spot)
    assert len(body.compact(body.HALF_FRONT)) < 0.6 * len(body.HALF_FRONT)


def test_the_drawing_is_small() -> None:
    paths = [body.SILHOUETTE_FRONT, body.SILHOUETTE_BACK, body.DETAIL_FRONT, body.DETAIL_BACK]
    assert sum(map(len, paths)) + sum(len(p.front + p.back) for p in PLACES) < 16_000


def some_figure(**changes: object) -> ElementTree.Element:
    arguments: dict[str, object] = {
        "marks": {"left_wrist": MAIN, "right_knee": MARKED, "left_toes": MARKED},
        "title": "Left wrist most of all",
        "labels": {"left_wrist": "9", "right_knee": "10"},
    } | changes
    make: Callable[..., str] = figure_svg
    return ElementTree.fromstring(make(**arguments))  # noqa: S314  our own drawing


def texts(figure: ElementTree.Element) -> list[str | None]:
    return [text.text for text in figure.iter(f"{SVG}text")]


def test_figure_has_title_captions_and_labels() -> None:
    figure = some_figure()
    assert figure.findtext(f"{SVG}title") == "Left wrist most of all"
    assert texts(figure) == ["Front", "Back", "R", "L", "L", "R", "10", "9"]


def test_left_and_right_letters_stand_on_the_mirrored_sides() -> None:
    at = [(text.text, float(text.get("x", ""))) for text in some_figure().iter(f"{SVG}text")]
    (_, front), (_, back) = at[:2]
    letters = [(letter, x) for letter, x in at if letter in {"R", "L"}]
    middle = (front + back) / 2
    views = {
        "front": {letter: x - front for letter, x in letters if x < middle},
        "back": {letter: x - back for letter, x in letters if x > middle},
    }
    for view, letter_at in views.items():
        for side, letter in (("left", "L"), ("right", "R")):
            x = getattr(BY_CODE[f"{side}_knee"], f"{view}_at")[0]
            assert letter_at[letter] * x > 0


def test_figure_shades_each_marked_place_in_both_views() -> None:
    svg = figure_svg({"left_wrist": MAIN, "right_knee": MARKED, "left_toes": MARKED}, title="")
    wrist, knee, toes = (BY_CODE[code] for code in ("left_wrist", "right_knee", "left_toes"))
    assert all(place.front in svg for place in (wrist, knee, toes))
    (solid,) = re.findall(r'<path d="([^"]+)" fill="#000"', svg)
    expected = numbers(wrist.back)
    seen_behind = numbers(solid)[-len(expected) :]
    shift = {round(x - there, 1) for (x, _), (there, _) in zip(seen_behind, expected, strict=True)}
    assert shift == {288.0}


def test_main_and_marked_differ_without_colour() -> None:
    main = figure_svg({"left_knee": MAIN}, title="")
    marked = figure_svg({"left_knee": MARKED}, title="")
    assert "stroke-dasharray" in marked
    assert "stroke-dasharray" not in main


def test_all_over_hatches_the_body_and_needs_no_shape() -> None:
    assert figure_svg({ALL_OVER: MARKED}, title="").count("stroke-dasharray") == 1


def test_ids_are_unique_and_start_with_the_name() -> None:
    ids = [node.get("id") for node in some_figure(name="plan").iter() if node.get("id")]
    assert len(ids) == len(set(ids)) == 1
    assert all(str(one).startswith("plan-") for one in ids)


def test_hostile_text_stays_text() -> None:
    hostile = "</title><script>alert('x')</script>&\""
    figure = some_figure(title=hostile, labels={"left_wrist": "<b>"}, name='"><script>')
    assert figure.findtext(f"{SVG}title") == hostile
    assert "<b>" in texts(figure)
    assert not list(figure.iter(f"{SVG}script"))


@pytest.mark.parametrize(
    ("marks", "labels"),
    [
        ({"left_ear": MARKED}, {}),
        ({"left_knee": "red"}, {}),
        ({"left_knee": MARKED}, {"left_ear": "7"}),
        ({ALL_OVER: MARKED}, {ALL_OVER: "7"}),
    ],
)
def test_an_unknown_place_or_level_is_refused(
    marks: dict[str, str], labels: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=r"body map|neither"):
        figure_svg(marks, title="", labels=labels)


def test_largest_figure_is_bounded() -> None:
    everything = dict.fromkeys(BY_CODE, MARKED) | {"left_knee": MAIN, ALL_OVER: MARKED}
    assert len(figure_svg(everything, title="", labels=dict.fromkeys(BY_CODE, "10"))) < 30_000
