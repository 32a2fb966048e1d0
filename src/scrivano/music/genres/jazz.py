"""Jazz: ii–V–I everywhere, seventh chords at the least, substitutes for every dominant."""

from typing import Final

from scrivano.music.dto import Genre
from scrivano.music.genres.model import Application, GenreData, read_phrases

_PHRASES: Final = """
major open: I | vi | ii | V7
major open: I | VI7 | ii | V7
major open: I | I | ii | V7
major open: I | II7 | ii | V7
major open: I | #i° | ii | V7
major open: ii | V7 | I | VI7
major open: I | v I7 | IV | iv
major open: I | iii VI7 | ii | V7
major open: iii | VI7 | ii | V7
major open: I | IV | iii VI7 | ii V7
major open: I | viiø III7 | vi | v I7
major open @swing,standard,uptempo,bebop: I vi | ii V7 | I vi | ii V7
major open @swing,standard,uptempo,bebop: I VI7 | ii V7 | iii VI7 | ii V7
major open @bebop,uptempo: I | #ivø VII7 | iii VI7 | ii V7
major open @bebop,uptempo: I | viiø III7 | vi II7 | v I7
major open @bebop,uptempo: I | iv bVII7 | I | iii VI7
major open @ballad: I | viiø III7 | vi | II7
major open @ballad: I vi | ii V7 | iii VI7 | ii V7
major open @ballad: I iii | IV iv | iii VI7 | ii V7

major bridge: III7 | III7 | VI7 | VI7
major bridge: v | I7 | IV | IV
major bridge: v I7 | IV | vi | II7
major bridge: #ivø | VII7 | iii | VI7
major bridge: vi | III7 | vi | II7
major bridge: iv | bVII7 | I | VI7
major bridge: IV | iv bVII7 | I | VI7
major bridge: iii | VI7 | ii | V7
major bridge: ii@bIII V7@bIII | I@bIII | I@bIII | ii V7
major bridge: ii@IV | V7@IV | I@IV | I@IV
major bridge: ii@bVI | V7@bVI | I@bVI | ii V7
major bridge @swing,standard,ballad,bebop: ii@IV V7@IV | I@IV | ii@bIII V7@bIII | I@bIII
major bridge @swing,standard,ballad,bebop: iiø@vi V7@vi | i@vi | i@vi | ii V7

major half: ii | V7 | I VI7 | ii V7
major half: ii | V7 | iii VI7 | ii V7
major half: I vi | ii V7 | iii VI7 | ii V7
major half: II7 | II7 | ii | V7
major half: IV | iv | iii VI7 | ii V7
major half: IV #iv° | I/5 VI7 | ii | V7
major half: ii | ii | V7 | V7
major half: iii | VI7 | ii | V7

major close: ii | V7 | I | I
major close: ii V7 | iii VI7 | ii V7 | I
major close: iii VI7 | ii V7 | I vi | ii V7 I
major close: iv | bVII7 | I | ii V7 I
major close: ii | iv bVII7 | I | ii V7 I
major close: iiø | V7 | I | I
major close: IV #iv° | I/5 VI7 | ii V7 | I
major close: IV iv | iii VI7 | ii V7 | I
major close: iii biii° | ii V7 | I | I
major close: II7 | ii V7 | I | I
major close: vi II7 | ii V7 | I | I

major open: I vi | ii V7
major open: iii VI7 | ii V7
major open: I | v I7
major bridge: vi | II7
major bridge: v I7 | IV
major half: ii | V7
major half: I VI7 | ii V7
major half: iii VI7 | ii V7
major close: ii V7 | I
major close: iv bVII7 | I
major close: iiø V7 | I
major close: vi ii V7 | I

minor open: i | iiø V7 | i | i
minor open: i | viø | iiø | V7
minor open: i | bVI | iiø | V7
minor open: i | iv | iiø | V7
minor open: iv | bVII7 | bIII | bVI
minor open: iiø | V7 | i | i
minor open: i | i | iv | iv
minor open: i | bVI7 V7 | i | vø I7
minor open: i | iv bVII7 | bIII bVI | iiø V7
minor open @swing,bebop,uptempo,standard: i bVI | iiø V7 | i viø | iiø V7
minor open @ballad: i viø | iiø V7 | i | vø I7

minor bridge: vø | I7 | iv | iv
minor bridge: iv | bVII7 | bIII | bIII
minor bridge: vø I7 | iv | iv bVII7 | bIII
minor bridge: bVI | bVI | iiø | V7
minor bridge: iv | bVII7 | bIII bVI | iiø V7
minor bridge: i | iv | bVII7 | bIII
minor bridge: ii@bIII | V7@bIII | I@bIII | I@bIII
minor bridge: ii@bVI V7@bVI | I@bVI | I@bVI | iiø V7
minor bridge: iiø@iv V7@iv | i@iv | ii@bIII V7@bIII | I@bIII

minor half: iiø | V7 | i bVI | iiø V7
minor half: iv | iiø | V7 | V7
minor half: i viø | iiø V7 | i bVI | iiø V7
minor half: bVI7 | V7 | iiø | V7
minor half: iv | bVI | iiø | V7

minor close: iiø | V7 | i | i
minor close: iiø V7 | i bVI | iiø V7 | i
minor close: bVI | iiø V7 | i | i
minor close: iv | iiø V7 | i | i
minor close: iv bVII7 | bIII bVI | iiø V7 | i
minor close: vø I7 | iv | iiø V7 | i
minor close: i viø | iiø V7 | i | i

minor open: i viø | iiø V7
minor open: i | vø I7
minor open: i bVI | iiø V7
minor open: iv bVII7 | bIII bVI
minor bridge: iv | bVII7
minor bridge: vø I7 | iv
minor half: iiø | V7
minor half: i bVI | iiø V7
minor half: bVI7 | V7
minor close: iiø V7 | i
minor close: bVI7 V7 | i
minor close: iv iiø V7 | i

major open @fusion: I | bVII | I | bVII
major open @fusion: I | bIII | bVI | bII
major open @fusion: I | II7 | I | II7
major open @fusion: vi | vi | bVI | bVII
major open @fusion: I | bVI | bVII | I
major bridge @fusion: bVI | bVI | bVII | bVII
major bridge @fusion: iv | bVII7 | bIII | bVI
major half @fusion: ii | bVI | bII | V7sus
major close @fusion: bVI | bVII | V7sus | I
major close @fusion: iv | bVII7 | I | I
minor open @fusion: i | IV7 | i | IV7
minor open @fusion: i | i | bVI | bVII
minor open @fusion: i | bIII | iv | bVI
minor bridge @fusion: bVI | bVII | i | i
minor bridge @fusion: bVI | bVI | iv | bVII7
minor half @fusion: bVI | bVII | V7sus | V7
minor close @fusion: bVI | iv | V7sus | i
"""

