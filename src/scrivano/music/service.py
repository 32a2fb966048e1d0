"""Use-cases of music: order a song, look at it, change it, take its files."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import BaseModel, TypeAdapter

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import Conflict, NotFound
from scrivano.core.ids import new_id
from scrivano.documents.public import Author, Documents
from scrivano.llm.public import Complexity, score_music
from scrivano.music import repo
from scrivano.music.arrange import arrange
from scrivano.music.dto import Arrangement, Genre, MusicRequest, Progression, Settled
from scrivano.music.files import write_files
from scrivano.music.genres import GENRES
from scrivano.music.models import SongRow
from scrivano.music.progression import (
    Suggestion,
    regenerate,
    reharmonize,
    settle,
    substitute,
    suggest,
    transpose,
)
from scrivano.music.shelf import file_rows
from scrivano.music.stages import RULES, MusicOrder
from scrivano.projects.public import DEFAULT_PROJECT

if TYPE_CHECKING:
    from scrivano.runs.public import Runs


class SongView(BaseModel):
    """A song. `arrangement` is None until it is finished; `version` counts its arrangements from 1."""

    id: UUID
    run_id: str
    title: str
    genre: Genre
    settled: Settled
    complexity: Complexity
    generation_method: str | None
    made_by: str | None
    created_at: datetime
    finished_at: datetime | None
    version: int | None = None
    arrangement: Arrangement | None = None


class SongFile(BaseModel):
    """A finished file. `size` is in bytes."""

    name: str
    media_type: str
    sha256: str
    size: int


class ApplicationView(BaseModel):
    """A way of playing a genre; tempos in beats a minute: lowest, usual, highest."""

    slug: str
    title: str
    tempo: tuple[int, int, int]
    meter: str
    bars: int


class GenreView(BaseModel):
    """A genre with its applications and the forms that may be asked for."""

    slug: Genre
    title: str
    applications: list[ApplicationView]
    forms: list[str]
    meters: list[str]


class MusicStatistics(BaseModel):
    """Finished songs by who made them (`small-local`, `large-local`, `cloud`, `rules`), in all and by genre."""

    overall: dict[str, int]
    genres: dict[str, dict[str, int]]


class Music:
    """Everything about songs but the making itself, which is the pipeline's."""

    def __init__(self, database: Database, runs: "Runs", documents: Documents) -> None:
        self._database = database
        self._runs = runs
        self._documents = documents

    async def order(
        self,
        request: MusicRequest,
        *,
        title: str | None = None,
        model: str | None = None,
        project_id: UUID = DEFAULT_PROJECT,
        user_id: UUID | None = None,
    ) -> SongView:
        """Settle and store the request, and start the run that makes the song.

        `model` names one model, or `rules` for none. Raises InvalidInput that names the field and what is allowed.
        """
        settled = settle(request)
        asked = settled.bars if request.bars is not None or "bars" in settled.read else None
        complexity = score_music(request.description, asked)
        song_id, run_id = new_id(), str(new_id())
        row = SongRow(
            id=song_id,
            run_id=run_id,
            project_id=project_id,
            user_id=user_id,
            title=title or title_of(settled),
            genre=settled.genre.value,
            settled=settled.model_dump(mode="json"),
            complexity=complexity.as_dict(),
            created_at=clock.now(),
        )
        async with self._database.begin() as session:
            await repo.add_song(session, row)
        await self._runs.start(
            "write_music",
            MusicOrder(song_id=song_id, model=model),
            run_id=run_id,
            project_id=project_id,
            user_id=user_id,
        )
        return _view(row)

    async def project_of(self, song_id: UUID) -> UUID | None:
        """The project that a song belongs to; None where there is no such song."""
        async with self._database.begin() as session:
            return await repo.project_of(session, song_id)

    async def get(self, song_id: UUID) -> SongView:
        """One song. Raises NotFound."""
        async with self._database.begin() as session:
            row = await repo.get_song(session, song_id)
        if row is None:
            raise NotFound(f"There is no song {song_id}.")
        version = (await self._documents.latest(song_id)).number if row.arrangement else None
        return _view(row, version)

    async def list(self, *, limit: int = 50, offset: int = 0) -> list[SongView]:
        """Newest first, without their notes."""
        async with self._database.begin() as session:
            rows = await repo.list_songs(session, limit=limit, offset=offset)
        return [_view(row).model_copy(update={"arrangement": None}) for row in rows]

    async def files(self, song_id: UUID) -> "list[SongFile]":
        """The finished files, without their bytes."""
        await self.get(song_id)
        async with self._database.begin() as session:
            rows = await repo.list_files(session, song_id)
        return [SongFile(name=n, media_type=m, sha256=d, size=s) for n, m, d, s in rows]

    async def file(self, song_id: UUID, name: str) -> tuple[SongFile, bytes]:
        """One file with its bytes. Raises NotFound."""
        async with self._database.begin() as session:
            row = await repo.get_file(session, song_id, name)
        if row is None:
            there = ", ".join(f.name for f in await self.files(song_id))
            raise NotFound(
                f"The song has no file {name!r}.", field="name", remedy=f"It has: {there or 'none yet'}."
            )
        view = SongFile(name=row.name, media_type=row.media_type, sha256=row.sha256, size=len(row.content))
        return view, row.content

    # --- changing a finished song ---------------------------------------------------------------------------

    async def suggestions(self, song_id: UUID, index: int, limit: int = 8) -> "list[Suggestion]":
        """Substitutes for the chord at `index` (from 0), best first, with their reasons."""
        arrangement = await self._arrangement(song_id)
        return await asyncio.to_thread(suggest, arrangement.progression, arrangement.request, index, limit)

    async def regenerate(self, song_id: UUID, *, locked: Sequence[int], seed: int) -> SongView:
        """Every bar anew but the locked ones (numbers from 1), which stay to the byte."""
        old = await self._arrangement(song_id)
        made = await asyncio.to_thread(regenerate, old.progression, old.request, locked, seed)
        return await self._change(song_id, old, made, old.request, note=f"bars made anew, seed {seed}")

    async def reharmonize(self, song_id: UUID, *, first: int, last: int, seed: int) -> SongView:
        """The bars `first` to `last` with richer harmony."""
        old = await self._arrangement(song_id)
        made = await asyncio.to_thread(reharmonize, old.progression, old.request, first, last, seed)
        return await self._change(
            song_id, old, made, old.request, note=f"bars {first} to {last} reharmonized"
        )

    async def substitute(self, song_id: UUID, *, index: int, symbol: str) -> SongView:
        """Another chord at `index` (from 0)."""
        old = await self._arrangement(song_id)
        made = await asyncio.to_thread(substitute, old.progression, old.request, index, symbol)
        return await self._change(song_id, old, made, old.request, note=f"chord {index} is {symbol}")

    async def transpose(self, song_id: UUID, *, key: str) -> SongView:
        """The whole song in another key of the same mode."""
        old = await self._arrangement(song_id)
        settled, made = await asyncio.to_thread(transpose, old.progression, old.request, key)
        return await self._change(song_id, old, made, settled, note=f"in {settled.key}")

    async def restore(self, song_id: UUID, number: int) -> SongView:
        """An earlier version again, as a new one."""
        version = await self._documents.version(song_id, number)
        arrangement = Arrangement.model_validate_json(version.text)
        return await self._keep(song_id, arrangement, note=f"version {number} again")

    async def statistics(self, since: datetime | None = None) -> MusicStatistics:
        """How many finished songs each tier made, and the rules."""
        async with self._database.begin() as session:
            found = await repo.counts(session, since)
        overall: dict[str, int] = {"small-local": 0, "large-local": 0, "cloud": 0, RULES: 0}
        genres: dict[str, dict[str, int]] = {}
        for genre, by, count in found:
            overall[by] = overall.get(by, 0) + count
            genres.setdefault(genre, {})[by] = count
        return MusicStatistics(overall=overall, genres=genres)

    async def _arrangement(self, song_id: UUID) -> Arrangement:
        song = await self.get(song_id)
        if song.arrangement is None:
            raise Conflict("The song is not finished yet.", remedy=f"Follow its run: {song.run_id}")
        return song.arrangement

    async def _change(
        self, song_id: UUID, old: Arrangement, progression: Progression, settled: Settled, *, note: str
    ) -> SongView:
        made = await asyncio.to_thread(arrange, progression, settled)
        kept = {"title": old.title, "generation_method": old.generation_method}
        return await self._keep(song_id, made.model_copy(update=kept), note=note)

    async def _keep(self, song_id: UUID, arrangement: Arrangement, *, note: str) -> SongView:
        files = await asyncio.to_thread(write_files, arrangement)
        await self._documents.put(
            song_id,
            kind="song",
            title=arrangement.title,
            text=arrangement.model_dump_json(),
            author=Author(kind="person"),
            note=note,
        )
        values: dict[str, Any] = {
            "arrangement": arrangement.model_dump(mode="json"),
            "settled": arrangement.request.model_dump(mode="json"),
        }
        async with self._database.begin() as session:
            await repo.put_files(session, song_id, file_rows(song_id, files))
            await repo.finish_song(session, song_id, values)
        return await self.get(song_id)


def genres() -> list[GenreView]:
    """The eight genres."""
    return [
        GenreView(
            slug=data.genre,
            title=data.title,
            applications=[
                ApplicationView(slug=a.slug, title=a.title, tempo=a.tempo, meter=a.meter, bars=a.bars)
                for a in data.applications
            ],
            forms=sorted(data.forms),
            meters=sorted(data.meters),
        )
        for data in GENRES.values()
    ]


def title_of(settled: Settled) -> str:
    """A plain title: genre, key and application."""
    data = GENRES[settled.genre]
    mode = "" if settled.mode == "major" else " minor"
    return f"{data.title} in {settled.key}{mode} ({data.application(settled.application).title})"


def _view(row: SongRow, version: int | None = None) -> SongView:
    return SongView(
        id=row.id,
        run_id=row.run_id,
        title=row.title,
        genre=Genre(row.genre),
        settled=Settled.model_validate(row.settled),
        complexity=TypeAdapter(Complexity).validate_python(row.complexity),
        generation_method=row.generation_method,
        made_by=row.made_by,
        created_at=row.created_at,
        finished_at=row.finished_at,
        version=version,
        arrangement=Arrangement.model_validate(row.arrangement) if row.arrangement else None,
    )
