"""Classical: the common practice in three centuries; triads and sevenths, cadences, four voices."""

from typing import Final

from scrivano.music.dto import Genre
from scrivano.music.genres.model import Application, GenreData, Part, read_phrases

_PHRASES: Final = """
major open: I | V7/5 | I/3 | V
major open: I | IV | ii/b3 | V
major open: I V/3 | vi | ii/b3 | V
major open: I | vi | ii/b3 | V
major open: I | V | vi | iii/b3 V
major open: I vii°/b3 | I/3 | IV ii/b3 | V
major open: I | V7 | I | V
major open: I IV | V7 | I ii/b3 | V
major open: I | V/3 | vi | II7/3 V
major open: I | IV/5 I | ii/b3 | V
major open: I I/3 | IV | ii/b3 II7/3 | V
major open: I | III7/3 vi | ii/b3 | V

major bridge: vi | III7/3 | vi | II7/3 V
major bridge: I IV | vii°/b3 iii | vi ii/b3 | V
major bridge: vi iii/b3 | IV I/3 | ii VI7/3 | ii/b3 V
major bridge: ii VI7/3 | ii | I II7/3 | V
major bridge: vi | iii | IV | V
major bridge: V | V7/3 I | II7/3 | V
major bridge @romantic: vi | bVI | iv/b3 | V
major bridge @romantic: I7/3 IV | II7/3 V | III7/3 vi | V
major bridge @romantic: bIII | bVI | ii/b3 | V
major bridge: I@V IV@V | V7@V | I@V | I@V
major bridge: i@vi | iv@vi V7@vi | i@vi | V
major bridge @romantic: I@bVI | IV@bVI V7@bVI | I@bVI | V
major bridge @romantic: I@III IV@III | V7@III | I@III | V

major half: ii/b3 | I/5 | V7 | V
major half: IV | ii/b3 | I/5 V7 | V
major half: I | vi II7/3 | V | V
major half: I IV | ii/b3 | I/5 | V
major half: vi | ii/b3 | II7/3 | V
major half: I | IV | II7/3 | V
major half: vi IV | ii/b3 I/5 | II7/3 | V

major close: I | IV | ii/b3 V7 | I
major close: I | vi | ii/b3 V7 | I
major close: I I/3 | IV ii/b3 | I/5 V7 | I
major close: I | ii/b3 | I/5 V7 | I
major close: vi | ii/b3 | V7 | I
major close: I V/3 | vi IV | ii/b3 V7 | I
major close: I/3 IV | ii/b3 I/5 | V7 | I
major close: I VI7/3 | ii | V7 | I
major close: vi | IV ii/b3 | I/5 V7 | I
major close: I vii°/b3 | I/3 ii/b3 | V V7 | I
major close: I | II7/3 | I/5 V7 | I
major close @classical,romantic: I | iv | I/5 V7 | I
major close @classical,romantic: I I7/3 | IV bVI7 | I/5 V7 | I
major close @romantic: vi | bII/3 | I/5 V7 | I
major close @romantic: I | bVI | iv ii/b3 | V7 I
major close @romantic: I I7/3 | IV iv | I/5 V7 | I

major open: I | ii/b3 V
major open: I V7/5 | I/3 V
major open: I IV | I/5 V
major open: I vi | IV II7/3
major open: I V/3 | vi iii
major open: I I/3 | IV
major open: I | vi
major open: I vii°/b3 | I/3
major open: I IV/5 | I
major open: vi iii/b3 | IV
major bridge: vi III7/3 | vi V
major bridge: ii VI7/3 | ii V
major half: ii/b3 | V
major half: IV II7/3 | V
major half: I II7/3 | V
major close: ii/b3 V7 | I
major close: IV V7 | I
major close: I/5 V7 | I
major close: IV ii/b3 V7 | I
major close: vi V7 | I
major close: ii V7 | I
major close: II7/3 V7 | I
major close: V V7 | I
major close: V7 | I
major close: ii/b3 I/5 V7 | I

minor open: i | iv | iiø/3 | V
minor open: i | V7/5 | i/b3 | V
minor open: i V/3 | i | iv | V
minor open: i | bVI | iiø/b3 | V
minor open: i | iiø/b7 | V7/3 | i V
minor open: i | V7 | i | V
minor open: i vii°/b3 | i/b3 | iv | V
minor open: i | bVII | bVI | V
minor open: i v/b3 | bVI bIII/5 | iv | V
minor open: i iv | V7 | i iv/b3 | V

minor bridge: bIII | bVII/3 | bIII | V
minor bridge: iv bVII | bIII bVI | iiø/b3 | V
minor bridge: bVI bIII/3 | iv i/b3 | iiø/b3 | V
minor bridge: bIII bVII7/3 | bIII | I7/3 iv | V
minor bridge: bVI | bIII | iv/b3 | V
minor bridge @romantic: bVI | bVI bII/3 | i/5 | V
minor bridge @romantic: bIII | bVI | bII/3 | V
minor bridge: I@bIII | IV@bIII V7@bIII | I@bIII | V
minor bridge: I@bIII ii/b3@bIII | I/5@bIII V7@bIII | I@bIII | V
minor bridge @romantic: I@bVI | IV@bVI V7@bVI | I@bVI | V

minor half: iiø/b3 | i/5 | V7 | V
minor half: iv | iiø/b3 | i/5 V7 | V
minor half: i bVI | iv | i/5 | V
minor half: bVI | iv | II7/3 | V
minor half: i iv | iiø/b3 | II7/3 | V
minor half @classical,romantic: i | iv | bVI7 | V

minor close: i | iv | iiø/b3 V7 | i
minor close: i | bVI | iiø/b3 V7 | i
minor close: i | iiø/b3 | i/5 V7 | i
minor close: i i/b3 | iv iiø/b3 | i/5 V7 | i
minor close: bVI | iv | V7 | i
minor close: i I7/3 | iv | V7 | i
minor close: i vii°/b3 | i/b3 iv | i/5 V7 | i
minor close: bVI iv | iiø/b3 i/5 | V7 | i
minor close: i | bII/3 | V7 | i
minor close: i | iv bII/3 | i/5 V7 | i
minor close @classical,romantic: i | iv bVI7 | i/5 V7 | i
minor close @romantic: bVI | bII/3 | i/5 V7 | i

minor open: i | iiø/b3 V
minor open: i V7/5 | i/b3 V
minor open: i iv | i/5 V
minor open: i bVI | iv
minor open: i V/3 | i iv/b3
minor open: i i/b3 | iv
minor open: i | bVI
minor open: i vii°/b3 | i/b3
minor open: i bVII | bVI
minor open: bVI bIII | iv
minor bridge: bIII bVII/3 | bIII V
minor bridge: iv bVII | bIII V
minor half: iiø/b3 | V
minor half: iv/b3 | V
minor half: iv II7/3 | V
minor close: iiø/b3 V7 | i
minor close: iv V7 | i
minor close: i/5 V7 | i
minor close: bII/3 V7 | i
minor close: bVI V7 | i
minor close: II7/3 V7 | i
minor close: V V7 | i
minor close: V7 | i
minor close: iv i/5 V7 | i
minor close: iiø/b3 i/5 V7 | i
"""

