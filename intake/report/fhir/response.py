"""The answers as a FHIR R4 QuestionnaireResponse, from the sealed document alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from intake.questionnaire import BY_KEY
from intake.questionnaire.model import NOT_SURE, codes_in
from intake.questionnaire.rows import BLANK
from intake.questionnaire.rows import NOT_ASKED as ROW_NOT_ASKED
from intake.report.fhir import names
from intake.report.fhir.names import SYSTEM, Json, absent, answer_codes, page_id
from intake.report.fhir.questionnaire import wrappers

PATIENT, CARER, STAFF = "patient", "carer", "staff"
MASKED = "masked"
"""Of a row: the question was asked, and this reader may not know the answer."""

_VALUE = {
    "choice": "valueCoding",
    "choices": "valueCoding",
    "places": "valueCoding",
    "scale": "valueInteger",
    "number": "valueInteger",
    "date": "valueDate",
    "partial_date": "valueDate",
    "line": "valueString",
    "text": "valueString",
}
_TYPE = {PATIENT: "Patient", CARER: "RelatedPerson", STAFF: "Practitioner"}


@dataclass(frozen=True, slots=True)
class People:
    """Who is meant by patient, carer and staff: references by giver, or names where there are none.

    In a bundle they point at its entries.
    """

    references: Mapping[str, str] = field(default_factory=dict)

    def of(self, giver: str, document: Mapping[str, Any], name: str = "") -> Json:
        """A reference to whoever gave an answer; `name` is a member of staff's."""
        found = {"type": _TYPE[giver], "display": name or _called(giver, document)}
        if giver in self.references and not name:
            return {"reference": self.references[giver], **found}
        return found


def questionnaire_response(
    document: Mapping[str, Any], *, version: int = 1, people: People | None = None
) -> Json:
    """A QuestionnaireResponse in the language of whoever answered: a group for each page.

    linkId is the question's permanent key. Unanswered questions are absent; "not sure" is marked
    as asked and unknown, what the short form left out as not asked, and what the reader may not
    know as masked. Where several people gave answers, each item names its author. `version` is
    the response's own: later ones are "amended".
    """
    people = people or People()
    return {
        "resourceType": "QuestionnaireResponse",
        "language": document.get("language") or "en",
        "identifier": {"system": f"{SYSTEM}:reference", "value": document["reference"]},
        "questionnaire": f"{names.QUESTIONNAIRE}|{document['questionnaire_version']}",
        "status": "amended" if version > 1 or _later(document) else "completed",
        "subject": people.of(PATIENT, document),
        "authored": _authored(document),
        "author": people.of(_typed_by(document), document),
        "source": people.of(_first_giver(document), document),
        "item": [
            _page(step, page, rows, document, people) for step, page, rows in _pages(document)
        ],
    }


def _called(giver: str, document: Mapping[str, Any]) -> str:
    if giver == STAFF:
        return "Staff of the clinic"
    key, otherwise = ("carer_name", "Carer") if giver == CARER else ("name", "not given")
    return str(document["answers"].get(key) or otherwise)


def _first_giver(document: Mapping[str, Any]) -> str:
    return CARER if document["answers"].get("respondent") == "carer" else PATIENT


def _typed_by(document: Mapping[str, Any]) -> str:
    """Who put the answers in: staff where all of them came from paper."""
    givers = set(document.get("by", {}).values())
    return STAFF if givers == {STAFF} else _first_giver(document)


def _later(document: Mapping[str, Any]) -> list[Json]:
    """What further versions brought, oldest first."""
    later = [*document.get("corrections", ()), *document.get("re_answers", ())]
    return sorted(later, key=lambda each: str(each["at"]))


def _authored(document: Mapping[str, Any]) -> str:
    later = _later(document)
    return str(later[-1]["at"] if later else document["sent_at"])


def _pages(document: Mapping[str, Any]) -> Iterable[tuple[str, str, list[Json]]]:
    answered = (row for row in document["rows"] if row["status"] != BLANK)
    for (step, page), rows in groupby(answered, lambda row: (row["step"], row["page"])):
        yield step, page, list(rows)


def _page(
    step: str, page: str, rows: list[Json], document: Mapping[str, Any], people: People
) -> Json:
    # What the page was called is sealed in English only.
    is_english = (document.get("language") or "en") == "en"
    items = [_wrapped(row, _item(row, document, people)) for row in rows]
    return {"linkId": page_id(step), **({"text": page} if is_english else {}), "item": items}


def _wrapped(row: Json, item: Json) -> Json:
    """The item within the groups that the questionnaire puts around its question."""
    question = BY_KEY.get(row["key"])
    for link_id in reversed(wrappers(question) if question else ()):
        item = {"linkId": link_id, "item": [item]}
    return item


def _item(row: Json, document: Mapping[str, Any], people: People) -> Json:
    return {
        **_author(row["key"], document, people),
        "linkId": row["key"],
        "text": row.get("text_said") or row["text"],
        "answer": _answers(row, document),
    }


def _author(key: str, document: Mapping[str, Any], people: People) -> Json:
    by = document.get("by", {})
    if key not in by or len(set(by.values())) == 1:
        return {}
    name = _corrected_by(key, document) if by[key] == STAFF else ""
    author = people.of(by[key], document, name)
    return {"extension": [{"url": names.AUTHOR, "valueReference": author}]}


def _corrected_by(key: str, document: Mapping[str, Any]) -> str:
    """The name of whoever corrected an answer last."""
    named = [
        str(each["by_name"])
        for each in document.get("corrections", ())
        if key in {change["key"] for change in each["changes"]}
    ]
    return named[-1] if named else ""


# --- Values ------------------------------------------------------------------------------------


def _answers(row: Json, document: Mapping[str, Any]) -> list[Json]:
    name = _VALUE[row["kind"]]
    if row["status"] == MASKED:
        return [_without_value(name, names.MASKED)]
    if row["status"] == ROW_NOT_ASKED:
        return [_without_value(name, names.NOT_ASKED)]
    value = document["answers"][row["key"]]
    if name == "valueCoding":
        said = _displays(row, value)
        return [_coded(row["key"], choice["code"], said) for choice in row["chosen"]]
    return [_without_value(name, names.NOT_KNOWN) if value == NOT_SURE else {name: value}]


def _displays(row: Json, value: Any) -> dict[str, str]:
    """Each chosen code in the words that were read; sealed as lines in the order of choosing."""
    texts = {choice["code"]: str(choice["text"]) for choice in row["chosen"]}
    codes = [code for code in codes_in(value) if code in texts]
    lines = str(row.get("words_said") or "").split("\n")
    return dict(zip(codes, lines, strict=True)) if len(lines) == len(codes) else texts


def _coded(key: str, code: str, said: Mapping[str, str]) -> Json:
    """ "Not sure" is one of the choices, and says why nothing is known."""
    unknown = {"extension": [absent(names.NOT_KNOWN)]} if code == NOT_SURE else {}
    coding = {"system": answer_codes(key), "code": code, "display": said[code]}
    return {"valueCoding": {**unknown, **coding}}


def _without_value(name: str, reason: str) -> Json:
    """An answer without a value; primitive values have theirs beside them, under "_"."""
    said = {"extension": [absent(reason)]}
    return {name if name == "valueCoding" else f"_{name}": said}
