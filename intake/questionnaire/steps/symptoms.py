"""Page 5: symptoms, and since when each of them."""

from intake.questionnaire.choices import NONE
from intake.questionnaire.model import Choice, Kind, Question, Step, snomed, when

_SYMPTOMS = (
    Choice("vision_loss", "Loss of sight or blurred sight", "vision loss or blur"),
    Choice("double_vision", "Double vision", "double vision", codes=snomed("24982008")),
    Choice("coordination", "Poor balance, shaking or clumsy moves", "ataxia or tremor"),
    Choice("spasms", "Spasms", "spasms", codes=snomed("45352006")),
    Choice("stiffness", "Stiffness", "stiffness", codes=snomed("221360009")),
    Choice("weakness", "Weakness", "weakness", codes=snomed("26544005")),
    Choice("bladder_bowel", "Trouble with bladder or bowel", "bladder or bowel"),
    Choice("swallow_voice", "Trouble with swallowing or voice", "swallowing or voice"),
    Choice("breathing", "Trouble with breathing", "breathing", codes=snomed("267036007")),
    Choice("fatigue", "Very tired", "fatigue", codes=snomed("84229001")),
    Choice("thinking", "Memory or thinking", "memory or thinking"),
    Choice("mood", "Low mood", "low mood"),
    Choice("pain", "Pain", "pain"),
)

SYMPTOMS = Step(
    slug="symptoms",
    title="Your symptoms",
    carer_title="Their symptoms",
    section="The MS",
    questions=(
        Question(
            key="symptoms",
            kind=Kind.CHOICES,
            text="Which of these do you have?",
            carer_text="Which of these does the person have?",
            label="Symptoms",
            facts=("H4", "L6"),
            choices=(*_SYMPTOMS, NONE),
        ),
    ),
)


def _since(symptom: Choice) -> Question:
    return Question(
        key=f"{symptom.code}_since",
        kind=Kind.CHOICE,
        text=f"{symptom.text}: since when, or when did it get worse?",
        label=f"{symptom.short.capitalize()} since",
        facts=("H4", "L6", "E17"),
        choices=(
            Choice("long", "More than 3 months, about the same", "long-standing"),
            Choice("months", "In the last 3 months", "last 3 months"),
            Choice("week", "In the last 7 days", "last 7 days"),
            Choice("today", "Today", "today"),
        ),
        when=(when("symptoms", symptom.code),),
    )


SYMPTOMS_SINCE = Step(
    slug="symptoms-since",
    title="Since when",
    section="The MS",
    when=(when("symptoms", *(symptom.code for symptom in _SYMPTOMS)),),
    questions=tuple(_since(symptom) for symptom in _SYMPTOMS),
)
