"""The form on paper: every question with its key, readable conditions, private pages last."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
from flask import Flask

from intake.questionnaire import BY_KEY, STEPS
from intake.questionnaire.body import BY_CODE
from intake.questionnaire.cards import CARDS
from intake.questionnaire.model import CHOOSING
from intake.web import paper_form
from tests.web.clinic_side import clinic_of, invited, logged_in
from tests.web.test_staff import actions

Form = dict[str, Any]


def collected(app: Flask, language: str = "en", **more: str) -> Form:
    with app.app_context():
        return paper_form.collected(clinic_of(app), language, **more)


def questions(form: Form) -> list[Form]:
    return [question for step in form["steps"] for question in step["questions"]]


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_question_stands_there_once_numbered_in_order(app: Flask, language: str) -> None:
    found = questions(collected(app, language))
    assert sorted(question["key"] for question in found) == sorted(BY_KEY)
    assert [question["number"] for question in found] == list(range(1, len(BY_KEY) + 1))


def test_every_choice_can_be_ticked_and_not_sure_everywhere(app: Flask) -> None:
    for told in questions(collected(app)):
        question = BY_KEY[told["key"]]
        if question.kind in CHOOSING:
            assert len(told["choices"]) == len(question.options), told["key"]
        elif question.clinical:
            assert told["choices"] == [question.not_sure_text], told["key"]
        assert told["choices"] or told["lines"] or told["parts"], told["key"]


def test_conditions_name_the_answers_and_the_number_of_their_question(app: Flask) -> None:
    form = collected(app)
    numbers = {question["key"]: question["number"] for question in questions(form)}
    only = {question["key"]: question["only"] for question in questions(form)}
    assert only["carer_name"] == []
    [carer] = [step for step in form["steps"] if step["title"].startswith("You and the person")]
    assert carer["only"] == [
        "Only if you ticked “I answer for a person with MS, as family, friend or carer” in "
        f"question {numbers['respondent']}."
    ]
    assert only["proxy_name"] == [
        f"Only if you ticked “Someone else” in question {numbers['proxy']}."
    ]
    told = [line for question in questions(form) for line in question["only"]]
    assert all(int(re.findall(r"\d+", line)[-1]) in numbers.values() for line in told)


def test_two_conditions_are_joined_by_and(app: Flask) -> None:
    for language, joint in (("en", " and you ticked "), ("es", " y ")):
        lines = [q["only"] for q in questions(collected(app, language))]
        assert all(len(each) <= 1 for each in lines)
        assert any(joint in each[0] for each in lines if each)


def test_a_condition_points_backwards(app: Flask) -> None:
    form = collected(app)
    for step in form["steps"]:
        for question in step["questions"]:
            for line in [*step["only"], *question["only"]]:
                assert int(re.findall(r"\d+", line)[-1]) < question["number"], question["key"]


def test_private_questions_come_last_with_a_note(app: Flask) -> None:
    form = collected(app)
    keys = [question["key"] for question in questions(form)]
    private = [q.key for step in STEPS for q in step.questions if step.private]
    assert keys[-len(private) - 1 :] == ["private", *private]
    [head] = [step for step in form["steps"] if step["title"] == "Private questions"]
    assert "You may hand them over closed." in " ".join(head["intro"])


def test_advice_is_told_to_everybody_with_the_emergency_number_first(app: Flask) -> None:
    form = collected(app)
    assert form["emergency"] == "In an emergency, call 911."
    assert form["care"][0]["title"] == "Call 911 now"
    told = [title for level in form["care"] for title, _line in level["lines"]]
    assert sorted(told) == sorted(card.title for card in CARDS.values() if not card.private)
    assert "988" in form["help"][0]


def test_spanish_speaks_spanish(app: Flask) -> None:
    form = collected(app, "es")
    assert form["title"] == "Un formulario antes de su visita"
    told = " ".join(line for question in questions(form) for line in question["only"])
    assert "Only" not in told
    assert " o “" in told


def test_the_pdf_is_tagged_large_and_has_the_name_on_each_page(app: Flask) -> None:
    invitation = invited(app)
    browser = logged_in(app, "front_desk")
    reply = browser.client.get(f"/clinic/invitations/{invitation.id}/form.pdf")
    assert reply.status_code == 200
    assert reply.mimetype == "application/pdf"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="form.pdf"'
    assert "paper_printed" in actions(app)
    pdf = reply.get_data()
    assert "Tagged:          yes" in _run("pdfinfo", pdf)
    pages = _run("pdftotext", pdf, "-layout", "-").rstrip("\f").split("\f")
    assert all("Iris Example" in page and invitation.code in page for page in pages)
    text = "".join(pages)
    joined = re.sub(r"\s", "", text)
    assert all(key in joined for key in BY_KEY)
    for number, code in enumerate(BY_CODE, start=1):
        place = BY_KEY["places"].choice(code)
        assert place
        assert f"{number}. {place.text}" in text


def _run(program: str, pdf: bytes, *options: str) -> str:
    command = [program, *([*options[:-1]] if options else []), "-", *options[-1:]]
    done = subprocess.run(command, input=pdf, capture_output=True, check=True)
    return done.stdout.decode()