JAZZ: Final = GenreData(
    genre=Genre.JAZZ,
    title="Jazz",
    meters=("4/4", "3/4", "5/4", "2/2"),
    words=("jazz", "jazzy", "bop", "real book", "ジャズ", "爵士"),
    applications=(
        Application(
            "swing",
            "Swing",
            (120, 150, 200),
            swing=0.66,
            bars=32,
            words=("swing", "swinging", "big band", "スウィング", "スイング"),
        ),
        Application(
            "standard",
            "Standard",
            (100, 126, 160),
            swing=0.64,
            bars=32,
            words=("standard", "medium", "tin pan alley", "great american songbook"),
        ),
        Application(
            "ballad",
            "Ballad",
            (50, 62, 76),
            swing=0.6,
            spice=0.6,
            words=("ballad", "slow", "tender", "torch song", "バラード"),
        ),
        Application(
            "bebop",
            "Bebop",
            (180, 220, 280),
            swing=0.62,
            spice=0.8,
            bars=32,
            words=("bebop", "be-bop", "bop", "ビバップ"),
        ),
        Application(
            "fusion",
            "Fusion",
            (90, 112, 140),
            spice=0.6,
            words=("fusion", "jazz rock", "jazz-rock", "modal", "avant-garde", "avant garde"),
        ),
        Application(
            "uptempo",
            "Up tempo",
            (220, 250, 300),
            swing=0.6,
            spice=0.8,
            bars=32,
            words=("uptempo", "up-tempo", "fast", "burner"),
        ),
    ),
    phrases=read_phrases(_PHRASES),
    colours={
        "tonic": ("maj7", "6", "maj7", "maj9", "69", "maj13"),
        "subdominant": ("maj7", "6", "maj7", "maj9", "maj7#11"),
        "major": ("maj7", "maj7", "6", "maj9", "maj7#11"),
        "minor-tonic": ("m6", "m7", "m69", "mMaj7", "m9"),
        "minor": ("m7", "m7", "m7", "m9", "m11"),
        "dominant": ("7", "7", "9", "13", "7b9", "13b9", "7#11"),
        "dominant-to-minor": ("7", "7b9", "7b9", "7b13", "7#9", "7alt", "7b9b13"),
        "substitute": ("7", "9", "7#11", "13", "9#11"),
        "blue": ("7", "9", "13"),
        "sus": ("7sus", "9sus", "13sus"),
        "half-diminished": ("m7b5", "m7b5", "m7b5", "m9b5", "m11b5"),
        "diminished": ("dim7",),
        "augmented": ("7#5", "maj7#5"),
    },
    colours_of={
        "fusion": {
            "tonic": ("maj7", "maj9", "69", "maj7#11", "maj9#11"),
            "major": ("maj7", "maj7", "maj7#11", "maj9"),
            "subdominant": ("maj7", "maj7#11", "maj9"),
            "minor-tonic": ("m7", "m9", "m11", "m13"),
            "minor": ("m7", "m9", "m11"),
            "dominant": ("9", "13", "7sus", "13sus", "7alt"),
        },
        "bebop": {
            "tonic": ("6", "maj7", "maj7", "maj9"),
            "dominant": ("7", "7b9", "13", "7b9", "7alt", "7#9"),
        },
    },
    moves={
        "secondary-dominant": 3,
        "related-two": 3,
        "tritone-substitute": 2,
        "passing-diminished": 1,
        "third-for-tonic": 1,
        "minor-subdominant": 1,
        "back-door": 1,
        "half-diminished-two": 1,
        "split-dominant": 1,
    },
    moves_of={
        "fusion": {
            "side-slip": 2,
            "sus": 3,
            "minor-subdominant": 1,
            "constant-structure": 2,
            "parallel-mode": 3,
        },
        "uptempo": {
            "secondary-dominant": 3,
            "related-two": 4,
            "tritone-substitute": 2,
            "passing-diminished": 1,
            "split-dominant": 1,
        },
        "bebop": {
            "secondary-dominant": 3,
            "related-two": 5,
            "tritone-substitute": 3,
            "passing-diminished": 1,
            "half-diminished-two": 1,
            "side-slip": 1,
        },
    },
    forms=("AABA", "ABAC", "ABAB", "AAB", "ABCD", "intro-AABA-coda"),
)
