"""(1) Who the patient is, who gave the answers, and what the visit needs."""

from dataclasses import dataclass

from intake.languages import english_name
from intake.questionnaire.rows import BLANK, date_in_words
from intake.report.sheet import Bit, Line, Sheet, line, plain, quoted, strong

USE_NONE = "DO NOT call or write as given in the answers: not safe at home, see urgency"


@dataclass(frozen=True, slots=True)
class Identity:
    name: str
    born: str
    """ "March 9, 1977"."""
    age: str
    """ "49 years", or "" if the date of birth is not known."""
    reference: str
    source: tuple[Line, ...]
    """Who answered for whom and how it came in: it stands high, as consent hangs on it."""
    contact: tuple[Line, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        return (*self.source, *self.contact)


def identity(sheet: Sheet) -> Identity:
    age = sheet.document["age"]
    told = [_paper(sheet), *_who(sheet), _tongue(sheet), _short_form(sheet), *_times(sheet)]
    source, contact = line("Answers", told), line("Contact", _visit(sheet))
    return Identity(
        name=sheet.words("name") or "Name not given",
        born=sheet.words("born_on") or "date of birth not given",
        age="" if age is None else f"{age} years",
        reference=sheet.document["reference"],
        source=(source,) if source else (),
        contact=(contact,) if contact else (),
    )


def _paper(sheet: Sheet) -> Bit | None:
    typed_by = sheet.document.get("typed_by")
    if typed_by:
        return strong(f"typed from paper by {typed_by}")
    return strong("typed by staff from paper") if sheet.is_from_paper else None


def _tongue(sheet: Sheet) -> Bit | None:
    """The language of the form and so of the patient's own writing, where it is not English."""
    code = sheet.document["language"]
    return strong(f"answered in {english_name(code)}") if code != "en" else None


def _short_form(sheet: Sheet) -> Bit | None:
    count = len(sheet.left_out)
    return strong(f"short form: {count} questions not asked") if count else None


def _times(sheet: Sheet) -> list[Bit | None]:
    """When it was sent, and when the danger signs were answered if that was another day."""
    at = sheet.sent_at
    screened = sheet.document["screened_at"]
    was_before = screened and sheet.moment(screened).date() != at.date()
    return [
        plain(f"{date_in_words(at.date().isoformat())}, {sheet.clock(at.isoformat())}", "sent"),
        strong(f"danger signs answered {sheet.clock(screened)}") if was_before else None,
    ]


def _who(sheet: Sheet) -> list[Bit | None]:
    if sheet.by_carer:
        return _carer(sheet)
    helped = sheet.value("respondent") == "self_helped"
    return [
        _both(sheet) or plain("given by the patient" + (", typed by a helper" if helped else "")),
        quoted(sheet.words("pronouns"), "called"),
        *_decider(sheet),
    ]


def _both(sheet: Sheet, proxy: str = "") -> Bit | None:
    if not sheet.is_mixed:
        return None
    return strong(f"answers by patient and {sheet.relation or 'carer'}{proxy}")


def _carer(sheet: Sheet) -> list[Bit | None]:
    relation = sheet.relation or "carer, relation not given"
    proxy = ", health care proxy" if sheet.value("proxy") == "me" else ""
    present = {"yes": "patient present", "no": "patient NOT present"}
    return [
        _both(sheet, proxy) or strong(f"typed by {relation}{proxy}"),
        plain(sheet.words("carer_name")),
        _agreement(sheet),
        _deciding(sheet),
        plain(present.get(sheet.value("person_present") or "", "")),
        quoted(sheet.words("pronouns"), "patient is called"),
        *_decider(sheet),
        None if sheet.is_unsafe_at_home else quoted(sheet.words("carer_phone"), "carer’s phone"),
    ]


def _agreement(sheet: Sheet) -> Bit | None:
    agrees = sheet.value("person_agrees")
    if agrees == "yes":
        return strong("patient assent noted")
    said = {"no": "patient does NOT agree", "not_sure": "patient’s assent: not sure"}
    return strong(said.get(agrees or "", "patient’s assent NOT ANSWERED"))


def _deciding(sheet: Sheet) -> Bit | None:
    said = {
        "yes": "said to decide for themselves",
        "helped": "said to decide with help",
        "no": "said to be UNABLE to decide about care",
        "not_sure": "able to decide: not sure",
    }
    return strong(said.get(sheet.value("person_decides") or "", ""))


def _decider(sheet: Sheet) -> list[Bit | None]:
    """The health care proxy or guardian, where it is not the one who typed."""
    said = {
        "other": "health care proxy or guardian: another person",
        "not_sure": "health care proxy or guardian: not sure",
    }
    return [
        plain(said.get(sheet.value("proxy") or "", "")),
        quoted(sheet.words("proxy_name"), "proxy"),
    ]


def _visit(sheet: Sheet) -> list[Bit | None]:
    speaks = quoted(sheet.words("spoken_language_name"), "speaks, as told,")
    speaks = speaks or plain(sheet.known("spoken_language"), "speaks")
    needs = [speaks, _interpreter(sheet), strong(_needs(sheet))]
    if sheet.is_unsafe_at_home:
        # First, as the end of a line may be cut; and no number is found here by chance.
        return [strong(USE_NONE), *needs]
    return [
        *needs,
        _whom(sheet),
        quoted(sheet.words("phone"), "phone"),
        quoted(sheet.words("other_contact"), "or"),
        quoted(sheet.words("email"), "e-mail"),
    ]


def _whom(sheet: Sheet) -> Bit | None:
    """Whom the clinic calls, where a carer filled in the form (facts H14, J8)."""
    said = {
        "person": "call the patient",
        "me": f"call the {sheet.relation or 'carer'}",
        "either": f"call patient or {sheet.relation or 'carer'}",
    }
    return strong(said.get(sheet.value("contact_person") or "", ""))


def _interpreter(sheet: Sheet) -> Bit | None:
    wanted = sheet.value("interpreter")
    if wanted == "yes":
        return strong("INTERPRETER WANTED")
    if wanted == "no":
        return plain("no interpreter")
    said = "not sure" if sheet.status("interpreter") not in (BLANK, "") else ""
    return plain(said, "interpreter:") if said else None


def _needs(sheet: Sheet) -> str:
    needs = sheet.known("supports")
    return f"support: {needs}" if needs and needs != "none" else ""
