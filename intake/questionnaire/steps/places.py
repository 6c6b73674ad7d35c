"""Pages 7 and 8: where it bothers the person, and what happens there."""

from intake.questionnaire.body import PLACES, Place
from intake.questionnaire.choices import YES_NO
from intake.questionnaire.model import Choice, Kind, Question, Step, any_of, when
from intake.questionnaire.patterns import PATTERNS

ALL_OVER = Choice("all_over", "All over the body", "all over (generalized)")
CODES = tuple(place.code for place in PLACES)
_ANY_PLACE = when("places", *CODES, ALL_OVER.code)
NOT_LOOKS_ALONE = any_of(
    when("reasons", "stiffness", "spasms", "limb", "pain", or_unknown=True),
    when("symptoms", "stiffness", "spasms", or_unknown=True),
    when("places", *CODES, ALL_OVER.code, or_unknown=True),
)
"""Three known answers must agree to leave out what is about stiffness and spasms (K-P2)."""
_PLACE_CHOICES = (
    *(Choice(place.code, place.words, place.words.lower()) for place in PLACES),
    ALL_OVER,
)

WHERE = Step(
    slug="where",
    title="Where it bothers you",
    carer_title="Where it bothers the person",
    section="Stiffness and spasms",
    intro=(
        "Tick each place that is stiff or has spasms. "
        "Left means your own left, not as in a mirror.",
    ),
    carer_intro=(
        "Tick each place that is stiff or has spasms. "
        "Left means the person’s own left, not as in a mirror.",
    ),
    questions=(
        Question(
            key="places",
            kind=Kind.PLACES,
            text="Places with stiffness or spasms",
            label="Places",
            facts=("F22", "L1"),
            choices=(*_PLACE_CHOICES, Choice("none", "No place", "none", alone=True)),
        ),
    ),
)


def _strength(code: str, words: str) -> Question:
    return Question(
        key=f"{code}_strength",
        kind=Kind.SCALE,
        text=f"{words}: how strong is it, on average over the last 7 days?",
        label=f"{words}, stiffness or spasm 0–10",
        facts=("D1", "F19"),
        low_text="none",
        high_text="the worst there is",
        when=(when("places", code),),
    )


def _happens(place: Place) -> tuple[Question, Question]:
    patterns = tuple(Choice(p.code, p.words, p.label) for p in PATTERNS[place.region])
    return (
        Question(
            key=f"{place.code}_patterns",
            kind=Kind.CHOICES,
            text=f"{place.words}: what happens there?",
            label=f"{place.words}, pattern",
            facts=tuple(dict.fromkeys(p.fact for p in PATTERNS[place.region])),
            choices=(*patterns, Choice("other", "Something else", "something else")),
            when=(when("places", place.code),),
        ),
        _strength(place.code, place.words),
    )


def _limb_step(slug: str, limb: str, title: str) -> Step:
    places = [place for place in PLACES if place.limb == limb]
    return Step(
        slug=slug,
        title=title,
        section="Stiffness and spasms",
        when=(when("places", *(place.code for place in places)),),
        questions=tuple(question for place in places for question in _happens(place)),
    )


ALL_OVER_STEP = Step(
    slug="all-over",
    title="Stiff all over",
    section="Stiffness and spasms",
    when=(when("places", ALL_OVER.code),),
    questions=(_strength(ALL_OVER.code, "All over"),),
)

LIMB_STEPS = (
    _limb_step("left-arm", "left_arm", "Left arm and hand"),
    _limb_step("right-arm", "right_arm", "Right arm and hand"),
    _limb_step("left-leg", "left_leg", "Left leg and foot"),
    _limb_step("right-leg", "right_leg", "Right leg and foot"),
    _limb_step("neck-trunk", "middle", "Neck and trunk"),
)

WORST = Step(
    slug="worst-place",
    title="The place that bothers you most",
    carer_title="The place that bothers the person most",
    section="Stiffness and spasms",
    when=(_ANY_PLACE,),
    questions=(
        Question(
            key="main_place",
            kind=Kind.CHOICE,
            text="Which place bothers you most?",
            carer_text="Which place bothers the person most?",
            label="Worst place",
            facts=("F19", "K4", "K5", "K-C4"),
            choices=_PLACE_CHOICES,
            among="places",
            when=(when("places", *CODES, ALL_OVER.code, at_least=2),),
        ),
        Question(
            key="main_times",
            kind=Kind.CHOICES,
            text="When is it worst there?",
            label="Worst place, worst time",
            facts=("F19", "H5"),
            choices=(
                Choice("night", "At night", "night"),
                Choice("morning", "In the morning", "morning"),
                Choice("sitting", "After sitting", "after sitting"),
                Choice("walking", "When walking", "walking"),
                Choice("always", "All the time", "all the time"),
                Choice("other", "At other times", "other times"),
            ),
        ),
        Question(
            key="main_pain",
            kind=Kind.SCALE,
            text="How much does it hurt there, on average over the last 7 days?",
            label="Worst place, pain 0–10",
            facts=("D2", "F19"),
            low_text="no pain",
            high_text="the worst pain",
        ),
        Question(
            key="main_moves",
            kind=Kind.CHOICE,
            text="When someone stretches it slowly, does the joint move?",
            label="Worst place, joint moves on slow stretch",
            facts=("F19", "C10", "K-C4"),
            choices=(
                Choice("yes", "Yes", "yes"),
                Choice("partly", "Partly", "partly"),
                Choice("not_at_all", "Not at all", "not at all"),
                Choice(
                    "fixed",
                    "A doctor or therapist said it is fixed",
                    "a clinician said it is fixed",
                ),
            ),
        ),
    ),
)

USEFUL = Step(
    slug="useful-stiffness",
    title="When stiffness helps",
    section="Stiffness and spasms",
    when=(_ANY_PLACE,),
    intro=("Sometimes stiff muscles do a job. The doctor needs to know.",),
    questions=(
        Question(
            key="legs_help",
            kind=Kind.CHOICE,
            text="Does stiffness in your legs help you stand, walk, or move from bed to chair?",
            carer_text="Does stiffness in the legs help the person stand, walk, or move from bed "
            "to chair?",
            label="Leg stiffness used to stand, walk or transfer",
            facts=("C11", "F19", "K-C3"),
            choices=YES_NO,
        ),
        Question(
            key="legs_drop",
            kind=Kind.TEXT,
            text="What happens when the stiffness drops?",
            label="When leg stiffness drops",
            facts=("C11", "F19"),
            hint="For example after a hot bath or a tablet",
            max_characters=300,
            when=(when("legs_help", "yes", "not_sure"),),
            clinical=False,
        ),
        Question(
            key="arms_help",
            kind=Kind.CHOICE,
            text="Does stiffness in an arm or hand help you grip or hold things?",
            carer_text="Does stiffness in an arm or hand help the person grip or hold things?",
            label="Arm or hand stiffness used to grip",
            facts=("C11", "F19", "K-C3"),
            choices=YES_NO,
        ),
    ),
)
