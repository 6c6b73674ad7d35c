"""How hard a text is to read, in English and in Spanish: syllables counted by rule, and a grade.

A sentence is judged alone, never an average, so that no easy label hides a hard sentence. English
has the Flesch-Kincaid grade, Spanish the one that Crawford found for texts of primary schools.
Both are jumpy with few words, so that:

- labels under four words are left out: no formula means anything there;
- what cannot be said more simply, a listed medical name, counts as two syllables a word; a list
  of such names alone is no sentence;
- a number counts as one syllable, a phone number too.

Nothing else is let off.
"""

import re
from collections.abc import Sequence

WORDS_A_MINUTE = 240
FEWEST_WORDS = 4

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

SPANISH_NAMES = MEDICAL_NAMES | frozenset(
    """
    amikacina apixabán baclofeno botulínica ciclobenzaprina cladribina clindamicina clonazepam
    colistina dabigatrán dalfampridina dantroleno darifenacina edoxabán epinefrina esclerosis
    múltiple estreptomicina fenol fumarato gabapentina gentamicina glatiramero heparina interferón
    lidocaína lincomicina magnesio miastenia mitoxantrona neuropatía oxibutinina polimixina
    pregabalina quinidina rivaroxabán siponimod solifenacina teriflunomida tizanidina
    tobramicina tolterodina trospio warfarina albúmina toxina
    """.split()
)

_JOINING = frozenset({"or", "and", "o", "y", "u", "e"})
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_END = re.compile(
    r"[^aeiouy](?<![^aeiouy]l)e$|[^aeiouytd]ed$|[^aeiouycsxzgh](?<![^aeiouy]l)es$"
)
"""The e of "hope", "walked" and "hopes", not of "ankle", "needed" or "places"."""

_SPANISH_VOWELS = re.compile(r"[aeiouáéíóúü]+")
_STRONG = frozenset("aeoáéóíú")
"""Each of these is a syllable of its own; an i or u beside it belongs to it, unless accented."""


def sentences_in(text: str) -> list[str]:
    """A text's sentences; what stands after a colon counts as one more."""
    parts = re.split(r"(?<=[.?!:])\s+|\n", text)
    return [part for part in parts if part.strip()]


def words_in(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:[’'.-][^\W_]+)*", text)


def syllables(word: str) -> int:
    """Groups of vowels, less a silent e; a number or a short abbreviation counts as one."""
    plain = word.lower().replace("’", "").replace("'", "")
    if plain in MEDICAL_NAMES:
        return 2
    if not re.search(r"[a-z]", plain):
        return 1
    if "-" in plain:
        return sum(syllables(part) for part in plain.split("-") if part)
    letters = re.sub(r"[^a-z]", "", plain)
    if not letters or (word.isupper() and len(word) <= 4):
        return 1
    count = len(_VOWELS.findall(letters))
    if count > 1 and _SILENT_END.search(letters):
        count -= 1
    return max(count, 1)


def spanish_syllables(word: str) -> int:
    """Vowels by the rules of diphthong and hiatus; numbers and short abbreviations count as one."""
    plain = word.lower()
    if plain in SPANISH_NAMES:
        return 2
    if not re.search(r"[^\W\d_]", plain) or (word.isupper() and len(word) <= 4):
        return 1
    if "-" in plain:
        return sum(spanish_syllables(part) for part in plain.split("-") if part)
    letters = re.sub(r"qu(?=[eéií])", "k", plain)
    letters = re.sub(r"gu(?=[eéií])", "g", letters)
    # An h between vowels is not heard; a final y is a vowel.
    letters = re.sub(r"(?<=[aeiouáéíóú])h(?=[aeiouáéíóú])", "", letters)
    letters = re.sub(r"^y$|(?<=[aeiou])y$", "i", letters)
    groups = _SPANISH_VOWELS.findall(letters)
    return max(1, sum(max(1, sum(letter in _STRONG for letter in group)) for group in groups))


def grade(sentences: Sequence[str], language: str = "en") -> float:
    """The grade of some sentences together; labels are left out."""
    counted = [words for each in sentences if len(words := words_in(each)) >= FEWEST_WORDS]
    every = [word for words in counted for word in words]
    if language == "es":
        in_all = sum(map(spanish_syllables, every))
        return (-20.5 * len(counted) + 4.9 * in_all) / len(every) - 3.407
    in_all = sum(map(syllables, every))
    return 0.39 * len(every) / len(counted) + 11.8 * in_all / len(every) - 15.59


def hard_sentences(text: str, language: str = "en", most: float = 6) -> list[tuple[float, str]]:
    """The sentences of a text above a grade, with their grades."""
    found = []
    for sentence in sentences_in(text):
        words = words_in(sentence)
        names = {"en": MEDICAL_NAMES, "es": SPANISH_NAMES}[language] | _JOINING
        if len(words) < FEWEST_WORDS or {word.lower() for word in words} <= names:
            continue
        if (reached := grade([sentence], language)) > most:
            found.append((round(reached, 1), sentence))
    return found


def minutes_to_read(texts: Sequence[str]) -> float:
    """What stands there more than once, such as "Not sure", is read once."""
    return sum(len(words_in(text)) for text in dict.fromkeys(texts)) / WORDS_A_MINUTE
