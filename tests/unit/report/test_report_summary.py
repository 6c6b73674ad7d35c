"""The words of page one, from the sealed document alone."""

from itertools import pairwise

import pytest

from intake.questionnaire.cards import Urgency
from intake.report.fit import FITS, page_one
from intake.report.identity import USE_NONE, identity
from intake.report.sheet import Bit, Sheet
from intake.report.summary import summarise
from tests.unit.report.given import CARER, SENT_AT, blank, document, everything, walked, whole
from tests.unit.whole_patient import LIMB_TOXIN


def said(lines, label):
    """The words of one line."""
    found = [line for line in lines if line.label == label]
    return " · ".join(" ".join((bit.lead, bit.text)).strip() for line in found for bit in line.bits)


def summary_of(**changes):
    return summarise(document(whole(**changes)))


def test_it_rests_on_the_sealed_words_alone():
    sealed = document(whole(main_problem="It hurts."))
    sealed["answers"]["left_fingers_strength"] = 1
    for row in sealed["rows"]:
        if row["key"] == "main_problem":
            row["words"] = "As it was sealed."
    assert "As it was sealed." in said(summarise(sealed).wishes, "Own words")


def test_a_carers_words_are_never_the_patients():
    summary = summarise(
        document(whole(**CARER, person_agrees="yes", main_problem="His legs cross."))
    )
    who = said(summary.identity.lines, "Answers")
    assert "typed by daughter, health care proxy" in who
    assert "patient assent noted" in who
    assert "said to decide with help" in who
    assert said(summary.wishes, "Own words") == ""
    assert "His legs cross." in said(summary.wishes, "Carer’s words")
    assert summary.given_by == "as the carer gave them"


@pytest.mark.parametrize(
    ("agrees", "words"),
    [
        ("no", "patient does NOT agree"),
        ("not_sure", "patient’s assent: not sure"),
        (None, "patient’s assent NOT ANSWERED"),
    ],
)
def test_missing_assent_is_said(agrees, words):
    summary = summarise(document(whole(**CARER, person_agrees=agrees)))
    assert words in said(summary.identity.lines, "Answers")


def test_advice_is_printed_with_the_clinics_local_time():
    shown = [{"card": "E8", "at": "2026-06-15T18:04:00+00:00"}]
    sealed = document(whole(now_breath_heart=["chest"]), shown=shown)
    (sign,) = summarise(sealed).alarm.signs
    assert (sign.row, sign.shown_at) == ("E8", "2:04 PM")
    assert sign.advice == ("Call 911 now.", "Do not drive yourself.")


def test_a_sign_whose_advice_was_not_shown_says_so():
    (sign,) = summarise(document(whole(now_breath_heart=["chest"]))).alarm.signs
    assert sign.shown_at == ""


def test_not_sure_about_a_danger_sign_is_marked():
    signs = summarise(document(whole(now_breath_heart=["not_sure"]))).alarm.signs
    assert {sign.row for sign in signs} == {"E1", "E8", "E12"}
    assert all(sign.unsure and sign.level == "SAME DAY" for sign in signs)


def test_what_goes_with_a_sign_is_told_and_denied():
    changes = {"now_medicine": ["stopped"], "now_stopped_signs": ["rebound"]}
    signs = summarise(document(whole(**changes))).alarm.signs
    sign = next(sign for sign in signs if sign.row == "E4b")
    assert sign.ticked == ("more spasms, jitters or sweats",)
    assert sign.denied == ("confusion, hallucination, seizure or fever",)


def test_an_unfinished_screen_is_never_called_free_of_danger():
    alarm = summarise(document(walked(blank))).alarm
    assert alarm.level is Urgency.ROUTINE
    assert alarm.meaning == "as far as answered"
    assert any("INCOMPLETE" in warning for warning in alarm.warnings)


def test_questions_that_were_not_private_are_named():
    alarm = summary_of(private="no", now_self_harm=None, now_unsafe=None).alarm
    assert alarm.meaning == "on what was asked"
    assert "Safety and mood not asked: not private" in alarm.warnings


NOT_SAFE = "Not safe at home. Use only the number and time left as safe: “noon, 555-0123”"
NO_NUMBER = (
    "Not safe at home, and no safe number was left. "
    "A call at another number can put the person in danger."
)


