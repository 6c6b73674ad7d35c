"""`flask intake …` for what people may ask of their data, and what a clinic may not keep."""

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import click

from intake import config, person_folder
from intake.cli import _clinic, _clinics, _now, _open_store, _or_usage, intake_cli
from intake.store import BadValue, Store, audit, dossier, emergency, engine, purging, staff
from intake.store.dossier import Dossier

FOLDER = click.Path(path_type=Path, file_okay=False)


# --- purge -------------------------------------------------------------------------------------


@intake_cli.command()
@click.option("--yes", is_flag=True, help="Remove it; without this nothing is changed.")
@click.option("--batch", default=purging.BATCH, type=click.IntRange(1, 10_000), show_default=True)
def purge(batch: int, *, yes: bool) -> None:
    """Say what each clinic keeps no longer by its file (keep_…), and with --yes remove it."""
    store = _or_usage(lambda: _open_store(_now))
    for clinic in _or_usage(_clinics):
        for kind, count in _or_usage(partial(_purged, store, clinic, batch, yes=yes)).items():
            click.echo(f"{clinic.slug}: {kind}: {count}")
    if not yes:
        click.echo("Nothing was removed; --yes does it.")
        return
    _forget_deleted(store)


def _purged(store: Store, clinic: config.Clinic, batch: int, *, yes: bool) -> dict[str, int]:
    before = _before(clinic, store.clock())
    if yes:
        return purging.purge(store, clinic.id, before, batch=batch)
    return purging.counts(store, clinic.id, before)


def _before(clinic: config.Clinic, now: datetime) -> purging.Before:
    return purging.Before(
        drafts=now - timedelta(days=clinic.keep_drafts_days),
        responses=_years_before(now, clinic.keep_responses_years),
        invitations=now - timedelta(days=clinic.keep_invitations_days),
        renderings=now - timedelta(days=clinic.keep_renderings_days),
    )


def _years_before(now: datetime, years: int | None) -> datetime | None:
    if years is None:
        return None
    # The 29th of February has a 28th in every year.
    day = min(now.day, 28) if now.month == 2 else now.day
    return now.replace(year=now.year - years, day=day)


def _forget_deleted(store: Store) -> None:
    if not _or_usage(lambda: engine.forget_deleted(store.engine)):
        click.echo("Somebody reads from the database: its log still holds sealed bytes of it.")
        click.echo("They go with the next purge, or when the last server stops.")


# --- One person --------------------------------------------------------------------------------


@intake_cli.command("export-person")
@click.argument("reference")
@click.option("--out", type=FOLDER, required=True, help="A new folder, for its owner alone.")
def export_person(reference: str, out: Path) -> None:
    """Write out all that is held on the person with this REFERENCE, private answers too."""

    def written() -> Dossier:
        store = _open_store(_now)
        found = _dossier(store, reference)
        person_folder.write(store, _clinic(), found, out)
        for id in found.ids:
            audit.note(store, found.clinic_id, "system", "person_exported", id)
        return found

    found = _or_usage(written)
    click.echo(f"Wrote {out}: {len(found.ids)} responses, {len(found.events)} audit events.")
    click.echo("It is not encrypted. Hand it on safely, then remove it.")


@intake_cli.command("erase-person")
@click.argument("reference")
@click.option("--reason", help="A fixed word or a case number, such as asked-by-patient; no name.")
@click.option("--export", "folder", type=FOLDER, help="What export-person wrote, just before.")
@click.option("--yes", is_flag=True, help="Do it; without this nothing is changed.")
def erase_person(reference: str, reason: str | None, folder: Path | None, *, yes: bool) -> None:
    """Remove all that is held on the person with this REFERENCE; the audit keeps ids alone.

    Inside the time for which the clinic keeps responses it takes a reason and a written export.
    """

    def checked() -> tuple[Store, Dossier, str | None]:
        store = _open_store(_now)
        found = _dossier(store, reference)
        _refuse_too_early(store, found, reason, folder)
        digest = None if folder is None else person_folder.digest(store, found, folder)
        return store, found, digest

    store, found, digest = _or_usage(checked)
    if not yes:
        click.echo(f"{len(found.ids)} responses would be erased. --yes does it.")
        return
    counts = _or_usage(
        lambda: dossier.erase(
            store, found.clinic_id, reference, digest, reason=reason or "kept-long-enough"
        )
    )
    for table, count in counts.items():
        click.echo(f"{table}: {count}")
    click.echo("Erased. Backups made before still hold it, until they are removed.")
    _forget_deleted(store)


def _dossier(store: Store, reference: str) -> Dossier:
    found = dossier.of(store, _clinic().id, reference)
    if found is None:
        raise BadValue(f"{reference[:20]}: no response or draft with this reference number")
    return found


def _refuse_too_early(
    store: Store, found: Dossier, reason: str | None, folder: Path | None
) -> None:
    if reason is not None and not audit.FIXED_WORD.fullmatch(reason):
        raise BadValue("--reason: a-z, 0-9 and - only, such as asked-by-patient or case-26-14")
    kept_since = _years_before(store.clock(), _clinic().keep_responses_years)
    is_inside = kept_since is None or found.newest_at >= kept_since
    if is_inside and (reason is None or folder is None):
        raise BadValue(
            "The clinic still has to keep this: write it out first (export-person), "
            "then say --reason and --export"
        )


# --- break-glass -------------------------------------------------------------------------------


@intake_cli.command("break-glass")
@click.argument("username")
@click.option("--reason", help="Why, in a sentence; administrators read it. Name no patient.")
@click.option("--hours", default=1.0, type=click.FloatRange(0.1, 4), show_default=True)
@click.option("--end", "is_over", is_flag=True, help="End it now.")
def break_glass(username: str, reason: str | None, hours: float, *, is_over: bool) -> None:
    """Let USERNAME, who has an account, read as a doctor for some hours; it ends by itself."""

    def given() -> str:
        store, here = _open_store(_now), _clinic()
        person = staff.find(store, here.id, username)
        if person is None:
            raise BadValue(f"There is no log-in {username!r}.")
        if is_over:
            ended = emergency.end(store, person)
            return "Ended." if ended else "There was none."
        if reason is None:
            raise BadValue("say why: --reason")
        to = [here.notice_email] if here.notice_email else []
        found = emergency.grant(store, person, reason, timedelta(hours=hours), tell=to)
        until = found.ends_at.astimezone(here.zone)
        return f"{person.username} is a doctor until {until:%H:%M}, after a new log-in."

    click.echo(_or_usage(given))
