"""The sealed document is plain JSON and holds only what was asked and answered."""

import json

from tests.unit.report.given import document, whole


def row(sealed, key):
    return next(row for row in sealed["rows"] if row["key"] == key)


def test_it_survives_json_unchanged():
    sealed = document(shown=[{"card": "E1", "at": "2026-06-15T18:00:00+00:00"}])
    assert json.loads(json.dumps(sealed)) == sealed


def test_a_drafts_leftovers_are_neither_kept_nor_listed():
    leftover = whole(prior_toxin="never", limb_benefit=9, toxin_last_on="2026-05-01")
    sealed = document(leftover)
    assert "limb_benefit" not in sealed["answers"]
    assert sealed["ignored"] == []
    assert sealed["assessment"]["ignored"] == []


def test_answers_handed_in_off_the_path_are_listed_in_words():
    sealed = document(whole(prior_toxin="never", limb_benefit=9), handed_in=True)
    assert "limb_benefit" not in sealed["answers"]
    assert sealed["ignored"] == [
        {"key": "limb_benefit", "label": "Last limb session, benefit 0–10", "short": "9 of 10"}
    ]


def test_a_row_holds_both_wordings_and_what_was_denied():
    sealed = document(whole(allergies=["latex"]))
    allergies = row(sealed, "allergies")
    assert allergies["words"] == "Latex"
    assert allergies["short"] == "latex"
    assert allergies["denied"] == ["human albumin", "cow’s milk protein", "other"]


def test_not_sure_denies_nothing():
    assert row(document(whole(allergies=["not_sure"])), "allergies")["denied"] == []
    assert row(document(whole(allergies=None)), "allergies")["denied"] == []


def test_places_carry_strength_size_and_the_worst():
    fingers = next(p for p in document()["places"] if p["code"] == "left_fingers")
    assert fingers["worst"] is True
    assert (fingers["strength"], fingers["sizes"]) == (7, ["S-M"])


def test_the_earliest_next_date_counts_from_the_end_of_a_month():
    had = {"prior_toxin": "yes", "toxin_uses": ["limb"]}
    assert document(whole(**had, toxin_last_on="2026-05-10"))["toxin_earliest_on"] == "2026-08-02"
    assert document(whole(**had, toxin_last_on="2026-05"))["toxin_earliest_on"] == "2026-08-23"
    assert document(whole(**had, toxin_last_on="2025"))["toxin_earliest_on"] is None
    assert document(whole(**had, toxin_last_on="not_sure"))["toxin_earliest_on"] is None


def test_cited_books_are_sealed_with_it():
    assert document()["sources"]["S1"].startswith("BOTOX")
    assert set(document()["facts"]) >= {"A23", "C9"}
