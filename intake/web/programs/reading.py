"""What programs of the clinic read: the questionnaire, responses, and all about one of them.

Each reading of a response is recorded under the token before it leaves.
"""

from __future__ import annotations

from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from intake.questionnaire import VERSION
from intake.report import fhir
from intake.store import listing, responses, tokens
from intake.store.listing import Listed
from intake.store.responses import SentResponse
from intake.web.access import anyone, program
from intake.web.clinic.masking import masked, reduced
from intake.web.contents import contents
from intake.web.language import translators
from intake.web.programs import searching
from intake.web.programs.blueprint import pages, reply
from intake.web.programs.capability import capability_statement
from intake.web.programs.gate import program as reader
from intake.web.visit import clinic, store

SINCE = "2026-11-26"
EVERY = ["GET", "POST", "PUT", "PATCH", "DELETE"]
"""All of them find the view, so that its gate says why only reading is possible."""


@pages.get("/metadata")
@anyone
def metadata() -> ResponseReturnValue:
    """What can be read here; tells nothing about anybody."""
    base = url_for(".metadata", _external=True).removesuffix("/metadata")
    return reply(capability_statement(base, SINCE))


@pages.route("/Questionnaire", methods=EVERY)
@program
def questionnaires() -> ResponseReturnValue:
    """The questionnaire of today, as the one thing found."""
    searching.refuse_unknown()
    tokens.note(store(), reader(), "questionnaire_read")
    asked = fhir.questionnaire(translators())
    address = url_for(".questionnaire", id=asked["id"], _external=True)
    return reply(fhir.searchset([(address, asked)], 1, {"self": request.base_url}))


@pages.route("/Questionnaire/<id>", methods=EVERY)
@program
def questionnaire(id: str) -> ResponseReturnValue:
    """The questionnaire of today."""
    if id != f"intake-{VERSION}":
        abort(404)
    tokens.note(store(), reader(), "questionnaire_read")
    return reply(fhir.questionnaire(translators()))


@pages.route("/QuestionnaireResponse", methods=EVERY)
@program
def search() -> ResponseReturnValue:
    """Sent responses in the order in which they last changed, a page at a time."""
    searching.refuse_unknown()
    wanted, limit = searching.period(), searching.limit()
    rows = listing.page(store(), clinic().id, wanted, limit=limit, after=searching.after())
    total = listing.count(store(), clinic().id, wanted)
    found = [(_address(row.reference), _resource(row, row.document)) for row in rows]
    tokens.note(store(), reader(), "fhir_read", [row.id for row in rows])
    return reply(fhir.searchset(found, total, _links(rows, limit)))


@pages.route("/QuestionnaireResponse/<reference>", methods=EVERY)
@program
def response(reference: str) -> ResponseReturnValue:
    """The newest version of one response."""
    found = _find(reference)
    made = _resource(found, found.document)
    tokens.note(store(), reader(), "fhir_read", [found.id])
    return reply(made)


@pages.route("/Bundle/<reference>", methods=EVERY)
@program
def bundle(reference: str) -> ResponseReturnValue:
    """All about one response but private answers and the PDF."""
    found = _find(reference)
    made = fhir.bundle(reduced(contents(store(), clinic().id, found)))
    tokens.note(store(), reader(), "fhir_read", [found.id])
    return reply({"resourceType": "Bundle", "id": found.reference, **made})


@pages.route("/<path:rest>", methods=EVERY)
@program
def nowhere(rest: str) -> ResponseReturnValue:
    """Any other address, once the token was looked at."""
    abort(404)


def _find(reference: str) -> SentResponse:
    """By its reference exactly as it is given out: an address names one thing."""
    found = responses.sent(store(), clinic().id, reference)
    if found is None or found.reference != reference:
        abort(404)
    return found


def _resource(found: SentResponse | Listed, document: dict[str, Any]) -> dict[str, Any]:
    made = fhir.questionnaire_response(masked(document), version=found.version)
    at = found.at if isinstance(found, Listed) else found.versions[-1].at
    meta = {"versionId": str(found.version), "lastUpdated": at.isoformat()}
    kind = made.pop("resourceType")
    return {"resourceType": kind, "id": found.reference, "meta": meta, **made}


def _address(reference: str) -> str:
    return url_for(".response", reference=reference, _external=True)


def _links(rows: list[Listed], limit: int) -> dict[str, str]:
    given: dict[str, Any] = request.args.to_dict(flat=False)
    links = {"self": url_for(".search", **given, _external=True)}
    if len(rows) == limit:
        following = given | {searching.CURSOR: [searching.cursor(rows[-1].mark)]}
        links["next"] = url_for(".search", **following, _external=True)
    return links
