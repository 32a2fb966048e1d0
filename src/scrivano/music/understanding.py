"""What a request is understood as, told while it is typed."""

from typing import Literal

from pydantic import BaseModel, Field

from scrivano.llm.public import score_music
from scrivano.music.dto import Genre, MusicRequest, Section, Settled
from scrivano.music.genres import GENRES
from scrivano.music.progression import settle
from scrivano.music.progression.form import plan

Origin = Literal["given", "read", "usual", "yours"]
FIELDS = (
    "genre", "application", "key", "mode", "tempo", "meter", "bars", "difficulty", "lowest", "highest", "form", "seed",
)  # fmt: skip


class ApplicationView(BaseModel):
    """A way of playing a genre; tempos in beats a minute: lowest, usual, highest."""

    slug: str
    title: str
    tempo: tuple[int, int, int]
    meter: str
    bars: int
    swing: float = Field(description="Place of the off-beat eighth in the beat: 0.5 even, 0.667 triplet.")
    bass: bool
    drums: bool


class GenreView(BaseModel):
    """A genre with its applications, and the forms and meters that may be asked for."""

    slug: Genre
    title: str
    applications: list[ApplicationView]
    forms: list[str]
    meters: list[str]


class Demand(BaseModel):
    """How demanding a request is: a score, its level from 1 to 10, and the tier of models it is for."""

    score: float
    level: int
    tier: str
    reasons: list[str]


class Understanding(BaseModel):
    """A request with nothing left open, and where each thing comes from.

    `given` was named in a field, `read` stands in the description, `yours` follows from what you kept and rejected,
    `usual` is what the genre does.
    """

    settled: Settled
    origins: dict[str, Origin]
    title: str
    sections: list[Section]
    demand: Demand
    remarks: list[str]


def understand(request: MusicRequest, level: int | None = None) -> Understanding:
    """What a request is understood as. Raises InvalidInput that names the field and what is allowed.

    `level` is the difficulty to take where none is asked for.
    """
    settled = settle(request)
    origins: dict[str, Origin] = {}
    for name in FIELDS:
        given = name in request.model_fields_set and getattr(request, name) is not None
        origins[name] = "given" if given else "read" if name in settled.read else "usual"
    if level is not None and origins["difficulty"] == "usual":
        settled, origins["difficulty"] = settled.model_copy(update={"difficulty": level}), "yours"
    asked = None if origins["bars"] == "usual" else settled.bars
    complexity = score_music(request.description, asked)
    demand = Demand(
        score=complexity.score,
        level=complexity.level,
        tier=complexity.tier,
        reasons=[f"{reason.rule} {reason.weight:+g}" for reason in complexity.reasons],
    )
    return Understanding(
        settled=settled,
        origins=origins,
        title=title_of(settled),
        sections=sections_of(settled),
        demand=demand,
        remarks=_remarks(settled, origins),
    )


def sections_of(settled: Settled) -> list[Section]:
    """The form that the rules would give this piece."""
    found: list[Section] = []
    first = 1
    for part in plan(settled):
        found.append(Section(name=part.name, first_bar=first, bars=part.bars))
        first += part.bars
    return found


def title_of(settled: Settled) -> str:
    """A plain title: genre, key and application."""
    data = GENRES[settled.genre]
    mode = "" if settled.mode == "major" else " minor"
    return f"{data.title} in {settled.key}{mode} ({data.application(settled.application).title})"


def clean_title(title: str) -> str:
    """A title as files can hold it: a line of what can be printed, up to 300 characters; it may be empty."""
    return " ".join("".join(c if c.isprintable() else " " for c in title).split())[:300]


def _remarks(settled: Settled, origins: dict[str, Origin]) -> list[str]:
    data = GENRES[settled.genre]
    application = data.application(settled.application)
    told: list[str] = []
    if origins["genre"] == "usual" and origins["application"] != "given":
        told.append(f"No genre is named; {data.title.lower()} is taken.")
    low, _, high = application.tempo
    if not low <= settled.tempo <= high:
        told.append(
            f"{application.title} is usually played at {low} to {high} beats a minute, "
            f"not at {settled.tempo:g}."
        )
    return told


def genres() -> list[GenreView]:
    """The eight genres."""
    return [
        GenreView(
            slug=data.genre,
            title=data.title,
            applications=[
                ApplicationView(
                    slug=a.slug,
                    title=a.title,
                    tempo=a.tempo,
                    meter=a.meter,
                    bars=a.bars,
                    swing=a.swing,
                    bass=a.bass,
                    drums=a.drums,
                )
                for a in data.applications
            ],
            forms=sorted(data.forms),
            meters=sorted(data.meters),
        )
        for data in GENRES.values()
    ]
