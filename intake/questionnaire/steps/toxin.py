"""Page 13: botulinum toxin before. Nothing of it is asked of a person who never had any."""

from intake.questionnaire.choices import NONE, YES_NO
from intake.questionnaire.model import Choice, Kind, Question, Step, when

_HAD = when("prior_toxin", "yes")
_HAD_LIMB = when("toxin_uses", "limb")

TOXIN = Step(
    slug="toxin",
    title="Botulinum toxin before",
    section="Treatments",
    intro=("It has brand names like Botox, Dysport and Xeomin.",),
    questions=(
        Question(
            key="prior_toxin",
            recalls=(when("now_medicine", "toxin"),),
            kind=Kind.CHOICE,
            text="Have you ever had botulinum toxin? Any reason counts, also looks.",
            carer_text="Has the person ever had botulinum toxin? Any reason counts, also looks.",
            label="Earlier botulinum toxin",
            facts=("H9", "A34", "K-U1"),
            choices=(Choice("never", "No, never", "never"), Choice("yes", "Yes", "yes")),
        ),
        Question(
            key="toxin_uses",
            kind=Kind.CHOICES,
            text="What was it for?",
            label="Earlier toxin for",
            facts=("H8", "B4", "A25"),
            hint="All of them count, also those for looks.",
            choices=(
                Choice("limb", "Stiff arm or leg", "limb spasticity"),
                Choice("bladder", "Bladder", "bladder"),
                Choice("migraine", "Migraine", "migraine"),
                Choice("cosmetic", "Looks, such as lines", "cosmetic"),
                Choice("other", "Something else", "other"),
            ),
            when=(_HAD,),
        ),
        Question(
            key="toxin_last_on",
            recalls=(when("now_medicine", "toxin"),),
            recall_text="You told us that it was in the last 12 weeks. When was it?",
            kind=Kind.PARTIAL_DATE,
            text="When was the last injection, for any reason?",
            label="Last toxin injection",
            facts=("A13", "B4", "K-D3"),
            why="Doctors leave at least 12 weeks between injections.",
            hint="Month and year are enough. Add the day if you know it.",
            error="Check the date of the last injection. Month and year are enough.",
            when=(_HAD,),
        ),
    ),
)

TOXIN_LAST = Step(
    slug="toxin-last",
    title="The last injections",
    section="Treatments",
    when=(_HAD,),
    questions=(
        Question(
            key="toxin_product",
            kind=Kind.CHOICE,
            text="Which product was it last?",
            label="Last toxin product",
            facts=("H9", "B7"),
            choices=(
                Choice("ona", "Botox", "onabotulinumtoxinA (Botox)"),
                Choice("abo", "Dysport", "abobotulinumtoxinA (Dysport)"),
                Choice("inco", "Xeomin", "incobotulinumtoxinA (Xeomin)"),
                Choice("daxi", "Daxxify", "daxibotulinumtoxinA (Daxxify)"),
                Choice("rima", "Myobloc", "rimabotulinumtoxinB (Myobloc)"),
                Choice("other", "Another", "other"),
            ),
        ),
        Question(
            key="toxin_dose",
            kind=Kind.LINE,
            text="How many units, if known?",
            label="Last toxin units, as told by the patient",
            facts=("H9",),
            max_characters=60,
        ),
        Question(
            key="toxin_muscles",
            kind=Kind.LINE,
            text="Where did it go in?",
            label="Last toxin, muscles or places",
            facts=("H9",),
            max_characters=160,
        ),
        Question(
            key="toxin_injector",
            kind=Kind.LINE,
            text="Who gave it?",
            label="Last toxin, given by",
            facts=("H9", "B7"),
            max_characters=120,
            clinical=False,
        ),
        Question(
            key="toxin_guidance",
            kind=Kind.CHOICES,
            text="How did they find the muscle?",
            label="Last toxin, guidance",
            facts=("A22", "H9"),
            choices=(
                Choice("ultrasound", "Ultrasound picture", "ultrasound"),
                Choice("emg", "Needle with sound or current", "EMG or stimulation"),
                Choice("touch", "By touch", "by touch"),
            ),
        ),
        Question(
            key="toxin_sessions",
            kind=Kind.NUMBER,
            text="How many sessions have you had in all?",
            carer_text="How many sessions has the person had in all?",
            label="Toxin sessions so far",
            facts=("B7",),
            error="Enter the number of sessions with digits, from 1 to 200.",
            unit="sessions",
            low=1,
            high=200,
        ),
        Question(
            key="toxin_gap",
            kind=Kind.CHOICE,
            text="Were two sessions ever less than 12 weeks apart?",
            label="Ever less than 12 weeks apart",
            facts=("B3", "B7"),
            choices=YES_NO,
        ),
    ),
)

