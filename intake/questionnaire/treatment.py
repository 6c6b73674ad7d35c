"""What the treatment can and cannot do, in plain words, each paragraph with its numbered facts.

What to do about a danger sign is said in the very words of the care cards.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from intake.questionnaire.cards import CARDS


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A few sentences and the facts of the clinical reference that they rest on."""

    text: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with what stands below it. `anchor` is its place in the page's address."""

    anchor: str
    title: str
    paragraphs: tuple[Paragraph, ...]
    urgent: bool = False
    """What to do at once: drawn so that nobody reads over it."""
    calls_clinic: bool = False
    """The clinic is whom to call: it gives the injections. For an attack the MS doctor is."""


def _said_on(card: str) -> tuple[Paragraph, ...]:
    return tuple(Paragraph(text, (card,)) for text in CARDS[card].action)


TREATMENT: tuple[Part, ...] = (
    Part(
        "how",
        "How it works",
        (
            Paragraph(
                "A nerve tells a muscle to tighten with a signal. A substance called "
                "acetylcholine carries it. Botulinum toxin blocks this signal, so the muscle "
                "calms down.",
                ("G1", "C15", "S27"),
            ),
            Paragraph(
                "The doctor and you choose the muscles. Each one gets a few small injections.",
                ("C9", "A22"),
            ),
        ),
    ),
    Part(
        "when",
        "When it works",
        (
            Paragraph(
                "It starts in 1 to 2 weeks. It wears off in about 3 months. You come for a check "
                "after about 4 to 6 weeks.",
                ("A12", "L3", "L5", "C12"),
            ),
            Paragraph(
                "Sessions are at least 12 weeks apart. If they come too soon, the body may make "
                "antibodies. Then the toxin may not work as well. Toxin for the bladder, for "
                "migraine or for looks counts too.",
                ("A13", "B3", "B4", "L4"),
            ),
            Paragraph("It works best with stretching or therapy.", ("C12",)),
        ),
    ),
    Part(
        "can",
        "What it can do",
        (
            Paragraph(
                "It can calm stiff muscles and spasms. This may ease pain, or help with washing, "
                "dressing or a splint.",
                ("C1", "C3", "C6"),
            ),
            Paragraph(
                "Small muscles often respond better than a whole calf or leg. Large muscles soon "
                "use up what is safe at one visit. But the ankle and toes can be treated too.",
                ("L2", "A3", "C2"),
            ),
        ),
    ),
    Part(
        "cannot",
        "What it cannot do",
        (
            Paragraph(
                "It does not treat weakness, clumsy movement, sight or MS itself. It does not "
                "stop MS attacks. It cannot make a joint move that is fixed.",
                ("C15", "C10", "L9"),
            ),
            Paragraph(
                "Some people stand or walk with the help of their stiff legs. Tell the doctor if "
                "you do: with less stiffness you might fall.",
                ("C11",),
            ),
        ),
    ),
    Part(
        "fillers",
        "What about fillers?",
        (
            Paragraph(
                "A filler is a gel that plumps the skin. Fillers do not treat spasms. Toxin is "
                "not a filler.",
                ("G1", "G13", "L8"),
            ),
            Paragraph(
                "Our leaflet names two kinds: natural and semi-permanent. We write down which you "
                "would like. Your answer does not change how the doctor looks at spasms.",
                ("L8", "G7", "G13"),
            ),
        ),
    ),
    Part(
        "effects",
        "Side effects",
        (
            Paragraph(
                "Most are mild and pass: a sore arm or leg, weak muscles, feeling tired, an upset "
                "stomach, a cold or a cough. A weak leg can make you fall.",
                ("A40", "L9"),
            ),
        ),
    ),
    Part(
        "signs",
        "Signs to watch for after an injection",
        (
            Paragraph(
                "It is rare, but the effect can spread in the body. This can start hours to weeks "
                "later.",
                ("A27", "L9"),
            ),
            Paragraph(
                "You may see double or blurred. Your lids may droop, or your voice may change. "
                "You may feel weak all over, or leak urine.",
                ("A27", "E11"),
            ),
            *_said_on("E11"),
            Paragraph(
                "Call 911 too if your face, tongue or throat swells fast.",
                ("E12",),
            ),
        ),
        urgent=True,
        calls_clinic=True,
    ),
    Part(
        "attack",
        "A new MS attack cannot wait",
        (
            Paragraph(
                "Is there a new change in sight, strength, feeling or balance?",
                ("E2a", "L9"),
            ),
            *_said_on("E2a"),
            Paragraph("If it comes on suddenly, call 911.", ("E2b",)),
        ),
        urgent=True,
    ),
)


COURSE: tuple[Paragraph, ...] = (
    Paragraph("You talk with the doctor, who looks at your muscles.", ("C10", "L5")),
    Paragraph("If you both choose it, you get the injections.", ("C9", "A22")),
    Paragraph("They start to work in 1 to 2 weeks.", ("A12", "L3")),
    Paragraph("You come for a check after about 4 to 6 weeks.", ("C12", "L5")),
    Paragraph("They wear off in about 3 months.", ("A12",)),
    Paragraph(
        "If they helped, more can follow, at least 12 weeks after the last ones.",
        ("A13", "B4", "C12", "L4"),
    ),
)
"""A usual course, as the numbers in `patient/_course.html` count it."""


def texts() -> Iterator[str]:
    """Everything that these pages say, for translators and for tests."""
    for part in TREATMENT:
        yield part.title
        yield from (paragraph.text for paragraph in part.paragraphs)
    yield from (paragraph.text for paragraph in COURSE)
