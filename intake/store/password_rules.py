"""Which passwords nobody may choose: what guessers try first, and what they know of the person.

No rules about digits or signs: they make passwords harder to remember, not to guess. Instead a
password must be long, and more than a well-known word or two in disguise. The list of words is
short on purpose; digits, signs, look-alike letters and repetition are taken away before it is
looked at, so that one word stands for thousands of leaked passwords.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

LENGTHS = range(12, 257)

COMMON = frozenset(
    """
    password passwort pass passw passphrase secret letmein welcome login logon admin
    administrator root user guest test testing default master changeme change temp temporary
    qwerty qwertz azerty asdf asdfgh zxcvbn qazwsx iloveyou love lovely princess sunshine monkey
    dragon football baseball basketball soccer hockey superman batman starwars pokemon shadow
    michael jordan jessica ashley charlie daniel thomas george hunter buster trustno whatever
    freedom mustang corvette harley computer internet samsung iphone google facebook hello
    spring summer autumn fall winter january february march april may june july august september
    october november december monday tuesday wednesday thursday friday saturday sunday
    hospital clinic doctor nurse medical health patient office desk front frontdesk reception
    intake botox toxin spasticity staff team work company money cheese chocolate coffee cookie
    correcthorsebatterystaple abc xyz my the is in you new
    """.split()
)
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "01234567890123456789",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
DISGUISE = str.maketrans("013457@$!|", "oleastasil")
SHORTEST_RUN = 4
OWN_WORD = 4
DATE_DIGITS, DIFFERENT = 8, 10
MOST_WORDS = 2


def tidy(password: str) -> str:
    """A password as it is hashed: the same letters are the same, however they were typed."""
    return unicodedata.normalize("NFC", password)


def why_not(password: str, own: Iterable[str] = ()) -> str:
    """Why nobody should choose this, as a line for them; "" when it will do.

    `own` is what a guesser knows: the names of the person and of the clinic.
    """
    if len(password) not in LENGTHS:
        return f"A password has {LENGTHS[0]} to {LENGTHS[-1]} characters."
    if _is_guessable(password, frozenset(_words_of(own))):
        return (
            "This password is easy to guess: it is a common word, a row of keys or a name in "
            "disguise. Take a few words that have nothing to do with each other."
        )
    return ""


def _is_guessable(password: str, own: frozenset[str]) -> bool:
    plain = unicodedata.normalize("NFKC", password).casefold()
    if len(set(plain)) < SHORTEST_RUN or _is_repeated(plain) or _is_run(plain):
        return True
    if len(_letters(plain)) < SHORTEST_RUN:
        # A date or a short number with a sign or two; a long random number will do.
        digits = re.sub(r"\D", "", plain)
        is_short = len(digits) <= DATE_DIGITS or _is_run(digits)
        return is_short and len(set(plain)) <= DIFFERENT
    # As it stands, without its digits and signs, and with the look-alikes read as letters.
    readings = (plain, plain.translate(DISGUISE), _trimmed(plain).translate(DISGUISE))
    words = COMMON | own
    return any(_made_of(_letters(reading), words) for reading in readings)


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalpha())


def _trimmed(text: str) -> str:
    """Without the digits and signs before and behind, which people add to please a rule."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)


def _is_repeated(text: str) -> bool:
    return re.fullmatch(r"(.{1,8}?)\1+.{0,2}", text) is not None


def _is_run(text: str) -> bool:
    """Whether it falls into runs along the alphabet, the digits or the keyboard."""
    return any(
        len(left) >= SHORTEST_RUN and _without_runs(left) <= len(left) // SHORTEST_RUN
        for left in (text, _letters(text))
    )


def _without_runs(text: str) -> int:
    """How many characters stand in no run."""
    alone, at = 0, 0
    while at < len(text):
        length = max(_run_at(text, at, row) for row in _rows())
        if length < SHORTEST_RUN:
            alone, length = alone + 1, 1
        at += length
    return alone


def _run_at(text: str, at: int, row: str) -> int:
    """How far the text follows a row from here; the row may be shorter than the text."""
    length = 0
    while at + length < len(text) and text[at : at + length + 1] in row:
        length += 1
    return length


@cache
def _rows() -> tuple[str, ...]:
    return ROWS + tuple(row[::-1] for row in ROWS)


def _made_of(letters: str, words: frozenset[str]) -> bool:
    """Whether it is one or two known words with at most a letter or two beside."""
    return len(letters) >= SHORTEST_RUN and _fits(letters, words, MOST_WORDS)


def _fits(rest: str, words: frozenset[str], left: int) -> bool:
    if len(rest) <= 2:
        return True
    if left == 0:
        return False
    return any(_fits(rest[len(word) :], words, left - 1) for word in words if rest.startswith(word))


def _words_of(own: Iterable[str]) -> Iterable[str]:
    for text in own:
        folded = unicodedata.normalize("NFKC", text).casefold()
        letters = _letters(folded)
        if len(letters) >= OWN_WORD:
            yield letters
        for word in re.split(r"[\W\d_]+", folded):
            if len(word) >= OWN_WORD:
                yield word
