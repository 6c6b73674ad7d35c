"""The two questions by which staff name a person: as in an invitation, so on the phone."""

from __future__ import annotations

from intake.questionnaire.model import Kind, Question
from intake.web.questionnaire import BORN_ON, NAME


def name(*, hint: str, most: int) -> Question:
    """The name of the person with MS, of so many characters at most."""
    return Question(
        key=NAME,
        kind=Kind.LINE,
        text="Name",
        label="Name",
        hint=hint,
        error="Type the name.",
        max_characters=most,
        clinical=False,
        required=True,
    )


def born_on(*, hint: str) -> Question:
    """Their whole date of birth."""
    return Question(
        key=BORN_ON,
        kind=Kind.DATE,
        text="Date of birth",
        label="Date of birth",
        hint=hint,
        error="Enter the date of birth with month, day and year.",
        clinical=False,
        required=True,
    )
