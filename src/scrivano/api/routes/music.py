"""Music."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from scrivano.api.access import PROJECT
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.music.public import (
    GenreView,
    MusicRequest,
    MusicStatistics,
    SongFile,
    SongView,
    Suggestion,
    genres,
)

router = APIRouter(prefix="/api/music", tags=["music"], dependencies=PROJECT)


class SongRequest(BaseModel):
    """What is wanted, and how it may be made."""

    request: MusicRequest
    title: str | None = Field(default=None, max_length=300)
    model: str | None = Field(default=None, description="One model by name, or `rules`.")


class Regenerate(BaseModel):
    """Which bars stay (numbers from 1); another seed gives other bars."""

    locked: list[int] = Field(default_factory=list[int], max_length=64)
    seed: int = 0


class Reharmonize(BaseModel):
    """Which bars get richer harmony (numbers from 1)."""

    first: int
    last: int
    seed: int = 0


class Substitute(BaseModel):
    """Another chord at `index` (from 0)."""

    index: int
    symbol: str = Field(max_length=40)


class Transpose(BaseModel):
    """The new tonic."""

    key: str = Field(max_length=4)


@router.get("/genres")
async def list_genres() -> list[GenreView]:
    """The genres with their applications, forms and meters."""
    return genres()


@router.post("/arrangements", status_code=202)
async def order_song(house: Services, order: SongRequest) -> SongView:
    """Start making a song. Follow its run at `/api/runs/{run_id}/events`."""
    return await house.music.order(order.request, title=order.title, model=order.model)


@router.get("/arrangements")
async def list_songs(house: Services, limit: Limit = 50, offset: Offset = 0) -> list[SongView]:
    """Songs, newest first, without their notes."""
    return await house.music.list(limit=limit, offset=offset)


@router.get("/statistics")
async def statistics(house: Services) -> MusicStatistics:
    """Finished songs by who made them."""
    return await house.music.statistics()


@router.get("/arrangements/{song_id}")
async def get_song(house: Services, song_id: UUID) -> SongView:
    """One song with its arrangement."""
    return await house.music.get(song_id)


@router.get("/arrangements/{song_id}/files")
async def list_files(house: Services, song_id: UUID) -> list[SongFile]:
    """The finished files."""
    return await house.music.files(song_id)


@router.get(
    "/arrangements/{song_id}/files/{name}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The file."}},
)
async def get_file(house: Services, song_id: UUID, name: Annotated[str, Path(max_length=100)]) -> Any:
    """The bytes of one file. The ETag is their SHA-256."""
    view, content = await house.music.file(song_id, name)
    headers = {"ETag": f'"{view.sha256}"', "Content-Disposition": f'attachment; filename="{view.name}"'}
    return Response(content, media_type=view.media_type, headers=headers)


@router.get("/arrangements/{song_id}/suggestions")
async def suggestions(
    house: Services,
    song_id: UUID,
    index: Annotated[int, Query(ge=0, description="Which chord, from 0.")],
    limit: Annotated[int, Query(ge=1, le=30)] = 8,
) -> list[Suggestion]:
    """Substitutes for a chord, best first, with their reasons."""
    return await house.music.suggestions(song_id, index, limit)


@router.post("/arrangements/{song_id}/regenerate")
async def regenerate(house: Services, song_id: UUID, change: Regenerate) -> SongView:
    """Make every bar anew but the locked ones."""
    return await house.music.regenerate(song_id, locked=change.locked, seed=change.seed)


@router.post("/arrangements/{song_id}/reharmonize")
async def reharmonize(house: Services, song_id: UUID, change: Reharmonize) -> SongView:
    """Give some bars richer harmony."""
    return await house.music.reharmonize(song_id, first=change.first, last=change.last, seed=change.seed)


@router.post("/arrangements/{song_id}/substitute")
async def substitute(house: Services, song_id: UUID, change: Substitute) -> SongView:
    """Change one chord."""
    return await house.music.substitute(song_id, index=change.index, symbol=change.symbol)


@router.post("/arrangements/{song_id}/transpose")
async def transpose(house: Services, song_id: UUID, change: Transpose) -> SongView:
    """Move the song to another key."""
    return await house.music.transpose(song_id, key=change.key)


@router.post("/arrangements/{song_id}/versions/{number}/restore")
async def restore(house: Services, song_id: UUID, number: int) -> SongView:
    """Take an earlier version again."""
    return await house.music.restore(song_id, number)
