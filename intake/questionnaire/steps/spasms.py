"""Page 9: the spasms. Own wording of frequency and strength (D3)."""

from intake.questionnaire.model import Choice, Kind, Question, Step, when
from intake.questionnaire.steps.places import NOT_LOOKS_ALONE

_SOME = when("spasm_frequency", "set_off", "rare", "hourly", "many")

STEP = Step(
    slug="spasms",
    title="Your spasms",
    carer_title="Their spasms",
    section="Stiffness and spasms",
    when=(NOT_LOOKS_ALONE,),
    questions=(
        Question(
            key="spasm_frequency",
            kind=Kind.CHOICE,
            text="How often do you have spasms?",
            carer_text="How often does the person have spasms?",
            label="Spasm frequency (0–4)",
            facts=("D3", "H5"),
            error="Choose how often you have spasms.",
            choices=(
                Choice("never", "Never", "0 none"),
                Choice("set_off", "Only when something sets them off", "1 only when set off"),
                Choice("rare", "On their own, less than once an hour", "2 less than 1 an hour"),
                Choice("hourly", "More than once an hour", "3 more than 1 an hour"),
                Choice("many", "More than ten times an hour", "4 more than 10 an hour"),
            ),
        ),
        Question(
            key="spasm_severity",
            kind=Kind.CHOICE,
            text="How strong are they?",
            label="Spasm severity (1–3)",
            facts=("D3",),
            choices=(
                Choice("mild", "Mild", "1 mild"),
                Choice("moderate", "In between", "2 moderate"),
                Choice("severe", "Strong", "3 severe"),
            ),
            when=(_SOME,),
        ),
        Question(
            key="spasm_times",
            kind=Kind.CHOICES,
            text="When do they come?",
            label="Spasms come",
            facts=("H5",),
            choices=(
                Choice("night", "At night", "night"),
                Choice("morning", "In the morning", "morning"),
                Choice("day", "During the day", "daytime"),
                Choice("moving", "On starting to move", "on starting to move"),
                Choice("resting", "At rest", "at rest"),
            ),
            when=(_SOME,),
        ),
        Question(
            key="spasm_set_off",
            kind=Kind.CHOICES,
            text="What sets them off?",
            label="Spasms set off by",
            facts=("H5",),
            choices=(
                Choice("touch", "Touch or being moved", "touch or being moved"),
                Choice("moving", "Moving or standing up", "moving or standing up"),
                Choice("temperature", "Heat or cold", "heat or cold"),
                Choice("bladder", "A full bladder", "full bladder"),
                Choice("stress", "Stress", "stress"),
                Choice("tired", "Being tired", "tiredness"),
                Choice("nothing", "Nothing known", "nothing known", alone=True),
            ),
            when=(_SOME,),
        ),
    ),
)
