"""A further version's document: what it hands on, what it names anew, and who gave what."""

from datetime import timedelta

from intake.questionnaire.rows import BLANK, NOT_ASKED
from intake.report.amended import GONE, STAFF, amended_document, changes
from intake.report.document import has_private_sign
from intake.web.amending import needs_call
from intake.web.clinic.reasons import of_document
from tests.unit.report.given import CLINIC, TODAY, document, short, whole

LATER = TODAY + timedelta(days=40)
SHOWN = ({"card": "E3a", "at": "2026-06-15T18:01:00+00:00", "level": "same_day"},)


def amended(old, *, by=STAFF, today=TODAY, **changed):
    answers = {
        key: value for key, value in {**old["answers"], **changed}.items() if value is not None
    }
    return amended_document(old, answers, by=by, today=today, clinic=CLINIC)


def test_what_was_sent_once_stays_so():
    screens = [{"at": "2026-06-14T09:00:00+00:00", "answers": {"now_unsafe": "yes"}}]
    old = document(shown=SHOWN, earlier_screens=screens, language="es", path="short")
    new = amended(old, phone="315-555-0199", today=LATER)
    for part in ("reference", "sent_at", "shown", "earlier_screens", "language", "path", "ignored"):
        assert new[part] == old[part], part
    assert new["screened_at"] == old["screened_at"]
    assert new["today"] == LATER.isoformat()
    assert (new["corrections"], new["re_answers"]) == ([], [])
    again = amended(new | {"corrections": [{"why": "x"}]}, phone="315-555-0200")
    assert again["corrections"] == [{"why": "x"}]


def test_the_same_answers_on_the_same_day_are_judged_alike():
    old = document()
    new = amended(old)
    assert new["assessment"] == old["assessment"]
    assert new["rows"] == old["rows"]
    assert changes(old, new) == ()


def test_only_what_was_changed_comes_from_staff():
    old = document(by=dict.fromkeys(whole(), "carer"))
    new = amended(old, phone="315-555-0199")
    assert new["by"]["phone"] == STAFF
    assert {giver for key, giver in new["by"].items() if key != "phone"} == {"carer"}
    unnoted = {key: value for key, value in old.items() if key != "by"}
    assert amended(unnoted, phone="315-555-0199")["by"]["name"] == "patient"


def test_what_the_short_form_left_out_is_still_not_asked():
    old = short()
    new = amended(old, phone="315-555-0199")
    left = {row["key"] for row in old["rows"] if row["status"] == NOT_ASKED}
    assert left
    assert {row["key"] for row in new["rows"] if row["status"] == NOT_ASKED} == left


def test_changes_name_old_and_new_and_what_is_gone():
    old = document()
    new = amended(old, prior_toxin=None, baclofen_use=None, spasm_drugs=["none"], main_pain=9)
    said = {each.key: (each.label, each.old, each.new) for each in changes(old, new)}
    assert said["main_pain"][1:] == ("3 of 10", "9 of 10")
    assert said["prior_toxin"][2] == ""
    assert said["baclofen_problems"][2] == GONE
    assert next(row for row in new["rows"] if row["key"] == "prior_toxin")["status"] == BLANK


def test_who_answers_again_frees_no_number_by_that():
    unsafe = amended(document(), now_unsafe="yes")
    assert has_private_sign(unsafe)
    again = amended(unsafe, by="patient", now_unsafe="no")
    assert again["earlier_private"] == ["E15"]
    assert has_private_sign(again)
    assert of_document(again).unsafe_at_home
    assert of_document(again).closed_to("front_desk")
    assert needs_call(again)
    # Also not by answering a third time, or by a correction of something else.
    assert amended(again, by="carer")["earlier_private"] == ["E15"]
    assert amended(again, phone="315-555-0199")["earlier_private"] == ["E15"]
    # A doctor who corrects the answer itself knows what it was.
    assert not has_private_sign(amended(unsafe, now_unsafe="no"))
    assert "earlier_private" not in amended(document(), by="patient")
