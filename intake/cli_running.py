"""`flask intake …` for whoever runs the machine: is it safe to serve, backups, restoring them."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from intake import config
from intake.cli import _clinics, _folder, _now, _open_store, _or_usage, _told_chain, intake_cli
from intake.store import BackupRefused, Store, StoreError, audit, clocks, engine

Result = TypeVar("Result")

FILE = click.Path(path_type=Path, dir_okay=False)


# --- check-config ------------------------------------------------------------------------------


@intake_cli.command("check-config")
def check_config() -> None:
    """Say what must be mended before patients may use this deployment; exit code 1 if anything."""
    problems = list(dict.fromkeys(_problems()))
    for problem in problems:
        click.echo(f"UNSAFE: {problem}")
    if problems:
        click.echo(f"{len(problems)} to mend before patients may use it.")
        raise click.exceptions.Exit(1)
    click.echo("Safe to serve.")


def _problems() -> list[str]:
    """Every problem that can be seen, though one part cannot be read at all."""
    problems: list[str] = []
    settings = _or_note(lambda: config.read_settings(_folder()), problems)
    keys = _or_note(lambda: config.load_keys(_folder()), problems)
    clinics = _or_note(lambda: config.load_clinics(_folder()), problems)
    if settings is not None:
        problems += config.unsafe_in_production(settings, clinics or {})
        problems += config.open_to_others(settings)
        problems += _of_sign_on(settings)
    if settings is not None and keys is not None:
        problems += _or_note(lambda: _of_database(settings, keys), problems) or []
    return problems


def _of_database(settings: config.Settings, keys: config.Keys) -> list[str]:
    store = Store(engine.build(settings.database_url), keys, _now)
    try:
        store.check()
        return clocks.problems(store)
    finally:
        store.engine.dispose()


def _of_sign_on(settings: config.Settings) -> list[str]:
    if settings.sign_on is None:
        return []
    # Imported where there is one: a client for HTTP takes a fifth of a second to load.
    from intake.oidc import Provider, SignOnFailed

    try:
        Provider(settings.sign_on, _now).check()
    except SignOnFailed as failed:
        return [f"INTAKE_OIDC_ISSUER: nobody can sign on there: {failed.reason.replace('_', ' ')}"]
    return []


def _or_note(read: Callable[[], Result], problems: list[str]) -> Result | None:
    try:
        return read()
    except (config.ConfigError, StoreError) as error:
        problems.append(str(error))
    return None


# --- Backups -----------------------------------------------------------------------------------


@intake_cli.command("make-backup-key")
@click.option("--out", type=FILE, required=True, help="Where; keep it away from this machine.")
def make_backup_key(out: Path) -> None:
    """Make the secret that opens backups, and print the recipient that they are made for."""
    from intake import backup

    recipient = _or_usage(lambda: backup.make_identity(out))
    click.echo(f"Wrote {out}: it opens the backups. Keep it away from this machine.")
    click.echo(f"Set INTAKE_BACKUP_TO={recipient}")


@intake_cli.command("backup")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="A new file, or a folder."
)
@click.option("--to", help="The recipient, instead of INTAKE_BACKUP_TO.")
@click.option("--with-keys", is_flag=True, help="The keys too: whoever opens it reads everything.")
def backup_command(out: Path, to: str | None, *, with_keys: bool) -> None:
    """Write an encrypted backup of database and clinics as of now; others go on meanwhile."""
    from intake import backup

    def made() -> tuple[Path, backup.Made]:
        recipient = to or config.load_settings(_folder()).backup_to
        if not recipient:
            raise BackupRefused("say for whom: --to or INTAKE_BACKUP_TO; see make-backup-key")
        store = _open_store(_now)
        file = out / f"intake-{_now():%Y%m%dT%H%M%SZ}.age" if out.is_dir() else out
        found = backup.make(store, _folder(), recipient, file, with_keys=with_keys)
        for clinic in _clinics():
            rows = f"rows:{sum(found.rows.values())}"
            audit.note(store, clinic.id, "system", "backup_made", detail=rows)
        return file, found

    file, found = _or_usage(made)
    size = file.stat().st_size / 2**20
    click.echo(f"Wrote {file} ({sum(found.rows.values())} rows, {size:.1f} MB).")
    if not found.with_keys:
        click.echo(f"{config.KEYS_FILE} is not in it: keep a copy of it in another place.")


@intake_cli.command("restore")
@click.argument("file", type=FILE)
@click.option("--identity", type=FILE, required=True, help="What make-backup-key wrote.")
@click.option("--drill", is_flag=True, help="Only try it, in a place that is gone afterwards.")
@click.option("--into", metavar="URL", default="", help="With --drill: an empty database for it.")
def restore_command(file: Path, identity: Path, into: str, *, drill: bool) -> None:
    """Fill an empty database and instance folder from a backup; all of it, or nothing."""
    from intake import backup

    if into and not drill:
        raise click.UsageError("--into is for --drill; a restore goes into DATABASE_URL")

    def tried() -> backup.Restored:
        secret = backup.read_identity(identity)
        url = config.load_settings(_folder(), {"DATABASE_URL": into}).database_url if into else ""
        return backup.drill(file, secret, _folder(), _now, url)

    def restored() -> backup.Restored:
        secret = backup.read_identity(identity)
        url = config.load_settings(_folder()).database_url
        return backup.restore(file, secret, _folder(), url)

    found = _or_usage(tried if drill else restored)
    for name, figure in found.figures.items():
        click.echo(f"{name}: {figure.rows} rows, {figure.sha256[:16]}")
    click.echo(f"As it was at {found.made_at}: every table is the same.")
    if drill:
        click.echo("The audit is whole and every sealed value opens. Nothing of the drill stays.")
        return
    _welcome()


def _welcome() -> None:
    """What was restored is checked as a start would, and says so in its audit."""
    store = _or_usage(lambda: _open_store(_now))
    chains = [_told_chain(store, here) for here in _or_usage(_clinics)]
    for clinic in _or_usage(_clinics):
        audit.note(store, clinic.id, "system", "backup_restored")
    if not all(chains):
        raise click.exceptions.Exit(1)
