"""Page 1: danger signs. Read in under a minute, never skipped."""

from intake.questionnaire.choices import NONE, YES_NO
from intake.questionnaire.model import Choice, Kind, Question, Step, when

RIGHT_NOW = Step(
    slug="right-now",
    title="How are you right now?",
    carer_title="How is the person right now?",
    section="Right now",
    intro=("Tick all that fit.",),
    questions=(
        Question(
            key="now_breath_heart",
            kind=Kind.CHOICES,
            text="Breath, heart or allergy: now, or newly worse?",
            label="Breathing, heart, allergy now",
            facts=("E1", "E8", "E12"),
            error="Tick what fits for breathing, heart or allergy. You can tick “None of these”.",
            choices=(
                Choice(
                    "breathing",
                    "Hard to breathe, choking, or cannot swallow food or spit",
                    "trouble breathing or swallowing now or newly worse",
                    card="E1",
                ),
                Choice(
                    "chest",
                    "Chest pain or pressure, or fainting, today",
                    "chest pain, pressure or fainting today",
                    card="E8",
                ),
                Choice(
                    "swelling",
                    "Throat, tongue or face swelled fast, or hives with short breath or faintness",
                    "fast throat, tongue or face swelling, or hives with breathing trouble or "
                    "faintness",
                    card="E12",
                ),
                NONE,
            ),
            required=True,
        ),
        Question(
            key="now_nerves",
            kind=Kind.CHOICES,
            text="New changes?",
            label="New nerve signs now",
            facts=("E2a", "E2b", "E5", "E14"),
            error="Tick what fits for new changes. You can tick “None of these”.",
            choices=(
                Choice(
                    "sudden",
                    "Sudden: face droop, weak arm or leg, speech trouble, or sight gone. "
                    "Also if it passed, or after face filler",
                    "sudden face droop, arm or leg weakness, speech trouble or loss of sight",
                    card="E2b",
                ),
                Choice(
                    "days",
                    "Over hours or days: worse sight, eye pain, weakness, numbness or poor balance",
                    "new loss of vision, eye pain, weakness, numbness or balance loss over "
                    "hours to days",
                    card="E2a",
                ),
                Choice(
                    "cord",
                    "New: cannot hold or pass urine or stool, numb between the legs, or both "
                    "legs weak",
                    "new loss of bladder or bowel control, cannot pass urine, saddle numbness "
                    "or weakness of both legs",
                    card="E5",
                ),
                Choice(
                    "headache",
                    "Sudden pounding headache, with sweats, flushed skin or very high blood "
                    "pressure",
                    "sudden pounding headache with sweating, flushing or very high blood pressure",
                    card="E14",
                ),
                NONE,
            ),
            required=True,
        ),
        Question(
            key="now_infection",
            kind=Kind.CHOICES,
            text="Fever, urine, belly?",
            label="Fever, urine, belly now",
            facts=("E3a", "E3c", "E5b", "E13"),
            error="Tick what fits for fever, urine or belly. You can tick “None of these”.",
            choices=(
                Choice(
                    "fever_spasms",
                    "Fever (100.4 °F, 38 °C) or chills, with worse spasms",
                    "fever or chills with worse spasms",
                    card="E3a",
                ),
                Choice(
                    "urine_fever",
                    "Burning or cloudy urine, with fever or side pain",
                    "burning or cloudy urine with fever or flank pain",
                    card="E3a",
                ),
                Choice(
                    "urine",
                    "Burning or cloudy urine, but no fever",
                    "burning or cloudy urine, no fever",
                    card="E3c",
                ),
                Choice(
                    "infusion",
                    "Fever, or newly very weak all over, around an MS drip",
                    "new severe whole-body weakness or fever around an MS infusion",
                    card="E13",
                ),
                Choice(
                    "belly",
                    "Swollen painful belly, throwing up and no stool or gas",
                    "swollen painful belly with vomiting and no stool or gas",
                    card="E5b",
                ),
                NONE,
            ),
            required=True,
        ),
        Question(
            key="now_infection_signs",
            kind=Kind.CHOICE,
            text=(
                "Also confused, very fast breath or heart, blotchy or blue skin, faint, or no "
                "urine?"
            ),
            label="Sepsis signs with fever or urine",
            facts=("E3b",),
            error="Choose yes, no or not sure for the signs that go with a fever.",
            choices=(Choice("yes", "Yes", "yes", card="E3b"), YES_NO[1]),
            not_sure_card="E3b",
            when=(when("now_infection", "fever_spasms", "urine_fever"),),
            required=True,
        ),
        Question(
            key="now_skin",
            kind=Kind.CHOICES,
            text="Skin?",
            label="Skin now",
            facts=("E9a", "E9c"),
            error="Tick what fits for skin. You can tick “None of these”.",
            choices=(
                Choice(
                    "sore",
                    "Open sore, blister or black skin over a bony spot",
                    "open sore, blister or black skin over a bony area",
                    card="E9a",
                ),
                Choice(
                    "wound",
                    "Pus, bad smell or redness elsewhere, like the palm",
                    "pus, smell or redness of a wound or skin elsewhere",
                    card="E9c",
                ),
                NONE,
            ),
            required=True,
        ),
        Question(
            key="now_skin_signs",
            kind=Kind.CHOICES,
            text="What else goes with it?",
            label="With the skin problem",
            facts=("E9b", "E3b"),
            error="Tick what goes with the skin problem. You can tick “None of these”.",
            choices=(
                Choice("fever", "Fever or chills", "fever or chills", card="E9b"),
                Choice("spreading", "Redness that spreads", "spreading redness", card="E9b"),
                Choice("pus", "Pus or bad smell", "pus or bad smell"),
                Choice(
                    "very_ill",
                    "Confused, very fast breath or heart, blotchy or blue skin, faint, or no urine",
                    "confusion, very fast breathing or heartbeat, mottled skin, faintness or "
                    "no urine",
                    card="E3b",
                ),
                NONE,
            ),
            not_sure_card="E9b",
            when=(when("now_skin", "sore", "wound"),),
            required=True,
        ),
        Question(
            key="now_medicine",
            kind=Kind.CHOICES,
            text="Pump, tablets, injections?",
            label="Pump, tablets, injections now",
            facts=("E4a", "E4b", "E4c", "E4d", "E11"),
            error="Tick what fits for pump, tablets or injections. You can tick “None of these”.",
            choices=(
                Choice(
                    "pump",
                    "Baclofen pump: alarm, missed refill or problem",
                    "baclofen pump alarm, missed refill or pump problem",
                    card="E4c",
                ),
                Choice(
                    "stopped",
                    "Baclofen or diazepam ran out or stopped suddenly, last 7 days",
                    "baclofen or diazepam stopped suddenly in the last 7 days",
                ),
                Choice(
                    "toxin",
                    "Botulinum toxin (like Botox) in the last 12 weeks",
                    "botulinum toxin in the last 12 weeks",
                ),
                NONE,
            ),
            required=True,
        ),
        Question(
            key="now_pump_signs",
            kind=Kind.CHOICE,
            text=(
                "With the pump problem: fever, confused, more stiff, a seizure, sudden low mood, "
                "a fast heart, or an itch with no rash?"
            ),
            label="Withdrawal signs with the pump problem",
            facts=("E4a",),
            error="Choose yes, no or not sure for the signs that go with the pump problem.",
            choices=(Choice("yes", "Yes", "yes", card="E4a"), YES_NO[1]),
            not_sure_card="E4a",
            when=(when("now_medicine", "pump"),),
            required=True,
        ),
        Question(
            key="now_stopped_signs",
            kind=Kind.CHOICES,
            text="Since baclofen or diazepam stopped: any of these?",
            label="Since baclofen or diazepam stopped",
            facts=("E4b", "E4d"),
            error="Tick what you noticed since the tablets stopped. You can tick “None of these”.",
            choices=(
                Choice(
                    "danger",
                    "Confused, seeing things that are not there, a seizure or fever",
                    "confusion, hallucination, seizure or fever",
                    card="E4d",
                ),
                Choice(
                    "rebound",
                    "More spasms, jitters or sweating",
                    "more spasms, jitters or sweats",
                    card="E4b",
                ),
                NONE,
            ),
            not_sure_card="E4d",
            when=(when("now_medicine", "stopped"),),
            required=True,
        ),
        Question(
            key="now_toxin_signs",
            kind=Kind.CHOICES,
            text="Since that injection: any of these, even weeks later?",
            label="Since the toxin injection",
            facts=("E11", "A27"),
            error="Tick what you noticed since the injection. You can tick “None of these”.",
            choices=(
                Choice(
                    "breath_swallow_speech",
                    "Hard to breathe, swallow or speak",
                    "trouble breathing, swallowing or speaking",
                    card="E11",
                ),
                Choice(
                    "spread",
                    "Double or blurred sight, droopy lids, a changed voice, weak all over, or "
                    "new leaks of urine",
                    "double or blurred vision, droopy lids, voice change, general weakness or "
                    "new leakage",
                    card="E11",
                ),
                NONE,
            ),
            not_sure_card="E11",
            when=(when("now_medicine", "toxin"),),
            required=True,
        ),
        Question(
            key="now_leg_head",
            kind=Kind.CHOICES,
            text="Leg or head?",
            label="Leg or head now",
            facts=("E6", "E10", "E10b"),
            error="Tick what fits for leg or head. You can tick “None of these”.",
            choices=(
                Choice(
                    "leg",
                    "One leg newly swollen, warm, red or sore",
                    "one leg newly swollen, warm, red or sore",
                    card="E6",
                ),
                Choice(
                    "head",
                    "Head hit in a fall, last 2 days",
                    "head hit in a fall in the last 48 hours",
                    card="E10b",
                ),
                NONE,
            ),
            required=True,
        ),
        Question(
            key="now_leg_signs",
            kind=Kind.CHOICE,
            text="With the leg: chest pain, short breath or coughing blood?",
            label="Chest signs with the leg",
            facts=("E6b",),
            error="Choose yes, no or not sure for the signs that go with the leg.",
            choices=(Choice("yes", "Yes", "yes", card="E6b"), YES_NO[1]),
            not_sure_card="E6b",
            when=(when("now_leg_head", "leg"),),
            required=True,
        ),
        Question(
            key="now_head_signs",
            kind=Kind.CHOICES,
            text="With the head hit: any of these?",
            label="With the head hit",
            facts=("E10",),
            error="Tick what goes with the head hit. You can tick “None of these”.",
            choices=(
                Choice(
                    "signs",
                    "Blacked out, threw up, worse headache, confused, a seizure or very sleepy",
                    "blackout, vomiting, worse headache, confusion, seizure or drowsiness",
                    card="E10",
                ),
                Choice(
                    "thinner",
                    "You take a blood thinner or bleed easily",
                    "takes a blood thinner or has a bleeding disorder",
                    card="E10",
                ),
                NONE,
            ),
            not_sure_card="E10",
            when=(when("now_leg_head", "head"),),
            required=True,
        ),
        Question(
            key="now_words",
            kind=Kind.TEXT,
            text="Say more: what, since when?",
            label="Own words on the danger signs",
            facts=("E2b", "H15"),
            max_characters=600,
            clinical=False,
        ),
    ),
)