TOXIN_EFFECT = Step(
    slug="toxin-effect",
    title="How it worked in the arm or leg",
    section="Treatments",
    when=(_HAD, _HAD_LIMB),
    questions=(
        Question(
            key="limb_benefit",
            kind=Kind.SCALE,
            text="How much better was it after the last session in the arm or leg?",
            label="Last limb session, benefit 0–10",
            facts=("K10", "B7", "H9"),
            low_text="no better",
            high_text="all better",
        ),
        Question(
            key="limb_benefit_weeks",
            kind=Kind.NUMBER,
            text="For how many weeks did it help?",
            label="Last limb session, weeks of benefit",
            facts=("K10", "B7"),
            hint="Write 0 if it did not help.",
            error="Enter the weeks with digits, from 0 to 104.",
            unit="weeks",
            high=104,
        ),
        Question(
            key="limb_before",
            kind=Kind.CHOICE,
            text="Was there an earlier session in the arm or leg?",
            label="Earlier limb session",
            facts=("K-C2",),
            choices=YES_NO,
        ),
        Question(
            key="limb_before_benefit",
            kind=Kind.SCALE,
            text="How much better was it after the session before the last?",
            label="Limb session before last, benefit 0–10",
            facts=("K-C2", "B1"),
            low_text="no better",
            high_text="all better",
            when=(when("limb_before", "yes"),),
        ),
        Question(
            key="toxin_antibodies",
            kind=Kind.CHOICE,
            text="Did a test show antibodies, so that the toxin stopped working?",
            label="Known toxin antibodies",
            facts=("B2", "B5", "K-C2"),
            choices=YES_NO,
        ),
        Question(
            key="toxin_hope",
            kind=Kind.CHOICES,
            text="What do you hope for now?",
            carer_text="What does the person hope for now?",
            label="Hopes for now",
            facts=("H9", "B3", "B4"),
            choices=(
                Choice("same", "The same again", "the same again"),
                Choice("top_up", "A small extra dose soon", "earlier top-up (booster)"),
                Choice("other_place", "Another place", "another place"),
                Choice("stronger", "A stronger effect", "a stronger effect"),
                Choice("other", "Something else", "something else"),
            ),
        ),
    ),
)

TOXIN_PROBLEMS = Step(
    slug="toxin-problems",
    title="Problems after injections",
    section="Treatments",
    when=(_HAD,),
    questions=(
        Question(
            key="toxin_problems",
            kind=Kind.CHOICES,
            text="Did any of these come after an injection?",
            label="After earlier toxin",
            facts=("A27", "A40", "K-C7"),
            choices=(
                Choice(
                    "swallow_breath",
                    "Hard to swallow, speak or breathe",
                    "swallowing, speech or breathing trouble",
                ),
                Choice(
                    "spread",
                    "Double or blurred sight, droopy lids, changed voice, weak all over, or "
                    "leaking urine",
                    "double or blurred vision, droopy lids, voice change, general weakness or "
                    "leakage",
                ),
                Choice("hospital", "Care in a hospital was needed", "hospital care"),
                Choice("weak", "The treated arm or leg got too weak", "treated limb too weak"),
                Choice("pain", "Pain or a bruise", "pain or bruise"),
                Choice("other", "Something else", "something else"),
                NONE,
            ),
        ),
        Question(
            key="toxin_problems_now",
            kind=Kind.CHOICE,
            text="Do you have that problem now?",
            carer_text="Does the person have that problem now?",
            label="That problem is there now",
            facts=("E11", "E17"),
            choices=(Choice("yes", "Yes", "yes", card="E11"), YES_NO[1]),
            when=(when("toxin_problems", "swallow_breath", "spread"),),
        ),
    ),
)
