"""Blues: choruses of 12 and 8 bars on I, IV and V, all with the blue seventh."""

from typing import Final

from scrivano.music.dto import Genre
from scrivano.music.genres.model import Application, GenreData, read_phrases

# A chorus is written without its last two bars: a turnaround leads on, an ending closes the piece.
_PHRASES: Final = """
major chorus: I7 | I7 | I7 | I7 | IV7 | IV7 | I7 | I7 | V7 | IV7
major chorus: I7 | IV7 | I7 | I7 | IV7 | IV7 | I7 | I7 | V7 | IV7
major chorus: I7 | IV7 | I7 | I7 | IV7 | IV7 | I7 | I7 | V7 | V7
major chorus: I7 | I7 | I7 | I7 | IV7 | #iv° | I7/5 | I7 | V7 | IV7
major chorus: I7 | IV7 | I7 | v I7 | IV7 | #iv° | I7 | VI7 | ii | V7
major chorus: I7 | IV7 | I7 | v I7 | IV7 | iv bVII7 | I7 | VI7 | ii | V7
major chorus: I7 | IV7 #iv° | I7/5 | v I7 | IV7 | #iv° | I7/5 | VI7 | ii | V7
major chorus: I7 | IV7 | I7 | I7 | IV7 | #iv° | I7 | iii VI7 | ii | V7
major chorus @fast,shuffle: I7 | I7 | I7 | I7 | IV7 | IV7 | I7 | I7 | V7 | IV7
major chorus @slow: I7 | IV7 | I7 | I7 | IV7 | iv | I7 | VI7 | II7 | V7
major chorus @slow: I7 | IV7 | I7 | v I7 | IV7 | IV7 | I7 | VI7 | bVI7 | V7

minor chorus: i | i | i | i | iv | iv | i | i | V7 | iv
minor chorus: i | iv | i | i | iv | iv | i | i | bVI7 | V7
minor chorus: i | i | i | i | iv | iv | i | i | iiø | V7
minor chorus: i | iv | i | i | iv | iv | i | viø | iiø | V7
minor chorus: i | iiø V7 | i | i | iv | iv | i | i | bVI7 | V7
minor chorus: i | iv | i | i | iv | iv bVII7 | i | i | V7 | iv
minor chorus: i | i | i | i | IV7 | IV7 | i | i | bVI7 | V7

major chorus: I7 | V7 | IV7 | IV7 | I7 | V7
major chorus: I7 | I7 | IV7 | IV7 | I7 | V7
major chorus: I7 | I7 | IV7 | #iv° | I7 VI7 | ii V7
major chorus: I7 | III7 | IV7 | #iv° | I7/5 VI7 | II7 V7
major chorus: I7 | I7 | I7 | IV7 | I7 | V7 IV7
major chorus: I7 | IV7 | IV7 | IV7 iv | I7 VI7 | II7 V7
minor chorus: i | i | iv | iv | i | bVI7 V7
minor chorus: i | V7 | iv | iv | i | iiø V7
minor chorus: i | iv | iv | i | i | iiø V7
minor chorus: i | i | iv | bVII7 | i | bVI7 V7

major chorus: I7 | IV7
major chorus: I7 IV7 | I7
major chorus: I7 | V7
major chorus: I7 | ii V7
major chorus: I7 | IV7 #iv°
major chorus: I7 VI7 | II7 V7
major chorus: I7 | IV7 iv
major chorus: I7 V7 | I7
major chorus: I7 IV7 | I7 V7
major chorus: I7 | bVII7
major chorus: I7 | bII7
minor chorus: i | iv
minor chorus: i | bVI7 V7
minor chorus: i iv | i
minor chorus: i | iiø V7
minor chorus: i | V7
minor chorus: i iv | i V7
minor chorus: i bVII7 | iv
minor chorus: i | iv bVII7

major turnaround: I7 | V7
major turnaround: I7 IV7 | I7 V7
major turnaround: I7 VI7 | ii V7
major turnaround: I7 VI7 | II7 V7
major turnaround: I7 | bVI7 V7
major turnaround: I7 I7/3 IV7 #iv° | I7/5 V7
major turnaround: I7 | ii V7
minor turnaround: i | V7
minor turnaround: i iv | i V7
minor turnaround: i viø | iiø V7
minor turnaround: i | bVI7 V7
minor turnaround: i | iiø V7

major ending: I7 IV7 | I7
major ending: I7 V7 | I7
major ending: I7 bVI7 V7 | I7
major ending: I7 | V7 I7
major ending: I7 VI7 ii V7 | I7
major ending: I7 #iv° V7 | I7
major ending: I7 | bII7 I7
minor ending: i iv | i
minor ending: i V7 | i
minor ending: i bVI7 V7 | i
minor ending: i | V7 i
minor ending: i iiø V7 | i
minor ending: i | bII7 i
"""

BLUES: Final = GenreData(
    genre=Genre.BLUES,
    title="Blues",
    meters=("4/4", "12/8", "6/8", "3/4"),
    words=("blues", "bluesy", "boogie", "delta", "chicago", "ブルース", "布鲁斯"),
    applications=(
        Application(
            "shuffle",
            "Shuffle",
            (96, 120, 144),
            swing=0.667,
            bars=12,
            words=("shuffle", "boogie", "chicago", "medium"),
        ),
        Application(
            "slow",
            "Slow blues",
            (50, 60, 76),
            swing=0.66,
            bars=12,
            meter="12/8",
            words=("slow", "slow blues", "ballad", "lament"),
        ),
        Application(
            "fast",
            "Fast blues",
            (150, 176, 220),
            swing=0.6,
            bars=12,
            words=("fast", "jump", "jump blues", "uptempo", "up-tempo", "rock"),
        ),
    ),
    phrases=read_phrases(_PHRASES),
    colours={
        "tonic": ("7",),
        "subdominant": ("7",),
        "major": ("7",),
        "minor-tonic": ("m7", "m7", "m6", "m9"),
        "minor": ("m7", "m7", "m6", "m9"),
        "dominant": ("7", "7", "9", "13", "7#9"),
        "dominant-to-minor": ("7", "7", "7#9", "7b9"),
        "substitute": ("7", "9", "13"),
        "blue": ("7", "7", "9", "13"),
        "sus": ("7sus", "9sus"),
        "half-diminished": ("m7b5",),
        "diminished": ("dim7",),
        "augmented": ("7#5",),
    },
    moves={
        "secondary-dominant": 2,
        "passing-diminished": 2,
        "related-two": 1,
        "chromatic-approach": 2,
        "sus": 1,
    },
    forms=("12-bar", "8-bar", "quick-change", "jazz-blues", "minor"),
)
