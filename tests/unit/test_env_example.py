"""`.env.example` and what the program reads are the same list, and its examples work together."""

from __future__ import annotations

import re
from pathlib import Path

from intake.config import _SETTING_NAMES, instance_folder, load_settings

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = re.compile(r"#([A-Z_]+)=(\S+)")


def _examples() -> list[tuple[str, str]]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return [(found[1], found[2]) for line in lines if (found := EXAMPLE.fullmatch(line))]


def test_every_setting_is_explained_once_and_none_is_made_up():
    names = [name for name, _ in _examples()]
    assert sorted(names) == sorted({*_SETTING_NAMES, "DATABASE_URL"})


def test_every_setting_has_a_sentence_before_it():
    before = ""
    for line in (ROOT / ".env.example").read_text().splitlines():
        if EXAMPLE.fullmatch(line):
            assert before.startswith("#"), line
            assert EXAMPLE.fullmatch(before) or before.endswith("."), before
        before = line


def test_the_examples_are_taken_together(tmp_path):
    settings = load_settings(tmp_path, dict(_examples()))

    assert settings.trusted_hosts == ("intake.example.org",)
    assert settings.secure_cookies
    assert str(instance_folder(tmp_path, dict(_examples()))) == "/var/lib/intake"
