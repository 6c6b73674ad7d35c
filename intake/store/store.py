"""The open store: an engine, the keys and a clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, insert, select, text
from sqlalchemy.exc import (
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from intake.store import audit, schema
from intake.store import engine as engines
from intake.store.crypto import Place, Sealed, Vault
from intake.store.errors import BrokenSeal, StoreNotReady, StoreUnavailable

if TYPE_CHECKING:
    from intake.config import Keys

DEPLOYMENT = 0


class Store:
    """What every function of this package works on."""

    def __init__(
        self,
        engine: Engine,
        keys: "Keys",
        clock: Callable[[], datetime],
        renewed: "Callable[[], Keys | None] | None" = None,
    ) -> None:
        """`renewed` reads the keys anew, for who runs while they are changed."""
        self.engine = engine
        self.vault = Vault(keys.current, keys.ring, keys.index_key, renewed)
        self.clock = clock

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read with; what is written on it is rolled back."""
        with _failures_named(), self.engine.connect() as conn:
            yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction, committed to disk when the block ends."""
        with _failures_named(), engines.writing(self.engine) as conn:
            audit.open_list(conn)
            try:
                yield conn
                self._hold_keys(conn)
                audit.write_list(self, conn)
            finally:
                audit.close_list(conn)

    def _hold_keys(self, conn: Connection) -> None:
        """Keep the keys of this transaction from being retired before it ends.

        A process that overslept a change of keys must not store what nobody can open any more.
        """
        used = self.vault.just_used()
        if not used:
            return
        alive = frozenset(conn.execute(_ALIVE).scalars())
        for kid in alive:
            # Reads the keys anew where another process has made one.
            self.vault.knows(kid)
        if alive and not used <= alive:
            raise StoreUnavailable("The keys have changed; what was sealed is sealed anew.")

    def check(self) -> None:
        """Refuse to start (`StoreNotReady`) without tables or with keys that do not fit.

        Closes its connections, so that a server may fork after it.
        """
        try:
            self._check_revision()
            self._prove_keys()
        except (ProgrammingError, StoreUnavailable) as error:
            raise StoreNotReady(
                "The database cannot be reached or is not up to date: "
                "check DATABASE_URL, then run `flask intake migrate`."
            ) from error
        finally:
            self.engine.dispose()

    def _check_revision(self) -> None:
        with self.read() as conn:
            revision = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if not schema.fits(revision):
            raise StoreNotReady(
                f"The database is at revision {revision or 'none'}, this program needs "
                f"{schema.REVISION}: run `flask intake migrate`."
            )

    def _prove_keys(self) -> None:
        if self.vault.current not in self.open_canaries():
            self._seal_canary()

    def open_canaries(self) -> frozenset[str]:
        """Open the row that proves each key in use; their names. Raises `StoreNotReady`."""
        with self.read() as conn:
            rows = conn.execute(select(schema.canaries.c.kid, schema.canaries.c.sealed)).all()
            used = conn.execute(select(schema.responses.c.id).limit(1)).first() is not None
        if used and not rows:
            raise StoreNotReady("The database has lost the row that proves its keys.")
        for row in rows:
            self._open_canary(Sealed(row.kid, row.sealed))
        return frozenset(row.kid for row in rows)

    def _open_canary(self, sealed: Sealed) -> None:
        if not self.vault.knows(sealed.kid):
            raise StoreNotReady(f"The key ring lacks key {sealed.kid!r}, which the database uses.")
        try:
            fingerprint = self.vault.open(sealed, _canary_place(sealed.kid))
        except BrokenSeal:
            raise StoreNotReady(f"Key {sealed.kid!r} is not the one the database uses.") from None
        if fingerprint != self.vault.fingerprint():
            raise StoreNotReady("The index key is not the one the database uses.")

    def _seal_canary(self) -> None:
        sealed = self.vault.seal(self.vault.fingerprint(), _canary_place(self.vault.current))
        row = {
            "clinic_id": DEPLOYMENT,
            "kid": sealed.kid,
            "sealed": sealed.data,
            "created_at": self.clock(),
        }
        try:
            with self.write() as conn:
                conn.execute(insert(schema.canaries), row)
        except IntegrityError:
            # Another worker that starts just now was quicker; its row must fit as well.
            self.open_canaries()


_ALIVE = (
    select(schema.canaries.c.kid)
    .where(schema.canaries.c.clinic_id == DEPLOYMENT)
    .with_for_update(read=True, key_share=True)
)


def _canary_place(kid: str) -> Place:
    return Place(DEPLOYMENT, "canaries", "sealed", kid, 1)


# A read-only PostgreSQL, or one that waited too long within a transaction, calls it "internal".
_UNAVAILABLE = (OperationalError, InterfaceError, InternalError, PoolTimeout, OSError)


@contextmanager
def _failures_named() -> Iterator[None]:
    try:
        yield
    except _UNAVAILABLE as error:
        raise StoreUnavailable("The database did not answer or did not take the change.") from error
