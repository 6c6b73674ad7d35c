"""Another program's form takes our Questionnaire and a response, and gives the answers back.

The form is LHC-Forms of the National Library of Medicine, fetched by `make test`.
"""

from __future__ import annotations

import mimetypes
from typing import Any

import pytest
from playwright.sync_api import Browser, Route

from intake.report.fhir import questionnaire, questionnaire_response
from intake.web.language import translators
from setup.fhir_checkers import BUILD
from tests.unit.report.given import document, unsure, walked, whole
from tests.unit.report.test_report_fhir import items

FORM = BUILD / "lforms" / "dist" / "lforms"
SITE = "http://form.example"
SCRIPTS = (
    "webcomponent/assets/lib/zone.min.js",
    "webcomponent/lhc-forms.js",
    "fhir/R4/lformsFHIR.min.js",
)
PAGE = "<!doctype html><meta charset=utf-8><title>Form</title><div id=form></div>" + "".join(
    f'<script src="{SITE}/{script}"></script>' for script in SCRIPTS
)
LOAD = """async ([asked, answered]) => {
  let form = LForms.Util.convertFHIRQuestionnaireToLForms(asked, "R4");
  if (answered) {
    form = LForms.Util.mergeFHIRDataIntoLForms("QuestionnaireResponse", answered, form, "R4");
  }
  await LForms.Util.addFormToPage(form, "form");
  return LForms.Util.getFormFHIRData("QuestionnaireResponse", "R4");
}"""

pytestmark = pytest.mark.skipif(
    not FORM.is_dir(), reason="LHC-Forms is not here: `make test` fetches it (needs Node)"
)


def loaded(chromium: Browser, *given: Any) -> tuple[Any, list[str], str]:
    """What the form gives back, what it complained of, and its text."""
    page = chromium.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.extend([message.text] * (message.type == "error")))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.route(f"{SITE}/**", answer)
    page.goto(f"{SITE}/")
    back = page.evaluate(LOAD, list(given))
    page.wait_for_selector("#form wc-lhc-form")
    text = page.inner_text("#form")
    page.close()
    return back, said, text


def answer(route: Route) -> None:
    name = route.request.url.removeprefix(f"{SITE}/")
    if not name:
        route.fulfill(body=PAGE, content_type="text/html")
        return
    file = FORM / name
    if not file.is_file():
        route.fulfill(status=204)
        return
    route.fulfill(path=file, content_type=mimetypes.guess_type(name)[0] or "")


def values(response: Any) -> dict[str, list[Any]]:
    """Codes and plain values by key."""
    return {
        key: [value_of(each) for each in item["answer"]]
        for key, item in items(response).items()
        if "answer" in item
    }


def value_of(given: dict[str, Any]) -> Any:
    (value,) = given.values()
    return value.get("code") if isinstance(value, dict) else value


def test_the_form_takes_a_response_and_gives_the_answers_back(chromium: Browser) -> None:
    answered = questionnaire_response(document(whole(goal_1_place="left_wrist")))
    back, said, text = loaded(chromium, questionnaire(translators()), answered)
    assert said == []
    assert "Do you have thoughts of ending your life" in text
    ours, theirs = values(answered), values(back)
    # It knows whole days only.
    assert theirs.pop("ms_since") == ["2004-01-01"]
    assert ours.pop("ms_since") == ["2004"]
    assert theirs == ours
    assert {"goal_1_place", "left_fingers_strength", "private"} <= set(ours)


def test_not_sure_is_a_choice_there_and_opens_what_it_opens_here(chromium: Browser) -> None:
    answered = questionnaire_response(document(walked(unsure)))
    back, said, _ = loaded(chromium, questionnaire(), answered)
    assert said == []
    without = {"ms_since", "mri_on", "falls", "pain", "fatigue"}
    ours = {key: value for key, value in values(answered).items() if key not in without}
    assert values(back) == ours
    assert ours["spasm_frequency"] == ["not_sure"]


def test_a_blank_form_asks_nothing_that_hangs_on_an_answer(chromium: Browser) -> None:
    _, said, text = loaded(chromium, questionnaire(), None)
    assert said == []
    assert "What brings you to us?" in text
    for hidden in ("thoughts of ending your life", "Which place bothers you most"):
        assert hidden not in text
