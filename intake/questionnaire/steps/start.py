"""Page 0: what this is, who fills it in, and whether it is private."""

from intake.questionnaire.choices import YES_NO
from intake.questionnaire.model import Choice, Kind, Question, Step, when

STEP = Step(
    slug="start",
    title="Before your first visit",
    section="Start",
    questions=(
        Question(
            key="privacy_notice",
            kind=Kind.CHOICES,
            text="Our privacy notice",
            label="Privacy notice",
            facts=("J7",),
            choices=(Choice("seen", "I have seen the privacy notice", "seen"),),
            clinical=False,
        ),
        Question(
            key="respondent",
            kind=Kind.CHOICE,
            text="Who is filling in this form?",
            label="Filled in by",
            facts=("H14",),
            error="Choose who is filling in this form.",
            choices=(
                Choice("self", "I have MS and I answer for myself", "patient"),
                Choice(
                    "self_helped",
                    "I have MS. I answer, and someone types for me",
                    "patient, typed by a helper",
                ),
                Choice(
                    "carer",
                    "I answer for a person with MS, as family, friend or carer",
                    "carer",
                ),
            ),
            clinical=False,
            required=True,
        ),
        Question(
            key="private",
            kind=Kind.CHOICE,
            text="Are you alone, and can nobody read along?",
            label="Private when filling in",
            facts=("E19",),
            why="A few questions are about your mood and your safety. We ask them only in private.",
            choices=YES_NO,
            when=(when("respondent", "self"),),
        ),
    ),
)
