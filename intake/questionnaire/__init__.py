"""What we ask: pages, questions, and the path through them. Standard library only."""

from intake.questionnaire.model import Question, Step
from intake.questionnaire.steps import STEPS

VERSION = "1.1.0"
"""Raised with every change of a key, a choice or a condition."""

BY_KEY: dict[str, Question] = {
    question.key: question for step in STEPS for question in step.questions
}

STEP_OF: dict[str, Step] = {question.key: step for step in STEPS for question in step.questions}

__all__ = ["BY_KEY", "STEPS", "STEP_OF", "VERSION"]
