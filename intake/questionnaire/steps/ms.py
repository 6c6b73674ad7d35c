"""Page 4: the MS itself, what changed lately, and the MS drug."""

from intake.questionnaire.choices import YES_NO
from intake.questionnaire.model import Choice, Kind, Question, Step, snomed, when

_HAS_MS = when("ms_diagnosis", "confirmed", "suspected", "not_sure")
_MAY_HAVE_MS = when("ms_diagnosis", "confirmed", "suspected", or_unknown=True)
"""Its pages are asked of a person who left the diagnosis out, too."""

MS = Step(
    slug="ms",
    title="Your MS",
    carer_title="Their MS",
    section="The MS",
    questions=(
        Question(
            key="ms_diagnosis",
            kind=Kind.CHOICE,
            text="Has a doctor told you that you have MS?",
            carer_text="Has a doctor said that the person has MS?",
            label="MS diagnosis",
            facts=("H1", "K-P3", "K-C10"),
            codes=snomed("24700007"),
            choices=(
                Choice("confirmed", "Yes", "confirmed by a doctor"),
                Choice("suspected", "A doctor thinks it may be MS", "suspected"),
                Choice("no", "No", "no"),
            ),
        ),
        Question(
            key="ms_type",
            kind=Kind.CHOICE,
            text="Which type of MS is it?",
            label="MS type",
            facts=("H1", "D18"),
            choices=(
                Choice(
                    "relapsing",
                    "Relapsing: it comes in attacks",
                    "relapsing remitting",
                    codes=snomed("426373005"),
                ),
                Choice(
                    "secondary",
                    "Secondary progressive: attacks first, now slowly worse",
                    "secondary progressive",
                    codes=snomed("425500002"),
                ),
                Choice(
                    "primary",
                    "Primary progressive: slowly worse from the start",
                    "primary progressive",
                ),
                Choice("other", "Another type", "other type"),
            ),
            when=(_HAS_MS,),
        ),
        Question(
            key="ms_since",
            kind=Kind.PARTIAL_DATE,
            text="In which year were you told?",
            carer_text="In which year was the person told?",
            label="MS diagnosed",
            facts=("H1",),
            error="Enter the year with four digits, such as 2012.",
            finest="year",
            when=(_HAS_MS,),
        ),
        Question(
            key="ms_doctor",
            kind=Kind.LINE,
            text="Who looks after your MS? Name or clinic",
            carer_text="Who looks after the person’s MS? Name or clinic",
            label="MS doctor",
            facts=("H1",),
            max_characters=120,
            when=(_HAS_MS,),
            clinical=False,
        ),
    ),
)

MS_LATELY = Step(
    slug="ms-lately",
    title="Your MS lately",
    carer_title="Their MS lately",
    section="The MS",
    when=(_MAY_HAVE_MS,),
    questions=(
        Question(
            key="relapse",
            kind=Kind.CHOICE,
            text="Did you have an MS attack (relapse) in the last 12 months?",
            carer_text="Did the person have an MS attack (relapse) in the last 12 months?",
            label="Relapse in 12 months",
            facts=("H1", "K-D7"),
            choices=YES_NO,
        ),
        Question(
            key="relapse_on",
            kind=Kind.PARTIAL_DATE,
            text="When did the last attack begin?",
            label="Last relapse began",
            facts=("H1", "K-D7"),
            hint="Month and year are enough. Add the day if you know it.",
            error="Check the date of the attack. Month and year are enough.",
            when=(when("relapse", "yes"),),
        ),
        Question(
            key="steroid",
            kind=Kind.CHOICE,
            text="Did you take steroids for MS in the last 12 months?",
            carer_text="Did the person take steroids for MS in the last 12 months?",
            label="Steroids in 12 months",
            facts=("H1", "K-D7"),
            choices=(
                Choice("now", "Yes, now", "taking now"),
                Choice("yes", "Yes, but not now", "yes, ended"),
                Choice("no", "No", "no"),
            ),
        ),
        Question(
            key="steroid_ended_on",
            kind=Kind.PARTIAL_DATE,
            text="When did you take the last steroid?",
            carer_text="When did the person take the last steroid?",
            label="Last steroid",
            facts=("H1", "K-D7"),
            hint="Month and year are enough. Add the day if you know it.",
            error="Check the date of the last steroid. Month and year are enough.",
            when=(when("steroid", "yes"),),
        ),
        Question(
            key="steroid_way",
            kind=Kind.CHOICE,
            text="How did you take them?",
            carer_text="How did the person take them?",
            label="Steroid by",
            facts=("H1",),
            choices=(
                Choice("drip", "By drip", "drip (IV)"),
                Choice("tablets", "As tablets", "tablets"),
                Choice("both", "Both", "drip and tablets"),
            ),
            when=(when("steroid", "yes", "now"),),
        ),
        Question(
            key="mri_on",
            kind=Kind.PARTIAL_DATE,
            text="When was your last MRI scan?",
            carer_text="When was the person’s last MRI scan?",
            label="Last MRI",
            facts=("H1",),
            hint="Month and year, or just the year",
            error="Check the date of the scan. The year is enough.",
            finest="month",
        ),
    ),
)

