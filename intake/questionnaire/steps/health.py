"""Page 14: other illness, skin and other things that set off spasms, allergies, pregnancy."""

from intake.questionnaire.choices import NONE, YES_NO
from intake.questionnaire.model import Choice, Kind, Question, Step, snomed, when
from intake.questionnaire.steps.places import NOT_LOOKS_ALONE

HEALTH = Step(
    slug="health",
    title="Your health",
    carer_title="Their health",
    section="Health",
    questions=(
        Question(
            key="nerve_muscle",
            kind=Kind.CHOICES,
            text="Has a doctor told you that you have one of these?",
            carer_text="Has a doctor said that the person has one of these?",
            label="Nerve-muscle disorder",
            facts=("A28", "K-D5", "H10"),
            hint="If you do not know the words, choose “Not sure”.",
            choices=(
                Choice("mg", "Myasthenia gravis", "myasthenia gravis", codes=snomed("91637004")),
                Choice("lems", "Lambert-Eaton syndrome", "Lambert-Eaton syndrome"),
                Choice("als", "ALS (Lou Gehrig’s disease)", "ALS", codes=snomed("86044005")),
                Choice("motor", "A motor neuropathy", "motor neuropathy"),
                NONE,
            ),
        ),
        Question(
            key="swallow_breathing",
            recalls=(when("now_breath_heart", "breathing"),),
            kind=Kind.CHOICES,
            text="Do you have any of these, new or for a long time?",
            carer_text="Does the person have any of these, new or for a long time?",
            label="Swallowing and breathing",
            facts=("A29", "A30", "K-C5", "H10"),
            why="Toxin can make it harder to swallow or breathe.",
            choices=(
                Choice(
                    "swallow", "Trouble swallowing", "swallowing trouble", codes=snomed("40739000")
                ),
                Choice("aspiration", "Food or drink goes the wrong way", "aspiration"),
                Choice("tube", "A feeding tube", "feeding tube (PEG)"),
                Choice(
                    "breath", "Trouble breathing", "breathing trouble", codes=snomed("267036007")
                ),
                Choice(
                    "oxygen", "Oxygen or a breathing machine at home", "home oxygen or ventilator"
                ),
                Choice(
                    "stiff_lungs",
                    "Lungs that cannot fill well (restrictive)",
                    "restrictive lung disease",
                ),
                Choice("asthma", "Asthma or COPD that is steady", "stable asthma or COPD"),
                Choice("cpap", "A mask (CPAP) for sleep apnea only", "CPAP for sleep apnea"),
                Choice("past", "Such trouble in the past, now gone", "past trouble, resolved"),
                NONE,
            ),
        ),
        Question(
            key="conditions",
            kind=Kind.CHOICES,
            text="Do you have any of these?",
            carer_text="Does the person have any of these?",
            label="Other conditions",
            facts=("A39", "H10"),
            choices=(
                Choice("heart", "Heart disease", "heart disease"),
                Choice("pressure", "High blood pressure", "high blood pressure"),
                Choice("seizures", "Seizures", "seizures"),
                Choice(
                    "catheter", "A bladder catheter, at times or always", "uses a bladder catheter"
                ),
                Choice("other", "Another illness", "other"),
                NONE,
            ),
        ),
        Question(
            key="conditions_words",
            kind=Kind.LINE,
            text="Which illness?",
            label="Other condition (own words)",
            facts=("H10",),
            max_characters=200,
            when=(when("conditions", "other"),),
            clinical=False,
        ),
    ),
)

