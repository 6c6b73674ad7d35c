"""Sealed values open with their own key, in their own place, unchanged; nowhere else."""

from dataclasses import replace
from datetime import date

import pytest

from intake.store.crypto import DOCUMENT_BYTES, Place, Sealed, Vault, name_words
from intake.store.errors import BadValue, BrokenSeal, StoreNotReady

PLACE = Place(1, "drafts", "sealed", "a" * 32, 3)
OLD, NEW, INDEX = b"o" * 32, b"n" * 32, b"i" * 32


def vault(current="old", **ring):
    return Vault(current, ring or {"old": OLD}, INDEX)


def test_what_was_sealed_opens_in_its_place():
    sealed = vault().seal_document({"answers": {"name": "Nguyễn 李"}}, PLACE)
    assert vault().open_document(sealed, PLACE) == {"answers": {"name": "Nguyễn 李"}}


def test_two_seals_of_one_document_differ():
    assert vault().seal(b"x", PLACE).data != vault().seal(b"x", PLACE).data


@pytest.mark.parametrize(
    "moved",
    [
        {"clinic_id": 2},
        {"table": "response_versions"},
        {"column": "other"},
        {"row_id": "b" * 32},
        {"version": 2},
    ],
)
def test_a_value_moved_elsewhere_does_not_open(moved):
    sealed = vault().seal(b"x", PLACE)
    with pytest.raises(BrokenSeal):
        vault().open(sealed, replace(PLACE, **moved))


@pytest.mark.parametrize("at", [0, 12, -1])
def test_a_changed_byte_does_not_open(at):
    sealed = vault().seal(b"some words", PLACE)
    data = bytearray(sealed.data)
    data[at] ^= 1
    with pytest.raises(BrokenSeal):
        vault().open(replace(sealed, data=bytes(data)), PLACE)


@pytest.mark.parametrize("data", [b"", b"short", b"n" * 12])
def test_a_cut_value_does_not_open(data):
    with pytest.raises(BrokenSeal):
        vault().open(Sealed("old", data), PLACE)


def test_another_key_of_the_same_name_does_not_open():
    sealed = vault().seal(b"x", PLACE)
    with pytest.raises(BrokenSeal):
        vault(old=NEW).open(sealed, PLACE)


def test_a_key_that_is_gone_is_named():
    sealed = vault().seal(b"x", PLACE)
    with pytest.raises(BrokenSeal, match="old"):
        vault("new", new=NEW).open(sealed, PLACE)


def test_after_rotation_old_values_open_and_new_ones_take_the_new_key():
    before = vault().seal(b"before", PLACE)
    rotated = vault("new", old=OLD, new=NEW)
    assert rotated.open(before, PLACE) == b"before"
    assert rotated.seal(b"after", PLACE).kid == "new"


@pytest.mark.parametrize(
    "document",
    [
        {"a": "cut\x00here"},
        {"a": "\\\x00"},
        {"a\x00": 1},
        {"a": float("nan")},
        {"a": "\ud800"},
        {"a": object()},
        {"a": "x" * DOCUMENT_BYTES},
    ],
    ids=["nul", "nul_after_backslash", "nul_in_key", "nan", "surrogate", "object", "long"],
)
def test_what_no_document_may_hold_is_refused(document):
    with pytest.raises(BadValue):
        vault().seal_document(document, PLACE)


LOOKS_LIKE_IT = {"name": 'x,"rows":[', 'by","rows': "\\", "band": ["LIKELY"]}


def test_a_part_ends_before_the_list_and_not_within_words():
    whole = LOOKS_LIKE_IT | {"rows": [{"rows": [1]}, 2], "after": [{"rows": [3]}]}
    sealed = vault().seal_document(whole, PLACE)
    assert vault().open_part(sealed, PLACE, before="rows") == LOOKS_LIKE_IT
    assert vault().open_document(sealed, PLACE) == whole


def test_a_document_without_the_list_is_its_own_part():
    sealed = vault().seal_document(LOOKS_LIKE_IT, PLACE)
    assert vault().open_part(sealed, PLACE, before="rows") == LOOKS_LIKE_IT


def test_what_a_part_leaves_out_is_guarded_all_the_same():
    sealed = vault().seal_document({"a": 1, "rows": ["x" * 100]}, PLACE)
    changed = Sealed(sealed.kid, sealed.data[:-30] + b"?" + sealed.data[-29:])
    with pytest.raises(BrokenSeal):
        vault().open_part(changed, PLACE, before="rows")


def test_a_deep_document_is_refused():
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(BadValue):
        vault().seal_document({"a": deep}, PLACE)


def test_a_refusal_does_not_quote_the_document():
    with pytest.raises(BadValue) as caught:
        vault().seal_document({"a": "canary\ud800"}, PLACE)
    assert "canary" not in repr(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("typed", ["\\u0000", "\\\\u0000", "C:\\u0000", "é\\u0000\\"])
def test_typing_the_look_of_a_nul_is_fine(typed):
    sealed = vault().seal_document({"a": typed}, PLACE)
    assert vault().open_document(sealed, PLACE) == {"a": typed}


def test_keys_of_the_wrong_size_and_a_missing_current_key_are_refused():
    with pytest.raises(StoreNotReady, match="32 bytes"):
        Vault("k", {"k": b"short"}, INDEX)
    with pytest.raises(StoreNotReady, match="index key"):
        Vault("k", {"k": OLD}, b"")
    with pytest.raises(StoreNotReady, match="not in the key ring"):
        Vault("new", {"k": OLD}, INDEX)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Anne-Marie  O’Brien", ["anne", "marie", "obrien"]),
        ("ANNE O'BRIEN", ["anne", "obrien"]),
        ("ﬁona STRAẞE", ["fiona", "strasse"]),
        ("Nguyễn Văn", ["nguyễn", "văn"]),
        ("Nguye\u0302\u0303n", ["nguyễn"]),
        ("李 小龙", ["李", "小龙"]),
        ("  ", []),
    ],
)
def test_names_are_split_and_folded(name, words):
    assert name_words(name) == words


def test_a_name_has_the_same_hashes_however_it_is_written():
    assert vault().name_hashes(1, "Ann O’Brien") == vault().name_hashes(1, "o'brien, ANN")
    assert vault().name_hashes(1, "Ann") <= vault().name_hashes(1, "Ann Lee")
    assert vault().name_hashes(1, "Ann").isdisjoint(vault().name_hashes(1, "Anna"))


def test_hashes_tell_nothing_across_clinics_or_keys():
    other = Vault("old", {"old": OLD}, b"j" * 32)
    assert vault().name_hashes(1, "Ann").isdisjoint(vault().name_hashes(2, "Ann"))
    assert vault().name_hashes(1, "Ann").isdisjoint(other.name_hashes(1, "Ann"))
    born_on = date(1980, 2, 3)
    assert vault().date_hash(1, born_on) == vault().date_hash(1, date(1980, 2, 3))
    assert vault().date_hash(1, born_on) != vault().date_hash(2, born_on)