@pytest.mark.parametrize(("contact", "warning"), [("noon, 555-0123", NOT_SAFE), (None, NO_NUMBER)])
def test_who_is_not_safe_at_home_is_reached_in_one_way_or_in_none(contact, warning):
    summary = summary_of(
        now_unsafe="yes",
        safe_contact=contact,
        email="iris@example.com",
        other_contact="my neighbor",
    )
    assert warning in summary.alarm.warnings
    (contacts,) = [each for each in summary.identity.lines if each.label == "Contact"]
    assert contacts.bits[0] == Bit(USE_NONE, strong=True)
    for line in summary.identity.lines:
        for bit in line.bits:
            for way in ("315-555", "iris@", "neighbor"):
                assert way not in bit.text
    marked = {each.key for each in answers(summary) if each.is_unsafe}
    assert marked == {"phone", "email", "other_contact"}


def test_who_was_not_safe_in_a_version_before_is_warned_of_still():
    summary = summarise({**document(), "earlier_private": ["E15"]})
    assert NO_NUMBER in summary.alarm.warnings
    assert [each.key for each in answers(summary) if each.is_unsafe] == ["phone"]


def test_a_carers_number_is_no_safe_one_either():
    unsafe = whole(**CARER, person_agrees="yes", carer_phone="315-555-0120", contact_person="me")
    known = identity(Sheet(document(unsafe)))
    assert "315-555-0120" in str(known)
    told = identity(Sheet({**document(unsafe), "earlier_private": ["E15"]}))
    assert "315-555" not in str(told)
    assert "call the" not in str(told)


def test_a_corrected_number_says_that_it_is_not_to_be_used():
    change = {"key": "phone", "label": "Phone", "old": "315-555-0142", "new": "315-555-0199"}
    made = {"at": SENT_AT.isoformat(), "by_name": "Pat", "why": "typed", "changes": [change]}
    for signs, label in (([], "Phone"), (["E15"], "Phone (DO NOT USE: not safe at home)")):
        told = summarise({**document(), "corrections": [made], "earlier_private": signs})
        assert [each.label for each in told.since.corrections] == [label]


def test_who_is_safe_is_called_as_they_said():
    summary = summary_of()
    assert not any("safe" in each for each in summary.alarm.warnings)
    assert "315-555-0142" in str(summary.identity)
    assert not any(each.is_unsafe for each in answers(summary))


def answers(summary):
    return [each for part in summary.sections for page in part.pages for each in page.answers]


def test_blank_stops_are_never_read_as_no():
    summary = summarise(document(walked(blank)))
    stops = said(summary.stops, "Stops")
    assert "CANNOT BE JUDGED" in stops
    assert stops != "no stop found in the answers given"
    assert said(summary.cautions, "Denied") == ""
    assert summary.verdict.critical.startswith("Cannot sort yet: ")
    assert "Ask: allergy to botulinum toxin" in summary.verdict.critical


def test_not_sure_is_kept_apart_from_not_answered():
    told = said(summary_of(falls="not_sure", pump=None).unknown, "Not known")
    assert "falls in 3 months (“not sure”)" in told
    assert "baclofen pump" in told
    assert "baclofen pump (“not sure”)" not in told
    assert " NOT ANSWERED, 1 NOT SURE" in told


def test_denials_that_matter_stand_in_one_line():
    denied = said(summarise(document()).cautions, "Denied")
    assert "nerve-muscle disorder" in denied
    assert "swallowing or breathing trouble" in denied
    assert "blood thinner" not in denied


def test_a_denial_is_only_what_was_denied():
    assert said(summary_of().stops, "Bleeding") == "no blood thinner · no bleeding disorder"
    bleeding = said(
        summary_of(blood_thinner=["warfarin"], bleeding_disorder=None).stops, "Bleeding"
    )
    assert bleeding == "blood thinner: warfarin · bleeding disorder: NOT ANSWERED"


def test_earlier_toxin_has_its_date_and_the_earliest_next():
    summary = summary_of(
        prior_toxin="yes",
        now_medicine=["toxin"],
        now_toxin_signs=["none"],
        toxin_uses=["limb"],
        toxin_last_on="2026-03-27",
        toxin_product="inco",
        limb_benefit=8,
        limb_benefit_weeks=9,
        toxin_dose="about 200 units",
        toxin_hope=["top_up"],
    )
    assert said(summary.toxin, "Last toxin") == (
        "incobotulinumtoxinA (Xeomin), last March 27, 2026 (80 days ago, 4 days short of 84)"
        " · next: not before June 19, 2026 (12 weeks) · good prior response 8 of 10 for 9 weeks"
        " · units as told: about 200 units"
    )
    assert "antibody concern" in said(summary.history, "Toxin so far")


