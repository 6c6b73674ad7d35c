"""Migrations go up, down and up again with rows in the tables, and end where the code begins."""

from datetime import timedelta

import pyotp
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from intake.store import (
    StoreNotReady,
    accounts,
    asked,
    calls,
    emergency,
    engine,
    erasing,
    factors,
    identities,
    invitations,
    listing,
    migrate,
    passkeys,
    passwords,
    record,
    renderings,
    rescoring,
    responses,
    schema,
    sessions,
    staff,
    steps,
    tokens,
)
from intake.store.passkeys import Credential
from intake.store.responses import Draft
from tests.unit.store.given import BORN_ON, CLINIC, send, sent_once, settings_for


def fill(store) -> Draft:
    """Put a row into every table; gives the draft that stays one."""
    read = responses.start(store, CLINIC)
    send(store, read)
    answered = sent_once(store)
    asked.ask(store, CLINIC, answered, step="ms", text="When?", by="system", by_name="Ann")
    draft = responses.save(
        store, responses.start(store, CLINIC), {"answers": {"a": "b"}}, urgency="soon"
    )
    responses.issue_code(store, draft, BORN_ON)
    calls.request(store, CLINIC, draft.id, name="Ann", phone="", urgency="emergency", cards=["E1"])
    ann = staff.add(store, CLINIC, "ann", "Ann", "doctor", "a long password")
    invite_and_prove(store, ann)
    record.add_note(store, CLINIC, read.id, "A note", by=ann)
    staff.check(store, CLINIC, "ann", "wrong")
    sessions.open(store, CLINIC, "patient", draft.id)
    guest = invitations.Guest("Ann", BORN_ON)
    invitations.make(store, CLINIC, guest, home="http://localhost/i", by="system")
    rescoring.add(store, CLINIC, "2", [(listing.page(store, CLINIC)[0], {})])
    tokens.make(store, CLINIC, "records", days=1, by="system")
    renderings.keep(store, CLINIC, draft.id, renderings.SUMMARY, 0, b"%PDF")
    identities.link(store, ann, "https://login.example", "248289761001")
    bob = staff.find(store, CLINIC, "bob")
    assert bob is not None
    emergency.grant(store, bob, "The only doctor is ill", timedelta(hours=1))
    gone = responses.start(store, CLINIC)
    with store.write() as conn:
        erasing.remove(conn, CLINIC, [gone.id], store.clock())
    return draft


def invite_and_prove(store, person):
    bob = staff.create(store, CLINIC, "bob", "Bob", "admin", by="system")
    accounts.invite(store, bob, by="system")
    secret = factors.new_secret()
    assert factors.set_app(store, person, secret, pyotp.TOTP(secret).at(store.clock()), first=True)
    passkeys.add(store, person, Credential(b"id", b"key", 0), "My phone")
    steps.open(store, CLINIC, "second", person.id)


def count_rows(store):
    with store.read() as conn:
        return {
            table.name: len(conn.execute(table.select()).all())
            for table in schema.metadata.tables.values()
        }


def tables_of(database_url):
    opened = engine.build(database_url)
    names = set(inspect(opened).get_table_names()) - {"alembic_version"}
    opened.dispose()
    return names


def test_up_down_and_up_with_rows(empty_url, open_store):
    settings = settings_for(empty_url)
    migrate.upgrade(settings)
    store = open_store(empty_url)
    store.check()
    fill(store)
    assert all(count_rows(store).values())
    store.engine.dispose()

    migrate.downgrade(settings, "base")
    assert tables_of(empty_url) == set()

    migrate.upgrade(settings)
    assert tables_of(empty_url) == set(schema.metadata.tables)
    store.check()
    fill(store)
    assert all(count_rows(store).values())


OLD_STAFF = """
    INSERT INTO staff (clinic_id, id, username, name, role, password_hash, created_at, disabled_at)
    VALUES (7, :id, :username, 'Ann', :role, :hash, :now, NULL)
"""
OLD_SESSION = """
    INSERT INTO sessions
    (clinic_id, token_hash, kind, subject, idle_seconds, created_at, seen_at, expires_at)
    VALUES (7, :hash, :kind, :subject, 600, :now, :now, :later)
"""


