"""Reggae: few chords, held long, so that bass and drums can speak."""

from typing import Final

from scrivano.music.dto import Genre
from scrivano.music.genres.model import Application, GenreData, read_phrases

_PHRASES: Final = """
major open: I | IV | I | IV
major open: I | V | vi | IV
major open: I | ii | I | ii
major open: I | IV | V | IV
major open: I | vi | IV | V
major open: I | I | IV | IV
major open: I | bVII | IV | I
major open: I IV | V IV | I IV | V IV
major open: I | iii | vi | IV
major open: vi | IV | I | V
major open: I | bVII | I | bVII
major open: I vi | ii V | I vi | ii V
major open @roots,dub: I | I | ii | ii
major open @dancehall: I | I | bVII | IV
major open @dancehall: vi | V | IV | V

major bridge: vi | vi | IV | V
major bridge: IV | IV | I | I
major bridge: IV | V | IV | V
major bridge: ii | IV | ii | V
major bridge: vi | iii | IV | V
major bridge: IV | I | ii | V

major half: IV | IV | V | V
major half: I | IV | V | V
major half: vi | IV | ii | V
major half: ii | ii | V | V
major half: I | vi | ii | V

major close: IV | V | I | I
major close: IV | I | V | I
major close: ii | V | I | I
major close: I | IV | V | I
major close: I IV | V | I | I
major close: vi | IV V | I | I
major close: bVII | IV | I | I
major close: IV | IV | I | I
major close: I V | vi IV | I V | I

major open: I | IV
major open: I | V
major open: I | ii
major open: I IV | V
major open: I | bVII
major bridge: vi | IV
major open: I vi | IV
major open: vi | IV
major open: I iii | IV
major open: I IV | I
major bridge: IV | V
major half: IV | V
major half: ii | V
major half: vi | V
major close: V | I
major close: IV | I
major close: IV V | I
major close: ii V | I
major close: bVII IV | I

minor open: i | iv | i | iv
minor open: i | bVII | i | bVII
minor open: i | v | i | v
minor open: i | bVI | bVII | i
minor open: i | i | iv | iv
minor open: i | bVII | bVI | bVII
minor open: i | iv | v | iv
minor open: i bVII | bVI bVII | i bVII | bVI bVII
minor open: i | bIII | bVII | iv
minor open: i | i | bVII | bVII
minor open: i | bVI | iv | v
minor open @dancehall: i | bVI | bIII | bVII

minor bridge: bVI | bVI | bVII | bVII
minor bridge: iv | iv | i | i
minor bridge: bIII | bVII | iv | v
minor bridge: bVI | bVII | bVI | bVII
minor bridge: iv | bVII | bIII | v

minor half: iv | iv | v | v
minor half: bVI | bVI | bVII | bVII
minor half: i | iv | V | V
minor half: iv | bVI | v | v

minor close: iv | v | i | i
minor close: bVI | bVII | i | i
minor close: i | iv | v | i
minor close: i bVII | bVI v | i | i
minor close: bVII | iv | i | i
minor close: iv | V | i | i
minor close: bVI bVII | i | bVII | i

minor open: i | iv
minor open: i | bVII
minor open: i | v
minor open: i bVII | bVI
minor open: i bVI | bVII
minor open: i iv | i
minor open: bVI | bVII
minor open: i bIII | iv
minor bridge: bVI | bVII
minor bridge: iv | v
minor half: iv | v
minor half: bVI | bVII
minor half: iv | V
minor close: v | i
minor close: iv | i
minor close: bVI bVII | i
minor close: bVII | i
minor close: iv v | i
"""

REGGAE: Final = GenreData(
    genre=Genre.REGGAE,
    title="Reggae",
    meters=("4/4",),
    words=(
        "reggae",
        "ska",
        "rocksteady",
        "one drop",
        "one-drop",
        "skank",
        "dub",
        "dancehall",
        "rasta",
        "レゲエ",
    ),
    applications=(
        Application(
            "roots",
            "Roots",
            (120, 144, 176),
            spice=0.35,
            words=("roots", "one drop", "one-drop", "marley", "rocksteady", "ska", "nyabinghi"),
        ),
        Application(
            "dancehall",
            "Dancehall",
            (88, 98, 110),
            spice=0.35,
            words=("dancehall", "ragga", "uptempo", "party"),
        ),
        Application("dub", "Dub", (116, 136, 160), spice=0.25, words=("dub", "echo", "version", "spacey")),
    ),
    phrases=read_phrases(_PHRASES),
    colours={
        "tonic": ("", "", "", "add9", "6"),
        "subdominant": ("", "", "", "add9", "maj7"),
        "major": ("", "", "", "maj7"),
        "minor-tonic": ("m", "m", "m7"),
        "minor": ("m", "m", "m7", "m7"),
        "dominant": ("", "", "7"),
        "dominant-to-minor": ("", "7"),
        "substitute": ("7",),
        "blue": ("7",),
        "sus": ("sus4", "7sus"),
        "half-diminished": ("m7b5",),
        "diminished": ("dim",),
        "augmented": ("aug",),
    },
    moves={
        "push": 3,
        "relative-for-major": 2,
        "hold": 3,
        "subdominant-answer": 2,
        "restate": 2,
        "dominant-turn": 2,
    },
    forms=("AB", "AABA", "verse-chorus", "verse-chorus-bridge", "riddim"),
    most_in_bar=2,
)