_TRIADS: Final[dict[Part, tuple[str, ...]]] = {
    "tonic": ("",),
    "subdominant": ("",),
    "major": ("",),
    "minor-tonic": ("m",),
    "minor": ("m",),
    "dominant": ("7",),
    "dominant-to-minor": ("7",),
    "substitute": ("7",),
    "blue": ("7",),
    "sus": ("7",),
    "half-diminished": ("m7b5", "dim"),
    "diminished": ("dim", "dim7"),
    "augmented": ("aug",),
}

CLASSICAL: Final = GenreData(
    genre=Genre.CLASSICAL,
    title="Classical",
    meters=("4/4", "3/4", "2/2", "6/8", "12/8"),
    words=(
        "classical",
        "chorale",
        "sonata",
        "minuet",
        "waltz",
        "prelude",
        "fugue",
        "nocturne",
        "bach",
        "mozart",
        "chopin",
        "symphony",
        "クラシック",
        "古典",
    ),
    applications=(
        Application(
            "classical",
            "Classical",
            (72, 108, 144),
            bars=16,
            drums=False,
            bass=False,
            words=("mozart", "haydn", "sonata", "sonatina", "minuet", "viennese", "rondo", "allegro"),
        ),
        Application(
            "baroque",
            "Baroque",
            (60, 88, 120),
            bars=16,
            drums=False,
            bass=False,
            words=("baroque", "bach", "handel", "chorale", "fugue", "prelude", "sarabande", "vivaldi"),
        ),
        Application(
            "romantic",
            "Romantic",
            (48, 72, 112),
            bars=16,
            spice=0.6,
            drums=False,
            bass=False,
            words=(
                "romantic",
                "chopin",
                "schumann",
                "nocturne",
                "brahms",
                "liszt",
                "slow",
                "lyrical",
                "ballad",
            ),
        ),
    ),
    phrases=read_phrases(_PHRASES),
    colours=_TRIADS,
    colours_of={
        "classical": {"minor": ("m", "m", "m7"), "dominant": ("7",)},
        "romantic": {
            "minor": ("m", "m7", "m7"),
            "dominant": ("7", "7", "9"),
            "dominant-to-minor": ("7", "7b9"),
            "subdominant": ("", "maj7"),
            "half-diminished": ("m7b5",),
            "diminished": ("dim7",),
        },
    },
    moves={
        "secondary-dominant": 3,
        "seventh": 3,
        "secondary-leading-tone": 2,
        "predominant": 3,
        "six-four": 2,
        "inversion": 3,
        "submediant": 2,
        "restate": 1,
    },
    moves_of={
        "romantic": {
            "secondary-dominant": 3,
            "seventh": 2,
            "secondary-leading-tone": 3,
            "predominant": 2,
            "six-four": 2,
            "inversion": 2,
            "submediant": 1,
            "minor-subdominant": 2,
            "neapolitan": 1,
            "augmented-sixth": 1,
        },
        "classical": {
            "secondary-dominant": 3,
            "seventh": 3,
            "secondary-leading-tone": 2,
            "predominant": 3,
            "six-four": 2,
            "inversion": 3,
            "submediant": 2,
            "augmented-sixth": 1,
        },
    },
    forms=("period", "sentence", "AB", "ABA", "rondo", "AABB"),
    most_in_bar=3,
)
