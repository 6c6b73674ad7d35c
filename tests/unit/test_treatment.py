"""What the treatment page says: sourced, plain, short, and the same as the cards."""

import re
from pathlib import Path

import pytest

from intake.questionnaire.cards import CARDS
from intake.questionnaire.treatment import COURSE, TREATMENT, texts
from tests.unit.reading import hard_sentences, words_in
from tests.unit.test_questionnaire import REFERENCE

ON_PAGE = [paragraph for part in TREATMENT for paragraph in part.paragraphs]
PARAGRAPHS = [*ON_PAGE, *COURSE]
by_paragraph = pytest.mark.parametrize("paragraph", PARAGRAPHS, ids=lambda each: each.text[:40])


@by_paragraph
def test_a_paragraph_names_facts_that_exist(paragraph):
    assert paragraph.facts
    assert set(paragraph.facts) <= REFERENCE


@by_paragraph
def test_each_sentence_reads_at_grade_six_or_below(paragraph):
    assert hard_sentences(paragraph.text) == []


SAID = re.compile(r"""\b_\(\s*"((?:[^"\\]|\\.)*)\"""")
NAME_OF_THE_LAW = "Read the notice on privacy"
AROUND = """
    templates/patient/start.html templates/patient/treatment.html templates/patient/sent.html
    templates/patient/_course.html templates/patient/_how_it_works.html
    templates/patient/own_copy.html templates/patient/finished.html templates/patient/advice.html
    templates/patient/check.html
    intake/web/patient/own_copy.py
""".split()


@pytest.mark.parametrize("file", AROUND)
def test_pages_before_and_after_the_form_read_at_grade_six_or_below(file):
    found = SAID.findall(Path(file).read_text(encoding="utf-8"))
    assert found
    filled = [re.sub(r"%\(\w+\)s", "911", text) for text in found if text != NAME_OF_THE_LAW]
    assert [hard for text in filled for hard in hard_sentences(text)] == []


def test_it_is_short():
    titles = [part.title for part in TREATMENT]
    said = [*titles, *(paragraph.text for paragraph in ON_PAGE)]
    assert sum(len(words_in(text)) for text in said) <= 450


def test_what_to_do_is_said_in_the_words_of_the_cards():
    said = [paragraph.text for part in TREATMENT if part.urgent for paragraph in part.paragraphs]
    for card in ("E11", "E2a"):
        assert set(CARDS[card].action) <= set(said)


def test_it_names_no_dose_and_promises_nothing():
    said = " ".join(texts())
    assert not re.search(r"\bunits?\b|\bdose|!|\bsafe for|\bcures?\b|\balways\b", said, re.I)
    assert not re.search(r"\bstop (taking|your)\b", said, re.I)


def test_the_course_says_what_the_page_says():
    when = next(part for part in TREATMENT if part.anchor == "when")
    said = " ".join(paragraph.text for paragraph in when.paragraphs)
    course = " ".join(paragraph.text for paragraph in COURSE)
    for span in ("1 to 2 weeks", "about 3 months", "about 4 to 6 weeks", "at least 12 weeks"):
        assert span in said
        assert span in course


def test_headings_have_an_address_of_their_own():
    anchors = [part.anchor for part in TREATMENT]
    assert len(set(anchors)) == len(anchors)
    assert all(re.fullmatch(r"[a-z]+", anchor) for anchor in anchors)
