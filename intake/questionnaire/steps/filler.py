"""Page 16: the filler preference, recorded as chosen, with an honest note and no nudge."""

from intake.questionnaire.choices import NONE
from intake.questionnaire.model import Choice, Kind, Question, Step, when

_WANTED = when("filler_preference", "natural", "semi_permanent", "no_preference")

FILLER = Step(
    slug="filler",
    title="Fillers: what you would like",
    carer_title="Fillers: what the person would like",
    section="Fillers",
    intro=(
        "Botulinum toxin calms tight muscles. A filler is a gel that plumps the skin.",
        "Fillers do not treat spasms. Toxin is not a filler.",
        "Our leaflet speaks of two kinds. “Natural” is a name, not a promise that it is safe.",
        "The answer here does not change how the doctor looks at spasms.",
    ),
    facts=("G1", "G7", "G12", "G13"),
    questions=(
        Question(
            key="filler_preference",
            kind=Kind.CHOICE,
            text="Which kind of filler would you like, if any?",
            carer_text="Which kind of filler would the person like, if any?",
            label="Filler preference",
            facts=("G4", "G5", "G13", "G14", "L8"),
            choices=(
                Choice(
                    "natural",
                    "Natural",
                    "natural",
                    hint="Our leaflet: fewer side effects, but wears off sooner. "
                    "Lasts some months.",
                    beside=True,
                ),
                Choice(
                    "semi_permanent",
                    "Semi-permanent synthetic",
                    "semi-permanent synthetic",
                    hint="Our leaflet: lasts longer, but can shift or form lumps if the person who "
                    "injects it lacks skill. Lasts a year or more.",
                    beside=True,
                ),
                Choice("no_preference", "No preference", "no preference"),
                Choice("none", "No filler at all", "no filler wanted"),
                Choice("skip", "Skip this question", "skipped"),
            ),
        ),
        Question(
            key="filler_purpose",
            kind=Kind.CHOICES,
            text="What would you like a filler for?",
            carer_text="What would the person like a filler for?",
            label="Filler wished for",
            facts=("G2", "G3", "K-F4"),
            choices=(
                Choice("lines", "Lines in the face", "facial lines"),
                Choice("fuller", "Fuller cheeks or lips", "cheek or lip volume"),
                Choice("scar", "A scar", "scar"),
                Choice("hands", "The back of the hands", "back of hands"),
                Choice("spasms", "To calm stiffness or spasms", "to treat stiffness or spasms"),
                Choice("other", "Something else", "something else"),
            ),
            when=(
                when("filler_preference", "natural", "semi_permanent", "no_preference", "not_sure"),
            ),
        ),
    ),
)

FILLER_HEALTH = Step(
    slug="filler-health",
    title="What matters only for fillers",
    section="Fillers",
    when=(_WANTED,),
    questions=(
        Question(
            key="filler_allergies",
            kind=Kind.CHOICES,
            text="Have you had any of these allergies?",
            carer_text="Has the person had any of these allergies?",
            label="Filler allergies",
            facts=("G8", "K-F1"),
            hint="If you do not know the words, choose “Not sure”.",
            choices=(
                Choice(
                    "severe",
                    "An allergy that put life at risk, or many strong allergies",
                    "anaphylaxis or multiple severe allergies",
                ),
                Choice("lidocaine", "Numbing medicine (lidocaine)", "lidocaine"),
                Choice("collagen", "Cow collagen", "bovine collagen"),
                Choice("bacteria", "Gram-positive bacteria protein", "gram-positive protein"),
                NONE,
            ),
        ),
        Question(
            key="filler_skin",
            kind=Kind.CHOICES,
            text="Do any of these fit?",
            label="Skin and earlier fillers",
            facts=("G8", "G11", "K-F1", "K-F2"),
            choices=(
                Choice("keloid", "Scars grow thick (keloid)", "keloid tendency"),
                Choice("infection", "A skin infection or rash now", "active skin infection"),
                Choice(
                    "permanent",
                    "In the past: a filler that stays for good, or silicone",
                    "past permanent filler or silicone",
                ),
                NONE,
            ),
        ),
        Question(
            key="filler_lately",
            kind=Kind.CHOICES,
            text="In the last 4 weeks, did you have any of these?",
            carer_text="In the last 4 weeks, did the person have any of these?",
            label="Lately, for fillers",
            facts=("G9", "G11", "K-F2"),
            choices=(
                Choice("vaccine", "A vaccine", "recent vaccine"),
                Choice("dental", "Dental work", "recent dental work"),
                Choice("infection", "An infection", "recent infection"),
                NONE,
            ),
        ),
    ),
)
