"""What the doctor is told about the short form, and about who gave the answers."""

import pytest

from intake.questionnaire import BY_KEY
from intake.questionnaire.rows import NOT_ASKED
from intake.report.fhir import questionnaire_response
from intake.report.fit import FITS
from intake.report.pdf import marked_up, render
from intake.report.summary import summarise
from intake.scoring.model import Effect
from tests.unit.report.given import CARER, document, of_both, on_one_line, short, text_of, whole
from tests.unit.report.test_report_fhir import items
from tests.unit.report.test_report_summary import said

AUTHOR = "http://hl7.org/fhir/StructureDefinition/questionnaireresponse-author"


def labels_of(sealed, status):
    return {row["label"] for row in sealed["rows"] if row["status"] == status}


def html_of(sealed):
    return marked_up(summarise(sealed), sealed, FITS[0], with_inside=True)


# --- The short form -----------------------------------------------------------------------------


def test_what_was_not_asked_is_sealed_apart_from_what_was_left_blank():
    sealed = short(pregnancy=None)
    assert sealed["path"] == "short"
    assert {"Falls in 3 months", "Lives alone", "MS drug"} <= labels_of(sealed, NOT_ASKED)
    assert "Pregnancy" in labels_of(sealed, "blank") - labels_of(sealed, NOT_ASKED)
    assert not labels_of(document(), NOT_ASKED)


def test_an_answer_is_kept_although_its_question_was_not_asked():
    sealed = document(whole(falls=2), path="short", not_asked=["falls", "pain"])
    (falls,) = (row for row in sealed["rows"] if row["key"] == "falls")
    assert (falls["status"], sealed["answers"]["falls"]) == ("answered", 2)


def test_page_one_says_that_it_is_the_short_form():
    sealed = short()
    count = len(labels_of(sealed, NOT_ASKED))
    page = on_one_line(text_of(render(sealed), 1, 1, as_written=True))
    assert f"short form: {count} questions not asked" in page
    assert "Not asked short form: falls in 3 months, lives alone, MS drug" in page
    assert "NOT ANSWERED" not in page
    assert f"{count - 7} more, named with the answers" in page
    assert "short form" not in text_of(render(document()))


def test_each_part_names_once_what_was_not_asked():
    sealed = short(pregnancy=None)
    parts = summarise(sealed).sections
    named = [label for part in parts for label in part.not_asked]
    assert sorted(named) == sorted(
        row["label"] for row in sealed["rows"] if row["status"] == NOT_ASKED
    )
    assert not set(named) & {label for part in parts for label in part.blank}
    assert html_of(sealed).count("Not asked (short form):") == sum(bool(p.not_asked) for p in parts)


def test_a_gap_of_the_short_form_is_neither_no_nor_a_blank():
    """The same answers are judged alike, whatever the reason why some are missing."""
    left_out, left_blank = short(), document(short()["answers"])
    assert left_out["assessment"] == left_blank["assessment"]
    told, silent = summarise(left_out), summarise(left_blank)
    assert "falls in 3 months" in said(silent.unknown, "Not known")
    assert "falls in 3 months" not in said(told.unknown, "Not known")
    assert "falls in 3 months" in said(told.unknown, "Not asked")
    assert said(told.cautions, "Denied") == said(silent.cautions, "Denied")


def test_the_list_of_what_is_not_known_says_why():
    sealed = document(whole(pregnancy=None, spasm_often=None), not_asked=["pregnancy"])
    found = {each.label: each.said for each in summarise(sealed).trace.open_answers}
    (label,) = labels_of(sealed, NOT_ASKED)
    assert found.pop(label) == "not asked: short form"
    assert "not asked: short form" not in found.values()
    assert f"{label} (not asked: short form" in on_one_line(text_of(render(sealed), 2))


def test_a_rule_that_lacks_an_answer_says_why():
    sealed = short()
    flags = [f for f in sealed["assessment"]["findings"] if f["effect"] == Effect.FLAG.value]
    assert any("falls" in [*f["missing"], *(r["key"] for r in f["reads"])] for f in flags)
    read = " ".join(e.read for group in summarise(sealed).trace.groups for e in group.full)
    assert "Falls in 3 months: not asked: short form" in read
    assert "Falls in 3 months: not answered" not in read


