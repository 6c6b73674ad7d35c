"""What guessers try first is refused in every disguise; what is long and own is taken."""

import pytest

from intake.store.password_rules import why_not

OWN = ("Alder Lane Spasticity Clinic", "Pat O’Doctor", "pat.doctor")


@pytest.mark.parametrize(
    "password",
    """
    password12345 Passw0rd!2024 P@$$w0rd2026! welcome123456 letmeinletmein iloveyou1234
    qwertyuiop12 asdfghjklasdf 1qaz2wsx3edc poiuytrewq99 abcdefabcdef zyxwvutsrqpo
    123456789012 987654321098 aaaaaaaaaaaa 000000000000 12.03.1975!! ababababababab
    Summer2026!!!! doctordoctor1 SpasticityClinic1 alderlane2026 AlderLane2026! P@tDoctor123
    pat.doctor2026 correcthorsebatterystaple ------------
    """.split(),
)
def test_what_is_easy_to_guess_is_refused(password):
    assert "easy to guess" in why_not(password, OWN)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "four small brown owls",
        "summer river tuesday lamp",
        "mittwoch regen tasse",
        "李小龙在花园里喝绿茶吃面包",
        "x7-Kp2qLmzRt",
        "739184726405",
        "8391-0482-7165-2093",
        "!$%&/()=?+*#",
        "alder trees by the water",
    ],
)
def test_what_is_long_and_own_is_taken_whatever_it_is_made_of(password):
    assert why_not(password, OWN) == ""


def test_a_name_counts_only_for_its_own_person():
    assert why_not("featherstone1", ["Ada Featherstone"])
    assert why_not("featherstone1", ["Ben Other"]) == ""


@pytest.mark.parametrize("password", ["", "x7-Kp2qLmzR", "x7-Kp2qLmzRt" * 22])
def test_length_is_the_one_other_rule(password):
    assert why_not(password) == "A password has 12 to 256 characters."


@pytest.mark.parametrize("password", ["\x00" * 12, "\ud800" * 12, "é" * 256, "a" * 255 + "b"])
def test_odd_input_is_judged_and_breaks_nothing(password):
    assert why_not(password)
