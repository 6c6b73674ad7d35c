"""Colours that can be read: ours by computing, a clinic's by refusing those that cannot."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from intake.brand import DARK, LIGHT, contrast, light_accent, stylesheet
from intake.config import ConfigError, load_clinics, write_sample_clinic

ROOT = Path(__file__).resolve().parents[2]
CSS = (ROOT / "static" / "css" / "app.css").read_text()
LIGHT_RULE = ":root {"
DARK_RULES = (':root:not([data-theme="light"]) {', '[data-theme="dark"]:root {')
HIGH_RULE = '[data-contrast="high"]:root {'
HIGH_DARK_RULES = (
    '[data-contrast="high"]:root:not([data-theme="light"]) {',
    '[data-contrast="high"][data-theme="dark"]:root {',
)

# (words, ground, where)
WORDS = [
    *[(ink, ground) for ink in ("ink", "soft", "accent") for ground in ("paper", "sheet", "tint")],
    *[(ink, "sunken") for ink in ("ink", "soft", "accent")],
    *[("danger", ground) for ground in ("sheet", "paper", "danger-tint")],
    ("accent-ink", "accent"),
    ("accent-ink", "accent-deep"),
    ("danger-ink", "danger"),
    ("today", "today-tint"),
    ("soon", "soon-tint"),
    ("ink", "today-tint"),
    ("ink", "soon-tint"),
    ("sheet", "today"),
    ("sheet", "soon"),
    ("paper", "ink"),
]
EDGES = [("line", "sheet"), ("line", "paper"), ("accent", "sheet"), ("danger", "sheet")]


def colours(rule: str) -> dict[str, str]:
    """The colours a rule of the stylesheet names, six digits each."""
    body = CSS[CSS.index(rule) + len(rule) :].partition("}")[0]
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", body))
    return {
        name: value if len(value) == 7 else "#" + "".join(2 * digit for digit in value[1:])
        for name, value in found.items()
    }


@pytest.mark.parametrize(
    ("rule", "text", "edge"),
    [
        (LIGHT_RULE, 4.5, 3),
        (DARK_RULES[0], 4.5, 3),
        (HIGH_RULE, 7, 4.5),
        (HIGH_DARK_RULES[0], 7, 4.5),
    ],
)
def test_words_and_edges_are_seen(rule: str, text: float, edge: float) -> None:
    found = colours(rule)
    pairs = [(*pair, text) for pair in WORDS] + [(*pair, edge) for pair in EDGES]
    poor = {
        (one, other): round(contrast(found[one], found[other]), 2)
        for one, other, least in pairs
        if contrast(found[one], found[other]) < least
    }
    assert poor == {}


@pytest.mark.parametrize("rules", [DARK_RULES, HIGH_DARK_RULES])
def test_dark_by_the_device_and_by_choice_is_the_same(rules: tuple[str, str]) -> None:
    assert colours(rules[0]) == colours(rules[1])
    assert len(colours(rules[0])) >= 19


def test_the_grounds_an_accent_is_measured_on_are_those_of_the_pages() -> None:
    for grounds, rule in ((LIGHT, LIGHT_RULE), (DARK, DARK_RULES[0])):
        found = colours(rule)
        assert grounds == {
            "paper": found["paper"],
            "sheet": found["sheet"],
            "foot": found["sunken"],
        }


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#ffffff", "#000000", 21), ("#777777", "#ffffff", 4.48), ("#ffffff", "#ffffff", 1)],
)
def test_the_ratio_is_that_of_the_guideline(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


# --- The clinic's file -------------------------------------------------------------------------

PLAIN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>'


def clinic_with(folder: Path, lines: str):
    write_sample_clinic(folder)
    path = folder / "clinics" / "alder-lane.toml"
    path.write_text(lines + "\n" + path.read_text())
    return load_clinics(folder)["alder-lane"]


def test_an_accent_brings_what_follows_from_it(tmp_path):
    clinic = clinic_with(tmp_path, 'accent = "#7A1FA2"')
    assert (clinic.accent.colour, clinic.accent.ink) == ("#7a1fa2", "#ffffff")
    for ground in (*DARK.values(), clinic.accent_dark.tint, clinic.accent_dark.ink):
        assert contrast(clinic.accent_dark.colour, ground) >= 4.5
    css = stylesheet(clinic.accent, clinic.accent_dark)
    assert css.count('data-contrast="high"') == 3
    assert "#7a1fa2" in css


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('accent = "#2a9d8f"', r"accent: #2a9d8f has a contrast of 2\.97:1 .* 4\.5:1 is needed"),
        ('accent = "#ffffff"', "accent: #ffffff has a contrast of 1"),
        ('accent = "#0f5257"\naccent_dark = "#0f5257"', r"accent_dark: #0f5257 .* 4\.5:1"),
        ('accent = "teal"', "accent: write a colour"),
        ('accent_dark = "#8fd6cb"', "accent: is missing"),
        ('logo = "../secret.svg"', "logo: name an SVG or PNG file"),
        ('logo = "none.svg"', "logo: none.svg: cannot be read"),
    ],
)
def test_what_cannot_be_used_stops_the_start(tmp_path, lines, says):
    with pytest.raises(ConfigError, match=says):
        clinic_with(tmp_path, lines)


def test_a_ratio_just_below_is_not_rounded_up():
    assert 4.491 < contrast("#6f6f6f", LIGHT["paper"]) < 4.5
    with pytest.raises(ValueError, match=r"4\.49:1 on the paper"):
        light_accent("#6f6f6f")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.svg", PLAIN.replace("<path", "<script>x()</script><path"), "script"),
        ("a.svg", PLAIN.replace("<path", '<path onload="x()"'), "script"),
        ("a.svg", PLAIN.replace("<path", '<image href="//elsewhere.example"/><path'), "link"),
        ("a.svg", "<!DOCTYPE svg [<!ENTITY a 'b'>]>" + PLAIN, "document type"),
        ("a.svg", "<html></html>", "not SVG"),
        ("a.svg", "not a picture", "not SVG"),
        ("a.svg", PLAIN + " " * 50 * 1024, "at most 50 kB"),
        ("a.png", PLAIN, "not a PNG"),
    ],
)
def test_a_logo_only_draws(tmp_path, name, content, says):
    (tmp_path / "clinics").mkdir()
    (tmp_path / "clinics" / name).write_text(content)
    with pytest.raises(ConfigError, match=f"logo: .*{says}"):
        clinic_with_logo(tmp_path, name)


def clinic_with_logo(folder: Path, name: str):
    sample = folder / "sample"
    write_sample_clinic(sample)
    text = (sample / "clinics" / "alder-lane.toml").read_text()
    (folder / "clinics" / "alder-lane.toml").write_text(f'logo = "{name}"\n{text}')
    return load_clinics(folder)["alder-lane"]


def test_a_plain_logo_is_taken(tmp_path):
    (tmp_path / "clinics").mkdir()
    (tmp_path / "clinics" / "a.svg").write_text(PLAIN)
    assert clinic_with_logo(tmp_path, "a.svg").logo.mimetype == "image/svg+xml"
