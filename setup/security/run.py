"""Scanners over the source and over the real application, logged in as each role.

Before each scan its scanner has to find faults that were planted for it: one that finds nothing
there would say nothing here. What is found and not in `accepted.toml`, with its reason, fails.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import pyotp
import requests
from sqlalchemy import delete

from intake import utc_now
from intake.config import load_keys, load_settings, make_keys, write_sample_clinic
from intake.store import Store, engine, factors, migrate, schema, staff

HERE = Path(__file__).parent
BUILD = ROOT / "build" / "security"
LOCK = ROOT / "requirements-security.txt"
SOURCES = ("intake", "templates", "static/js", "wsgi.py", "gunicorn.conf.py")
MODULES = "xss,permanentxss,sql,redirect,file,csrf,http_headers,cookieflags,csp,crlf"
PLANTED = {
    "Reflected Cross Site Scripting",
    "Stored Cross Site Scripting",
    "SQL Injection",
    "Open Redirect",
    "Path Traversal",
    "Content Security Policy Configuration",
    "HttpOnly Flag cookie",
    "Cross Site Request Forgery",
}
"""What wapiti must find in the weak application, by its names."""
ROLES = ("front_desk", "doctor", "admin")
PASSWORD = "eleven green bottles on a wall"  # noqa: S105 - of accounts that live for one scan
SCAN_S, ATTACK_S, PATIENCE_S = 100, 30, 120
TRIES = 3
# Leaving ends the scan; and who loses a log-in is not scanned as its role.
NOT_PRESSED = ("*log-out*", "*disable*", "*reset*", "*role*", "*/me/*", "*/tokens/*")
PUBLIC = ("/", "/return", "/i", "/q", "/clinic/log-in", "/clinic/invited", "/fhir/metadata")
LISTED = "lane=new&who=x&urgency=soon&visit=x&sent=x&calls=1&after=x"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a scanner says: its rule, and where."""

    tool: str
    rule: str
    where: str


def main() -> None:
    install()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        found = [*semgrep(scratch), *bandit(), *advisories(), *running(scratch)]
    inventory()
    accepted = tomllib.loads((HERE / "accepted.toml").read_text()).get("finding", [])
    new, unused = sorted_out(found, accepted)
    for finding in new:
        print(f"security: {finding.tool}: {finding.rule}: {finding.where}")
    for entry in unused:
        print(f"security: accepted, but not found any more: {entry['rule']}: {entry['where']}")
    print(f"security: {len(found)} findings, {len(found) - len(new)} accepted, {len(new)} new")
    if new or unused:
        sys.exit(1)


def sorted_out(
    found: Iterable[Finding], accepted: list[dict[str, str]]
) -> tuple[list[Finding], list[dict[str, str]]]:
    """The findings that nobody accepted, and what was accepted in vain."""
    new, used = [], set()
    for finding in sorted(set(found), key=str):
        at = next((n for n, entry in enumerate(accepted) if _covers(entry, finding)), None)
        if at is None:
            new.append(finding)
        else:
            used.add(at)
    return new, [entry for n, entry in enumerate(accepted) if n not in used]


def _covers(entry: dict[str, str], finding: Finding) -> bool:
    same = entry["tool"] == finding.tool and entry["rule"] == finding.rule
    return same and fnmatch(finding.where, entry["where"])


def install() -> None:
    """The scanners, in an environment of their own."""
    stamp = BUILD / LOCK.name
    if stamp.is_file() and stamp.read_bytes() == LOCK.read_bytes():
        return
    print("security: fetching the scanners")
    subprocess.run([sys.executable, "-m", "venv", "--clear", BUILD], check=True)
    # The lock is whole, and overrides what wapiti pins: there is nothing to resolve.
    quiet = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    subprocess.run([BUILD / "bin/pip", "install", *quiet, "--requirement", LOCK], check=True)
    shutil.copy(LOCK, stamp)


