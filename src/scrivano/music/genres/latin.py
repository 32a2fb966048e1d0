"""Latin: montuno cycles of a few chords in clave, bossa with the harmony of jazz, the bolero's romance."""

from typing import Final

from scrivano.music.dto import Genre
from scrivano.music.genres.model import Application, GenreData, read_phrases

_PHRASES: Final = """
major open @salsa,uptempo: I | IV | V7 | IV
major open @salsa,uptempo: I IV | V7 IV | I IV | V7 IV
major open @salsa,uptempo: I | V7 | V7 | I
major open @salsa,uptempo: ii | V7 | I | VI7
major open @salsa,uptempo: I VI7 | ii V7 | I VI7 | ii V7
major open @salsa,uptempo: I | IV | ii | V7
major open @salsa,uptempo: I I7 | IV iv | I VI7 | ii V7
major open @salsa,uptempo: ii V7 | iii VI7 | ii V7 | I
major open @bossa: I | II7 | ii | V7
major open @bossa: I | II7 | ii | bII7
major open @bossa: I | #i° | ii | V7
major open @bossa: I | vi | ii | V7
major open @bossa: I | v I7 | IV | iv
major open @bossa: I | viiø III7 | vi | II7
major open @bossa: I | VI7 | ii | V7
major open @bossa: I | bIII7 | ii | bII7
major open @bolero: I | vi | ii | V7
major open @bolero: I | I | #i° | ii
major open @bolero: I | III7 | vi | I7
major open @bolero: I | VI7 | ii | V7
major open @bolero: I iii | biii° ii | ii | V7
major open @bolero: IV iv | I VI7 | ii V7 | I

major bridge: vi | III7 | vi | II7
major bridge: v | I7 | IV | IV
major bridge: iv | bVII7 | I | VI7
major bridge: IV | iv | iii | VI7
major bridge: vi | vi | II7 | V7
major bridge @bossa: IV | bVII7 | iii | VI7
major bridge @bossa: bII | bII | ii | V7

major half: ii | V7 | I VI7 | ii V7
major half: ii | ii | V7 | V7
major half: II7 | II7 | ii | V7
major half: IV | iv | ii | V7
major half: iii VI7 | ii V7 | ii | V7

major close: ii | V7 | I | I
major close: ii V7 | iii VI7 | ii V7 | I
major close: IV iv | I VI7 | ii V7 | I
major close: ii | bII7 | I | I
major close: IV | V7 | I | I
major close: I VI7 | ii V7 | I | I
major close: II7 | ii V7 | I | I
major close: iii VI7 | ii V7 | I | I

major open: I | V7
major open: I IV | V7
major open: I VI7 | ii V7
major open: I I7 | IV iv
major open: I vi | ii V7
major bridge: vi | II7
major bridge: iv | bVII7
major half: ii | V7
major half: iii VI7 | ii V7
major half: II7 | V7
major close: V7 | I
major close: ii V7 | I
major close: IV V7 | I
major close: ii bII7 | I

minor open @salsa,uptempo,bolero: i | V7 | V7 | i
minor open: i | iv | V7 | i
minor open @salsa,uptempo,bolero: i | bVII | bVI | V7
minor open @salsa,uptempo,bolero: i iv | V7 iv | i iv | V7 iv
minor open: i | iiø V7 | i | iiø V7
minor open: iv | V7 | i | I7
minor open: i | I7 | iv | V7
minor open @salsa,uptempo,bolero: i bVII | bVI V7 | i bVII | bVI V7
minor open @salsa,uptempo,bolero: i | iv | bVII7 | bIII V7
minor open @bossa: i | viø | iiø | V7
minor open @bossa: i | vø I7 | iv | bVII7
minor open @bossa: i | bVI | iiø | V7
minor open @bolero: i | I7 | iv | iv
minor open @bolero: i | iiø V7 | i | iiø V7

minor bridge: iv | bVII7 | bIII | bVI
minor bridge: bVI | bVII | bIII | V7
minor bridge: iv | iv | i | i
minor bridge: vø | I7 | iv | iv
minor bridge: bIII | bVI | iiø | V7

minor half: iv | i | V7 | V7
minor half: bVI | V7 | iiø | V7
minor half: iv | iiø | V7 | V7
minor half: i bVI | iiø V7 | iiø | V7

minor close: iv | V7 | i | i
minor close: iiø | V7 | i | i
minor close: bVI | V7 | i | i
minor close: iv i | iiø V7 | i | i
minor close: i iv | V7 | i | i
minor close: bVII bVI | V7 | i | i
minor close: iiø | bII7 | i | i

minor open: i | V7
minor open: i iv | V7
minor open: i I7 | iv
minor open: i | iv
minor open: i bVI | iiø V7
minor open: bVI | V7
minor open @salsa,uptempo,bolero: i bVII | bVI V7
minor bridge: iv | bVII7
minor bridge: bVI | bIII
minor half: iv | V7
minor half: iiø | V7
minor half: bVI | V7
minor close: V7 | i
minor close: iv V7 | i
minor close: iiø V7 | i
minor close: bVI V7 | i
"""