SKIN = Step(
    slug="set-off",
    title="Things that can set off spasms",
    section="Health",
    questions=(
        Question(
            key="site_infection",
            recalls=(when("now_skin", "sore", "wound"),),
            kind=Kind.CHOICE,
            text="Is the skin infected at or near a place that bothers you?",
            carer_text="Is the skin infected at or near a place that bothers the person?",
            label="Infection at or near a target place",
            facts=("A23", "K-D2"),
            hint="Pus, bad smell, or red and warm skin",
            choices=YES_NO,
        ),
        Question(
            key="site_infection_where",
            kind=Kind.LINE,
            text="Where, and since when?",
            label="Infection, where",
            facts=("A23",),
            max_characters=160,
            when=(when("site_infection", "yes", "not_sure"),),
            clinical=False,
        ),
        Question(
            key="triggers",
            recalls=(
                when("now_skin", "sore", "wound"),
                when("now_infection", "urine", "urine_fever"),
            ),
            kind=Kind.CHOICES,
            text="Do you have any of these now?",
            carer_text="Does the person have any of these now?",
            label="Triggers: body",
            facts=("C7", "C8", "H6", "K-D8"),
            choices=(
                Choice("urine", "Urine that burns or is cloudy", "urinary infection signs"),
                Choice("sore", "An open sore from pressure", "open pressure sore"),
                Choice("wound", "Another wound", "wound"),
                Choice(
                    "constipation",
                    "No stool for more than 3 days",
                    "constipation of more than 3 days",
                    codes=snomed("14760008"),
                ),
                Choice("nail", "An ingrown nail", "ingrown nail"),
                Choice("bladder", "A full bladder or a bladder stone", "full bladder or stone"),
                Choice("infection", "Some other infection, such as a cold", "other infection"),
                Choice("fracture", "A broken bone or a blood clot in a leg", "fracture or DVT"),
                NONE,
            ),
        ),
        Question(
            key="triggers_around",
            kind=Kind.CHOICES,
            text="And any of these, which make spasms worse now?",
            label="Triggers: around the body",
            facts=("C7", "C8", "H6"),
            choices=(
                Choice(
                    "tight", "Tight clothes, shoes, brace or splint", "tight clothing or orthosis"
                ),
                Choice("aid", "A chair or aid that does not fit", "ill-fitting aid or posture"),
                Choice("temperature", "Heat or cold", "heat or cold"),
                Choice("stress", "Stress", "stress"),
                Choice("period", "Monthly period", "menses"),
                Choice("medicine", "A new or missed medicine", "medication change"),
                Choice("pain", "Pain from something else", "other pain"),
                NONE,
            ),
            when=(NOT_LOOKS_ALONE,),
        ),
    ),
)

ALLERGIES = Step(
    slug="allergies",
    title="Allergies",
    section="Health",
    questions=(
        Question(
            key="toxin_allergy",
            kind=Kind.CHOICE,
            text="Botulinum toxin: have you had an allergic reaction to it so far?",
            carer_text="Botulinum toxin: has the person had an allergic reaction to it so far?",
            label="Allergy to botulinum toxin",
            facts=("A23", "K-D1", "K-U1"),
            choices=(
                Choice("no", "No, or never had it", "no"),
                Choice("yes", "Yes", "yes"),
            ),
        ),
        Question(
            key="allergies",
            kind=Kind.CHOICES,
            text="Are you allergic to any of these?",
            carer_text="Is the person allergic to any of these?",
            label="Allergies",
            facts=("A24", "A26", "H10"),
            hint="Milk sugar (lactose) that upsets the gut is not a milk allergy.",
            choices=(
                Choice("albumin", "Albumin, a protein from human blood", "human albumin"),
                Choice("cow_milk", "Cow’s milk protein", "cow’s milk protein"),
                Choice("latex", "Latex", "latex"),
                Choice("other", "Something else", "other"),
                NONE,
            ),
        ),
        Question(
            key="allergies_words",
            kind=Kind.LINE,
            text="What are you allergic to, and what happens?",
            carer_text="What is the person allergic to, and what happens?",
            label="Other allergy (own words)",
            facts=("H10",),
            max_characters=200,
            when=(when("allergies", "other"),),
        ),
        Question(
            key="blood_product",
            kind=Kind.CHOICE,
            text="Would you refuse a medicine made with a part of human blood?",
            carer_text="Would the person refuse a medicine made with a part of human blood?",
            label="Objects to blood-derived products",
            facts=("A26",),
            why=(
                "Some people do, for reasons of belief. Many toxin products hold a protein from "
                "blood."
            ),
            choices=YES_NO,
        ),
    ),
)

PREGNANCY = Step(
    slug="pregnancy",
    title="Pregnancy and breastfeeding",
    section="Health",
    intro=("We ask everybody. Choose “Does not apply” if it does not apply.",),
    questions=(
        Question(
            key="pregnancy",
            kind=Kind.CHOICE,
            text="Are you pregnant, or could you be?",
            carer_text="Is the person pregnant, or could they be?",
            label="Pregnancy",
            facts=("A37", "H11", "K-D4", "K-U4"),
            why="Not enough is known of toxin in pregnancy. The doctor talks about it first.",
            choices=(
                Choice("pregnant", "Yes, pregnant", "pregnant", codes=snomed("77386006")),
                Choice("possible", "It is possible", "possibly pregnant"),
                Choice("trying", "Trying to get pregnant", "trying to conceive"),
                Choice("no", "No", "no"),
                Choice("not_applicable", "Does not apply", "not applicable"),
            ),
        ),
        Question(
            key="breastfeeding",
            kind=Kind.CHOICE,
            text="Do you breastfeed?",
            carer_text="Does the person breastfeed?",
            label="Breastfeeding",
            facts=("A37", "H11", "K-C6"),
            choices=(*YES_NO, Choice("not_applicable", "Does not apply", "not applicable")),
            when=(when("pregnancy", "pregnant", "possible", "trying", "no", "not_sure"),),
        ),
    ),
)
