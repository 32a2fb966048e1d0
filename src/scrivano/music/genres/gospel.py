"""Gospel: plagal steps, passing diminished chords, suspended dominants, and dominants of everything."""

from typing import Final

from scrivano.music.dto import Genre
from scrivano.music.genres.model import Application, GenreData, read_phrases

_PHRASES: Final = """
major open: I | I7/3 | IV | #iv°
major open: I | vi | IV I/3 | ii/4
major open: I | I7 | IV | iv
major open: I IV/5 | I | IV I/3 | IV/2
major open: I | III7 | vi | v I7
major open: I III7 | vi I7 | IV #iv° | I/5 IV/2
major open: vi | II7 | ii | V7sus
major open: IV | #iv° | I/5 | VI7
major open: I | #i° | ii | IV/2
major open: I V/3 | vi I/5 | IV I/3 | IV/2
major open: IV | V/b7 | iii VI7 | ii V7sus
major open: I | bVII | IV | I
major open: I I/3 | IV #iv° | I/5 VI7 | ii V7sus
major open @worship: I | V/3 | vi | IV
major open @worship: IV | I/3 | ii | IV/2
major open @worship: vi | IV | I/3 | IV/2
major open @worship: I | I/3 | IV | I/5 IV/2
major open: I IV | I #i° | ii #ii° | I/3 IV
major open: I | IV I | IV #iv° | I/5 V7
major open: I IV/5 | I I7/3 | IV iv | I IV/2
major open @uptempo,concert: I | I | I7 | I7
major open @uptempo: I7 | IV7 | I7 | IV #iv°
major open @uptempo: I IV7 | I7 | IV7 #iv° | I/5 VI7

major bridge: vi | III7 | vi | II7
major bridge: IV | I/3 | ii | IV/2
major bridge: IV I/3 | ii #iv° | I/5 VI7 | ii IV/2
major bridge: iii | VI7 | ii | V7sus
major bridge: iv | bVII7 | bIII | bVI
major bridge: #ivø | VII7 | iii | VI7
major bridge: vi viiø III7 | vi | II7 | V7sus
major bridge: IV | IV iv | iii | VI7
major bridge @concert,uptempo: ii@bIII | V7sus@bIII | I@bIII | I@bIII
major bridge @concert,uptempo: IV@bVI | V7sus@bVI | I@bVI | I@bVI

major half: ii | V7sus | V7sus | V7
major half: ii | V7sus | I VI7 | ii V7sus
major half: IV #iv° | I/5 VI7 | ii | V7sus
major half: II7 | II7 | V7sus | V7
major half: IV | iii VI7 | ii | IV/2
major half: IV I/3 | ii #iv° | I/5 | IV/2
major half: IV | #iv° | I/5 | V7sus
major half: IV | ii | bVI bVII | V7sus

major close: IV iv | I/5 VI7 | ii V7sus | I
major close: IV #iv° | I/5 VI7 | ii IV/2 | I
major close: IV I/3 | ii IV/2 | I IV | I
major close: IV #iv° | I/5 IV | I/5 V7 | I
major close: ii | V7sus V7 | I IV | I
major close: IV | iv | I IV/5 | I
major close: II7 | V7sus | IV | I
major close: ii iii | IV V7sus | I IV | I
major close: iii VI7 | ii IV/2 | I iv | I
major close: bVI | bVII | IV | I
major close: I I7/3 | IV #iv° | I/5 IV/2 | I
major close: IV V/3 | vi II7 | ii IV/2 | I
major close: vi iii | IV I/3 | ii IV/2 | I
major close: ii #ii° | I/3 IV | V7sus | I
major close: vi II7 | ii IV/2 | I IV | I
major close: IV V/b7 | iii VI7 | II7 V7sus | I

major open: I | IV #iv°
major open: I IV | I I7/3
major open: vi I/5 | IV I/3
major open: I V/3 | vi I7
major open: I III7 | vi I7
major open: IV #iv° | I/5 VI7
major bridge: vi | II7
major bridge: IV | iii VI7
major half: ii | V7sus
major half: IV #iv° | I/5 V7sus
major half: II7 | V7sus
major close: ii V7sus | I
major close: ii IV/2 | I
major close: I/5 IV/2 | I
major close: IV iv | I
major close: IV #iv° V7sus | I
major close: bVI bVII | I

minor open: i | i/b3 | iv | V7
minor open: i | bVII | bVI | V7sus
minor open: i I7 | iv | bVII7 | bIII
minor open: i | iv | i | V7
minor open: i iv | i | iv #iv° | i/5 V7
minor open: i | iv i/b3 | iiø | V7
minor open: i | iiø V7 | i | vø I7
minor open: i i/b7 | bVI | iiø | V7
minor open: iv | bVII7 | bIII | bVI
minor open: i | bVI | iv | V7sus

minor bridge: bVI | bVII | bIII | III7
minor bridge: iv | bVII7 | bIII | bVI
minor bridge: bIII | bVII | iv | V7
minor bridge: vø I7 | iv | iiø | V7

minor half: iv | iiø | V7sus | V7
minor half: bVI | iiø | V7sus | V7
minor half: iv i/b3 | iv #iv° | i/5 | V7sus
minor half: iv #iv° | i/5 | iiø | V7
minor half: i bVI | iiø V7 | i bVI | V7sus V7

minor close: iv | iiø V7 | i iv | i
minor close: bVI | bVII | i iv | i
minor close: iv #iv° | i/5 bVI7 | V7 | i
minor close: vø I7 | iv | V7sus V7 | i
minor close: iiø | V7 | i iv | i
minor close: iv #iv° | i/5 V7 | i iv | i
minor close: bVI iv | i/5 V7 | bVI iv | i

minor open: i | vø I7
minor open: i bVII | bVI V7
minor open: i i/b3 | iv
minor open: i | bVI V7sus
minor bridge: bVI | bVII
minor bridge: iv | bVII7
minor half: iiø | V7
minor half: bVI | V7sus
minor half: iv #iv° | V7sus
minor close: iiø V7 | i
minor close: iv #iv° V7 | i
minor close: bVI iv | i
"""

