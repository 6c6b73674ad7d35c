"""What this clinic is set to, and where each thing is changed; for its administrators."""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address

import structlog
from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import mail
from intake.config import CLINICS_FOLDER, MailFolder, MailServer, Settings
from intake.questionnaire import VERSION
from intake.scoring import RULES_VERSION
from intake.store import audit, tokens
from intake.web import auth
from intake.web.access import staff_afresh
from intake.web.auth import ADMIN
from intake.web.clinic.blueprint import pages
from intake.web.replies import leave_to, stay
from intake.web.visit import clinic, store

log = structlog.get_logger("intake.web")


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
    """Send a mail to the administrator who asks, and say whether the server took it."""
    person, here = auth.person(), clinic()
    if _why_no_mail():
        return stay(_page(problem=_why_no_mail()), 409)
    try:
        mail.send(
            _deployment(),
            to=person.email,
            subject=_("A test from the intake"),
            body=_("This is the test that you asked for. Mail to patients leaves the same way."),
            sender=Address(here.name, addr_spec=str(here.email)),
        )
    except mail.MailFailed as failed:
        log.warning("mail_failed", reason=failed.reason)
        audit.note(store(), here.id, person.actor, "test_mail_failed")
        problem = _("The mail was not sent: %(reason)s.", reason=failed.reason)
        return stay(_page(problem=problem), 503)
    audit.note(store(), here.id, person.actor, "test_mail_sent")
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
        groups=(_of_clinic(), _of_server(), _of_program()),
        problem=problem,
        notice=_("The mail is on its way to you.") if request.args.get("sent") else "",
        why_no_mail=_why_no_mail(),
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
        Line(_("Emergency number"), here.emergency_number, "emergency_number"),
        Line(_("Crisis line"), here.crisis_line, "crisis_line"),
        Line(_("Abuse hotline"), here.abuse_hotline, "abuse_hotline"),
    )
    where = _("In %(file)s; read when the program starts.", file=_file(here.slug))
    return Group("of-clinic", _("The clinic"), where, lines)


def _file(slug: str) -> str:
    return f"{CLINICS_FOLDER}/{slug}.toml"


def _minutes() -> str:
    return _("%(num)s quiet minutes", num=clinic().lock_after_minutes)


def _of_server() -> Group:
    found = _deployment()
    lines = (
        Line(_("Database"), _database(found), "DATABASE_URL"),
        Line(_("Mail"), _mail(found), "INTAKE_MAIL"),
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


def _switch(is_on: bool) -> str:
    return _("on") if is_on else _("off")


def _of_program() -> Group:
    live = [each for each in tokens.of(store(), clinic().id) if tokens.works(store(), each)]
    lines = (
        Line(_("Questionnaire"), _("version %(number)s", number=VERSION)),
        Line(_("Rules and thresholds"), _("version %(number)s", number=RULES_VERSION)),
        Line(_("Tokens of other programs"), str(len(live))),
        Line(_("Staff log-in ends"), _("after 10 quiet minutes, and after 12 hours")),
        Line(_("Single sign-on"), _("not offered by this version")),
        Line(_("Removal of old responses"), _("none: nothing is removed by itself")),
        Line(_("Last backup"), _("not known here: backups are made by whoever runs the machine")),
    )
    where = _("Part of the program: changed by a new version, or not at all.")
    return Group("of-program", _("The program"), where, lines)
