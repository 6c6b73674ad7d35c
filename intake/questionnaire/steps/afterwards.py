"""Pages 17 and 18: help after the visit, and anything else."""

from intake.questionnaire.choices import YES_NO
from intake.questionnaire.model import NOT_SURE, Choice, Kind, Question, Step, when
from intake.questionnaire.steps.places import NOT_LOOKS_ALONE

AFTER = Step(
    slug="after",
    title="After the visit",
    section="After the visit",
    intro=("Toxin works best with stretches or therapy, and a check some weeks later.",),
    facts=("C12", "L5"),
    questions=(
        Question(
            key="helpers",
            kind=Kind.CHOICES,
            text="Who helps you at home?",
            carer_text="Who helps the person at home?",
            label="Help at home",
            facts=("H12",),
            choices=(
                Choice("partner", "Husband, wife or partner", "partner"),
                Choice("family", "Other family, or friends too", "family or friends"),
                Choice("paid", "Paid carer or nurse", "paid carer or nurse"),
                Choice("none", "Nobody", "nobody", alone=True),
            ),
        ),
        Question(
            key="helpers_often",
            kind=Kind.LINE,
            text="How often do they help?",
            label="Help, how often",
            facts=("H12",),
            hint="For example: twice a day",
            max_characters=100,
            when=(when("helpers", "partner", "family", "paid", NOT_SURE),),
            clinical=False,
        ),
        Question(
            key="therapy",
            kind=Kind.CHOICES,
            text="Which of these do you have, or would you like?",
            carer_text="Which of these does the person have, or would like?",
            label="Therapy",
            facts=("C12", "H12", "K8"),
            choices=(
                Choice("pt", "Physical therapy (PT)", "PT in place"),
                Choice("ot", "Occupational therapy (OT)", "OT in place"),
                Choice("stretches", "Stretches at home", "stretches at home"),
                Choice("splint", "A splint or brace", "splint in place"),
                Choice("wants", "None yet, but wanted", "wants therapy"),
                Choice("none", "None, and not wanted", "none wanted", alone=True),
            ),
            when=(NOT_LOOKS_ALONE,),
        ),
        Question(
            key="stretch_help",
            kind=Kind.CHOICE,
            text="Could you do daily stretches?",
            carer_text="Could the person do daily stretches?",
            label="Daily stretches",
            facts=("C12", "H12", "K8"),
            choices=(
                Choice("alone", "Yes, alone", "alone"),
                Choice("helped", "Yes, and there is someone to help", "with a helper"),
                Choice("no_help", "Only with help that is not there", "needs help, has none"),
                Choice("no", "No", "no"),
            ),
            when=(NOT_LOOKS_ALONE,),
        ),
        Question(
            key="can_review",
            kind=Kind.CHOICE,
            text="Could you come back for a check after about 4 to 6 weeks?",
            carer_text="Could the person come back for a check after about 4 to 6 weeks?",
            label="Can attend review",
            facts=("C12", "L5", "K9"),
            choices=YES_NO,
        ),
        Question(
            key="can_repeat",
            kind=Kind.CHOICE,
            text="If it helps, could you come again every 3 months or so?",
            carer_text="If it helps, could the person come again every 3 months or so?",
            label="Can repeat 12-weekly or later",
            facts=("C12", "L4", "K9"),
            choices=YES_NO,
        ),
        Question(
            key="transport",
            kind=Kind.CHOICE,
            text="How would you get to us?",
            carer_text="How would the person get to us?",
            label="Transport",
            facts=("H12",),
            choices=(
                Choice("self", "Alone", "alone"),
                Choice("driven", "Someone else drives", "driven"),
                Choice("service", "By a ride service for patients", "patient transport"),
                Choice("hard", "It is hard to get there", "hard to get there"),
            ),
            clinical=False,
        ),
    ),
)

ANYTHING = Step(
    slug="anything-else",
    title="Anything else",
    section="After the visit",
    questions=(
        Question(
            key="anything_else",
            kind=Kind.TEXT,
            text="Is there anything else the doctor should know?",
            label="Anything else",
            facts=("H15",),
            max_characters=2000,
            clinical=False,
        ),
    ),
)
