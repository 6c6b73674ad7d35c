"""Page 10: pain, sleep, tiredness; and mood, if the person is alone."""

from intake.questionnaire.model import Choice, Kind, Question, Step, loinc, when
from intake.questionnaire.steps.places import NOT_LOOKS_ALONE

PAIN_SLEEP = Step(
    slug="pain-sleep",
    title="Pain, sleep and tiredness",
    section="Daily life",
    questions=(
        Question(
            key="pain",
            kind=Kind.SCALE,
            text="Pain in any part of the body, on average over the last 7 days",
            label="Pain 0–10",
            facts=("D2", "D20"),
            codes=loinc("72514-3"),
            low_text="no pain",
            high_text="the worst pain",
        ),
        Question(
            key="sleep_loss",
            kind=Kind.CHOICE,
            text="How often do spasms or stiffness wake you?",
            carer_text="How often do spasms or stiffness wake the person?",
            label="Sleep lost to spasms",
            facts=("H5",),
            choices=(
                Choice("never", "Never", "never"),
                Choice("some", "Some nights", "some nights"),
                Choice("most", "Most nights", "most nights"),
                Choice("often", "Many times each night", "many times each night"),
            ),
            when=(NOT_LOOKS_ALONE,),
        ),
        Question(
            key="fatigue",
            kind=Kind.SCALE,
            text="How tired were you, on average over the last 7 days?",
            carer_text="How tired was the person, on average over the last 7 days?",
            label="Fatigue 0–10",
            facts=("D13",),
            low_text="not tired",
            high_text="as tired as can be",
        ),
    ),
)

_DAYS = (
    Choice("0", "Not at all", "0"),
    Choice("1", "Several days", "1"),
    Choice("2", "More than half the days", "2"),
    Choice("3", "Nearly every day", "3"),
)

MOOD = Step(
    slug="mood",
    title="Your mood",
    section="Daily life",
    intro=("Only a doctor sees these two answers. This page will not show them again.",),
    when=(when("respondent", "self"), when("private", "yes")),
    private=True,
    questions=(
        Question(
            key="mood_interest",
            kind=Kind.CHOICE,
            text="In the last 2 weeks, how often did you have little interest or joy in doing "
            "things?",
            label="PHQ-2: little interest",
            facts=("D12", "D20", "E19"),
            why="Low mood is common with MS and can be helped.",
            choices=_DAYS,
            codes=loinc("44250-9"),
            private=True,
        ),
        Question(
            key="mood_down",
            kind=Kind.CHOICE,
            text="In the last 2 weeks, how often did you feel down, depressed or hopeless?",
            label="PHQ-2: feeling down",
            facts=("D12", "D20", "E19"),
            choices=_DAYS,
            codes=loinc("44255-8"),
            private=True,
        ),
    ),
)
