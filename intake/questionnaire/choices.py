"""Choices that several questions share."""

from intake.questionnaire.model import NONE, Choice

YES = Choice("yes", "Yes", "yes")
NO = Choice("no", "No", "no")
YES_NO = (YES, NO)

__all__ = ["NO", "NONE", "YES", "YES_NO"]
