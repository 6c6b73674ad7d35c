"""Page 12: treatments so far, drugs against stiffness, and the pump."""

from intake.questionnaire.choices import NONE, YES_NO
from intake.questionnaire.model import Choice, Kind, Question, Step, when
from intake.questionnaire.steps.places import NOT_LOOKS_ALONE

TREATMENTS = Step(
    slug="treatments",
    title="Treatments so far",
    section="Treatments",
    questions=(
        Question(
            key="tried",
            kind=Kind.CHOICES,
            text="What have you tried against stiffness or spasms?",
            carer_text="What has the person tried against stiffness or spasms?",
            label="Tried so far",
            facts=("C13", "H7", "K7"),
            choices=(
                Choice("stretching", "Stretching or exercise", "stretching or exercise"),
                Choice("therapy", "Therapy for moving or daily tasks (PT or OT)", "PT or OT"),
                Choice("splint", "Splint, brace or cast", "splint, brace or cast"),
                Choice("tablets", "Tablets or other drugs", "oral drugs"),
                Choice("pump", "Baclofen pump", "intrathecal baclofen"),
                Choice(
                    "nerve_block",
                    "Phenol or alcohol put in with a needle",
                    "phenol or alcohol block",
                ),
                NONE,
            ),
            when=(NOT_LOOKS_ALONE,),
        ),
        Question(
            key="tried_result",
            kind=Kind.CHOICES,
            text="How did stretching or drugs work?",
            label="Result of stretching or drugs",
            facts=("C13", "K7"),
            choices=(
                Choice("enough", "They help enough", "enough"),
                Choice("not_enough", "They help too little", "not enough"),
                Choice("not_tolerated", "The drugs did too much harm", "not tolerated"),
                Choice("sleepy", "Too sleepy or weak from the drugs", "sedating or weakening"),
            ),
            when=(when("tried", "stretching", "tablets"),),
        ),
        Question(
            key="pump",
            recalls=(when("now_medicine", "pump"),),
            kind=Kind.CHOICE,
            text="Do you have a baclofen pump in your body?",
            carer_text="Does the person have a baclofen pump in their body?",
            label="Baclofen pump",
            facts=("H7", "S26"),
            choices=YES_NO,
        ),
        Question(
            key="pump_talked",
            kind=Kind.CHOICE,
            text="Has anyone talked with you about a pump?",
            carer_text="Has anyone talked with the person about a pump?",
            label="Pump discussed before",
            facts=("H7", "C9"),
            choices=YES_NO,
            when=(NOT_LOOKS_ALONE, when("pump", "no")),
        ),
    ),
)

PUMP = Step(
    slug="pump",
    title="Your pump",
    carer_title="Their pump",
    section="Treatments",
    when=(when("pump", "yes"),),
    questions=(
        Question(
            key="pump_model",
            kind=Kind.LINE,
            text="Which model is it, if known?",
            label="Pump model",
            facts=("H7",),
            max_characters=100,
        ),
        Question(
            key="pump_refill_on",
            kind=Kind.PARTIAL_DATE,
            text="When is the next refill?",
            label="Pump, next refill",
            facts=("H7",),
            hint="Month and year are enough. Add the day if you know it.",
            error="Check the date of the refill. Month and year are enough.",
            future=True,
        ),
        Question(
            key="pump_clinic",
            kind=Kind.LINE,
            text="Which clinic looks after the pump?",
            label="Pump clinic",
            facts=("H7",),
            max_characters=120,
            clinical=False,
        ),
    ),
)

DRUGS = (
    Choice("baclofen", "Baclofen tablets", "baclofen", hint="Lioresal, Ozobax, Fleqsuvy"),
    Choice("tizanidine", "Tizanidine", "tizanidine", hint="Zanaflex"),
    Choice("dantrolene", "Dantrolene", "dantrolene", hint="Dantrium"),
    Choice(
        "gabapentin",
        "Gabapentin or pregabalin",
        "gabapentin or pregabalin",
        hint="Neurontin, Lyrica",
    ),
    Choice("diazepam", "Diazepam or clonazepam", "diazepam or clonazepam", hint="Valium, Klonopin"),
    Choice("cannabis", "Medical cannabis", "cannabis"),
    Choice("dalfampridine", "Dalfampridine", "dalfampridine", hint="Ampyra"),
)

