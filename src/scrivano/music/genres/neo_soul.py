"""Neo-soul: ninths and elevenths over slow loops, chords that slide, dominants never bare."""

from typing import Final

from scrivano.music.dto import Genre
from scrivano.music.genres.model import Application, GenreData, read_phrases

_PHRASES: Final = """
major open: IV | iii | ii | I
major open: IV | III7 | vi | v I7
major open: IV III7 | vi v | IV iii | ii V7sus
major open: ii | V7sus | I | I
major open: ii iii | IV | iii VI7 | ii V7
major open: I | bVII | IV | iv
major open: I | iii | IV | iv
major open: vi | ii | V7sus | I
major open: vi v | I7 IV | iii VI7 | ii bII7
major open: I | bIII | IV | bVI
major open: IV | iv | iii | VI7
major open: ii | bII7 | I | VI7
major open: IV | bVII7 | iii | VI7
major open: I | v I7 | IV | iv bVII7
major open: ii | ii | iii | iii
major open @uptempo: ii V7sus | I | ii V7sus | I VI7
major open @uptempo: IV III7 | vi | ii V7sus | I

major bridge: bVI | bVII | I | I7
major bridge: iv | bVII7 | bIII | bVI
major bridge: vi | III7 | vi v | I7
major bridge: bVI | bVII | iii | VI7
major bridge: IV | iii | bIII | ii
major bridge: #ivø | VII7 | iii | VI7

major half: ii | iii | IV | V7sus
major half: IV | iii VI7 | ii | V7sus
major half: bVI | bVII | ii | V7sus
major half: iii biii | ii | V7sus | V7
major half: ii | ii | V7sus | V7
major half: IV | iv | iii VI7 | ii V7

major close: ii | V7sus | I | I
major close: iii biii | ii bII7 | I | I
major close: IV iv | iii VI7 | ii V7sus | I
major close: IV III7 | vi VI7 | ii bII7 | I
major close: bVI | bVII | I | I
major close: ii iii | IV V7sus | I | I
major close: IV | bVII7 | I | I
major close: ii | bII7 | I | I
major close: IV iii | ii V7 | I | I

major open: IV III7 | vi
major open: ii V7sus | I
major open: I | iv bVII7
major bridge: bVI | bVII
major bridge: iv | bVII7
major half: ii | V7sus
major half: iii VI7 | ii V7
major half: iii biii | ii V7sus
major close: ii V7sus | I
major close: ii bII7 | I
major close: iv bVII7 | I
major close: iii biii ii bII7 | I

minor open: i | iv | i | iv
minor open: i | v | bVI | V7
minor open: i | bVII | bVI | V7
minor open: iv | v | i | i
minor open: iv | V7 | i | vø I7
minor open: bVI | V7 | i | bIII
minor open: bVI V7 | i bVII7 | bVI | V7
minor open: i | IV7 | i | IV7
minor open: i | bIII | iv | bVI
minor open: i | ii biii | iv | V7
minor open: iv bVII7 | bIII bVI | iiø | V7
minor open: bVI | v | iv | i

minor bridge: bVI | bVII | bIII | bIII
minor bridge: iv | bVII7 | bIII | bVI
minor bridge: bII | bII | i | i
minor bridge: iv v | bVI | iv | bVII7
minor bridge: bVI | bVI | iv | bII7

minor half: iv | v | bVI | V7
minor half: bVI | iv | iiø | V7
minor half: i bVII | bVI | iiø | V7
minor half: iv | bVI | bII | V7

minor close: bVI | V7 | i | i
minor close: iv v | bVI V7 | i | i
minor close: iiø V7 | i bVI | iiø V7 | i
minor close: bVI bVII | i | bVI V7 | i
minor close: iv | bII7 | i | i
minor close: iv | v | i | i
minor close: bII | V7 | i | i

minor open: i | bVI V7
minor open: iv v | i
minor open: i | IV7
minor open: bVI V7 | i
minor bridge: bVI | bVII
minor bridge: iv | bVII7
minor half: iv | V7
minor half: iiø | V7
minor half: bVI | V7
minor close: bVI V7 | i
minor close: iv bII7 | i
minor close: iv v | i
minor close: iiø V7 | i
"""

NEO_SOUL: Final = GenreData(
    genre=Genre.NEO_SOUL,
    title="Neo-soul",
    meters=("4/4", "6/8", "3/4"),
    words=("neo-soul", "neo soul", "neosoul", "lo-fi", "lofi", "chillhop", "soulquarian", "ネオソウル"),
    applications=(
        Application(
            "smooth",
            "Smooth",
            (62, 74, 88),
            swing=0.58,
            words=("smooth", "slow", "laid-back", "laid back", "ballad", "chill", "mellow", "lo-fi"),
        ),
        Application(
            "uptempo",
            "Up tempo",
            (92, 102, 116),
            swing=0.55,
            words=("uptempo", "up-tempo", "fast", "upbeat", "groove", "funky", "dance"),
        ),
    ),
    phrases=read_phrases(_PHRASES),
    colours={
        "tonic": ("maj7", "maj9", "maj9", "69", "maj13", "maj7#11"),
        "subdominant": ("maj7", "maj9", "maj9", "maj7#11", "maj9#11"),
        "major": ("maj7", "maj9", "maj9", "maj7#11"),
        "minor-tonic": ("m7", "m9", "m9", "m11", "m69"),
        "minor": ("m7", "m9", "m9", "m11", "m11"),
        "dominant": ("9", "13", "9", "13", "7b9", "13b9"),
        "dominant-to-minor": ("7#9", "7b9", "7#5#9", "7alt", "7b9b13"),
        "substitute": ("9", "13", "9#11", "13#11"),
        "blue": ("9", "13", "7#9"),
        "sus": ("9sus", "9sus", "13sus", "7susb9"),
        "half-diminished": ("m7b5", "m9b5", "m11b5"),
        "diminished": ("dim7",),
        "augmented": ("9#5",),
    },
    moves={
        "secondary-dominant": 2,
        "related-two": 1,
        "tritone-substitute": 2,
        "side-slip": 3,
        "minor-subdominant": 2,
        "back-door": 1,
        "sus": 2,
        "third-for-tonic": 1,
        "parallel-mode": 2,
    },
    forms=("AABA", "AB", "verse-chorus", "verse-chorus-bridge", "loop"),
)
