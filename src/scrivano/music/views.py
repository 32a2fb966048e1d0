"""Songs as others see them."""

import datetime as dt
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from scrivano.core.errors import Conflict
from scrivano.documents.public import VersionInfo
from scrivano.llm.public import Complexity
from scrivano.music.dto import Arrangement, Genre, Reason, Settled
from scrivano.music.models import SongFileRow, SongRow


class SongView(BaseModel):
    """A song. `arrangement` is None until it is finished; `version` counts its arrangements from 1.

    `material` says whether a person's chords or melody went into it, `notes` what was done on the way (to a model's
    reply, say). `undo` and `redo` are the versions that undoing and redoing would bring back.
    """

    id: UUID
    run_id: str
    project_id: UUID
    title: str
    genre: Genre
    settled: Settled
    complexity: Complexity
    generation_method: str | None
    made_by: str | None
    created_at: dt.datetime
    finished_at: dt.datetime | None
    material: Literal["chords", "melody"] | None = None
    notes: list[str] = Field(default_factory=list[str])
    version: int | None = None
    undo: int | None = None
    redo: int | None = None
    arrangement: Arrangement | None = None


class SongFile(BaseModel):
    """A finished file. `size` is in bytes."""

    name: str
    media_type: str
    sha256: str
    size: int


class SongVersion(BaseModel):
    """A version of a song: what changed (`note`), when, and by whom."""

    number: int
    note: str
    author_kind: str
    author_id: str | None
    created_at: dt.datetime


class SongVersionView(SongVersion):
    """The same with the arrangement as it was."""

    arrangement: Arrangement


class SubstituteView(BaseModel):
    """A chord that may stand in another's place, with its reason there.

    `score` (0 to 1) is how near it lies to the old chord and how usual its reason is, `probability` how likely this
    person is to take it among those offered, `because` what speaks for and against it in their choices.
    """

    symbol: str
    reason: Reason
    score: float
    probability: float
    because: list[str] = Field(default_factory=list[str])


class NextChord(BaseModel):
    """A chord that may come next, how likely this person is to take it, what it rests on, and their own leanings."""

    symbol: str
    probability: float
    why: str | None
    because: list[str]


class BrokenRule(BaseModel):
    """A rule of docs/concepts/music-rules.md that finished files break; bar 0 is the whole piece."""

    rule: str
    bar: int
    text: str


class GenreMoney(BaseModel):
    """What generating cost, in US dollars, and what was saved against asking the cloud for all of it."""

    cost_usd: Decimal
    saved_usd: Decimal


class MusicStatistics(BaseModel):
    """Songs made by who made them (`small-local`, `large-local`, `cloud`, `rules`), in all and by genre, also of songs
    that were deleted; and money, by counted tokens and the prices of then. Counted since `since`; None: since ever."""

    since: dt.datetime | None
    overall: dict[str, int]
    genres: dict[str, dict[str, int]]
    money: GenreMoney
    money_by_genre: dict[str, GenreMoney]


def song_view(row: SongRow, version: int | None = None, *, whole: bool = True) -> SongView:
    """A song out of its row; not `whole` is without its notes, which then are not read."""
    before, after = history_of(row, version)
    return SongView(
        id=row.id,
        run_id=row.run_id,
        project_id=row.project_id,
        title=row.title,
        genre=Genre(row.genre),
        settled=Settled.model_validate(row.settled),
        complexity=TypeAdapter(Complexity).validate_python(row.complexity),
        generation_method=row.generation_method,
        made_by=row.made_by,
        created_at=row.created_at,
        finished_at=row.finished_at,
        material=row.material["use"] if whole and row.material else None,
        notes=row.notes,
        version=version,
        undo=before[-1] if before else None,
        redo=after[-1] if after else None,
        arrangement=Arrangement.model_validate(row.arrangement) if whole and row.arrangement else None,
    )


def history_of(row: SongRow, version: int | None) -> tuple[list[int], list[int]]:
    """The versions to go back to and forth to, the nearest last. A song from before these were kept goes back through
    all of its versions."""
    kept = row.history or {}
    before = kept.get("before")
    return list(range(1, version or 1)) if before is None else list(before), list(kept.get("after", []))


def arrangement_in(text: str, number: int) -> Arrangement:
    """The arrangement that a version holds. Raises Conflict where somebody wrote something else into it."""
    try:
        return Arrangement.model_validate_json(text)
    except ValidationError:
        raise Conflict(
            f"Version {number} of the song holds no arrangement.", remedy="Restore another version."
        ) from None


def version_view(info: VersionInfo) -> SongVersion:
    """A version of a song's document."""
    return SongVersion(
        number=info.number,
        note=info.note,
        author_kind=info.author.kind,
        author_id=info.author.id,
        created_at=info.created_at,
    )


def file_view(row: SongFileRow) -> SongFile:
    """A file without its bytes."""
    return SongFile(name=row.name, media_type=row.media_type, sha256=row.sha256, size=len(row.content))
