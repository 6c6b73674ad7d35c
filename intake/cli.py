"""`flask intake …`: set up, look at the questionnaire, assess and print answers."""

import json
import os
import tempfile
import time as time_module
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import AppGroup

from intake import ROOT, config
from intake.demo import work_through
from intake.questionnaire.export import questionnaire
from intake.questionnaire.handed_in import AnswersFileError, HandedIn, read_answers
from intake.report import fhir
from intake.report.document import ClinicHead, has_private_sign, sent_document
from intake.report.fhir import check
from intake.scoring import assess
from intake.store import (
    BadValue,
    StaffExists,
    Store,
    StoreError,
    accounts,
    audit,
    engine,
    jobs,
    migrate,
    staff,
    work_list,
)
from intake.store import responses as stored
from intake.web import CHOSEN_CLINIC
from intake.web.language import translators

intake_cli = AppGroup("intake", help="The intake: set-up, questionnaire, answers.")

Result = TypeVar("Result")

ON = click.option(
    "--on",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Judge the answers as of this day (today in the clinic's time zone).",
)


def _or_usage(call: Callable[[], Result]) -> Result:
    """Turn what is wrong with the input or the deployment into one clear line and exit code 2."""
    try:
        return call()
    except (AnswersFileError, config.ConfigError, StoreError, BadValue, StaffExists) as error:
        raise click.UsageError(str(error)) from None


def _folder() -> Path:
    return Path(current_app.instance_path)


def _clinic() -> config.Clinic:
    """The clinic that the command is about; with several, none is guessed."""
    clinics = config.load_clinics(_folder())
    slug = click.get_current_context().meta.get(CHOSEN_CLINIC)
    if slug is None and len(clinics) == 1:
        return config.default_clinic(clinics)
    if slug not in clinics:
        raise click.UsageError(
            f"say which clinic: flask --app wsgi intake --clinic {'|'.join(clinics)} …"
        )
    return clinics[slug]


def _path_of(clinic: config.Clinic) -> str:
    """What the clinic's addresses begin with."""
    several = len(config.load_clinics(_folder())) > 1
    return f"/c/{clinic.slug}" if several else ""


def _open_store(clock: Callable[[], datetime]) -> Store:
    settings = config.load_settings(_folder())
    store = Store(engine.build(settings.database_url), config.load_keys(_folder()), clock)
    click.get_current_context().call_on_close(store.engine.dispose)
    store.check()
    return store


def _now() -> datetime:
    return datetime.now(UTC)


@intake_cli.command()
def init() -> None:
    """Make keys and a sample clinic if there are none, and bring the database up to date."""
    _or_usage(_init)


def _init() -> None:
    if config.make_keys(_folder()):
        click.echo(f"Made new keys in {config.KEYS_FILE}; keep a copy in a safe place.")
    if config.write_sample_clinic(_folder()):
        click.echo("Wrote a sample clinic; change its name and phone before real use.")
    migrate.upgrade(config.load_settings(_folder()))


@intake_cli.command("migrate")
def migrate_command() -> None:
    """Bring the database up to date."""
    _or_usage(lambda: migrate.upgrade(config.load_settings(_folder())))


@intake_cli.command("add-staff")
@click.option("--username", prompt="Log-in name")
@click.option("--name", prompt="Full name")
@click.option(
    "--role", type=click.Choice(["doctor", "admin", "front_desk"]), prompt="Role", default="doctor"
)
@click.password_option(
    prompt="Password (12 characters or more)", envvar="STAFF_PASSWORD", show_envvar=True
)
def add_staff(username: str, name: str, role: str, password: str) -> None:
    """Give a person a log-in for the clinic's side; its second factor is set up on first use."""

    def add() -> None:
        store = _open_store(_now)
        person = staff.add(
            store, _clinic().id, username, name, role, password, own=[_clinic().name]
        )
        click.echo(f"Added {person.username} ({person.role}).")

    _or_usage(add)


@intake_cli.command("invite-staff")
@click.argument("username")
@click.option("--reset", is_flag=True, help="Also for who can log in: their old log-in ends.")
def invite_staff(username: str, reset: bool) -> None:
    """Make an invitation for USERNAME, also where no administrator can log in any more."""

    def invite() -> None:
        store = _open_store(_now)
        person = staff.find(store, _clinic().id, username)
        if person is None:
            raise BadValue(f"There is no log-in {username!r}.")
        make = accounts.rescue if reset else accounts.invite
        code = make(store, person, by="system")
        page = f"{_path_of(_clinic())}/clinic/invited#{code}"
        click.echo(f"Open {page} on your site. It works once, for 3 days.")

    _or_usage(invite)


@intake_cli.command("verify-audit")
def verify_audit() -> None:
    """Go through each clinic's audit; name the first row that was changed, removed or added."""
    store = _or_usage(lambda: _open_store(_now))
    broken = [here for here in _or_usage(_clinics) if not _told_chain(store, here)]
    if broken:
        raise click.exceptions.Exit(1)


def _clinics() -> list[config.Clinic]:
    return list(config.load_clinics(_folder()).values())


def _told_chain(store: Store, here: config.Clinic) -> bool:
    found = audit.verify(store, here.id)
    if found.is_whole:
        click.echo(f"{here.slug}: whole, {found.number} rows, ends in {found.last_hash[:16]}")
    else:
        click.echo(f"{here.slug}: BROKEN at row {found.broken_number}: {found.why}", err=True)
    return found.is_whole


@intake_cli.command()
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
def work(once: bool) -> None:
    """Do the jobs that wait (drawing, mail, notices), beside the servers, which do them too."""
    from intake import create_app
    from intake.web.work import POLL_SECONDS, run_due

    app = _or_usage(lambda: create_app(_folder()))
    if once:
        click.echo(f"Tried {_or_usage(lambda: run_due(app))} jobs.")
        return
    while True:
        _or_usage(lambda: run_due(app))
        time_module.sleep(POLL_SECONDS)


@intake_cli.command()
@click.option("--format", "form", type=click.Choice(["json", "fhir"]), default="json")
def questions(form: str) -> None:
    """Print every page and question with key, kind, choices, conditions and labels."""
    _print_json(questionnaire() if form == "json" else fhir.questionnaire(translators()))


@intake_cli.command("assess")
@click.argument("answers", type=click.File("r", encoding="utf-8"))
@ON
def assess_command(answers: Any, on: datetime | None) -> None:
    """Print what the rules make of an ANSWERS.json file, or of a FHIR QuestionnaireResponse."""
    today = _day(on)
    handed_in = _or_usage(lambda: _read(answers, today))
    found = assess(handed_in.answers, today, handed_in=True).to_dict()
    _print_json({**found, "shown": list(handed_in.shown)})


@intake_cli.command()
@click.argument("source")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@ON
def summary(source: str, out: Path, on: datetime | None) -> None:
    """Write the doctor's PDF of SOURCE, an ANSWERS.json file or a reference number."""
    # Imported here: the other commands need no system libraries.
    from intake.report.renderer import RenderFailed, render_safely

    document = _or_usage(lambda: _document(source, on))
    try:
        pdf = render_safely(document)
    except RenderFailed as error:
        raise click.ClickException(str(error)) from None
    _write_whole(out, pdf)
    click.echo(f"Wrote {out} ({len(pdf) / 1024:.0f} kB).")


def _document(source: str, on: datetime | None) -> dict[str, Any]:
    if Path(source).is_file():
        with Path(source).open(encoding="utf-8") as file:
            return _document_of(_read(file, _day(on)), _day(on))
    found = stored.sent(_open_store(_now), _clinic().id, source)
    if found is None:
        raise AnswersFileError(
            f"{source}: no such file, and no response with this reference number"
        )
    return found.document


def _document_of(handed_in: HandedIn, today: date) -> dict[str, Any]:
    clinic = _clinic()
    return sent_document(
        handed_in.answers,
        today=today,
        sent_at=_after(_noon(today, clinic), handed_in.shown),
        clinic=_head(clinic),
        shown=handed_in.shown,
        handed_in=True,
    )


def _head(clinic: config.Clinic) -> ClinicHead:
    return ClinicHead(clinic.name, clinic.phone, clinic.paper, clinic.time_zone)


def _noon(day: date, clinic: config.Clinic) -> datetime:
    """A file has no time of sending; noon keeps the day the same in every zone near by."""
    return datetime.combine(day, time(12), ZoneInfo(clinic.time_zone)).astimezone(UTC)


def _after(noon: datetime, shown: Sequence[Mapping[str, str]]) -> datetime:
    """Noon, or later where advice was shown later: nothing is sent before it."""
    return max([noon, *(datetime.fromisoformat(each["at"]).astimezone(UTC) for each in shown)])


@intake_cli.command("send-reminders")
def send_reminders() -> None:
    """Remind people of their invitations by e-mail; for a timer, some times a day."""
    # Imported here: its texts and addresses are those of the pages.
    from intake.web import reminders

    if "store" not in current_app.extensions:
        raise click.UsageError("the intake is not set up; run: flask --app wsgi intake init")
    outcome = _or_usage(reminders.send_due)
    click.echo(f"{outcome.sent} reminders will be sent within a minute.")
    if outcome.failed:
        raise click.ClickException(
            f"{outcome.failed} go beyond what a day allows; run this again later."
        )


@intake_cli.command("paper")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--language", default="en", help="A language of the clinic, such as es.")
def paper_command(out: Path, language: str) -> None:
    """Write the whole form as a large-print PDF, to fill in by hand."""
    # Imported here: the other commands need no system libraries.
    from intake.report.renderer import PAPER_FORM, RenderFailed, render_slowly
    from intake.web import paper_form

    if "default_clinic" not in current_app.extensions:
        raise click.UsageError("the intake is not set up; run: flask --app wsgi intake init")
    clinic = _clinic()
    if language not in clinic.languages:
        raise click.UsageError(f"the clinic offers {', '.join(clinic.languages)}")
    try:
        pdf = render_slowly(paper_form.collected(clinic, language), PAPER_FORM)
    except RenderFailed as error:
        raise click.ClickException(str(error)) from None
    _write_whole(out, pdf)
    click.echo(f"Wrote {out} ({len(pdf) / 1024:.0f} kB).")


@intake_cli.command("audit-digest")
@click.option("--mail", "is_mailed", is_flag=True, help="Mail it to the clinic's notice_email.")
def audit_digest(is_mailed: bool) -> None:
    """Print what the audit holds of the last 7 days, in figures; for a weekly timer."""
    # Imported here: its words are those of the page.
    from intake.web.digest import digest

    if "store" not in current_app.extensions:
        raise click.UsageError("the intake is not set up; run: flask --app wsgi intake init")
    store, here = current_app.extensions["store"], _clinic()
    if is_mailed and here.notice_email is None:
        raise click.UsageError("the clinic's file has no notice_email")
    with current_app.test_request_context():
        text = _or_usage(lambda: digest(store, here))
    if here.notice_email is None or not is_mailed:
        click.echo(text, nl=False)
        return
    mail = {"to": here.notice_email, "subject": "Intake: audit of the week", "body": text}
    with store.write() as conn:
        jobs.add(store, conn, here.id, "mail", "none", mail)
    click.echo("It is mailed within a minute, by a running server or by: flask intake work --once")


@intake_cli.command()
def demo() -> None:
    """Load synthetic patients to look at; those already there stay as they are."""
    files = sorted((ROOT / "tests" / "vignettes").glob("v*.json"))
    if not files:
        raise click.UsageError("tests/vignettes holds no patients; use a checkout of the project.")
    added = _or_usage(lambda: [path.stem for path in files if _load_demo(path)])
    _or_usage(lambda: work_through(_open_store(_now), _clinic().id, _day(None)))
    click.echo(f"Loaded {len(added)} synthetic patients.")


def _load_demo(path: Path) -> bool:
    vignette = json.loads(path.read_text(encoding="utf-8"))
    today = date.fromisoformat(vignette["today"])
    clinic = _clinic()
    sent_at = _after(_noon(today, clinic), vignette.get("shown", ()))
    store = _open_store(lambda: sent_at)
    handed_in = read_answers(json.dumps({"answers": vignette["answers"]}), today)
    name = str(handed_in.answers["name"])
    if any(work_list.search(store, clinic.id, work_list.Sought(name))):
        return False
    draft = stored.start(store, clinic.id)
    document = sent_document(
        handed_in.answers,
        today=today,
        sent_at=store.clock(),
        clinic=_head(clinic),
        shown=tuple(vignette.get("shown", ())),
        reference=draft.reference,
    )
    stored.send(
        store,
        draft,
        document,
        urgency=document["assessment"]["urgency"],
        private=has_private_sign(document),
        name=name,
        born_on=date.fromisoformat(str(handed_in.answers["born_on"])),
        by="carer" if handed_in.answers.get("respondent") == "carer" else "patient",
    )
    return True


def _read(file: Any, today: date) -> HandedIn:
    try:
        text = file.read()
    except UnicodeDecodeError:
        raise AnswersFileError("the file is not UTF-8 text") from None
    return check.handed_in(text, translators()) or read_answers(text, today)


def _day(on: datetime | None) -> date:
    if on is not None:
        return on.date()
    return _now().astimezone(ZoneInfo(_clinic().time_zone)).date()


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _write_whole(path: Path, data: bytes) -> None:
    """Write all of it or nothing."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
