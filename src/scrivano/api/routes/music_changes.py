"""Changing a finished song: every change is a new version."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from scrivano.api.access import PROJECT, CurrentCaller
from scrivano.api.dependencies import Services
from scrivano.api.values import Line, Number
from scrivano.music.public import SongView, SubstituteView

router = APIRouter(prefix="/api/music/arrangements/{song_id}", tags=["music"], dependencies=PROJECT)

Seed = Annotated[int, Field(ge=0, le=2**53, description="Another seed, other chords.")]
BarNumber = Annotated[int, Field(ge=1, le=64)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Title(_Body):
    """The new title, which stands in the files too."""

    title: Line = Field(min_length=1)


class Locks(_Body):
    """The bars (from 1) that stay when the rest is made anew; all others are free."""

    bars: list[BarNumber] = Field(max_length=64)


class Regenerate(_Body):
    """Which bars stay (numbers from 1; without a list, those that are locked); another seed gives other bars."""

    locked: list[BarNumber] | None = Field(default=None, max_length=64)
    seed: Seed = 0


class Reharmonize(_Body):
    """Which bars get richer harmony (numbers from 1)."""

    first: BarNumber
    last: BarNumber
    seed: Seed = 0


class Substitute(_Body):
    """Another chord at `index` (from 0)."""

    index: int = Field(ge=0, le=1000)
    symbol: Line = Field(max_length=40, examples=["Db7#11"])


class Transpose(_Body):
    """The new tonic; the mode stays."""

    key: Line = Field(max_length=40, examples=["Eb"])


class Difficulty(_Body):
    """1 for a beginner's hands to 5 for a professional's."""

    difficulty: int = Field(ge=1, le=5)


@router.patch("")
async def rename_song(house: Services, caller: CurrentCaller, song_id: UUID, change: Title) -> SongView:
    """Give the song another title."""
    return await house.music.changes.rename(song_id, change.title, by=caller.person_id)


@router.get("/suggestions")
async def suggestions(
    house: Services,
    caller: CurrentCaller,
    song_id: UUID,
    index: Annotated[int, Query(ge=0, le=1000, description="Which chord, from 0.")],
    limit: Annotated[int, Query(ge=1, le=30)] = 8,
) -> list[SubstituteView]:
    """Substitutes for a chord, those first that you would take, each with its reason and what your choices say."""
    return await house.music.suggestions(song_id, index, limit, person_id=caller.person_id)


@router.post("/substitute")
async def substitute(house: Services, caller: CurrentCaller, song_id: UUID, change: Substitute) -> SongView:
    """Change one chord. Your choice is learnt from."""
    return await house.music.changes.substitute(
        song_id, index=change.index, symbol=change.symbol, by=caller.person_id
    )


@router.put("/locks")
async def lock_bars(house: Services, caller: CurrentCaller, song_id: UUID, change: Locks) -> SongView:
    """Lock these bars and no others. Makes no version; what you lock is learnt from."""
    return await house.music.changes.lock(song_id, change.bars, by=caller.person_id)


@router.post("/regenerate")
async def regenerate(house: Services, caller: CurrentCaller, song_id: UUID, change: Regenerate) -> SongView:
    """Make every bar anew but the locked ones."""
    return await house.music.changes.regenerate(
        song_id, locked=change.locked, seed=change.seed, by=caller.person_id
    )


@router.post("/reharmonize")
async def reharmonize(house: Services, caller: CurrentCaller, song_id: UUID, change: Reharmonize) -> SongView:
    """Give some bars richer harmony; all others stay as they are."""
    return await house.music.changes.reharmonize(
        song_id, first=change.first, last=change.last, seed=change.seed, by=caller.person_id
    )


@router.post("/transpose")
async def transpose(house: Services, caller: CurrentCaller, song_id: UUID, change: Transpose) -> SongView:
    """Move the song to another key, its melody too."""
    return await house.music.changes.transpose(song_id, key=change.key, by=caller.person_id)


@router.post("/difficulty")
async def set_difficulty(
    house: Services, caller: CurrentCaller, song_id: UUID, change: Difficulty
) -> SongView:
    """The same chords for other hands."""
    return await house.music.changes.set_difficulty(
        song_id, difficulty=change.difficulty, by=caller.person_id
    )


@router.post("/undo")
async def undo(house: Services, caller: CurrentCaller, song_id: UUID) -> SongView:
    """What was before the last change. Answers 409 where there is nothing to undo."""
    return await house.music.changes.undo(song_id, by=caller.person_id)


@router.post("/redo")
async def redo(house: Services, caller: CurrentCaller, song_id: UUID) -> SongView:
    """What was undone last. Answers 409 where there is nothing to redo."""
    return await house.music.changes.redo(song_id, by=caller.person_id)


@router.post("/versions/{number}/restore")
async def restore(house: Services, caller: CurrentCaller, song_id: UUID, number: Number) -> SongView:
    """Take an earlier version again, as a new one."""
    return await house.music.changes.restore(song_id, number, by=caller.person_id)
