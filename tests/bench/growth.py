"""What grows with the number of responses: a page of the list, a search, opening, sending.

Only the smallest and the largest database answer in turns; time is the database's own, of the very
statements that the program ran. Purge and backup belong here as soon as there are any.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from statistics import median
from typing import Any

import psycopg
from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    MetaData,
    String,
    Table,
    event,
    insert,
    make_url,
    text,
)

from intake.store import Store, codes, entries, record, responses, schema, work_list
from intake.store.crypto import Place
from intake.store.work_list import Sought, Wanted
from tests.bench import work_list as lists
from tests.bench.measuring import Row, Scale, median_ratio
from tests.web.clinic_side import store_of

BASE = 1_000
"""So many responses are written one by one; larger clinics are copies of them, made by the
database itself: a million rows in seconds."""
FORENAMES = 64
"""As the commonest forename of a list of patients: every 64th has it."""
SAME_NAME = 3
WANTED = Wanted("new", lists.NOW.date())
PAGE = 51
TIMES = 3

Operation = Callable[[Store, Mapping[str, Any]], object]


def fill(store: Store, size: int) -> None:
    """That many sent responses, over all lanes and urgencies and with as many surnames.

    What the pages open is a whole patient's document; the others are found and counted alone, and
    hold a few bytes.
    """
    _write_base(store, min(size, BASE))
    copies = size // BASE - 1
    if copies > 0:
        _copy(store, copies)
    _write_versions(store)


def _write_base(store: Store, size: int) -> None:
    responses_of, named = [], []
    for number in range(size):
        id = "0" * 6 + secrets.token_hex(13)
        reference = f"{_letters(0)}-{_letters(number)}"
        responses_of.append(lists.row(id, number) | {"reference": reference})
        words = store.vault.name_hashes(1, name_of(number))
        named += [{"clinic_id": 1, "response_id": id, "word_hash": word} for word in words]
    with store.write() as conn:
        conn.execute(insert(schema.responses), responses_of)
        conn.execute(insert(schema.name_words), named)


def _place(id: str) -> Place:
    return Place(1, "response_versions", "sealed", id, 1)


def _letters(number: int) -> str:
    """Three letters of a reference; each number has its own."""
    signs, base = codes.ALPHABET, len(codes.ALPHABET)
    return signs[number // base**2] + signs[number // base % base] + signs[number % base]


def name_of(number: int) -> str:
    """Every surname three times, every forename often."""
    return f"Forename{number % FORENAMES} Surname{number // SAME_NAME}"


_COPIES = Table(
    "bench_copies",
    MetaData(),
    Column("prefix", String(6)),
    Column("letters", String(3)),
    Column("salt", LargeBinary),
)
_FORENAMES = Table("bench_forenames", MetaData(), Column("hash", LargeBinary))
_COPYING = (
    """
    INSERT INTO responses (clinic_id, id, reference, status, urgency_rank, appointment_on,
        version, created_at, sent_at, lane)
    SELECT clinic_id, prefix || substr(id, 7), letters || substr(reference, 4), status,
        urgency_rank, appointment_on, version, created_at, sent_at, lane
    FROM responses, bench_copies
    """,
    """
    INSERT INTO name_words (clinic_id, word_hash, response_id)
    SELECT clinic_id, word_hash, prefix || substr(response_id, 7)
    FROM name_words, bench_copies WHERE word_hash IN (SELECT hash FROM bench_forenames)
    """,
    """
    INSERT INTO name_words (clinic_id, word_hash, response_id)
    SELECT clinic_id, {blob}, prefix || substr(response_id, 7)
    FROM name_words, bench_copies
    WHERE word_hash NOT IN (SELECT hash FROM bench_forenames) AND response_id LIKE '000000%'
    """,
)
_BLOB = {
    "sqlite": "CAST(salt || substr(word_hash, 5) AS BLOB)",
    "postgresql": "salt || substr(word_hash, 5)",
}
"""Another surname in every copy."""


def _copy(store: Store, copies: int) -> None:
    """Each response once more for each copy, under other references and surnames."""
    told = [
        {"prefix": f"{number:06x}", "letters": _letters(number), "salt": number.to_bytes(4, "big")}
        for number in range(1, copies + 1)
    ]
    hashes = {each for n in range(FORENAMES) for each in store.vault.name_hashes(1, f"Forename{n}")}
    dialect = store.engine.dialect.name
    with store.write() as conn:
        _COPIES.create(conn)
        _FORENAMES.create(conn)
        conn.execute(insert(_COPIES), told)
        conn.execute(insert(_FORENAMES), [{"hash": each} for each in hashes])
        for statement in _COPYING:
            conn.execute(text(statement.replace("{blob}", _BLOB[dialect])))


_PAGES = Table("bench_pages", MetaData(), Column("id", String(32)))
_OTHERS = text(
    """
    INSERT INTO response_versions (clinic_id, response_id, version, kind, "by", at, kid, sealed)
    SELECT clinic_id, id, 1, 'sent', 'patient', sent_at, :kid, :sealed
    FROM responses WHERE id NOT IN (SELECT id FROM bench_pages)
    """
)


def _write_versions(store: Store) -> None:
    """A whole document for the first two pages of the list, a few bytes for all others."""
    whole = json.dumps(lists.document(), separators=(",", ":"), ensure_ascii=False).encode()
    first = work_list.references(store, 1, WANTED, limit=PAGE)
    pages = first + work_list.references(store, 1, WANTED, limit=PAGE, after=first[-1])
    opened = [_version(store, row.id, whole) for row in work_list.states(store, 1, pages)]
    few = store.vault.seal(b"{}", _place("never opened"))
    with store.write() as conn:
        _PAGES.create(conn)
        conn.execute(insert(_PAGES), [{"id": each["response_id"]} for each in opened])
        conn.execute(insert(schema.response_versions), opened)
        conn.execute(_OTHERS, {"kid": few.kid, "sealed": few.data})


def _version(store: Store, id: str, plain: bytes) -> dict[str, Any]:
    sealed = store.vault.seal(plain, _place(id))
    return {
        "clinic_id": 1,
        "response_id": id,
        "version": 1,
        "kind": "sent",
        "by": "patient",
        "at": lists.NOW,
        "kid": sealed.kid,
        "sealed": sealed.data,
    }


# --- What is measured --------------------------------------------------------------------------


def first_page(store: Store, _known: Mapping[str, Any]) -> object:
    return work_list.references(store, 1, WANTED, limit=PAGE)


def next_page(store: Store, known: Mapping[str, Any]) -> object:
    return work_list.references(store, 1, WANTED, limit=PAGE, after=known["last"])


def whole_page(store: Store, _known: Mapping[str, Any]) -> object:
    return work_list.rows(store, 1, WANTED, limit=PAGE)


def counts(store: Store, _known: Mapping[str, Any]) -> object:
    return work_list.counts(store, 1, WANTED)


def search(store: Store, _known: Mapping[str, Any]) -> object:
    found = work_list.search(store, 1, Sought(name=name_of(5)))
    assert found[0]
    return found


def opening(store: Store, known: Mapping[str, Any]) -> object:
    found = responses.sent(store, 1, known["first"])
    assert found is not None
    return record.state(store, 1, found.id), entries.of(store, 1, found.id)


READING: dict[str, Operation] = {
    "find the first page of the list": first_page,
    "find the next page of the list": next_page,
    "a page with its 51 sealed documents": whole_page,
    "how many in each lane": counts,
    "search by name": search,
    "open a response": opening,
}
GOALS: dict[Operation, float] = {first_page: 3.0, next_page: 3.0}
MOST_MS = 1.0
"""Of database time for a page of the list."""


def submit(store: Store, document: Mapping[str, Any]) -> float:
    """Milliseconds to send a response, with its audit rows, to the disk."""
    draft = responses.start(store, 1)
    begun = time.perf_counter()
    responses.send(
        store,
        draft,
        document,
        urgency="routine",
        private=False,
        name="Una New",
        born_on=date(1980, 1, 2),
    )
    return 1000 * (time.perf_counter() - begun)


# --- Measuring ---------------------------------------------------------------------------------

Statements = list[tuple[str, Any]]


def statements_of(store: Store, act: Callable[[], object]) -> Statements:
    """What the database was asked to read."""
    asked: Statements = []

    def note(_conn: Any, _cursor: Any, statement: str, given: Any, *_more: Any) -> None:
        if statement.lstrip("( ").startswith("SELECT"):
            asked.append((statement, given))

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(store.engine, "before_cursor_execute", note)
    return asked


def database_ms(conn: Connection, asked: Statements) -> float:
    """Milliseconds of the driver and the database for these statements, every row fetched."""
    raw = conn.connection.driver_connection
    assert raw is not None
    cursor = raw.cursor()
    begun = time.perf_counter()
    for statement, given in asked:
        cursor.execute(statement, given)
        cursor.fetchall()
    return 1000 * (time.perf_counter() - begun)


def rows(scale: Scale) -> list[Row]:
    """All rows of this module, on SQLite and, where a server answers, on PostgreSQL."""
    found = of_engine("SQLite", scale)
    return found + of_engine("PostgreSQL", scale) if _has_postgresql() else found


def of_engine(engine: str, scale: Scale) -> list[Row]:
    with ExitStack() as stack:
        addresses = stack.enter_context(lists.databases(engine, len(scale.sizes)))
        stores = [
            stack.enter_context(filled(size, address))
            for size, address in zip(scale.sizes, addresses, strict=True)
        ]
        reading = [_row(engine, title, act, stores, scale) for title, act in READING.items()]
        return [*reading, _submitting(engine, stores, scale)]


def _row(engine: str, title: str, act: Operation, stores: Sequence[Store], scale: Scale) -> Row:
    asked = [_asked(store, act) for store in stores]
    times: list[list[float]] = [[] for _ in stores]
    with ExitStack() as stack:
        open_ones = [stack.enter_context(store.engine.connect()) for store in stores]
        for number in range(TIMES * scale.rounds + 1):
            for figures, conn, statements in zip(times, open_ones, asked, strict=True):
                taken = database_ms(conn, statements)
                if number:
                    figures.append(taken)
    goal = GOALS.get(act)
    return Row(
        f"{engine}: {title}, {scale.sizes[-1]:,} / {scale.sizes[0]:,}",
        median_ratio(times[-1], times[0]),
        f"goal {MOST_MS:g} ms of database time" if goal else "",
        goal,
        note=_each(times, scale),
    )


def _each(times: Sequence[Sequence[float]], scale: Scale) -> str:
    pairs = zip(scale.sizes, times, strict=True)
    return ", ".join(f"{size:,}: {median(figures):.2f} ms" for size, figures in pairs)


def _asked(store: Store, act: Operation) -> Statements:
    page = work_list.references(store, 1, WANTED, limit=PAGE)
    known = {"first": page[0], "last": page[-1]}
    return statements_of(store, lambda: act(store, known))


def _submitting(engine: str, stores: Sequence[Store], scale: Scale) -> Row:
    document = lists.document()
    times: list[list[float]] = [[] for _ in stores]
    for _round in range(scale.rounds):
        for figures, store in zip(times, stores, strict=True):
            figures.append(submit(store, document))
    return Row(
        f"{engine}: send a response, {scale.sizes[-1]:,} / {scale.sizes[0]:,}",
        median_ratio(times[-1], times[0]),
        "by the clock, to the disk",
        note=_each(times, scale),
    )


@contextmanager
def filled(size: int, address: str) -> Iterator[Store]:
    """A clinic with so many responses."""
    with lists.site(size, address, fill=fill) as browser:
        yield store_of(browser.app)


def _has_postgresql() -> bool:
    server = make_url(lists.POSTGRESQL).set(drivername="postgresql")
    address = server.render_as_string(hide_password=False)
    try:
        with psycopg.connect(address, connect_timeout=3) as conn:
            return bool(conn.execute("SELECT 1").fetchone())
    except psycopg.OperationalError:
        return False