def test_what_is_not_known_of_the_last_toxin_is_said_in_its_place():
    toxin = said(summary_of(**LIMB_TOXIN | {"limb_benefit": None}).toxin, "Last toxin")
    assert toxin == (
        "product NOT KNOWN, last January 10, 2026 (156 days ago) · next: due since April 4, 2026"
        " (12 weeks) · response: NOT ANSWERED · dose not told"
    )
    undated = said(summary_of(**LIMB_TOXIN | {"toxin_last_on": "not_sure"}).toxin, "Last toxin")
    assert "date of last injection NOT KNOWN · next: date CANNOT BE CALCULATED" in undated


def test_doses_are_the_patients_words_in_quotes():
    taken = {"spasm_drugs": ["baclofen"], "baclofen_use": "now", "baclofen_dose": "60 mg"}
    history = summary_of(**taken).history
    dose = [bit for line in history for bit in line.bits if "60 mg" in bit.text]
    assert [(bit.quote, bit.lead) for bit in dose] == [(True, "baclofen, a day as told:")]


def test_the_scale_marks_what_is_still_possible():
    scale = summarise(document(walked(blank))).verdict.scale
    assert [step.name for step in scale if step.is_band] == ["Assess"]
    assert all(step.is_possible for step in scale)
    (only,) = [step.name for step in summarise(document()).verdict.scale if step.is_possible]
    assert only == "Likely"


def test_every_rule_is_in_the_trace_once():
    sealed = document()
    groups = summarise(sealed).trace.groups
    printed = [entry.rule for group in groups for entry in (*group.full, *group.absent)]
    assert sorted(printed) == sorted(f["rule"] for f in sealed["assessment"]["findings"])


def test_contradictions_are_printed_with_both_answers():
    clashes = summary_of(now_medicine=["toxin"], now_toxin_signs=["none"]).trace.clashes
    assert any("never" in clash.first and "12 weeks" in clash.second for clash in clashes)


def test_blank_questions_are_named_once_a_section():
    sections = summarise(document(whole(falls=None))).sections
    named = [label for section in sections for label in section.blank]
    assert named.count("Falls in 3 months") == 1


def test_tightening_only_takes_away():
    summary = summarise(document(walked(everything("word "))))
    pages = [page_one(summary, fit) for fit in FITS]
    rooms = [(page.fit.line, page.fit.quote, len(page.signs), page.fit.places) for page in pages]
    for looser, tighter in pairwise(rooms):
        assert all(after <= before for before, after in zip(looser, tighter, strict=True))
    assert len(repr(pages[-1])) < len(repr(pages[0])) / 2


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("ms_drug", "MS drug"),
        ("conditions", "Other conditions"),
        ("spasm_drugs", "Drugs"),
        ("pump", "Pump"),
        ("prior_toxin", "Last toxin"),
    ],
)
def test_a_blank_is_said_in_its_own_line(key, label):
    blank_one = summary_of(**{key: None})
    assert "NOT ANSWERED" in said((*blank_one.history, *blank_one.toxin), label)
    told = summary_of()
    assert "NOT ANSWERED" not in said((*told.history, *told.toxin), label)


def test_nothing_is_missed_in_somebody_who_comes_for_looks_alone():
    looks = {"reasons": ["looks"], "symptoms": ["none"], "places": ["none"], "main_place": None}
    summary = summary_of(**looks, spasm_drugs=None, pump=None)
    assert "NOT ANSWERED" not in said(summary.history, "Drugs")
    assert summary.exam == ("Plan:",)


def test_pregnancy_that_does_not_apply_is_not_denied():
    denied = said(summary_of(pregnancy="not_applicable").cautions, "Denied")
    assert "pregnancy: marked “does not apply”" in denied
    assert ", pregnancy" not in denied


def test_falls_and_living_alone_stand_in_the_safety_line():
    safety = said(summary_of(falls=3, lives_alone="yes").safety, "Safety")
    assert safety == "3 falls in 3 months · lives alone"
    assert summary_of(falls=0, lives_alone="no").safety == ()


def test_every_stop_has_its_own_line():
    summary = summary_of(site_infection="yes", pregnancy="trying")
    stops = [line for line in summary.stops if line.label == "Stop"]
    assert len(stops) == 2
    assert all(len(line.bits) == 1 for line in stops)


def test_a_single_no_denies_each_sign_that_it_asks_about():
    changes = {"now_infection": ["fever_spasms"], "now_infection_signs": "no"}
    signs = summarise(document(whole(**changes))).alarm.signs
    (sign,) = [sign for sign in signs if sign.row == "E3a"]
    assert any("confusion" in words for words in sign.denied)


def test_sizes_are_words_because_a_letter_reads_as_a_side():
    for row in summary_of().places.rows:
        assert row.size not in ("L", "S", "M")
        assert set(row.size.split(", ")) <= {
            "small",
            "small–medium",
            "medium",
            "medium–large",
            "large",
            "?",
        }
