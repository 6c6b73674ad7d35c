"""What can happen at each place: the patient's words, and what the doctor makes of them.

Rows F1-F17 of the clinical reference. Size class and label notes belong to the pattern,
counting belongs to the place and its side (F22).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern of one region."""

    code: str
    words: str
    label: str
    fact: str
    size: str
    """"S", "S-M", "M", "M-L" or "L": how large the usual muscles are."""
    us_label: str
    """US products whose adult limb-spasticity label lists these muscles; "" = none."""
    muscles: str
    """The muscles usually meant, for the doctor."""


PATTERNS: dict[str, tuple[Pattern, ...]] = {
    "shoulder": (
        Pattern(
            "arm_to_chest",
            "The arm is pulled to the chest",
            "arm pulled to chest",
            "F1",
            "L",
            "",
            "pectoralis major, subscapularis, teres major, latissimus dorsi",
        ),
        Pattern(
            "hard_to_lift",
            "The arm is hard to lift for dressing",
            "cannot lift arm to dress",
            "F1",
            "L",
            "",
            "pectoralis major, subscapularis, teres major, latissimus dorsi",
        ),
    ),
    "elbow": (
        Pattern(
            "stays_bent",
            "The elbow stays bent, or the arm rises when walking",
            "elbow bent",
            "F2",
            "M",
            "Botox, Dysport, Xeomin",
            "biceps, brachialis, brachioradialis",
        ),
        Pattern(
            "stuck_straight",
            "The arm is stuck straight",
            "elbow straight",
            "F3",
            "M",
            "",
            "triceps",
        ),
    ),
    "forearm": (
        Pattern(
            "palm_down",
            "The palm always faces down",
            "palm faces down",
            "F4",
            "S-M",
            "Botox, Dysport (pronator teres), Xeomin",
            "pronator teres, pronator quadratus",
        ),
    ),
    "wrist": (
        Pattern(
            "bends_down",
            "The wrist bends down",
            "wrist bent",
            "F5",
            "S-M",
            "Botox, Dysport, Xeomin",
            "flexor carpi radialis and ulnaris",
        ),
    ),
    "fingers": (
        Pattern(
            "fist",
            "The fist will not open, or nails dig into the palm",
            "fist will not open",
            "F6",
            "S-M",
            "Botox, Dysport, Xeomin",
            "flexor digitorum superficialis and profundus",
        ),
        Pattern(
            "hand_arch",
            "The knuckles bend but the fingers stay straight",
            "knuckles bent, fingers straight",
            "F7",
            "S",
            "Botox",
            "lumbricals, interossei",
        ),
    ),
    "thumb": (
        Pattern(
            "in_palm",
            "The thumb is stuck in the palm",
            "thumb in palm",
            "F8",
            "S",
            "Botox, Xeomin",
            "flexor pollicis longus, adductor pollicis, flexor pollicis brevis, opponens",
        ),
    ),
    "hip": (
        Pattern(
            "stays_bent",
            "The hip stays bent, hard to lie flat",
            "hip bent",
            "F9",
            "L",
            "",
            "iliopsoas, rectus femoris",
        ),
    ),
    "inner_thigh": (
        Pattern(
            "knees_together",
            "The knees press together, or the legs cross",
            "knees press together, legs scissor",
            "F10",
            "L",
            "",
            "adductor longus, magnus and brevis, gracilis",
        ),
    ),
    "knee": (
        Pattern(
            "stays_bent",
            "The knee stays bent, or the heel pulls up in bed",
            "knee bent",
            "F11",
            "L",
            "",
            "hamstrings (gastrocnemius)",
        ),
        Pattern(
            "stays_straight",
            "The knee is stiff and the leg swings out",
            "stiff knee",
            "F12",
            "L",
            "",
            "rectus femoris, vasti",
        ),
    ),
    "ankle_foot": (
        Pattern(
            "points_down",
            "The foot points down, the heel will not touch the floor, or the ankle shakes",
            "foot points down or ankle shakes",
            "F13",
            "M-L",
            "Botox, Dysport",
            "gastrocnemius, soleus",
        ),
        Pattern(
            "turns_in",
            "The foot turns in",
            "foot turns in",
            "F14",
            "M",
            "Botox, Dysport",
            "tibialis posterior (calf, tibialis anterior)",
        ),
    ),
    "toes": (
        Pattern(
            "curl",
            "The toes curl or claw",
            "toes curl",
            "F15",
            "S",
            "Botox, Dysport",
            "flexor digitorum longus, flexor hallucis longus",
        ),
        Pattern(
            "big_toe_up",
            "The big toe sticks up",
            "big toe up",
            "F16",
            "S",
            "",
            "extensor hallucis longus",
        ),
    ),
    "neck": (
        Pattern("pulls", "The neck pulls or twists", "neck pulls", "F17", "L", "", "neck muscles"),
    ),
    "trunk": (Pattern("arches", "The back arches", "back arches", "F17", "L", "", "paraspinals"),),
}

SMALL_SIZES = frozenset({"S", "S-M"})
LARGE_SIZES = frozenset({"L", "M-L"})