DRUGS_STEP = Step(
    slug="stiffness-drugs",
    title="Drugs against stiffness",
    section="Treatments",
    when=(NOT_LOOKS_ALONE,),
    questions=(
        Question(
            key="spasm_drugs",
            kind=Kind.CHOICES,
            text="Which of these do you take, or took before?",
            carer_text="Which of these does the person take, or took before?",
            label="Drugs against stiffness",
            facts=("H7", "A34"),
            choices=(*DRUGS, NONE),
        ),
        Question(
            key="too_sleepy",
            kind=Kind.CHOICE,
            text="Do they make you too sleepy?",
            carer_text="Do they make the person too sleepy?",
            label="Too sleepy from drugs",
            facts=("H7", "C13"),
            choices=YES_NO,
            when=(when("spasm_drugs", *(drug.code for drug in DRUGS)),),
        ),
    ),
)

_CAN_REBOUND = frozenset({"baclofen", "diazepam"})
"""Stopping these at once can be dangerous (E4b)."""


def _drug(drug: Choice) -> tuple[Question, ...]:
    taken = when("spasm_drugs", drug.code)
    name = drug.text
    sudden = (
        (
            Choice(
                "stopped_week",
                "Stopped suddenly in the last 7 days",
                "stopped suddenly in the last 7 days",
                card="E4b",
            ),
        )
        if drug.code in _CAN_REBOUND
        else ()
    )
    return (
        Question(
            key=f"{drug.code}_use",
            recalls=(when("now_medicine", "stopped"),) if sudden else (),
            kind=Kind.CHOICE,
            text=f"{name}: do you take it now?",
            carer_text=f"{name}: does the person take it now?",
            label=f"{drug.short.capitalize()}, now",
            facts=("H7", "E4b") if sudden else ("H7",),
            choices=(
                Choice("now", "Yes", "taking now"),
                *sudden,
                Choice(
                    "stopped", "Stopped before that" if sudden else "Stopped", "stopped earlier"
                ),
            ),
            when=(taken,),
        ),
        Question(
            key=f"{drug.code}_dose",
            kind=Kind.LINE,
            text=f"{name}: how much in a day?",
            label=f"{drug.short.capitalize()}, a day",
            facts=("H7",),
            hint="As on the box, for example 20 mg three times",
            max_characters=80,
            when=(taken,),
        ),
        Question(
            key=f"{drug.code}_effect",
            kind=Kind.SCALE,
            text=f"{name}: how much does or did it help?",
            label=f"{drug.short.capitalize()}, effect 0–10",
            facts=("H7",),
            low_text="not at all",
            high_text="very much",
            when=(taken,),
        ),
        Question(
            key=f"{drug.code}_problems",
            kind=Kind.CHOICES,
            text=f"{name}: any problems, or why did it stop?",
            label=f"{drug.short.capitalize()}, problems",
            facts=("H7", "C13"),
            choices=(
                Choice("sleepy", "Too sleepy", "sedation"),
                Choice("weak", "Too weak", "weakness"),
                Choice("too_little", "Helped too little", "too little effect"),
                Choice("ran_out", "Ran out, or cost too much", "ran out or cost"),
                Choice("other", "Other problem", "other problem"),
                NONE,
            ),
            when=(taken,),
        ),
    )


def _drug_step(drug: Choice) -> Step:
    return Step(
        slug=f"drug-{drug.code}",
        title=drug.text,
        section="Treatments",
        when=(when("spasm_drugs", drug.code),),
        questions=_drug(drug),
    )


DRUG_STEPS = tuple(_drug_step(drug) for drug in DRUGS)
