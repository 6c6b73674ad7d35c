"""How hard a text is to read: syllables counted by rule, and the Flesch-Kincaid grade."""

import re
from collections.abc import Sequence

WORDS_A_MINUTE = 240

MEDICAL_NAMES = frozenset(
    """
    abobotulinumtoxina acetylcholine alemtuzumab amikacin ampyra apixaban aubagio avonex baclofen
    bafiertam betaseron botox botulinum brilinta cladribine clindamycin clonazepam clopidogrel
    colistin
    copaxone coumadin cyclobenzaprine dabigatran dalfampridine dantrium dantrolene darifenacin
    daxxify detrol diazepam ditropan dysport edoxaban effient eliquis epinephrine extavia
    fingolimod fleqsuvy flexeril fragmin fumarate gabapentin gentamicin gilenya glatiramer
    glatopa heparin interferon jantoven kesimpta klonopin lambert-eaton lemtrada lidocaine
    lincomycin lioresal lovenox lyrica mavenclad mayzent mitoxantrone myasthenia gravis myobloc
    natalizumab neurontin neuropathy ocrelizumab ocrevus ofatumumab oxybutynin ozanimod ozobax
    phenol plavix plegridy polymyxin ponesimod ponvory pradaxa prasugrel pregabalin quinidine
    rebif rituximab rivaroxaban savaysa siponimod solifenacin streptomycin tascenso tecfidera
    teriflunomide ticagrelor tizanidine tobramycin tolterodine trospium tysabri tyruko ublituximab
    briumvi valium vumerity warfarin xarelto xeomin zanaflex zeposia magnesium albumin
    """.split()
)
"""Names that cannot be said more simply; they count as two syllables."""

_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_END = re.compile(
    r"[^aeiouy](?<![^aeiouy]l)e$|[^aeiouytd]ed$|[^aeiouycsxzgh](?<![^aeiouy]l)es$"
)
"""The e of "hope", "walked" and "hopes", not of "ankle", "needed" or "places"."""


def words_in(text: str) -> list[str]:
    return re.findall(r"[A-Za-z0-9]+(?:[’'.-][A-Za-z0-9]+)*", text)


def syllables(word: str) -> int:
    """Groups of vowels, less a silent e; a number or a short abbreviation counts as one."""
    plain = word.lower().replace("’", "").replace("'", "")
    if plain in MEDICAL_NAMES:
        return 2
    if "-" in plain:
        return sum(syllables(part) for part in plain.split("-") if part)
    letters = re.sub(r"[^a-z]", "", plain)
    if not letters or (word.isupper() and len(word) <= 4):
        return 1
    count = len(_VOWELS.findall(letters))
    if count > 1 and _SILENT_END.search(letters):
        count -= 1
    return max(count, 1)


def grade(sentences: Sequence[str]) -> float:
    """Flesch-Kincaid grade. Labels under four words are left out: they would flatter a page."""
    counted = [words for sentence in sentences if len(words := words_in(sentence)) >= 4]
    every = [word for words in counted for word in words]
    a_sentence = len(every) / len(counted)
    a_word = sum(map(syllables, every)) / len(every)
    return 0.39 * a_sentence + 11.8 * a_word - 15.59


def minutes_to_read(texts: Sequence[str]) -> float:
    """What stands there more than once, such as "Not sure", is read once."""
    return sum(len(words_in(text)) for text in dict.fromkeys(texts)) / WORDS_A_MINUTE
