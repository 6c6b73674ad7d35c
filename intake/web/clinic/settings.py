"""What this clinic is set to, and where each thing is changed; for its administrators."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.config import CLINICS_FOLDER, MailFolder, MailServer, Settings
from intake.questionnaire import VERSION
from intake.scoring import RULES_VERSION
from intake.store import emergency, jobs, tokens, trail
from intake.web import auth
from intake.web.access import staff_afresh
from intake.web.auth import ADMIN
from intake.web.clinic.blueprint import pages
from intake.web.replies import leave_to, stay
from intake.web.visit import clinic, store


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is set; `key` is its name in the file or the environment, "" for neither."""

    label: str
    value: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Things that are changed in the same place."""

    id: str
    title: str
    where: str
    lines: tuple[Line, ...]


@pages.get("/settings")
@staff_afresh(ADMIN)
def settings() -> ResponseReturnValue:
    """What is set, without any secret."""
    return _page()


@pages.post("/settings/mail")
@staff_afresh(ADMIN)
def send_test_mail() -> ResponseReturnValue:
    """Have a mail sent to the administrator who asks; what goes wrong stands among the jobs."""
    person, here = auth.person(), clinic()
    if _why_no_mail():
        return stay(_page(problem=_why_no_mail()), 409)
    letter = {
        "to": person.email,
        "subject": _("A test from the intake"),
        "body": _("This is the test that you asked for. Mail to patients leaves the same way."),
    }
    jobs.add_mail(store(), here.id, person.id, letter, by=person.actor, event="test_mail_sent")
    return leave_to(url_for(".settings", sent=1))


def _why_no_mail() -> str:
    """What is missing for a test, or ""."""
    if _deployment().mail is None:
        return _("Mail is off: INTAKE_MAIL is not set.")
    if clinic().email is None:
        return _("The clinic has no e-mail address to send from: email is not set.")
    if not auth.person().email:
        return _("Your account has no e-mail address.")
    return ""


def _deployment() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def _page(problem: str = "") -> str:
    return render_template(
        "clinic/settings.html",
        groups=(_of_emergencies(), _of_clinic(), _of_jobs(), _of_server(), _of_program()),
        problem=problem,
        notice=_notice(),
        why_no_mail=_why_no_mail(),
    )


def _notice() -> str:
    if not request.args.get("sent"):
        return ""
    return _("The mail will be sent within a minute. If nothing comes, see “Mail and notices”.")


def _of_emergencies() -> Group:
    names = trail.names(store(), clinic().id)
    lines = tuple(
        Line(names.get(each.staff_id, ""), _grant(each))
        for each in emergency.last(store(), clinic().id)
    )
    none = (Line(_("Given"), _("never")),)
    where = _("Given by whoever runs the machine (flask intake break-glass); ends by itself.")
    return Group("of-emergencies", _("Emergency access as a doctor"), where, lines or none)


def _grant(each: emergency.Grant) -> str:
    zone = clinic().zone
    return _(
        "%(begun)s to %(ended)s: %(reason)s",
        begun=each.begun_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        ended=each.ends_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        reason=each.reason,
    )


def _of_clinic() -> Group:
    here, none = clinic(), _("none")
    lines = (
        Line(_("Name"), here.name, "name"),
        Line(_("Phone"), here.phone, "phone"),
        Line(_("Phone after hours"), here.phone_after_hours or none, "phone_after_hours"),
        Line(_("E-mail address"), here.email or none, "email"),
        Line(_("Address"), ", ".join(here.address.splitlines()), "address"),
        Line(_("Hours"), here.hours, "hours"),
        Line(_("Doctors"), ", ".join(here.doctors), "doctors"),
        Line(_("Languages"), ", ".join(here.languages), "languages"),
        Line(_("Time zone"), here.time_zone, "time_zone"),
        Line(_("Paper"), here.paper, "paper"),
        Line(_("A patient's form locks after"), _minutes(), "lock_after_minutes"),
        Line(_("Forms never sent are kept"), _days_long(here.keep_drafts_days), "keep_drafts_days"),
        Line(_("Responses are kept"), _years_long(), "keep_responses_years"),
        Line(
            _("Ended invitations are kept"),
            _days_long(here.keep_invitations_days),
            "keep_invitations_days",
        ),
        Line(
            _("Drawn PDFs are kept"), _days_long(here.keep_renderings_days), "keep_renderings_days"
        ),
        Line(_("Old things were removed last"), _last("purged")),
        Line(_("Emergency number"), here.emergency_number, "emergency_number"),
        Line(_("Crisis line"), here.crisis_line, "crisis_line"),
        Line(_("Abuse hotline"), here.abuse_hotline, "abuse_hotline"),
    )
    where = _("In %(file)s; read when the program starts.", file=_file(here.slug))
    return Group("of-clinic", _("The clinic"), where, lines)


def _days_long(days: int) -> str:
    return _("%(number)s days", number=days)


def _years_long() -> str:
    years = clinic().keep_responses_years
    return _("for ever") if years is None else _("%(number)s years", number=years)


def _last(action: str) -> str:
    """When a command did something last."""
    at = trail.last(store(), clinic().id, action)
    return _("never") if at is None else at.astimezone(clinic().zone).strftime("%Y-%m-%d %H:%M")


def _file(slug: str) -> str:
    return f"{CLINICS_FOLDER}/{slug}.toml"


def _minutes() -> str:
    return _("%(num)s quiet minutes", num=clinic().lock_after_minutes)


def _of_jobs() -> Group:
    here, none = clinic(), _("none")
    found = jobs.count(store(), here.id)
    lines = (
        Line(_("Waiting to be sent or drawn"), str(found["due"])),
        Line(_("Given up"), _given_up(found["failed"])),
        Line(_("What went wrong"), ", ".join(jobs.faults(store(), here.id)) or _("nothing")),
        Line(_("Notice of urgent forms to"), here.notice_email or none, "notice_email"),
        Line(_("Notice to the program at"), _host(here.notice_webhook), "notice_webhook"),
        Line(_("Reminders before the visit"), _days(here.remind_days_before), "remind_days_before"),
        Line(
            _("Reminders after inviting, without a visit"),
            _days(here.remind_days_after),
            "remind_days_after",
        ),
    )
    where = _("The addresses and days are in %(file)s.", file=_file(here.slug))
    return Group("of-jobs", _("Mail and notices"), where, lines)


def _given_up(number: int) -> str:
    if not number:
        return _("none")
    return _("%(number)s in the last 30 days: not sent, and not tried again", number=number)


def _host(url: str | None) -> str:
    """Its path may hold a key of the other program."""
    return (urlsplit(url).hostname or "") if url else _("none")


def _days(days: tuple[int, ...]) -> str:
    if not days:
        return _("never")
    return _("%(days)s days", days=", ".join(str(day) for day in days))


def _of_server() -> Group:
    found = _deployment()
    lines = (
        Line(_("Database"), _database(found), "DATABASE_URL"),
        Line(_("Mail"), _mail(found), "INTAKE_MAIL"),
        Line(_("Single sign-on"), _sign_on(found), "INTAKE_OIDC_ISSUER"),
        Line(_("Second proof at it"), _second_proof(found), "INTAKE_OIDC_ACR"),
        Line(_("Names of the site"), ", ".join(found.trusted_hosts), "INTAKE_TRUSTED_HOSTS"),
        Line(_("Cookies by HTTPS only"), _switch(found.secure_cookies), "INTAKE_SECURE_COOKIES"),
        Line(_("Proxies in front"), str(found.proxy_hops), "INTAKE_PROXY_HOPS"),
        Line(_("Debugging"), _switch(found.debug), "INTAKE_DEBUG"),
    )
    where = _("In the environment of the program; read when it starts.")
    return Group("of-server", _("The server"), where, lines)


def _database(found: Settings) -> str:
    return "PostgreSQL" if found.database_url.startswith("postgresql") else "SQLite"


def _mail(found: Settings) -> str:
    match found.mail:
        case MailFolder():
            return _("written into a folder, not sent")
        case MailServer(host=host, security=security):
            return f"{host}, {security}"
        case _:
            return _("off")


def _sign_on(found: Settings) -> str:
    return _("off") if found.sign_on is None else found.sign_on.host


def _second_proof(found: Settings) -> str:
    if found.sign_on is None:
        return _("off")
    if not found.sign_on.strong:
        return _("not relied on: these pages ask for their own")
    return _("enough where it says: %(words)s", words=", ".join(found.sign_on.strong))


def _switch(is_on: bool) -> str:
    return _("on") if is_on else _("off")


def _of_program() -> Group:
    live = [each for each in tokens.of(store(), clinic().id) if tokens.works(store(), each)]
    lines = (
        Line(_("Questionnaire"), _("version %(number)s", number=VERSION)),
        Line(_("Rules and thresholds"), _("version %(number)s", number=RULES_VERSION)),
        Line(_("Tokens of other programs"), str(len(live))),
        Line(_("Staff log-in ends"), _("after 10 quiet minutes, and after 12 hours")),
        Line(_("Last backup by this program"), _last("backup_made")),
    )
    where = _("Part of the program: changed by a new version, or not at all.")
    return Group("of-program", _("The program"), where, lines)
