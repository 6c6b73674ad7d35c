"""Every text of the questionnaire that patients read, for translators and for tests."""

from collections.abc import Iterable, Iterator

from intake.questionnaire import treatment
from intake.questionnaire.cards import CARDS
from intake.questionnaire.model import Kind, Question, Step
from intake.questionnaire.rows import SCALE_WORDS
from intake.questionnaire.steps import STEPS


def texts() -> dict[str, list[str]]:
    """Each text once, in the order it is met, with the places that show it."""
    found: dict[str, list[str]] = {}
    for place, text in _all():
        if text:
            found.setdefault(text, []).append(place)
    return found


def _all() -> Iterator[tuple[str, str]]:
    for step in STEPS:
        yield from _named(f"page {step.slug}", of_page(step))
        for question in step.questions:
            yield from _named(f"question {question.key}", of_question(question))
    for card in CARDS.values():
        yield from _named(f"card {card.id}", (card.title, card.line, *card.action))
    yield from _named("page treatment", treatment.texts())
    yield "an answer from 0 to 10", SCALE_WORDS


def _named(place: str, several: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((place, text) for text in several)


def of_page(step: Step) -> Iterator[str]:
    """The page's own texts, without its questions."""
    yield from (step.section, step.title, step.carer_title)
    yield from (*step.intro, *step.carer_intro, step.one_of_error)


def of_question(question: Question) -> Iterator[str]:
    """A question's texts with those of its choices."""
    yield from (question.text, question.carer_text, question.hint, question.why, question.error)
    if question.recalls:
        yield question.recall_text
    for option in question.options:
        yield from (option.text, option.hint)
    if question.kind is Kind.SCALE:
        yield from (question.low_text, question.high_text)
    if question.kind is Kind.NUMBER:
        yield question.unit
    if question.offers_not_sure:
        yield question.not_sure_text