def test_staff_of_the_first_revision_keep_their_passwords(empty_url, open_store, clock):
    """A 0001 database with people in it; they come through, and have a second proof to set up."""
    settings = settings_for(empty_url)
    migrate.upgrade(settings, "0001")
    store = open_store(empty_url)
    now = clock().replace(tzinfo=None) if "sqlite" in empty_url else clock()
    hashed = passwords.hash_secret("a long password")
    with store.write() as conn:
        for id, username, role in (("a" * 32, "ann", "doctor"), ("b" * 32, "bob", "admin")):
            values = {"id": id, "username": username, "role": role, "hash": hashed, "now": now}
            conn.execute(text(OLD_STAFF), values)
        for kind, subject in (("staff", "a" * 32), ("patient", "d" * 32)):
            token = kind.encode().ljust(32)
            values = {"hash": token, "kind": kind, "subject": subject, "now": now, "later": now}
            conn.execute(text(OLD_SESSION), values)
    store.engine.dispose()

    migrate.upgrade(settings)
    store.check()
    ann = staff.check(store, CLINIC, "ann", "a long password")
    assert ann is not None
    assert (ann.id, ann.name, ann.role, ann.email) == ("a" * 32, "Ann", "doctor", "")
    assert factors.factors(store, ann) == factors.Factors(True, False, 0, 0)
    assert not factors.factors(store, ann).are_enough
    with store.read() as conn:
        kinds = conn.execute(text("SELECT kind FROM sessions")).scalars().all()
    assert kinds == ["patient"]
    # The copy of the table has its rules again.
    for wrong in ({"role": "owner"}, {"username": "bob"}):
        values = {"id": "c" * 32, "username": "eve", "role": "admin", "hash": hashed, "now": now}
        with pytest.raises(IntegrityError), store.write() as conn:
            conn.execute(text(OLD_STAFF), values | wrong)
    store.engine.dispose()

    migrate.downgrade(settings, "0001")
    with store.read() as conn:
        names = conn.execute(text("SELECT username FROM staff ORDER BY id")).scalars().all()
    assert names == ["ann", "bob"]


def test_migrating_again_changes_nothing(database_url, store):
    draft = fill(store)
    before = count_rows(store)
    migrate.upgrade(settings_for(database_url))
    assert count_rows(store) == before
    assert responses.draft(store, CLINIC, draft.id) == draft


def test_migrations_make_the_tables_that_the_code_uses(store):
    with store.read() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []


def test_the_code_knows_the_newest_revision():
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.REVISION]


def test_every_table_carries_the_clinic():
    assert all("clinic_id" in table.c for table in schema.metadata.tables.values())


def test_a_database_that_was_not_migrated_is_refused(empty_url, open_store):
    with pytest.raises(StoreNotReady, match="flask intake migrate"):
        open_store(empty_url).check()


@pytest.mark.parametrize(
    ("database", "program", "is_fit"),
    [
        ("0005", "0005", True),
        ("0006", "0005", True),
        ("0005", "0006", False),
        ("0009-needs-0008", "0008", True),
        ("0009-needs-0008", "0007", False),
        ("0010-needs-0008", "0009-needs-0008", True),
        ("other", "0005", False),
        (None, "0005", False),
    ],
)
def test_a_program_runs_on_a_database_that_only_got_more(database, program, is_fit):
    assert schema.fits(database, program) == is_fit


def test_what_a_migration_needs_is_not_forgotten_by_later_ones():
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    needs = "0000"
    for script in reversed(list(ScriptDirectory.from_config(config).walk_revisions())):
        number, _, own = script.revision.partition("-needs-")
        assert len(number) == 4
        assert (own or "0000") >= needs, f"{script.revision}: add -needs-{needs}"
        needs = own or "0000"


def test_a_database_of_another_revision_is_refused(store):
    with store.write() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = 'other'")
    with pytest.raises(StoreNotReady, match="revision other"):
        store.check()