LATIN: Final = GenreData(
    genre=Genre.LATIN,
    title="Latin",
    meters=("4/4", "2/2"),
    words=(
        "latin",
        "salsa",
        "bossa",
        "bossa nova",
        "bolero",
        "mambo",
        "cha-cha",
        "cha cha",
        "son montuno",
        "montuno",
        "clave",
        "samba",
        "cuban",
        "afro-cuban",
        "brazilian",
        "ラテン",
        "ボサノバ",
        "サルサ",
    ),
    applications=(
        Application(
            "salsa",
            "Salsa",
            (160, 184, 210),
            spice=0.4,
            words=(
                "salsa",
                "montuno",
                "son",
                "son montuno",
                "guaracha",
                "clave",
                "cuban",
                "cha-cha",
                "cha cha",
                "サルサ",
            ),
        ),
        Application(
            "bossa",
            "Bossa nova",
            (110, 130, 150),
            spice=0.6,
            words=("bossa", "bossa nova", "bossa-nova", "samba", "brazilian", "jobim", "ボサノバ"),
        ),
        Application(
            "bolero",
            "Bolero",
            (76, 92, 110),
            spice=0.5,
            words=("bolero", "slow", "ballad", "romantic", "trio"),
        ),
        Application(
            "uptempo",
            "Up tempo",
            (200, 220, 250),
            spice=0.4,
            words=("uptempo", "up-tempo", "mambo", "fast", "timba", "descarga", "マンボ"),
        ),
    ),
    phrases=read_phrases(_PHRASES),
    colours={
        "tonic": ("", "6", "", "add9", "6"),
        "subdominant": ("", "", "6", "maj7"),
        "major": ("", "", "6"),
        "minor-tonic": ("m", "m", "m7", "m6"),
        "minor": ("m7", "m", "m7", "m6"),
        "dominant": ("7", "7", "9", "13"),
        "dominant-to-minor": ("7", "7", "7b9"),
        "substitute": ("7", "9"),
        "blue": ("7", "9"),
        "sus": ("7sus", "9sus"),
        "half-diminished": ("m7b5",),
        "diminished": ("dim7",),
        "augmented": ("7#5",),
    },
    colours_of={
        "bossa": {
            "tonic": ("maj7", "6", "maj7", "maj9", "69"),
            "subdominant": ("maj7", "6", "maj9"),
            "major": ("maj7", "6", "maj9"),
            "minor-tonic": ("m7", "m6", "m9", "m69"),
            "minor": ("m7", "m7", "m9", "m11"),
            "dominant": ("7", "9", "13", "7b9"),
            "dominant-to-minor": ("7b9", "7", "7b13"),
            "substitute": ("7", "9", "7#11"),
            "blue": ("9", "13"),
        },
        "bolero": {
            "tonic": ("6", "maj7", "", "add9"),
            "subdominant": ("maj7", "6", ""),
            "minor-tonic": ("m6", "m7", "m"),
            "minor": ("m7", "m6", "m7"),
            "dominant": ("7", "9", "7b9"),
        },
    },
    moves={"secondary-dominant": 2, "minor-subdominant": 1, "related-two": 1, "sus": 1, "predominant": 2},
    moves_of={
        "bossa": {
            "secondary-dominant": 2,
            "related-two": 2,
            "tritone-substitute": 2,
            "passing-diminished": 2,
            "minor-subdominant": 1,
            "back-door": 1,
        },
        "bolero": {
            "secondary-dominant": 2,
            "passing-diminished": 2,
            "minor-subdominant": 2,
            "related-two": 1,
        },
    },
    forms=("AABA", "AB", "verse-montuno", "verse-chorus", "ABAC"),
    most_in_bar=2,
)