def tool(name: str, *arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a scanner; it reports to nobody."""
    path = f"{BUILD / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environ = os.environ | {"PATH": path, "SEMGREP_SEND_METRICS": "off", "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        [BUILD / "bin" / name, *map(str, arguments)],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        **options,
    )


def planted(scratch: Path) -> Path:
    """The sources that break each rule once."""
    folder = scratch / "planted"
    folder.mkdir()
    for each in HERE.glob("bad.*.txt"):
        shutil.copy(each, folder / each.name.removesuffix(".txt"))
    return folder


# --- The source --------------------------------------------------------------------------------


def rules() -> set[str]:
    """The names of our own rules."""
    text = (HERE / "rules.yml").read_text()
    return set(re.findall(r"^  - id: (\S+)$", text, re.MULTILINE))


def semgrep(scratch: Path) -> list[Finding]:
    """Our own rules; each of them has to find the line that was written for it."""
    bitten = {finding.rule for finding in _semgrep(str(planted(scratch)))}
    if rules() - bitten:
        sys.exit(f"security: these rules find nothing: {sorted(rules() - bitten)}")
    print(f"security: semgrep: {len(bitten)} rules found what was planted for them")
    return _semgrep(*SOURCES)


def _semgrep(*targets: str) -> list[Finding]:
    options: list[object] = ["--config", HERE / "rules.yml", "--json", "--quiet"]
    options += ["--metrics=off", "--disable-version-check", "--no-git-ignore"]
    done = tool("semgrep", "scan", *options, *targets)
    report = json.loads(done.stdout)
    if report["errors"]:
        sys.exit(f"security: semgrep failed: {report['errors'][0].get('message', '')[:500]}")
    return [
        Finding("semgrep", result["check_id"].rpartition(".")[2], result["path"])
        for result in report["results"]
    ]


def bandit() -> list[Finding]:
    """Its rules of medium and high severity; ruff asks the same of every test run."""
    done = tool("bandit", "--quiet", "-ll", "--recursive", "intake", "--format", "json")
    report = json.loads(done.stdout)
    if not report["metrics"]["_totals"]["loc"]:
        sys.exit("security: bandit read nothing")
    return [
        Finding("bandit", result["test_id"], result["filename"]) for result in report["results"]
    ]


def advisories() -> list[Finding]:
    """Known weaknesses of pinned packages; says so where the service cannot be reached."""
    options = ("--strict", "--disable-pip", "--require-hashes", "--format", "json")
    done = tool("pip-audit", *options, "--requirement", "requirements.txt")
    if not done.stdout.strip():
        last = (done.stderr.strip().splitlines() or ["no word"])[-1][:120]
        print(f"security: pip-audit: NOTHING WAS AUDITED, its service is out of reach: {last}")
        return []
    told = json.loads(done.stdout)["dependencies"]
    print(f"security: pip-audit: {len(told)} packages audited")
    return [
        Finding("pip-audit", known["id"], package["name"])
        for package in told
        for known in package.get("vulns", [])
    ]


def inventory() -> None:
    """The bill of materials of what serves."""
    target = ROOT / "build" / "sbom.json"
    options = ("requirements.txt", "--output-format", "JSON", "--output-file", target)
    done = tool("cyclonedx-py", "requirements", *options)
    if done.returncode:
        sys.exit(f"security: no bill of materials: {done.stderr[-500:]}")
    parts = json.loads(target.read_text())["components"]
    print(f"security: build/sbom.json lists {len(parts)} packages")


# --- The running application -------------------------------------------------------------------


def running(scratch: Path) -> list[Finding]:
    """Prove that the scanners bite, then scan as everybody: a stranger, and each role."""
    with weak(scratch) as site:
        told = {finding.rule for finding in wapiti(scratch, site, "planted", {})}
        if PLANTED - told:
            sys.exit(f"security: wapiti did not find {sorted(PLANTED - told)} of {sorted(told)}")
        print(f"security: wapiti found {len(told)} kinds of planted faults")
        injected = sqlmap(scratch, f"{site}/item?id=1", {})
        if injected is not None and not injected:
            sys.exit("security: sqlmap did not find the planted injection")
    with real(scratch) as (site, store):
        found: list[Finding] = []
        for role in ROLES:
            found += scanned_as(scratch, site, store, role)
        cookie = logged_in(site, store, "doctor", "sql")
        found += sqlmap(scratch, f"{site}/clinic?{LISTED}", cookie) or []
        return found + wapiti(scratch, site, "stranger", {}, *(site + page for page in PUBLIC))


def scanned_as(scratch: Path, site: str, store: Store, role: str) -> list[Finding]:
    """What wapiti finds as a role; it presses whatever it sees, and may press itself out."""
    for turn in range(TRIES):
        cookie = logged_in(site, store, role, str(turn))
        found = wapiti(scratch, f"{site}/clinic", role, cookie)
        if still_in(site, cookie):
            return found
        print(f"security: the scan lost its log-in as {role}; once more")
    sys.exit(f"security: the scan lost its log-in as {role}: it says nothing")


def wapiti(
    scratch: Path, site: str, who: str, cookie: dict[str, str], *starts: str
) -> list[Finding]:
    """What wapiti finds from an address on; pages that fail among it."""
    report = scratch / f"{who}.json"
    options: list[object] = ["-u", site, "-m", MODULES, "-f", "json", "-o", report]
    options += ["--scope", "folder", "-d", 3, "--max-links-per-page", 40, "--tasks", 4]
    options += ["--max-scan-time", SCAN_S, "--max-attack-time", ATTACK_S, "--no-bugreport"]
    options += ["--store-session", scratch / "wapiti", "--store-config", scratch / "wapiti"]
    options += ["--flush-session", "-t", 30]
    for address in starts:
        options += ["-s", address]
    for pattern in NOT_PRESSED if cookie else ():
        options += ["-x", f"{site.removesuffix('/clinic')}/{pattern}"]
    if cookie:
        options += ["-C", "; ".join(f"{name}={value}" for name, value in cookie.items())]
    began = time.monotonic()
    done = tool("wapiti", *options)
    if not report.is_file():
        sys.exit(f"security: wapiti failed as {who}: {done.stdout[-300:]} {done.stderr[-300:]}")
    told = json.loads(report.read_text())
    pages = told["infos"].get("crawled_pages_nbr", 0)
    print(f"security: wapiti as {who}: {pages} pages in {time.monotonic() - began:.0f} s")
    if not pages:
        sys.exit(f"security: wapiti saw no page as {who}")
    kinds = told["vulnerabilities"] | told["anomalies"]
    return [
        Finding("wapiti", kind, f"{who} {each['method']} {each['path']} {each['parameter'] or ''}")
        for kind, several in kinds.items()
        for each in several
    ]


def sqlmap(scratch: Path, address: str, cookie: dict[str, str]) -> list[Finding] | None:
    """Which parameters of an address can be injected; None where there is no sqlmap."""
    program = shutil.which("sqlmap")
    if program is None:
        print("security: SQLMAP IS NOT HERE, so it was not run: apt-get install sqlmap")
        return None
    options = ["-u", address, "--batch", "--flush-session", "--technique=BEU", "--threads=2"]
    options += ["--disable-coloring", "--output-dir", str(scratch / "sqlmap"), "--timeout=30"]
    if cookie:
        options += ["--cookie", "; ".join(f"{name}={value}" for name, value in cookie.items())]
    done = subprocess.run([program, *options], capture_output=True, text=True, check=False)
    names = re.findall(r"^Parameter: (\S+)", done.stdout, re.MULTILINE)
    if not names and "do not appear to be injectable" not in done.stdout:
        sys.exit(f"security: sqlmap did not come to an end: {done.stdout[-500:]}")
    print(f"security: sqlmap: {len(names)} parameters to inject at {address.partition('?')[0]}")
    return [Finding("sqlmap", "injection", f"{address.partition('?')[0]} {name}") for name in names]


# --- Servers -----------------------------------------------------------------------------------


@contextmanager
def weak(scratch: Path) -> Iterator[str]:
    """The address of the application with planted faults."""
    shutil.copy(HERE / "weak.py.txt", scratch / "weak.py")
    with served(scratch, "weak:app", {}, "/") as site:
        yield site


@contextmanager
def real(scratch: Path) -> Iterator[tuple[str, Store]]:
    """The address of the real application with synthetic patients, and its store."""
    instance = scratch / "instance"
    make_keys(instance)
    write_sample_clinic(instance)
    settings = load_settings(instance, {})
    migrate.upgrade(settings)
    environ = {"INTAKE_INSTANCE": str(instance)}
    demo = [sys.executable, "-m", "flask", "--app", "wsgi", "intake", "demo"]
    subprocess.run(demo, cwd=ROOT, env=_environ(environ), check=True, capture_output=True)
    store = Store(engine.build(settings.database_url), load_keys(instance), utc_now)
    with served(ROOT, "wsgi:app", environ, "/return") as site:
        yield site, store
    store.engine.dispose()


def _environ(more: dict[str, str]) -> dict[str, str]:
    kept = {name: each for name, each in os.environ.items() if not name.startswith("INTAKE_")}
    return kept | {"PYTHONPATH": str(ROOT)} | more


@contextmanager
def served(folder: Path, app: str, more: dict[str, str], ready: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", app, f"--bind=127.0.0.1:{port}", "--threads=4"]
    environ = _environ(more | {"INTAKE_PORT": str(port)})
    silent = subprocess.DEVNULL
    server = subprocess.Popen(command, cwd=folder, env=environ, stdout=silent, stderr=silent)
    site = f"http://localhost:{port}"
    try:
        _wait_for(server, site + ready)
        yield site
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE_S)


def _wait_for(server: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE_S):  # noqa: S310 - this machine
                return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"security: the server at {address} did not start")


# --- Logging in --------------------------------------------------------------------------------


def logged_in(site: str, store: Store, role: str, mark: str) -> dict[str, str]:
    """The cookies of a new member of staff who logged in by password and recovery code."""
    person = staff.add(store, 1, f"scan-{role}-{mark}", f"Scan {role}", role, PASSWORD)
    secret = factors.new_secret()
    digits = pyotp.TOTP(secret).at(int(store.clock().timestamp()))
    codes = factors.set_app(store, person, secret, digits, first=True) or [""]
    browser = requests.Session()
    words = {"username": person.username, "password": PASSWORD}
    # Scanners guess at log-ins, and their address has to wait then.
    with store.write() as conn:
        conn.execute(delete(schema.attempts))
    _send(browser, f"{site}/clinic/log-in", words)
    _send(browser, f"{site}/clinic/log-in/code", {"recovery": codes[0]})
    cookie = {name: str(value) for name, value in browser.cookies.get_dict().items()}
    if not still_in(site, cookie):
        sys.exit(f"security: nobody could log in as {role}")
    return cookie


def _send(browser: requests.Session, address: str, words: dict[str, str]) -> None:
    page = browser.get(address, timeout=PATIENCE_S).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    if token is None:
        sys.exit(f"security: no form at {address}")
    data = words | {"csrf_token": token[1], "_end": "1"}
    browser.post(address, data=data, timeout=PATIENCE_S)


def still_in(site: str, cookie: dict[str, str]) -> bool:
    reply = requests.get(
        f"{site}/clinic", cookies=cookie, allow_redirects=False, timeout=PATIENCE_S
    )
    return reply.status_code == 200


if __name__ == "__main__":
    main()
