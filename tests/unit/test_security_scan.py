"""`make security`: what it accepts has a reason, and what nobody accepted fails it."""

from __future__ import annotations

import ast
import re
import tomllib

import pytest

from setup.security import run
from setup.security.run import Finding

ACCEPTED = tomllib.loads((run.HERE / "accepted.toml").read_text())["finding"]
SQL = Finding("wapiti", "SQL Injection", "admin GET /clinic who")


@pytest.mark.parametrize("entry", ACCEPTED, ids=lambda entry: f"{entry['tool']} {entry['rule']}")
def test_what_is_accepted_has_a_reason(entry):
    assert set(entry) == {"tool", "rule", "where", "reason"}
    assert len(entry["reason"].split()) >= 3
    assert entry["where"] != "*"


def test_what_nobody_accepted_is_new():
    assert run.sorted_out([SQL], ACCEPTED[:0]) == ([SQL], [])
    other = {"tool": "wapiti", "rule": "SQL Injection", "where": "admin GET /other*"}
    assert run.sorted_out([SQL], [other]) == ([SQL], [other])


def test_what_is_accepted_covers_its_place_alone():
    entry = {"tool": "wapiti", "rule": "SQL Injection", "where": "admin GET /clinic *"}
    assert run.sorted_out([SQL, SQL], [entry]) == ([], [])
    elsewhere = Finding("wapiti", "SQL Injection", "doctor GET /clinic who")
    assert run.sorted_out([SQL, elsewhere], [entry]) == ([elsewhere], [])
    assert run.sorted_out([Finding("sqlmap", SQL.rule, SQL.where)], [entry])[1] == [entry]


def test_what_is_accepted_in_vain_is_told():
    assert run.sorted_out([], ACCEPTED) == ([], ACCEPTED)


def test_every_rule_has_a_name_of_its_own_and_a_message():
    text = (run.HERE / "rules.yml").read_text()
    names = re.findall(r"^  - id: (\S+)$", text, re.MULTILINE)
    assert len(names) == len(set(names)) == len(run.rules()) >= 20
    assert text.count("    message: ") == text.count("    severity: ERROR") == len(names)


@pytest.mark.parametrize("name", ["bad.py.txt", "weak.py.txt"])
def test_planted_faults_are_python(name):
    assert ast.parse((run.HERE / name).read_text()).body


@pytest.mark.parametrize("marks", ["@anyone", "@staff(DOCTOR)"])
def test_rules_know_every_mark_of_access(marks):
    """A mark that the rule does not know would be a finding at each view that carries it."""
    assert f'pattern-not: "{marks.replace("DOCTOR", "...")}' in (run.HERE / "rules.yml").read_text()