PRIVATE = Step(
    slug="private",
    title="Two private questions",
    section="Right now",
    intro=(
        "We ask these two of each person. Only a doctor sees your answers. "
        "This page will not show them again.",
    ),
    when=(when("respondent", "self"), when("private", "yes")),
    private=True,
    questions=(
        Question(
            key="now_self_harm",
            kind=Kind.CHOICE,
            text="Do you have thoughts of ending your life, or that you would be better off dead?",
            label="Thoughts of ending life",
            facts=("E7a", "E7b"),
            why="MS can wear people down. Many have such thoughts, and help works.",
            error="Choose the answer that fits. You can choose “I am not sure that I am safe”.",
            choices=(
                Choice("no", "No", "no"),
                Choice(
                    "thoughts",
                    "Yes, at times. I have no plan and I feel safe",
                    "passive suicidal thoughts; no plan, intent or attempt reported",
                    card="E7b",
                ),
                Choice(
                    "plan",
                    "Yes, and I have a plan, or I may act on it, or I tried not long ago",
                    "suicidal thoughts with plan, intent or recent attempt",
                    card="E7a",
                ),
            ),
            not_sure_text="I am not sure that I am safe",
            not_sure_card="E7a",
            required=True,
            private=True,
        ),
        Question(
            key="now_unsafe",
            kind=Kind.CHOICE,
            text="Does anyone hurt you, scare you, or make you feel unsafe at home?",
            label="Abuse or unsafe at home",
            facts=("E15",),
            why=(
                "This happens to many people, and carers can do it too. Help is there if you "
                "want it."
            ),
            error="Choose yes, no or not sure about feeling safe at home.",
            choices=(Choice("yes", "Yes", "yes", card="E15"), YES_NO[1]),
            not_sure_card="E15",
            required=True,
            private=True,
        ),
        Question(
            key="safe_contact",
            kind=Kind.LINE,
            text="Is there a number and a time that is safe for us to call?",
            label="Safe number and time",
            facts=("E15",),
            hint="We will use only this. You can leave it blank.",
            max_characters=120,
            when=(when("now_unsafe", "yes", "not_sure"),),
            clinical=False,
            private=True,
        ),
    ),
)
