"""Page 3: why the person comes, in their own words."""

from intake.questionnaire.model import Choice, Kind, Question, Step

STEP = Step(
    slug="reason",
    title="Why you come",
    carer_title="Why the person comes",
    section="The MS",
    questions=(
        Question(
            key="reasons",
            kind=Kind.CHOICES,
            text="What brings you to us?",
            carer_text="What brings the person to us?",
            label="Comes for",
            facts=("H9", "K-P2", "L7"),
            choices=(
                Choice("stiffness", "Stiff, tight muscles", "stiffness"),
                Choice("spasms", "Spasms or jerks", "spasms"),
                Choice("limb", "An arm, hand, leg or foot is hard to use or to care for", "limb"),
                Choice("pain", "Pain in a stiff part", "pain in a stiff part"),
                Choice("looks", "Looks, such as lines or fuller cheeks", "looks (cosmetic)"),
            ),
        ),
        Question(
            key="main_problem",
            kind=Kind.TEXT,
            text="What bothers you most? Use your own words.",
            carer_text="What bothers the person most? Use their own words if you can.",
            label="Main problem",
            facts=("H15", "L7"),
            hint="One or two lines are enough. The doctor reads them just as you write them.",
            max_characters=300,
            clinical=False,
        ),
    ),
)
