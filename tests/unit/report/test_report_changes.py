"""What changed since: known against known; not sure, blank and not asked are never a "no"."""

from datetime import date

import pytest

from intake.report.changes import CHANGED, KNOWN_NOW, NOT_KNOWN_NOW, compare, over_time
from tests.unit.report.given import document, short, whole


def changed(before=None, **now):
    return compare(document(whole(**(before or {}))), document(whole(**now)))


def answer(found, key):
    return next((each for each in found.answers if each.key == key), None)


def test_the_same_answers_have_not_changed():
    found = changed()
    assert found.lines == ()
    assert found.answers == ()
    assert {each.moved for each in found.scales} == {0}


def test_ticks_are_told_as_new_and_gone():
    found = changed({"tried": ["stretching", "tablets"]}, tried=["stretching", "splint"])
    told = answer(found, "tried")
    assert told.kind == CHANGED
    assert len(told.new) == len(told.gone) == 1
    assert any(line.endswith(f"new: {told.new[0]}; gone: {told.gone[0]}") for line in found.lines)


@pytest.mark.parametrize(("now", "said"), [("not_sure", "not sure"), (None, "not answered")])
def test_unknown_is_never_a_change_to_no(now, said):
    found = changed({"relapse": "yes"}, relapse=now)
    told = answer(found, "relapse")
    assert (told.kind, told.now) == (NOT_KNOWN_NOW, said)
    assert answer(changed({"relapse": now}, relapse="yes"), "relapse").kind == KNOWN_NOW
    assert answer(changed({"relapse": None}, relapse="not_sure"), "relapse") is None


def test_what_the_short_form_left_out_is_not_asked():
    found = compare(document(whole()), short())
    said = {each.now for each in found.answers if each.kind == NOT_KNOWN_NOW}
    assert "not asked" in said
    assert "no" not in said
    assert not any(each.gone for each in found.answers)


def test_a_tick_beside_not_sure_is_not_called_gone():
    found = changed({"tried": ["stretching", "tablets"]}, tried=["stretching", "not_sure"])
    told = answer(found, "tried")
    assert told.gone == ()
    assert told.now.endswith("not sure")


def test_places_are_new_gone_or_of_another_strength():
    found = changed(
        places=["left_fingers", "left_thumb"],
        left_fingers_strength=3,
        left_thumb_strength=4,
    )
    told = {each.code: (each.was, each.is_now, each.before, each.now) for each in found.regions}
    assert told == {
        "left_fingers": (True, True, 7, 3),
        "left_thumb": (False, True, None, 4),
        "left_wrist": (True, False, 5, None),
    }
    assert any(line.startswith("New place:") for line in found.lines)
    assert any(line.startswith("No longer marked:") for line in found.lines)


@pytest.mark.parametrize("now", [None, ["not_sure"], ["left_fingers", "not_sure"]])
def test_places_that_are_not_known_are_not_gone(now):
    found = changed(places=now)
    assert found.regions == ()
    assert not any(line.startswith("No longer") for line in found.lines)
    assert "Places: not known at one of the two times" in found.lines


def test_the_most_important_lines_come_first():
    found = changed(now_breath_heart=["breathing"], main_pain=8, relapse="yes", goal_1_now=7)
    assert found.lines[0] == "Urgency: Routine → Emergency"
    assert found.lines[1].startswith("Checklist band:")
    kinds = [line.split(":")[0] for line in found.lines]
    assert kinds.index("Pain when moved" if "Pain when moved" in kinds else kinds[3]) < len(kinds)
    pain = next(at for at, line in enumerate(found.lines) if line.endswith("3 → 8 of 10"))
    goal = next(at for at, line in enumerate(found.lines) if line.endswith("8 → 7 of 10"))
    relapse = next(at for at, line in enumerate(found.lines) if "elapse" in line)
    assert pain < relapse < goal


def test_a_scale_that_is_not_known_has_not_moved():
    found = changed({"main_pain": None}, main_pain=8)
    scale = next(each for each in found.scales if each.key == "main_pain")
    assert (scale.before, scale.now, scale.moved) == (None, 8, 0)


def test_what_the_pdf_takes_is_plain():
    plain = changed(main_pain=8).to_dict()
    assert set(plain) == {"reference", "sent_at", "scales", "regions", "words"}
    assert {"label", "before", "now"} == set(plain["scales"][0])
    assert {"place", "was", "is_now", "before", "now"} == set(plain["regions"][0])


def test_a_series_says_each_time():
    documents = [document(whole(main_pain=value)) for value in (3, None, 8)]
    series = next(each for each in over_time(documents) if each.points[-1][1] == 8)
    assert [value for _, value in series.points] == [3, None, 8]
    assert series.points[0][0] == date(2026, 6, 15)
    assert series.title.endswith("2026-06-15 3, 2026-06-15 not known, 2026-06-15 8")
