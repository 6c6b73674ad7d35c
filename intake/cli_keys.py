"""`flask intake rotate-keys`: another key for everything that is sealed, while servers run."""

import click

from intake import config
from intake.cli import _clinics, _folder, _now, _open_store, _or_usage, intake_cli
from intake.store import KeysInUse, Store, audit, rotating


@intake_cli.command("rotate-keys")
@click.option("--new", "only_new", is_flag=True, help="Only make the key, to copy it elsewhere.")
@click.option("--retire", is_flag=True, help="Give the old keys up, when nothing needs them.")
@click.option("--batch", default=rotating.BATCH, type=click.IntRange(1, 1000), show_default=True)
def rotate_keys(batch: int, *, only_new: bool, retire: bool) -> None:
    """Seal every row with a new key, batch by batch; run again after a stop, it goes on."""
    if only_new and retire:
        raise click.UsageError("--new and --retire do not go together")
    if only_new:
        _or_usage(_make_new)
    elif retire:
        _or_usage(_retire)
    else:
        _or_usage(lambda: _rotate(batch))


def _make_new() -> None:
    waiting = _waiting(_open_store(_now))
    if waiting:
        raise KeysInUse(f"{waiting[0]} is there already and not in use: run rotate-keys.")
    name = config.add_key(_folder())
    click.echo(f"Made {name} in {config.KEYS_FILE}. Copy the file to each machine that serves,")
    click.echo("then run rotate-keys, and copy it once more.")


def _rotate(batch: int) -> None:
    before = _open_store(_now)
    name = _chosen(before)
    if name != before.vault.current:
        config.use_key(_folder(), name)
    # Opened anew: it puts down that this key is in use, by which every server learns of it.
    store = _open_store(_now)
    if name != before.vault.current:
        _note(store, "keys_changed", name)
    done = 0
    for count in rotating.reseal(store, batch):
        done += count
        click.echo(f"{done} sealed with {name}")
    _note(store, "keys_rotated", f"{name}:{done}")
    click.echo(f"Everything is sealed with {name}. In two minutes: rotate-keys --retire")


def _chosen(store: Store) -> str:
    """The key to go on with: one that waits, the one that was stopped at, or a new one."""
    waiting = _waiting(store)
    if waiting:
        return waiting[-1]
    if any(rotating.left(store).values()):
        return store.vault.current
    return config.add_key(_folder())


def _waiting(store: Store) -> list[str]:
    known = {*rotating.used(store), store.vault.current}
    return [kid for kid in config.load_keys(_folder()).ring if kid not in known]


def _retire() -> None:
    store = _open_store(_now)
    gone = rotating.retire(store)
    for name in gone:
        _note(store, "key_retired", name)
    # Also those that an earlier run gave up, and was stopped before it came to the file.
    alive = rotating.used(store)
    config.drop_keys(_folder(), set(config.load_keys(_folder()).ring) - alive)
    click.echo(f"Gave up {', '.join(gone) or 'nothing'}.")
    click.echo(f"Backups made before need the {config.KEYS_FILE} of that time: keep it with them.")


def _note(store: Store, action: str, detail: str) -> None:
    for clinic in _clinics():
        audit.note(store, clinic.id, "system", action, detail=detail)
