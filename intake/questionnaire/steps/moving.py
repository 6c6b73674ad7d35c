"""Page 6: moving around. The ladder is worded by us; it is not a licensed scale (D4, D17)."""

from intake.questionnaire.choices import NONE
from intake.questionnaire.model import Choice, Kind, Question, Step, snomed

STEP = Step(
    slug="moving",
    title="Moving around",
    section="The MS",
    questions=(
        Question(
            key="mobility",
            kind=Kind.CHOICE,
            text="Which line fits you best on most days?",
            carer_text="Which line fits the person best on most days?",
            label="Mobility ladder (0–8)",
            facts=("D17", "H3"),
            choices=(
                Choice("0", "No limits from MS", "0 no limits"),
                Choice("1", "Mild signs only", "1 mild signs only"),
                Choice("2", "Other limits, but walking is fine", "2 limited, walking fine"),
                Choice("3", "Walking is harder, but without an aid", "3 walking affected, no aid"),
                Choice(
                    "4",
                    "A cane or a hand to hold, at times or outdoors",
                    "4 one-sided aid at times or outdoors",
                ),
                Choice("5", "A cane or an arm for about 25 feet", "5 one-sided aid, 25 ft"),
                Choice("6", "A walker, two canes or two crutches", "6 two-sided aid to walk"),
                Choice("7", "In a wheelchair most of the time", "7 mainly wheelchair"),
                Choice("8", "In bed most of the time", "8 mainly bed"),
            ),
        ),
        Question(
            key="falls",
            kind=Kind.NUMBER,
            text="How often did you fall in the last 3 months?",
            carer_text="How often did the person fall in the last 3 months?",
            label="Falls in 3 months",
            facts=("H3", "D18"),
            codes=snomed("161898004"),
            hint="Write 0 if never.",
            error="Enter the number of falls with digits, from 0 to 99.",
            unit="falls",
            high=99,
        ),
        Question(
            key="aids",
            kind=Kind.CHOICES,
            text="Which of these do you use?",
            carer_text="Which of these does the person use?",
            label="Aids",
            facts=("H3",),
            choices=(
                Choice("cane", "Cane or crutch", "cane or crutch"),
                Choice("walker", "Walker", "walker"),
                Choice("wheelchair", "Wheelchair pushed by hand", "manual wheelchair"),
                Choice("power_chair", "A power wheelchair or scooter", "power chair or scooter"),
                Choice("leg_brace", "Leg or ankle brace", "leg brace"),
                Choice("hand_splint", "Hand or arm splint", "hand or arm splint"),
                Choice("standing_frame", "Standing frame", "standing frame"),
                Choice("lift", "Lift or hoist", "lift"),
                NONE,
            ),
        ),
    ),
)
