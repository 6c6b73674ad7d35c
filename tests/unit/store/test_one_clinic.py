"""The hook that looks for statements across clinics finds them, and lets the others through."""

from __future__ import annotations

import pytest
from sqlalchemy import and_, delete, exists, or_, select, update

from intake.store import schema
from tests.one_clinic import ABOUT_ALL, STORE, loose_tables

R, D = schema.responses.c, schema.drafts.c
A = schema.responses.alias("a")
SAME = and_(D.clinic_id == R.clinic_id, D.response_id == R.id)


@pytest.mark.parametrize(
    "statement",
    [
        select(R.id).where(R.clinic_id == 1, R.id == "x"),
        select(R.id).where(R.clinic_id == 1).where(or_(R.lane == "new", R.lane == "read")),
        select(R.id)
        .select_from(schema.responses.join(schema.drafts, SAME))
        .where(R.clinic_id == 1),
        select(R.id).where(R.clinic_id == 1, exists().where(SAME)),
        update(schema.drafts).where(D.clinic_id == 1).values(rev=2),
        delete(schema.drafts).where(D.clinic_id == 1),
        select(select(R.id).where(R.clinic_id == 1).subquery().c.id),
    ],
)
def test_what_is_about_one_clinic_passes(statement):
    assert list(loose_tables(statement)) == []


@pytest.mark.parametrize(
    "statement",
    [
        select(R.id).where(R.id == "x"),
        select(R.clinic_id),
        select(R.id).where(or_(R.clinic_id == 1, R.id == "x")),
        select(R.id).where(R.clinic_id != 1),
        select(R.id, D.rev).where(R.clinic_id == 1, D.response_id == R.id),
        select(R.id).join(A, A.c.id == R.id).where(R.clinic_id == 1),
        select(R.id).where(R.clinic_id == 1, exists().where(D.response_id == R.id)),
        select(R.id).where(exists().where(SAME)),
        select(R.id).where(~(R.clinic_id == 1)),
        update(schema.drafts).where(D.response_id == "x").values(clinic_id=1),
        delete(schema.drafts),
        select(select(R.id).where(R.id == "x").subquery().c.id),
    ],
)
def test_what_could_cross_is_found(statement):
    assert list(loose_tables(statement))


def test_the_exceptions_are_functions_that_there_are():
    for place in ABOUT_ALL:
        file, _, name = place.partition(":")
        assert f"def {name}(" in (STORE / "store" / file).read_text()
