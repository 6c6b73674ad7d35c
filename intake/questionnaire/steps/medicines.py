"""Page 15: the medicines that matter. Never a word about stopping one (A36)."""

from intake.questionnaire.choices import NONE, YES_NO
from intake.questionnaire.model import Choice, Kind, Question, Step

STEP = Step(
    slug="medicines",
    title="Medicines that matter",
    section="Health",
    intro=("Keep taking all your medicines as you do now. We only need to know of them.",),
    questions=(
        Question(
            key="blood_thinner",
            kind=Kind.CHOICES,
            text="Do you take a blood thinner?",
            carer_text="Does the person take a blood thinner?",
            label="Blood thinner",
            facts=("A36", "H8", "K11"),
            choices=(
                Choice("warfarin", "Warfarin", "warfarin", hint="Coumadin, Jantoven"),
                Choice(
                    "doac",
                    "Apixaban, rivaroxaban, dabigatran or edoxaban",
                    "direct oral anticoagulant",
                    hint="Eliquis, Xarelto, Pradaxa, Savaysa",
                ),
                Choice("heparin", "Heparin injections", "heparin", hint="Lovenox, Fragmin"),
                Choice("aspirin", "Aspirin each day", "aspirin"),
                Choice(
                    "antiplatelet",
                    "Clopidogrel, prasugrel or ticagrelor",
                    "other antiplatelet",
                    hint="Plavix, Effient, Brilinta",
                ),
                NONE,
            ),
        ),
        Question(
            key="bleeding_disorder",
            kind=Kind.CHOICE,
            text="Do you have an illness that makes you bleed easily?",
            carer_text="Does the person have an illness that makes them bleed easily?",
            label="Bleeding disorder",
            facts=("A36", "K-C6", "H10"),
            hint="Not just a blood thinner",
            choices=YES_NO,
        ),
        Question(
            key="antibiotics",
            kind=Kind.CHOICES,
            text="Do you get one of these now, mostly by drip or injection?",
            carer_text="Does the person get one of these now, mostly by drip or injection?",
            label="Antibiotics and others that act on nerve and muscle",
            facts=("A34", "A35", "K-D6"),
            hint="If you do not know the words, choose “Not sure”.",
            choices=(
                Choice(
                    "aminoglycoside",
                    "Gentamicin, tobramycin, amikacin or streptomycin",
                    "aminoglycoside",
                ),
                Choice("polymyxin", "Colistin or polymyxin", "polymyxin or colistin"),
                Choice("lincosamide", "Clindamycin or lincomycin", "clindamycin or lincomycin"),
                Choice("magnesium", "Magnesium by drip", "IV magnesium"),
                Choice("quinidine", "Quinidine", "quinidine"),
                Choice("other", "Another antibiotic", "other antibiotic"),
                NONE,
            ),
        ),
        Question(
            key="bladder_drugs",
            kind=Kind.CHOICES,
            text="Do you take a drug for the bladder, or one of these?",
            carer_text="Does the person take a drug for the bladder, or one of these?",
            label="Anticholinergics and relaxants",
            facts=("A34", "H8", "K11"),
            choices=(
                Choice("oxybutynin", "Oxybutynin", "oxybutynin", hint="Ditropan"),
                Choice("tolterodine", "Tolterodine", "tolterodine", hint="Detrol"),
                Choice(
                    "solifenacin", "Solifenacin, darifenacin or trospium", "other anticholinergic"
                ),
                Choice("cyclobenzaprine", "Cyclobenzaprine", "cyclobenzaprine", hint="Flexeril"),
                NONE,
            ),
        ),
        Question(
            key="other_medicines",
            kind=Kind.TEXT,
            text="Which other medicines do you take?",
            carer_text="Which other medicines does the person take?",
            label="Other medicines",
            facts=("H8",),
            hint="Names are enough. You can also bring your list to the visit.",
            max_characters=600,
            clinical=False,
        ),
    ),
)
