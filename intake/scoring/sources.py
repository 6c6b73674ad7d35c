"""The bibliography: what each cited fact says, and where it stands.

Fact numbers are those of the clinical reference. `ours` marks a product choice that is no
published rule; such a fact is named as "clinic rule" wherever it is cited.
"""

from dataclasses import dataclass
from functools import cache

SOURCES: dict[str, str] = {
    "S1": "BOTOX (onabotulinumtoxinA) US prescribing information",
    "S2": "DYSPORT (abobotulinumtoxinA) US prescribing information",
    "S3": "XEOMIN (incobotulinumtoxinA) US prescribing information",
    "S4": "DAXXIFY (daxibotulinumtoxinA) US prescribing information",
    "S5": "MYOBLOC (rimabotulinumtoxinB) US prescribing information",
    "S6": "AAN practice guideline update on botulinum neurotoxin, Neurology 2016;86:1818",
    "S7": "AAN assessment of botulinum neurotoxin for spasticity, Neurology 2008;70:1691",
    "S8": "Royal College of Physicians, Spasticity in adults, 2nd ed. 2018",
    "S9": "NICE NG220, Multiple sclerosis in adults, 2022",
    "S11": "Italian consensus on spasticity in MS, Eur J Neurol 2020;27:445",
    "S13": "Meta-analysis of neutralizing antibodies, Neurotox Res 2016;29:105",
    "S14": "Antibodies in long-term treatment, Int J Rehabil Res 2012;35:36",
    "S15": "Delphi consensus on anticoagulated patients, Arch Phys Med Rehabil 2018;99:2183",
    "S16": "British Neurotoxin Network on poor response, Pract Neurol 2016;16:288",
    "S17": "0-10 scale for spasticity in MS, Clin Ther 2008;30:974",
    "S21": "FDA, Dermal Fillers",
    "S22": "Filler instructions for use",
    "S26": "Intrathecal and oral baclofen US prescribing information",
    "S27": "The clinic's leaflet",
    "S30": "CMS local coverage determination on botulinum toxins",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One numbered fact: its gist, its sources, and whether it is our own product choice."""

    gist: str
    sources: tuple[str, ...] = ()
    ours: bool = False


FACTS: dict[str, Fact] = {
    "A10": Fact("adult dose ceilings per session", ("S1", "S2", "S3")),
    "A13": Fact("at least 12 weeks between sessions", ("S1", "S2", "S3")),
    "A23": Fact("contraindications: allergy to a component, infection at the site", ("S1", "S2")),
    "A24": Fact("Dysport: cow's milk protein allergy", ("S2",)),
    "A25": Fact("bladder toxin adds to the total", ("S1",)),
    "A26": Fact("human albumin is an ingredient of most products", ("S1", "S2", "S3")),
    "A27": Fact("boxed warning: distant spread of toxin effect", ("S1", "S2", "S3")),
    "A28": Fact("warning: pre-existing neuromuscular disorders", ("S1",)),
    "A29": Fact("swallowing or breathing difficulty is a higher risk", ("S1",)),
    "A30": Fact("reduced lung function", ("S1",)),
    "A34": Fact("interactions with drugs that act on nerve and muscle", ("S1", "S2", "S3")),
    "A35": Fact("other agents that act on neuromuscular transmission"),
    "A36": Fact("anticoagulation is no reason to withhold toxin", ("S15",)),
    "A37": Fact("pregnancy and lactation: weigh benefit and risk", ("S1",)),
    "A38": Fact("older adults: more comorbidity and falls", ("S1",)),
    "A39": Fact("rare cardiovascular reports; seizures reported", ("S1", "S4")),
    "A40": Fact("common effects in limb spasticity", ("S1", "S2", "S3")),
    "B1": Fact("primary and secondary non-response", ("S16",)),
    "B2": Fact("antibodies in about half of secondary non-responders", ("S13",)),
    "B3": Fact("boosters and short intervals are suspected antibody risks", ("S13", "S16")),
    "B4": Fact("at least 12 weeks apart, no boosters; toxin given elsewhere counts"),
    "B5": Fact("work-up before blaming antibodies", ("S16",)),
    "B6": Fact("options if antibodies are confirmed", ("S16",)),
    "C3": Fact("realistic goals: care, pain, splint fit", ("S6",)),
    "C6": Fact("goal domains", ("S8",)),
    "C7": Fact("look for aggravators first", ("S9",)),
    "C8": Fact("other triggers, medication change among them"),
    "C9": Fact("focal suits toxin; generalized suits oral drugs or pump", ("S8", "S11")),
    "C10": Fact("toxin does not lengthen a fixed joint", ("S1", "S8")),
    "C11": Fact("useful stiffness: weakening may cause falls", ("S8", "S9")),
    "C12": Fact("toxin works best with therapy and review", ("S8",)),
    "C13": Fact("inadequate or sedating oral drugs support focal treatment", ("S11", "S30")),
    "C14": Fact("positive predictors; no validated score exists", ours=True),
    "C15": Fact("toxin treats tone, not weakness, ataxia or vision", ("S1", "S7")),
    "D12": Fact("PHQ-2: 3 or more is positive"),
    "D18": Fact("falls and other findings, with codes"),
    "F10": Fact("inner thigh: large muscles, on no US label"),
    "F17": Fact("neck and trunk: the doctor decides the route"),
    "F22": Fact("places, sides and counting", ours=True),
    "G1": Fact("fillers are gels that add volume; they cannot treat spasticity", ("S21", "S1")),
    "G2": Fact("most filler labels name adults over 21", ("S21",)),
    "G4": Fact("natural-type fillers last months", ("S21",)),
    "G5": Fact("semi-permanent fillers last longer", ("S21",)),
    "G8": Fact("filler contraindications in instructions for use", ("S22",)),
    "G9": Fact("delayed swelling after infection, vaccine or dental work", ("S21",)),
    "G10": Fact("caution in immunosuppression; autoimmune disease: discuss", ("S22",)),
    "G11": Fact("other filler cautions", ("S22",)),
    "G12": Fact("honest note on toxin and fillers", ("S27",)),
    "G14": Fact("answer options of the preference", ("S27",)),
    "H7": Fact("pump talk, tablets and sleepiness"),
    "H9": Fact("hopes for now, earlier top-up included"),
    "H12": Fact("living alone and helpers"),
    "H14": Fact("interpreter and supports"),
    "J8": Fact("proxy and personal representative rules"),
    "L2": Fact("small muscles need less of the dose ceiling", ("S27", "S1")),
    "L5": Fact("the doctor follows up", ("S27",)),
    "D1": Fact("0-10 scale for stiffness or spasm, average of 7 days", ("S17",)),
    "E18": Fact("unanswered danger signs are unknown", ours=True),
    "E17": Fact("later answers that mean a danger sign", ours=True),
    "E19": Fact("private answers", ours=True),
}

_RED_FLAG_ROWS: dict[str, tuple[str, ...]] = {
    "E1": ("S1",),
    "E2a": ("S9",),
    "E2b": ("S21",),
    "E3a": ("S9",),
    "E3b": (),
    "E3c": ("S9",),
    "E4a": ("S26",),
    "E4b": ("S26",),
    "E4c": ("S26",),
    "E4d": ("S26",),
    "E5": (),
    "E5b": (),
    "E6": (),
    "E6b": (),
    "E7a": (),
    "E7b": (),
    "E8": (),
    "E9a": ("S9",),
    "E9b": (),
    "E9c": ("S1", "S9"),
    "E10": (),
    "E10b": (),
    "E11": ("S1",),
    "E12": (),
    "E13": (),
    "E14": (),
    "E15": (),
}

FACTS |= {row: Fact("danger sign", books) for row, books in _RED_FLAG_ROWS.items()}


@cache
def cite(facts: tuple[str, ...]) -> str:
    """Fact numbers and where they stand, as printed beside a rule."""
    known = [FACTS[number] for number in facts]
    books = dict.fromkeys(source for fact in known for source in fact.sources)
    tail = [*books, *(["clinic rule"] if any(fact.ours for fact in known) else [])]
    return ", ".join(facts) + (f" ({', '.join(tail)})" if tail else "")
