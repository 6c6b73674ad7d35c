"""What of a sealed document an administrator reads: all but the private answers.

They are taken out before a page is made, so that no template can show one by mistake.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from intake.questionnaire import BY_KEY, STEPS
from intake.questionnaire.cards import CARDS
from intake.scoring.model import Band
from intake.web.clinic.reasons import of_document
from intake.web.contacts import CARERS_CONTACTS, CONTACTS

Plain = dict[str, Any]

PRIVATE_REASON = "private reason: ask a doctor to call now"


def without_private(document: Mapping[str, Any]) -> Plain:
    """The document without private answers and whatever was found in them.

    With a private danger sign also without phone and e-mail: nobody but a doctor calls.
    """
    hidden = _private_keys(document)
    if of_document(document).private:
        document = without_contacts(document)
    # Which private signs there were before is as private as those of now.
    document = {key: value for key, value in document.items() if key != "earlier_private"}
    return {
        **_without(document, hidden),
        "assessment": _assessment(document["assessment"], hidden),
        "shown": [each for each in document["shown"] if not _is_private_card(each["card"])],
        "earlier_screens": [
            {**each, "rows": [row for row in each["rows"] if row["key"] not in hidden]}
            for each in document["earlier_screens"]
        ],
        "ignored": [each for each in document["ignored"] if each["key"] not in hidden],
        "re_answers": [_answered(each, hidden) for each in document.get("re_answers", ())],
    }


def corrections_for(document: Mapping[str, Any], keys: Set[str]) -> list[Plain]:
    """The corrections so far, as who may read only these answers sees them.

    The reason is left out beside an answer that is: it may say the same.
    """
    made = []
    for each in document.get("corrections", ()):
        told = [change for change in each["changes"] if change["key"] in keys]
        if told:
            why = each["why"] if len(told) == len(each["changes"]) else ""
            made.append({**each, "changes": told, "why": why})
    return made


def without_contacts(document: Mapping[str, Any]) -> Plain:
    """The document without the ways to reach the person."""
    return _without(document, frozenset((*CONTACTS, *CARERS_CONTACTS)))


def _without(document: Mapping[str, Any], hidden: Set[str]) -> Plain:
    return {
        **document,
        "answers": {k: v for k, v in document["answers"].items() if k not in hidden},
        "rows": [row for row in document["rows"] if row["key"] not in hidden],
        "by": {k: v for k, v in document.get("by", {}).items() if k not in hidden},
        "corrections": corrections_for(document, _corrected_keys(document) - hidden),
    }


def _corrected_keys(document: Mapping[str, Any]) -> set[str]:
    return {change["key"] for each in document.get("corrections", ()) for change in each["changes"]}


def _private_keys(document: Mapping[str, Any]) -> set[str]:
    """What is private by the document itself or by the questionnaire of today."""
    return {row["key"] for row in document["rows"] if row["private"]} | {
        key for key, question in BY_KEY.items() if question.private
    }


def _answered(told: Mapping[str, Any], hidden: Set[str]) -> Plain:
    changes = [each for each in told.get("changes", ()) if each["key"] not in hidden]
    if _is_private_page(told["step"]):
        return {**told, "question": "", "title": "", "changes": changes}
    return {**told, "changes": changes}


def _is_private_page(slug: str) -> bool:
    # One that is not known any more is not shown either.
    return all(
        step.private or any(question.private for question in step.questions)
        for step in STEPS
        if step.slug == slug
    )


def _is_private_card(id: str) -> bool:
    # One that is not known any more is not shown either.
    return id not in CARDS or CARDS[id].private


def _assessment(found: Plain, hidden: set[str]) -> Plain:
    unknown = [each for each in found["unknown"] if each["key"] not in hidden]
    return {
        **found,
        "findings": [_finding(each, hidden) for each in found["findings"] if not each["private"]],
        "unknown": unknown,
        "contradictions": [
            each
            for each in found["contradictions"]
            if not hidden & {each["first"]["key"], each["second"]["key"]}
        ],
        "ignored": [key for key in found["ignored"] if key not in hidden],
        "reason": _reason(found),
        "band_text": _band_text(found, unknown),
    }


def _finding(finding: Plain, hidden: set[str]) -> Plain:
    return {
        **finding,
        "reads": [each for each in finding["reads"] if each["key"] not in hidden],
        "missing": [key for key in finding["missing"] if key not in hidden],
    }


def _reason(found: Plain) -> str:
    """The reason again, without the findings that are private."""
    if found["band"] != Band.URGENT.value:
        # Only danger signs and mood are private; none of them decides another band.
        return str(found["reason"])
    signs = [each for each in found["findings"] if each["holds"] and each["level"]]
    urgent = [each for each in signs if each["level"] in ("emergency", "same_day")]
    said = [f"{each['rule']} {each['says'].lower()}" for each in urgent if not each["private"]]
    if any(each["private"] for each in urgent):
        said.append(PRIVATE_REASON)
    return "; ".join(said)


def _band_text(found: Plain, unknown: Sequence[Plain]) -> str:
    """The band's words; what is not known anew only where something private was among it."""
    if len(unknown) == len(found["unknown"]):
        return str(found["band_text"])
    return Band(found["band"]).text
