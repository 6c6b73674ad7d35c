"""Page 11: work, home, and what the person wants."""

from intake.questionnaire.body import PLACES
from intake.questionnaire.choices import NONE, YES_NO
from intake.questionnaire.model import NOT_SURE, Choice, Condition, Kind, Question, Step, when
from intake.questionnaire.steps.places import ALL_OVER, CODES, NOT_LOOKS_ALONE

LIFE = Step(
    slug="life",
    title="Work and home",
    section="Daily life",
    questions=(
        Question(
            key="affects",
            kind=Kind.CHOICES,
            text="What do stiffness or spasms make hard?",
            label="Makes hard",
            facts=("H5", "L7"),
            choices=(
                Choice("work", "Paid work or school", "work or school"),
                Choice("home", "Housework or cooking", "housework"),
                Choice("care", "Washing, dressing or the toilet", "washing, dressing, toilet"),
                Choice("moving", "Moving about", "moving about"),
                Choice("hobbies", "Hobbies or friends", "hobbies or friends"),
                Choice("closeness", "Being close, or sex", "intimacy"),
                NONE,
            ),
            when=(NOT_LOOKS_ALONE,),
        ),
        Question(
            key="work_words",
            kind=Kind.TEXT,
            text="How does it change your work?",
            carer_text="How does it change the person’s work?",
            label="Work",
            facts=("H15", "L7"),
            max_characters=300,
            when=(when("affects", "work", NOT_SURE),),
            clinical=False,
        ),
        Question(
            key="home_words",
            kind=Kind.TEXT,
            text="How does it change your life at home and what you enjoy?",
            carer_text="How does it change the person’s life at home and what they enjoy?",
            label="Home and joy",
            facts=("H15", "L7"),
            max_characters=300,
            when=(when("affects", "home", "care", "moving", "hobbies", "closeness", NOT_SURE),),
            clinical=False,
        ),
        Question(
            key="lives_alone",
            kind=Kind.CHOICE,
            text="Do you live alone?",
            carer_text="Does the person live alone?",
            label="Lives alone",
            facts=("H12",),
            choices=YES_NO,
        ),
    ),
)

_GOALS = (
    Choice("wash_hand", "Wash the palm or cut the nails", "wash palm, trim nails"),
    Choice("hold", "Hold things and let go of them", "hold and release objects"),
    Choice("wash_armpit", "Wash under the arm", "armpit washing"),
    Choice("dress", "Get dressed more easily", "dressing"),
    Choice("eat", "Eat or reach for things", "feeding, reaching"),
    Choice("splint", "Wear a splint, brace or shoes", "splint, brace or shoe fit"),
    Choice(
        "wash_legs",
        "Wash between the legs, use the toilet or a catheter",
        "hygiene, toileting or catheter care",
    ),
    Choice("lie_sit", "Lie flat or sit well", "lying or sitting"),
    Choice("transfer", "Move from bed to chair", "transfers"),
    Choice("walk", "Stand or walk more safely", "standing or walking"),
    Choice("close", "Be close to someone, or sex", "intimacy"),
    Choice("pain", "Less pain in one place", "less pain"),
    Choice("skin", "Keep the skin whole", "skin protection"),
    Choice("own", "Something else, in own words", "own words"),
    Choice("looser", "Just feel better or looser", "feel better or looser"),
)


def _goal(
    number: int, ask: str, carer_ask: str, conditions: tuple[Condition, ...]
) -> tuple[Question, ...]:
    key = f"goal_{number}"
    answered = (*conditions, when(key, *(goal.code for goal in _GOALS)))
    return (
        Question(
            key=key,
            kind=Kind.CHOICE,
            text=ask,
            carer_text=carer_ask,
            label=f"Goal {number}",
            facts=("H13", "C3", "C6"),
            choices=_GOALS,
            when=conditions,
        ),
        Question(
            key=f"{key}_words",
            kind=Kind.LINE,
            text="Say it in your own words",
            carer_text="Say it in the person’s own words",
            label=f"Goal {number}, own words",
            facts=("H13",),
            hint="For example: hold my brush for 15 minutes",
            max_characters=160,
            when=answered,
            clinical=False,
        ),
        Question(
            key=f"{key}_place",
            kind=Kind.CHOICE,
            text="Which place is it about most?",
            label=f"Goal {number}, place",
            facts=("H13",),
            choices=(*(Choice(p.code, p.words, p.words.lower()) for p in PLACES), ALL_OVER),
            among="places",
            when=(*answered, when("places", *CODES, ALL_OVER.code, at_least=2)),
        ),
        Question(
            key=f"{key}_measure",
            kind=Kind.LINE,
            text="How will you know that it worked?",
            carer_text="How will the person know that it worked?",
            label=f"Goal {number}, known by",
            facts=("H13", "C14"),
            hint="For example: I can wash my palm each day",
            max_characters=160,
            when=answered,
        ),
        Question(
            key=f"{key}_now",
            kind=Kind.SCALE,
            text="How hard is it today?",
            label=f"Goal {number}, difficulty now 0–10",
            facts=("H13", "D10"),
            low_text="easy",
            high_text="cannot do it",
            when=answered,
        ),
    )


GOALS = Step(
    slug="goals",
    title="What you want most",
    carer_title="What the person wants most",
    section="Daily life",
    intro=("A clear wish helps the doctor. No treatment can promise it.",),
    questions=_goal(1, "What do you want most?", "What does the person want most?", ()),
)

_FIRST_GOAL = when("goal_1", *(goal.code for goal in _GOALS))

SECOND_GOAL = Step(
    slug="second-goal",
    title="A second wish",
    section="Daily life",
    when=(_FIRST_GOAL,),
    questions=(
        Question(
            key="goal_more",
            kind=Kind.CHOICE,
            text="Is there a second thing you want?",
            carer_text="Is there a second thing the person wants?",
            label="Second goal",
            facts=("H13",),
            choices=YES_NO,
            clinical=False,
        ),
        *_goal(
            2,
            "What is the second thing?",
            "What is the second thing?",
            (when("goal_more", "yes"),),
        ),
    ),
)
