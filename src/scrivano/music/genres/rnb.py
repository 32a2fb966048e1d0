"""R&B: loops of four chords with sevenths and suspensions, a bridge that lifts, a backbeat that doesn't move."""

from typing import Final

from scrivano.music.dto import Genre
from scrivano.music.genres.model import Application, GenreData, read_phrases

_PHRASES: Final = """
major open: I | vi | IV | V7sus
major open: I | V/3 | vi | IV
major open: IV V | iii vi | IV V | I
major open: ii | iii | IV | V7sus
major open: vi | IV | I | V
major open: I | iii | IV | iv
major open: IV | iii | ii | V7sus
major open: I | vi | ii | V7sus
major open: vi | V | IV | V7sus
major open: IV | V | iii | vi
major open: I iii | IV V7sus | I iii | IV V7sus
major open: I | v | IV | V7sus
major open: IV | III7 | vi | V
major open: vi iii | IV V | vi iii | IV V
major open: I | I/3 | IV | V7sus
major open @groove,uptempo: I | bVII | IV | I
major open @groove,uptempo: ii | ii | V7sus | V7sus
major open @groove,uptempo: ii V7sus | I | ii V7sus | I
major open @ballad: I V/3 | vi I/5 | IV I/3 | ii V7sus
major open @ballad: I | III7 | vi | IV V7sus

major bridge: vi | iii | IV | V7sus
major bridge: IV | iii | ii | V7sus
major bridge: ii | iii | IV | V7sus
major bridge: bVI | bVII | I | I
major bridge: vi | III7 | vi | II7
major bridge: IV | iv | iii VI7 | ii

major half: ii | iii | IV | V7sus
major half: IV | iii | ii | V7sus
major half: vi | IV | ii | V7sus
major half: IV | IV | V7sus | V7
major half: bVI | bVII | V7sus | V7

major close: IV | V7sus | I | I
major close: ii | V7sus | I | I
major close: IV iii | ii V7sus | I | I
major close: vi IV | ii V7sus | I | I
major close: IV iv | I | V7sus | I
major close: IV | iv | I | I
major close: bVI | bVII | I | I
major close: ii iii | IV V7sus | I | I
major close: IV V | iii vi | ii V7sus | I

major open: I | IV V7sus
major open: I vi | IV V7sus
major open: ii | V7sus
major bridge: IV iii | ii V7sus
major bridge: bVI | bVII
major half: ii | V7sus
major half: IV | V7sus
major half: vi IV | V7sus
major close: ii V7sus | I
major close: IV V7sus | I
major close: IV iv | I
major close: bVI bVII | I

minor open: i | bVI | bIII | bVII
minor open: i | iv | bVII | bIII
minor open: i | bVII | bVI | V7
minor open: bVI | bVII | i | i
minor open: i | v | bVI | bVII
minor open: iv | v | i | i
minor open: i | iv | v | bVI
minor open: bVI | v | iv | i
minor open: i bVII | bVI | i bVII | bVI
minor open: i | bIII | bVII | iv
minor open: bVI | iv | i | V7
minor open @groove,uptempo: i | i | iv | iv
minor open @groove,uptempo: i | IV7 | i | IV7
minor open @ballad: i | i/b3 | iv | V7

minor bridge: bVI | bVII | bIII | bIII
minor bridge: iv | bVII | bIII | bVI
minor bridge: bVI | bVI | bVII | V7
minor bridge: iv | v | bVI | bVII
minor bridge: bIII | bVII | iv | V7

minor half: bVI | bVII | iv | V7
minor half: iv | iv | v | v
minor half: bVI | iv | iiø | V7
minor half: i | bVI | bVII | bVII

minor close: bVI | bVII | i | i
minor close: iv | v | i | i
minor close: iv | V7 | i | i
minor close: bVI iv | V7 | i | i
minor close: i bVII | bVI V7 | i | i
minor close: bVI | v | i | i
minor close: iv bVII | bIII bVI | iiø V7 | i

minor open: i | bVI bVII
minor open: i | iv
minor open: i bVII | bVI
minor bridge: bVI | bVII
minor bridge: iv | v
minor half: iv | V7
minor half: bVI | bVII
minor half: iv | v
minor close: bVI bVII | i
minor close: iv V7 | i
minor close: iv v | i
minor close: bVII | i
"""

RNB: Final = GenreData(
    genre=Genre.RNB,
    title="R&B",
    meters=("4/4", "6/8", "12/8", "3/4"),
    words=(
        "r&b",
        "rnb",
        "r'n'b",
        "rhythm and blues",
        "rhythm & blues",
        "motown",
        "slow jam",
        "hip hop",
        "hip-hop",
        "pop",
    ),
    applications=(
        Application(
            "groove",
            "Groove",
            (80, 92, 104),
            swing=0.55,
            words=("groove", "groovy", "medium", "hip hop", "hip-hop", "funk"),
        ),
        Application(
            "ballad",
            "Ballad",
            (56, 66, 76),
            words=("ballad", "slow", "slow jam", "love song", "tender", "quiet storm", "バラード"),
        ),
        Application(
            "uptempo",
            "Up tempo",
            (104, 114, 128),
            words=("uptempo", "up-tempo", "fast", "dance", "motown", "party", "upbeat"),
        ),
    ),
    phrases=read_phrases(_PHRASES),
    colours={
        "tonic": ("", "maj7", "add9", "maj9"),
        "subdominant": ("maj7", "", "add9", "maj9"),
        "major": ("", "maj7", "add9"),
        "minor-tonic": ("m7", "m", "m7", "m9"),
        "minor": ("m7", "m7", "m9", "m11"),
        "dominant": ("7", "9", "7"),
        "dominant-to-minor": ("7", "7", "7#9", "7b9"),
        "substitute": ("9",),
        "blue": ("7", "9"),
        "sus": ("7sus", "9sus", "9sus", "13sus"),
        "half-diminished": ("m7b5",),
        "diminished": ("dim7",),
        "augmented": ("aug",),
    },
    moves={
        "secondary-dominant": 2,
        "sus": 3,
        "inversion": 2,
        "minor-subdominant": 2,
        "relative-for-major": 1,
        "passing-diminished": 1,
        "push": 2,
        "related-two": 1,
    },
    forms=("AABA", "AB", "verse-chorus", "verse-chorus-bridge", "verse-prechorus-chorus"),
    most_in_bar=3,
)
