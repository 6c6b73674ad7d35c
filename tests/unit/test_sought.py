"""What people type to find a person: dates in any usual way, the rest a name or a reference."""

from datetime import date

import pytest

from intake.store.work_list import Sought
from intake.web.clinic.sought import sought

TODAY = date(2026, 3, 9)
BORN = date(1975, 3, 9)


@pytest.mark.parametrize(
    "typed",
    [
        "3/9/1975",
        "03/09/1975",
        "3-9-1975",
        "3.9.1975",
        "3 9 1975",
        "3/9/75",
        "03091975",
        "1975-03-09",
        "1975/3/9",
        "March 9, 1975",
        "march 9 1975",
        "Mar. 9, 1975",
        "9 March 1975",
        "Mar 9th, 75",
        "  3 / 9 / 1975 ",
    ],
)
def test_a_date_is_read_as_people_write_it(typed: str) -> None:
    assert sought(typed, TODAY) == Sought("", BORN, "")
    assert sought(f"Ana Díaz {typed}", TODAY) == Sought("Ana Díaz", BORN, "")
    assert sought(f"{typed.strip()}, Ana Díaz", TODAY) == Sought("Ana Díaz", BORN, "")


@pytest.mark.parametrize("typed", ["13/13/1975", "2/30/1975", "3/9/2999", "0/0/00", "3/9"])
def test_what_is_no_date_is_a_name(typed: str) -> None:
    assert sought(typed, TODAY) == Sought(typed, None, "")


def test_two_digits_mean_the_last_such_year() -> None:
    for year, meant in (("25", 2025), ("26", 1926), ("75", 1975)):
        found = sought(f"1/2/{year}", TODAY)
        assert found is not None
        assert found.born_on == date(meant, 1, 2)


@pytest.mark.parametrize("typed", ["C7K-4MX", "c7k4mx", "C7K 4MX"])
def test_a_reference_is_read_as_it_is_spoken(typed: str) -> None:
    assert sought(typed, TODAY) == Sought("", None, "C7K-4MX")


@pytest.mark.parametrize("typed", ["王小明", "Мария", "O’Brien-Smith", "Ana"])
def test_the_rest_is_a_name(typed: str) -> None:
    assert sought(typed, TODAY) == Sought(typed, None, "")


@pytest.mark.parametrize("typed", ["", "  ", "--", "?!"])
def test_nothing_is_nothing_to_look_for(typed: str) -> None:
    assert sought(typed, TODAY) is None


def test_a_name_that_looks_like_a_reference_is_looked_for_as_both() -> None:
    assert sought("Pkrynt", TODAY) == Sought("Pkrynt", None, "PKR-YNT")
