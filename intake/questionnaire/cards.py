"""Care cards: fixed safety advice for the red-flag rows E1-E15, the same for everybody.

The words are ours; level and action follow the rows. No card promises a call, and none tells
anybody to stop a medicine.
"""

from dataclasses import dataclass
from enum import StrEnum


class Urgency(StrEnum):
    """How soon somebody should act, most urgent first."""

    EMERGENCY = "emergency"
    SAME_DAY = "same_day"
    SOON = "soon"
    ROUTINE = "routine"

    @property
    def rank(self) -> int:
        """0 is the most urgent."""
        return list(Urgency).index(self)


def most_urgent(levels: "list[Urgency]") -> Urgency:
    return min(levels, key=lambda level: level.rank, default=Urgency.ROUTINE)


@dataclass(frozen=True, slots=True)
class Card:
    """One card: `line` stands under the ticked answer, `action` on the card itself."""

    id: str
    level: Urgency
    title: str
    line: str
    action: tuple[str, ...]
    private: bool = False

    @property
    def facts(self) -> tuple[str, ...]:
        return (self.id, "E20")


_EMERGENCY = Urgency.EMERGENCY
_SAME_DAY = Urgency.SAME_DAY
_SOON = Urgency.SOON

_ALL = (
    Card(
        "E1",
        _EMERGENCY,
        "Hard to breathe or swallow",
        "Call 911 now. Do not wait for our visit.",
        ("Call 911 now.", "Do not wait for our visit. Sit up. Do not eat or drink."),
    ),
    Card(
        "E2a",
        _SAME_DAY,
        "New change in sight, strength, feeling or balance",
        "Call your MS doctor today.",
        (
            "Call your MS doctor today. This may be an MS attack (relapse).",
            "If you cannot reach them, go to urgent care or the emergency room.",
        ),
    ),
    Card(
        "E2b",
        _EMERGENCY,
        "Sudden face droop, weakness, speech trouble or loss of sight",
        "Call 911 now, even if it has passed.",
        ("Call 911 now, even if it has passed.", "Note the time when it began."),
    ),
    Card(
        "E3a",
        _SAME_DAY,
        "Signs of an infection, with fever or side pain",
        "Call a doctor today. For confusion, fainting or blotchy skin, call 911.",
        (
            "Call a doctor today. An infection can make spasms worse.",
            "Call 911 for confusion, fainting, blotchy or blue skin, or no urine.",
        ),
    ),
    Card(
        "E3b",
        _EMERGENCY,
        "Danger signs of an infection",
        "Call 911 now.",
        ("Call 911 now.", "Say that it could be sepsis, an infection in the whole body."),
    ),
    Card(
        "E3c",
        _SOON,
        "Urine that burns or is cloudy",
        "Call your doctor in the next 1 to 2 days for a urine test.",
        (
            "Call your doctor in the next 1 to 2 days for a urine test.",
            "Call today if there is a fever or pain in the side.",
        ),
    ),
    Card(
        "E4a",
        _EMERGENCY,
        "Baclofen pump problem with warning signs",
        "Call 911 or go to the emergency room now. Say: baclofen pump.",
        ("Call 911 or go to the emergency room now.", "Say these words: baclofen pump."),
    ),
    Card(
        "E4b",
        _SAME_DAY,
        "Sudden stop of baclofen or diazepam",
        "Call the doctor who gave it to you, or your pharmacist, today.",
        (
            "Call the doctor who gave it to you, or your pharmacist, today.",
            "Do not go back to the full dose on your own.",
            "Call 911 for confusion, seeing things that are not there, a seizure or a fever.",
        ),
    ),
    Card(
        "E4c",
        _SAME_DAY,
        "Baclofen pump alarm, missed refill or problem",
        "Call your pump clinic today.",
        (
            "Call your pump clinic today.",
            "Call 911 for itching, a fever, a fast heart or a seizure. Call 911 too if you get "
            "more stiff or confused, or your mood drops fast.",
        ),
    ),
    Card(
        "E4d",
        _EMERGENCY,
        "Sudden stop of tablets, with warning signs",
        "Call 911 now.",
        ("Call 911 now.", "Say which tablets stopped, and when."),
    ),
    Card(
        "E5",
        _EMERGENCY,
        "New bladder, bowel or leg trouble",
        "Go to the emergency room now.",
        (
            "Go to the emergency room now. Call 911 if you cannot get there.",
            "This may not be your MS. The back or spine may need help at once.",
        ),
    ),
    Card(
        "E5b",
        _EMERGENCY,
        "Swollen, painful belly",
        "Go to the emergency room now.",
        ("Go to the emergency room now. Call 911 if you cannot get there.",),
    ),
    Card(
        "E6",
        _SAME_DAY,
        "One leg newly swollen, warm, red or sore",
        "Be seen by a doctor today. Do not rub the leg.",
        (
            "Be seen by a doctor today. It could be a blood clot.",
            "Do not rub or massage the leg.",
            "Call 911 for chest pain, short breath or coughing blood.",
        ),
    ),
    Card(
        "E6b",
        _EMERGENCY,
        "Leg trouble with chest pain, short breath or blood",
        "Call 911 now.",
        ("Call 911 now.", "A clot may have moved to the lungs."),
    ),
    Card(
        "E7a",
        _EMERGENCY,
        "You may not be safe",
        "Call or text 988 now, or call 911. Stay with someone.",
        (
            "Call or text 988 now, or call 911.",
            "Stay with someone you trust. You matter, and this feeling can pass.",
        ),
        private=True,
    ),
    Card(
        "E7b",
        _SAME_DAY,
        "Thoughts of being better off dead",
        "Call or text 988 any time, day or night.",
        (
            "Call or text 988 any time, day or night. It is free and private.",
            "Many people with MS have such thoughts. Talking helps.",
            "You can leave a number below. Staff see it when the clinic is open.",
        ),
        private=True,
    ),
    Card(
        "E8",
        _EMERGENCY,
        "Chest pain, pressure or fainting",
        "Call 911 now.",
        ("Call 911 now.", "Do not drive yourself."),
    ),
    Card(
        "E9a",
        _SOON,
        "Open sore over a bony spot",
        "Have it looked at within 2 days. Keep weight off it.",
        (
            "Have the sore looked at within 2 days. Keep weight off it.",
            "Be seen today if there is a fever, the redness spreads, or it smells or has pus.",
        ),
    ),
    Card(
        "E9b",
        _SAME_DAY,
        "A sore or wound that may be infected",
        "Be seen by a doctor today.",
        (
            "Be seen by a doctor today. Keep weight off a sore.",
            "Call 911 for confusion, fainting, blotchy or blue skin, or no urine.",
        ),
    ),
    Card(
        "E9c",
        _SOON,
        "A wound or skin infection",
        "Have it looked at within 2 days.",
        (
            "Have it looked at within 2 days.",
            "Be seen today if there is a fever or the redness spreads.",
        ),
    ),
    Card(
        "E10",
        _EMERGENCY,
        "Head hit with warning signs or a blood thinner",
        "Go to the emergency room now.",
        ("Go to the emergency room now. Call 911 if you cannot get there.",),
    ),
    Card(
        "E10b",
        _SAME_DAY,
        "Head hit in a fall",
        "Call a doctor today. Someone should watch you for 24 hours.",
        (
            "Call a doctor today. Someone should watch you for 24 hours.",
            "Go to the emergency room if you throw up, black out or get confused. Go there too "
            "for a seizure, a worse headache, or if you are very sleepy.",
        ),
    ),
    Card(
        "E11",
        _SAME_DAY,
        "New signs after botulinum toxin",
        "Call 911 if it is hard to breathe, swallow or speak. If not, call your injector today.",
        (
            "Call 911 now if you have trouble breathing, swallowing or speaking.",
            "For other signs, call today: call the doctor who gave you the injection.",
        ),
    ),
    Card(
        "E12",
        _EMERGENCY,
        "Signs of a strong allergic reaction",
        "Call 911 now. Use your epinephrine pen if you have one.",
        ("Call 911 now.", "Use your epinephrine pen if you have one."),
    ),
    Card(
        "E13",
        _SAME_DAY,
        "Very weak or fever around an MS drip",
        "Call your infusion or MS team today.",
        ("Call your infusion or MS team today.", "Call 911 if you find it hard to breathe."),
    ),
    Card(
        "E14",
        _EMERGENCY,
        "Sudden pounding headache with sweating or flushed skin",
        "Sit up, loosen clothes, check your bladder, call 911.",
        (
            "Sit up. Loosen tight clothes. Check that your bladder or catheter drains.",
            "Call 911 now.",
        ),
    ),
    Card(
        "E15",
        _SAME_DAY,
        "You may not be safe at home",
        "You can call 1-800-799-7233, day and night.",
        (
            "Call 911 if you are in danger.",
            "The national hotline for abuse at home is 1-800-799-7233, day and night.",
            "We use only the number and time that you leave as safe.",
        ),
        private=True,
    ),
)

CARDS: dict[str, Card] = {card.id: card for card in _ALL}