GOSPEL: Final = GenreData(
    genre=Genre.GOSPEL,
    title="Gospel",
    meters=("4/4", "3/4", "6/8", "12/8"),
    words=(
        "gospel",
        "church",
        "choir",
        "spiritual",
        "hymn",
        "sanctified",
        "shout",
        "praise",
        "worship",
        "ゴスペル",
    ),
    applications=(
        Application(
            "worship",
            "Worship",
            (60, 70, 84),
            spice=0.4,
            words=("worship", "prayer", "altar", "slow", "ballad", "hymn", "devotional"),
        ),
        Application(
            "concert",
            "Concert",
            (80, 100, 120),
            swing=0.56,
            spice=0.6,
            words=("concert", "choir", "mass choir", "medium"),
        ),
        Application(
            "uptempo",
            "Up tempo",
            (116, 132, 168),
            swing=0.6,
            spice=0.6,
            words=("uptempo", "up-tempo", "shout", "praise break", "fast", "praise", "holy dance"),
        ),
        Application(
            "practice",
            "Practice",
            (60, 80, 100),
            spice=0.3,
            drums=False,
            bass=False,
            words=("practice", "exercise", "drill", "study", "warm-up"),
        ),
    ),
    phrases=read_phrases(_PHRASES),
    colours={
        "tonic": ("", "", "add9", "maj7", "maj9"),
        "subdominant": ("", "", "maj7", "6", "maj9"),
        "major": ("", "", "maj7", "maj9"),
        "minor-tonic": ("m", "m7", "m7", "m9"),
        "minor": ("m7", "m7", "m9", "m11"),
        "dominant": ("7", "7", "9", "13"),
        "dominant-to-minor": ("7", "7b9", "7#5", "7#9", "7b13"),
        "substitute": ("7", "9", "13"),
        "blue": ("7", "7", "9", "13"),
        "sus": ("7sus", "9sus", "9sus", "13sus"),
        "half-diminished": ("m7b5",),
        "diminished": ("dim7",),
        "augmented": ("7#5",),
    },
    moves={
        "secondary-dominant": 3,
        "related-two": 2,
        "passing-diminished": 5,
        "minor-subdominant": 2,
        "tritone-substitute": 1,
        "plagal": 3,
        "sus": 2,
        "back-door": 1,
        "inversion": 3,
    },
    forms=("AABA", "AAB", "AB", "verse-chorus", "verse-chorus-bridge", "verse-chorus-vamp"),
)