_DRUGS = (
    Choice("interferon", "Interferon beta", hint="Avonex, Rebif, Plegridy, Betaseron, Extavia"),
    Choice("glatiramer", "Glatiramer", hint="Copaxone, Glatopa"),
    Choice("teriflunomide", "Teriflunomide", hint="Aubagio"),
    Choice("fumarate", "Fumarate", hint="Tecfidera, Vumerity, Bafiertam"),
    Choice("fingolimod", "Fingolimod", hint="Gilenya, Tascenso"),
    Choice("siponimod", "Siponimod", hint="Mayzent"),
    Choice("ozanimod", "Ozanimod", hint="Zeposia"),
    Choice("ponesimod", "Ponesimod", hint="Ponvory"),
    Choice("cladribine", "Cladribine", hint="Mavenclad"),
    Choice("natalizumab", "Natalizumab", hint="Tysabri, Tyruko"),
    Choice("ocrelizumab", "Ocrelizumab", hint="Ocrevus"),
    Choice("ofatumumab", "Ofatumumab", hint="Kesimpta"),
    Choice("ublituximab", "Ublituximab", hint="Briumvi"),
    Choice("rituximab", "Rituximab"),
    Choice("alemtuzumab", "Alemtuzumab", hint="Lemtrada"),
    Choice("mitoxantrone", "Mitoxantrone"),
    Choice("other", "Another drug", "other"),
)

_DAILY = frozenset(
    {
        "interferon",
        "glatiramer",
        "teriflunomide",
        "fumarate",
        "fingolimod",
        "siponimod",
        "ozanimod",
        "ponesimod",
    }
)
"""Taken so often that "I take it" says when the last dose was."""

MS_DRUG = Step(
    slug="ms-drug",
    title="Your MS drug",
    carer_title="Their MS drug",
    section="The MS",
    when=(_MAY_HAVE_MS,),
    questions=(
        Question(
            key="ms_drug",
            kind=Kind.CHOICES,
            text="Which drug do you take against MS itself?",
            carer_text="Which drug does the person take against MS itself?",
            label="MS drug",
            facts=("H2", "G10"),
            hint="Not the tablets for stiffness. Those come later.",
            choices=(*_DRUGS, Choice("none", "No MS drug", "none", alone=True)),
        ),
        Question(
            key="ms_drug_name",
            kind=Kind.LINE,
            text="Name of the other drug",
            label="MS drug (own words)",
            facts=("H2",),
            max_characters=100,
            when=(when("ms_drug", "other"),),
            clinical=False,
        ),
        Question(
            key="ms_drug_last_on",
            kind=Kind.PARTIAL_DATE,
            text="When did you have the last dose?",
            carer_text="When did the person have the last dose?",
            label="MS drug, last dose",
            facts=("H2",),
            hint="Month and year are enough.",
            error="Check the date of the last dose. Month and year are enough.",
            when=(when("ms_drug", *(drug.code for drug in _DRUGS if drug.code not in _DAILY)),),
        ),
        Question(
            key="ms_drug_change",
            kind=Kind.CHOICE,
            text="Did you start, stop or change an MS drug in the last 2 months?",
            carer_text="Did the person start, stop or change an MS drug in the last 2 months?",
            label="MS drug changed in 2 months",
            facts=("H2", "K-D7"),
            choices=YES_NO,
        ),
        Question(
            key="ms_drug_changed_on",
            kind=Kind.PARTIAL_DATE,
            text="When was that?",
            label="MS drug changed",
            facts=("K-D7",),
            hint="Add the day if you know it.",
            error="Check the date of the change. Month and year are enough.",
            when=(when("ms_drug_change", "yes"),),
        ),
    ),
)
