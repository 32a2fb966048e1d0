"""What a genre consists of, as data."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

from scrivano.music.dto import Genre, Mode

Role = Literal["open", "bridge", "half", "close", "chorus", "turnaround", "ending"]

# How a chord is dressed: which part it plays decides which suffixes it may take.
Part = Literal[
    "tonic", "subdominant", "major", "minor-tonic", "minor", "dominant", "dominant-to-minor", "substitute",
    "blue", "sus", "half-diminished", "diminished", "augmented",
]  # fmt: skip


@dataclass(frozen=True)
class Application:
    """A way of playing a genre.

    `tempo` is the lowest, usual and highest, in quarters (dotted in compound meters) a minute; it rules what
    is chosen when no tempo is asked for. `swing` is where the off-beat eighth falls in the beat. `spice` is
    how readily the harmony is elaborated, 0 to 1. `words` lead to it in a description.
    """

    slug: str
    title: str
    tempo: tuple[int, int, int]
    swing: float = 0.5
    spice: float = 0.5
    meter: str = "4/4"
    bars: int = 16
    drums: bool = True
    bass: bool = True
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Phrase:
    """Some bars of plain numerals with a role in the form; `applications` empty means every one."""

    mode: Mode
    role: Role
    bars: tuple[tuple[str, ...], ...]
    applications: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.bars)


@dataclass(frozen=True)
class GenreData:
    """One genre: who plays it how, what its phrases are, how its chords are dressed and elaborated.

    `colours` has, for each part, suffixes from the plainest to the richest; several of the same weigh more.
    `moves` has the elaborations the genre knows with a weight. `forms` are the forms that may be asked for.
    """

    genre: Genre
    title: str
    meters: tuple[str, ...]
    applications: tuple[Application, ...]
    words: tuple[str, ...]
    phrases: tuple[Phrase, ...]
    colours: dict[Part, tuple[str, ...]]
    moves: dict[str, float]
    forms: tuple[str, ...] = ()
    colours_of: dict[str, dict[Part, tuple[str, ...]]] = field(
        default_factory=dict[str, dict[Part, tuple[str, ...]]]
    )
    moves_of: dict[str, dict[str, float]] = field(default_factory=dict[str, dict[str, float]])
    most_in_bar: int = 4

    @cached_property
    def by_slug(self) -> dict[str, Application]:
        """The applications by their slugs, in the genre's order."""
        return {a.slug: a for a in self.applications}

    def application(self, slug: str) -> Application:
        """The application of this slug; raises KeyError."""
        return self.by_slug[slug]

    def palette(self, application: str, part: Part) -> tuple[str, ...]:
        """The suffixes a part may take in an application, from plain to rich."""
        return self.colours_of.get(application, {}).get(part) or self.colours[part]

    def elaborations(self, application: str) -> dict[str, float]:
        """The elaborations of an application with their weights."""
        return self.moves_of.get(application, self.moves)

    def phrases_for(self, mode: Mode, role: Role, length: int, application: str) -> tuple[Phrase, ...]:
        """The phrases of this mode, role and length that the application may use."""
        return tuple(
            p
            for p in self.phrases
            if p.mode == mode
            and p.role == role
            and len(p) == length
            and (not p.applications or application in p.applications)
        )


_ROLES: Final = ("open", "bridge", "half", "close", "chorus", "turnaround", "ending")


def read_phrases(text: str) -> tuple[Phrase, ...]:
    """Reads lines such as `major close @swing,bebop: ii | V7 | I | I`; empty lines part them for the eye."""
    found: list[Phrase] = []
    for line in filter(None, (raw.strip() for raw in text.splitlines())):
        head, _, body = line.partition(":")
        mode, role, *rest = head.split()
        if mode not in {"major", "minor"} or role not in _ROLES or not body:
            raise ValueError(f"Not a phrase: {line}")
        names = frozenset(rest[0].removeprefix("@").split(",")) if rest else frozenset[str]()
        bars = tuple(tuple(bar.split()) for bar in body.split("|"))
        if not all(bars):
            raise ValueError(f"A bar without a chord: {line}")
        found.append(Phrase("major" if mode == "major" else "minor", role, bars, names))
    return tuple(found)
