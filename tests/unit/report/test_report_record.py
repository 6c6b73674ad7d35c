"""What staff did after sending stands on the PDF beside what the checklist found."""

import pytest

from intake.report.pdf import render
from intake.report.record import Earlier, RecordView, Region, Scale, Words, view
from intake.report.renderer import Renderer
from intake.report.summary import summarise
from intake.web.clinic.privacy import without_private
from tests.unit.report.given import document, on_one_line, text_of, whole
from tests.unit.report.test_report_summary import said

AT = "2026-06-16T13:00:00+00:00"
DECIDED = {
    "kind": "decided",
    "at": AT,
    "by_name": "Dr. Amara Osei",
    "urgency": "routine",
    "band": "LIKELY",
    "decided_urgency": "routine",
    "decided_band": "LIKELY",
    "agrees": True,
    "reason": "",
    "rules": [],
}
RAISED = {
    **DECIDED,
    "agrees": False,
    "decided_urgency": "same_day",
    "decided_band": "ASSESS",
    "reason": "Pump alarm\nby phone",
}
PLANNED = {
    "kind": "planned",
    "at": AT,
    "by_name": "Dr. Amara Osei",
    "plan": "not_now",
    "until": "2026-09-01",
    "note": "after the MRI",
}
CORRECTED = {
    "at": AT,
    "by_name": "Dana Desk",
    "why": "typing error",
    "changes": [
        {"key": "phone", "label": "Phone", "old": "315-555-0199", "new": "315-555-0142"},
        {"key": "mood_down", "label": "Feeling down", "old": "canary", "new": "0"},
    ],
}
EARLIER = Earlier(
    "B2C3-4DEF",
    "2025-06-15T18:30:00+00:00",
    scales=(Scale("Pain", 2, 3), Scale("Spasm strength", 9, 4), Scale("Tired", None, 5)),
    regions=(
        Region("left wrist", was=True, is_now=True, before=5, now=5),
        Region("left hand or fingers", was=False, is_now=True, now=7),
        Region("left calf", was=True, is_now=False, before=6),
    ),
    words=(Words("Mobility", "3 walking affected, no aid", "4 one-sided aid"),),
)


def lines_of(*entries, **changes):
    since = summarise(document(**changes), view(entries)).since
    return (*since.decided, *since.lines)


def test_a_decision_stands_beside_the_checklists_result():
    page = on_one_line(text_of(render(document(), view([RAISED, PLANNED])), 1, 1, as_written=True))
    assert "Urgency: SAME DAY, by Dr. Amara Osei · checklist: ROUTINE" in page
    assert "Likely candidate" in page
    assert (
        "Dr. Amara Osei, June 16, 2026: urgency raised to SAME DAY;"
        " band lowered to “Needs assessment” · reason: Pump alarm by phone"
    ) in page
    assert "Plan not now until September 1, 2026 · after the MRI" in page


def test_agreeing_is_said_and_the_newest_decision_counts():
    decided = said(lines_of(RAISED, DECIDED), "Decision")
    assert decided == "Dr. Amara Osei, June 16, 2026: agrees with the checklist"


def test_a_decision_on_earlier_answers_says_so():
    decided = said(lines_of({**DECIDED, "band": "ASSESS", "decided_band": "ASSESS"}), "Decision")
    assert "DECIDED ON EARLIER ANSWERS (checklist then: ROUTINE, Needs assessment)" in decided


def test_without_a_record_nothing_is_said():
    assert lines_of() == ()
    assert "Since this was sent" not in text_of(render(document()))


def test_a_correction_is_counted_on_page_one_and_told_at_the_answer():
    pdf = render({**document(), "corrections": [CORRECTED]})
    first = on_one_line(text_of(pdf, 1, 1, as_written=True))
    assert "Corrected 2 answers by Dana Desk, June 16, 2026" in first
    rest = on_one_line(text_of(pdf, 2, as_written=True))
    assert "Phone: “315-555-0199” → “315-555-0142” Dana Desk, June 16, 2026: typing error" in rest
    assert "Corrected by Dana Desk, June 16, 2026: “315-555-0199” → “315-555-0142”" in rest


def test_an_administrator_sees_no_correction_of_a_private_answer():
    sealed = without_private({**document(), "corrections": [CORRECTED]})
    assert "canary" not in str(summarise(sealed).since)
    assert "315-555-0199" in str(summarise(sealed).since)


def test_pages_answered_again_are_named():
    again = {"at": AT, "step": "spasms", "title": "Your spasms", "question": "Which leg?"}
    pdf = render({**document(), "re_answers": [again]})
    assert "Answered again Your spasms, June 16, 2026" in on_one_line(
        text_of(pdf, 1, 1, as_written=True)
    )
    assert "Your spasms, June 16, 2026. Asked: “Which leg?”" in on_one_line(text_of(pdf, 2))


def test_the_largest_change_comes_first():
    change = said(summarise(document(), RecordView(earlier=EARLIER)).since.lines, "Change")
    assert change == (
        "since June 15, 2025 · Spasm strength 9 → 4 · Pain 2 → 3 · new place: left hand or"
        " fingers · no longer marked: left calf · Mobility: 3 walking affected, no aid → 4"
        " one-sided aid"
    )


def test_no_change_is_said_as_well():
    same = Earlier("B2C3-4DEF", "2025-06-15T18:30:00+00:00", scales=(Scale("Pain", 2, 2),))
    change = said(summarise(document(), RecordView(earlier=same)).since.lines, "Change")
    assert change == "none since June 15, 2025"


def test_changes_are_drawn_and_told_in_words():
    text = on_one_line(text_of(render(document(), RecordView(earlier=EARLIER)), 2, as_written=True))
    assert "What changed since June 15, 2025 (Ref. B2C3-4DEF)" in text
    assert "Spasm strength 9 4" in text
    assert "Tired not known 5" in text
    assert "left calf 6 not marked" in text


def test_paper_typed_by_staff_is_named():
    answers = whole()
    pdf = render(document(answers, by=dict.fromkeys(answers, "staff")))
    assert "typed by staff from paper" in on_one_line(text_of(pdf, 1, 1))
    assert "All answers, typed by staff from paper" in on_one_line(text_of(pdf, 2))


@pytest.mark.parametrize("record", [RecordView(), view([RAISED, PLANNED], EARLIER)])
def test_a_record_reaches_the_process_that_draws(record):
    assert RecordView.from_dict(record.to_dict()) == record
    renderer = Renderer()
    try:
        assert renderer.render(document(), record=record) == render(document(), record)
    finally:
        renderer.close()
