"""`flask intake …` for other programs: responses as FHIR."""

import json
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from intake.cli import _clinic, _now, _open_store, _or_usage, _write_whole, intake_cli
from intake.questionnaire.handed_in import AnswersFileError
from intake.report import fhir
from intake.report.fhir.check import check
from intake.report.record import RecordView, view
from intake.scoring import RULES_VERSION, assess
from intake.store import Store, audit, entries, listing, rescoring, responses, tokens
from intake.store.listing import Listed, Period
from intake.store.responses import SentResponse
from intake.web.clinic.table import csv_lines
from intake.web.contents import contents
from intake.web.language import translators

__all__ = ["intake_cli"]

ACTOR = "system"


@intake_cli.command("fhir")
@click.argument("reference")
@click.option(
    "--bundle", "kind", type=click.Choice([fhir.COLLECTION, fhir.TRANSACTION]), help="All of it."
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file; else print.")
def fhir_command(reference: str, kind: str | None, out: Path | None) -> None:
    """Give the response with this REFERENCE as a QuestionnaireResponse, or all in a Bundle."""

    def made() -> dict[str, Any]:
        store = _open_store(_now)
        found = _found(store, reference)
        resource = _bundle(store, found, kind) if kind else _response(found)
        audit.note(store, _clinic().id, ACTOR, "fhir_exported", found.id)
        return resource

    _give(_or_usage(made), out)


@intake_cli.command("export-csv")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--first", type=click.DateTime(["%Y-%m-%d"]), help="Changed on this day or later.")
@click.option("--last", type=click.DateTime(["%Y-%m-%d"]), help="Changed on this day or earlier.")
@click.option("--private", is_flag=True, help="With the answers about mood and safety.")
def export_csv(out: Path, first: datetime | None, last: datetime | None, *, private: bool) -> None:
    """Write all responses as a table, one a line, codes and words side by side."""

    def made() -> bytes:
        zone = _clinic().zone
        since = first and first.replace(tzinfo=zone)
        until = last and last.replace(tzinfo=zone) + timedelta(days=1)
        lines = csv_lines(
            _open_store(_now), _clinic().id, Period(since, until), actor=ACTOR, private=private
        )
        return "".join(lines).encode()

    _write_whole(out, _or_usage(made))
    click.echo(f"Wrote {out}.")


@intake_cli.command("rescore")
@click.option("--dry-run", is_flag=True, help="Only say what would move.")
def rescore(*, dry_run: bool) -> None:
    """Judge every response by the rules of today, beside the assessment sealed with it."""
    moves = _or_usage(lambda: _rescored(_open_store(_now), keep=not dry_run))
    for (old, new), count in sorted(moves.items()):
        click.echo(f"{old} -> {new}: {count}" if old != new else f"{old} stays: {count}")
    said = "would be judged" if dry_run else "judged"
    click.echo(f"{moves.total()} responses {said} by rules {RULES_VERSION}.")


def _rescored(store: Store, *, keep: bool) -> Counter[tuple[str, str]]:
    """How many go from which band to which; those judged by these rules already do not count."""
    moves: Counter[tuple[str, str]] = Counter()
    for rows in listing.every(store, _clinic().id):
        due = rescoring.without(store, _clinic().id, RULES_VERSION, rows)
        judged = [(row, _by_rules_of_today(row)) for row in due]
        moves.update((row.document["assessment"]["band"], new["band"]) for row, new in judged)
        if keep:
            rescoring.add(store, _clinic().id, RULES_VERSION, judged)
    return moves


def _by_rules_of_today(row: Listed) -> dict[str, Any]:
    """The answers as of the day on which they counted."""
    today = date.fromisoformat(row.document["today"])
    return assess(row.document["answers"], today).to_dict()


@intake_cli.command("check-response")
@click.argument("file", type=click.File("r", encoding="utf-8"))
def check_response(file: Any) -> None:
    """Say whether a FHIR QuestionnaireResponse fits the questionnaire; each problem on a line."""
    try:
        response = json.load(file)
    except (ValueError, RecursionError):
        raise click.UsageError("the file is no JSON") from None
    problems = check(response, translators())
    for problem in problems:
        click.echo(str(problem))
    if problems:
        raise click.exceptions.Exit(1)
    click.echo("It fits.")


@intake_cli.command("make-token")
@click.argument("name")
@click.option("--days", default=90, show_default=True, help="How long it works.")
def make_token(name: str, days: int) -> None:
    """Make a token for the program NAME, which then reads FHIR over HTTP."""

    def made() -> str:
        return tokens.make(_open_store(_now), _clinic().id, name, days=days, by=ACTOR)

    secret = _or_usage(made)
    click.echo(f"Shown once: {secret}")


def _found(store: Store, reference: str) -> SentResponse:
    found = responses.sent(store, _clinic().id, reference)
    if found is None:
        raise AnswersFileError(f"{reference}: no response with this reference number")
    return found


def _response(found: SentResponse) -> dict[str, Any]:
    return fhir.questionnaire_response(found.document, version=found.versions[-1].version)


def _bundle(store: Store, found: SentResponse, kind: str) -> dict[str, Any]:
    # Imported here: the other commands need no system libraries.
    from intake.report.renderer import RenderFailed, render_safely

    try:
        pdf = render_safely(found.document, record=_record(store, found))
    except RenderFailed as error:
        raise click.ClickException(str(error)) from None
    return fhir.bundle(contents(store, _clinic().id, found, pdf=pdf), kind)


def _record(store: Store, found: SentResponse) -> RecordView:
    """What staff did with the response, for its PDF."""
    made = entries.of(store, _clinic().id, found.id)
    return view({"kind": each.kind, "at": each.at.isoformat(), **each.document} for each in made)


def _give(resource: dict[str, Any], out: Path | None) -> None:
    text = json.dumps(resource, ensure_ascii=False, indent=2)
    if out is None:
        click.echo(text)
        return
    _write_whole(out, f"{text}\n".encode())
    click.echo(f"Wrote {out}.")