def test_other_programs_learn_that_it_was_not_asked():
    answered = items(questionnaire_response(short(pregnancy=None)))
    absent = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    said_so = {"extension": [{"url": absent, "valueCode": "not-asked"}]}
    assert answered["falls"]["answer"] == [{"_valueInteger": said_so}]
    assert answered["ms_drug"]["answer"] == [{"valueCoding": said_so}]
    assert "pregnancy" not in answered


def test_a_response_from_before_the_short_form_still_opens():
    old = document()
    del old["path"], old["by"]
    assert "given by the patient" in said(summarise(old).identity.lines, "Answers")
    assert questionnaire_response(old)["item"]
    assert render(old)


# --- Who gave the answers -----------------------------------------------------------------------


def test_answers_of_one_person_carry_no_mark():
    for sealed in (document(by={"name": "patient", "falls": "patient"}), of_both()):
        summary = summarise(sealed)
        assert summary.marks_carer == ""
        assert not any(a.is_carers for s in summary.sections for p in s.pages for a in p.answers)
        assert 'class="giver"' not in html_of(sealed)


def test_answers_of_both_are_marked_where_the_carer_gave_them():
    sealed = of_both("name", "falls", "main_problem", main_problem="My hand.")
    summary = summarise(sealed)
    who = said(summary.identity.lines, "Answers")
    assert who.startswith("answers by patient and daughter, health care proxy · Angela Example")
    assert "typed by" not in who
    marked = [
        (answer.question, answer.is_carers)
        for section in summary.sections
        for page in section.pages
        for answer in page.answers
    ]
    patients = [question for question, is_carers in marked if not is_carers]
    assert len(patients) == 3
    html = html_of(sealed)
    assert html.count('<td class="giver">C</td>') == len(marked) - 3
    assert "<b>C</b> = given by the carer (daughter); the others by the patient." in html
    assert said(summary.wishes, "Own words") == "My hand."


def test_whose_words_they_are_is_said_of_each():
    sealed = of_both(
        "name", "main_problem", main_problem="My hand.", affects=["care"], home_words="He needs me."
    )
    assert (
        said(summarise(sealed).wishes, "Own words")
        == "My hand. · home, carer’s words: He needs me."
    )
    sealed = of_both("name", main_problem="His hand.", affects=["care"], home_words="He needs me.")
    assert said(summarise(sealed).wishes, "Carer’s words") == "His hand. · home: He needs me."


def test_each_answer_stands_beside_the_words_that_it_was_asked_in():
    texts = {row["key"]: row["text"] for row in of_both("name", "falls")["rows"]}
    assert texts["falls"] == "How often did you fall in the last 3 months?"
    assert texts["lives_alone"] == BY_KEY["lives_alone"].carer_text
    assert texts["ms_doctor"] == BY_KEY["ms_doctor"].carer_text


def test_the_patient_who_takes_over_again_is_told_with_the_carer():
    sealed = document(whole(), by={"name": "carer", "falls": "patient"})
    assert "answers by patient and carer" in said(summarise(sealed).identity.lines, "Answers")


def test_only_answers_that_were_sent_have_a_giver():
    by = {"name": "patient", "limb_benefit": "carer"}
    assert document(whole(prior_toxin="never"), by=by)["by"] == {"name": "patient"}


def test_each_item_names_its_author_where_there_are_two():
    answered = items(questionnaire_response(of_both("name", "falls")))
    assert answered["falls"]["extension"] == [
        {"url": AUTHOR, "valueReference": {"type": "Patient", "display": "Iris Example"}}
    ]
    assert answered["places"]["extension"] == [
        {"url": AUTHOR, "valueReference": {"type": "RelatedPerson", "display": "Angela Example"}}
    ]
    assert AUTHOR not in str(questionnaire_response(of_both()))


# --- Whom to call -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("person", "call the patient"),
        ("me", "call the daughter"),
        ("either", "call patient or daughter"),
    ],
)
def test_whom_to_call_stands_with_the_contact(wanted, words):
    summary = summarise(document(whole(**CARER, contact_person=wanted)))
    assert words in said(summary.identity.lines, "Contact")


def test_nobody_is_named_where_nobody_was_asked():
    assert "call " not in said(summarise(document(whole())).identity.lines, "Contact")
