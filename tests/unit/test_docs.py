"""The pages of docs/: links lead somewhere, and their commands run, in order, as they stand.

A block of `sh` runs in a deployment of its own, unless a comment before it says why not; then each
of its commands must exist at least.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from intake.commands import intake_cli
from intake.config import load_settings, make_keys
from intake.questionnaire import choices, model
from intake.report import sheet as report_lines
from intake.scoring import logic
from intake.scoring import model as scored
from intake.scoring.rules import defers
from intake.store import migrate
from tests.served import ROOT, clean_environment

DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", *DOCS]
BLOCK = re.compile(r"(?:<!-- ([^>]+) -->\n)?```(\w*)\n(.*?)```", re.DOTALL)
SYSTEM_TOOLS = frozenset(
    "apt-get cd cp git install journalctl nginx openssl sh systemctl useradd".split()
)
MAKE_TARGETS = frozenset(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def _name(path: Path) -> str:
    return path.name


@dataclass(frozen=True)
class Block:
    """What stands between two fences, and the comment before them."""

    comment: str
    kind: str
    text: str

    @property
    def is_run(self) -> bool:
        return not self.comment.startswith("not run: ")


def _blocks(page: Path, *kinds: str) -> Iterator[Block]:
    for comment, kind, text in BLOCK.findall(page.read_text()):
        if kind in kinds:
            yield Block(comment, kind, text)


# --- Links -------------------------------------------------------------------------------------


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_and_picture_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        if anchor:
            assert anchor in _anchors(there), target


def test_every_page_is_reached_from_the_readme():
    readme = (ROOT / "README.md").read_text()
    for page in DOCS:
        assert f"(docs/{page.name})" in readme, page.name


@pytest.mark.parametrize("picture", sorted((ROOT / "docs").glob("*.png")), ids=_name)
def test_pictures_are_small_and_shown(picture):
    assert picture.stat().st_size < 160_000
    assert any(picture.name in page.read_text() for page in PAGES)
    assert f'"{picture.name}"' in (ROOT / "setup" / "pictures.py").read_text()


# --- Commands that exist -----------------------------------------------------------------------


def _commands(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        words = shlex.split(line.partition(" #")[0], comments=True)
        if words:
            yield words


def _check_intake(words: list[str]) -> None:
    found = intake_cli.get_command(None, words[0])  # type: ignore[arg-type] # a group of no loaders needs no context
    assert found is not None, words
    options = {option for each in found.params for option in each.opts}
    given = {word.partition("=")[0] for word in words[1:] if word.startswith("--")}
    assert given <= options, words


@pytest.mark.parametrize("page", DOCS, ids=_name)
def test_every_command_of_a_block_exists(page):
    for block in _blocks(page, "sh"):
        for words in _commands(block.text):
            _check(words)


def _check(words: list[str]) -> None:
    if words[0] == "intake":
        _check_intake(words[1:])
    elif words[:4] == ["flask", "--app", "wsgi", "intake"]:
        _check_intake(words[4:])
    elif words[0] == "make":
        assert words[1] in MAKE_TARGETS, words
    else:
        assert words[0] in SYSTEM_TOOLS, words
    for word in words[1:]:
        if word.startswith(("deploy/", "setup/", ".env")):
            assert (ROOT / word).exists(), word


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_command_in_the_text_exists(page):
    text = page.read_text()
    for command in re.findall(r"`(?:flask --app wsgi )?intake ([a-z][a-z-]+[^`]*)`", text):
        _check_intake(command.split())
    for line in re.findall(r"^(?:flask --app wsgi )intake (.*)$", text, re.MULTILINE):
        _check_intake(re.sub(r"[\[\]]", "", line.partition(" #")[0]).split())
    for target in re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE):
        assert target in MAKE_TARGETS, target


# --- Commands that run -------------------------------------------------------------------------


class Machine:
    """A folder that stands for the machine of the page, and what its commands find there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.instance = folder / "instance"
        self.backups = folder / "backups"
        self.settings = {"INTAKE_TRUSTED_HOSTS": "intake.example.org", "INTAKE_PROXY_HOPS": "1"}
        self.backups.mkdir()
        tools = folder / "bin"
        tools.mkdir()
        program = f"exec {sys.executable} -m flask --app {ROOT / 'wsgi.py'}"
        (tools / "flask").write_text(f'#!/bin/sh\nshift 2\n{program} "$@"\n')
        (tools / "intake").write_text(f'#!/bin/sh\n{program} intake "$@"\n')
        for tool in tools.iterdir():
            tool.chmod(0o755)

    def run(self, block: Block) -> str:
        """Run a block; what it printed. Its exit code must be what the comment says."""
        if block.comment == "in a new deployment":
            self._move()
        text = block.text.replace("/var/lib/intake-backups", str(self.backups))
        settings = self.settings | {"INTAKE_INSTANCE": str(self.instance)}
        path = f"{self.folder / 'bin'}:/usr/bin:/bin"
        done = subprocess.run(
            ["sh", "-eu", "-c", text],
            cwd=self.folder,
            env=clean_environment(PYTHONWARNINGS="ignore", **settings) | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        expected = 1 if block.comment.startswith("exits 1") else 0
        assert done.returncode == expected, f"{block.text}\n{done.stdout}\n{done.stderr}"
        # As the page says: what it prints is put into the settings.
        for name, value in re.findall(r"^Set (INTAKE_[A-Z_]+)=(\S+)$", done.stdout, re.MULTILINE):
            self.settings[name] = value
        return done.stdout

    def _move(self) -> None:
        """Another machine, to which the keys were brought."""
        self.instance.rename(self.folder / "lost")
        self.instance.mkdir(mode=0o700)
        shutil.copy(self.folder / "lost" / "keys.toml", self.instance)


def test_the_commands_of_the_operators_page_run_as_they_stand(tmp_path):
    machine = Machine(tmp_path)
    printed = [machine.run(b) for b in _blocks(ROOT / "docs" / "operate.md", "sh") if b.is_run]

    told = "\n".join(printed)
    for words in (
        "Made new keys",
        "UNSAFE: clinics/alder-lane.toml",
        "whole",
        "Set INTAKE_BACKUP_TO=age1",
        "Nothing of the drill stays",
        "Everything is sealed with",
        "Nothing was removed; --yes does it.",
    ):
        assert words in told
    # The drill, then the restoring itself.
    assert told.count("every table is the same") == 2


@pytest.mark.parametrize("page", [each for each in DOCS if each.name != "operate.md"], ids=_name)
def test_the_commands_of_other_pages_run(page, tmp_path):
    machine = Machine(tmp_path)
    make_keys(machine.instance)
    for block in _blocks(page, "sh"):
        if block.is_run:
            machine.run(block)


def test_migrating_does_nothing_to_tables_that_are_up_to_date(tmp_path):
    settings = load_settings(tmp_path, {})
    migrate.upgrade(settings)
    before = (tmp_path / "intake.sqlite").read_bytes()
    migrate.upgrade(settings)
    assert (tmp_path / "intake.sqlite").read_bytes() == before


# --- Examples in Python ------------------------------------------------------------------------


def test_the_examples_in_python_are_what_they_say():
    blocks = [block.text for block in _blocks(ROOT / "docs" / "develop.md", "python")]
    question, rule, line = blocks
    made_line: Any = eval(line, dict(vars(report_lines)))  # noqa: S307 - our own page
    assert made_line.label == "Bleeding"
    made: Any = eval(question, vars(model) | vars(choices))  # noqa: S307 - our own page
    assert made.kind is model.Kind.CHOICE
    assert made.key == "latex_gloves"
    judged: dict[str, Any] = vars(defers) | vars(scored) | vars(logic)
    judged["rule"] = lambda *given, **named: lambda function: function
    exec(rule, judged)  # noqa: S102 - our own page
    holds = judged["nerve_muscle_disorder"]
    assert holds(frozenset({"mg"})) is True
    assert holds(frozenset({"none"})) is False
