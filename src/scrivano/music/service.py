"""Use-cases of music: order a song, look at it, take its files and its sound, see what may come next."""

import asyncio
import math
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import Conflict, InvalidInput, NotFound
from scrivano.core.ids import new_id
from scrivano.documents.public import Documents, Owner
from scrivano.llm.public import LLMService, score_music
from scrivano.music import repo
from scrivano.music.changes import Changes
from scrivano.music.charts import suggest
from scrivano.music.checker.check import check_files
from scrivano.music.comparing import SongDiff, compared
from scrivano.music.dto import Arrangement, Genre, Mode, MusicRequest
from scrivano.music.expecting import Expecting
from scrivano.music.files import AudioKind, can_render, find_sound_font, render_audio
from scrivano.music.material import Material, settle_with
from scrivano.music.models import SongRow
from scrivano.music.preferences.choices import Option
from scrivano.music.progression import Suggestion, settle
from scrivano.music.roll import Roll, roll_of
from scrivano.music.shelf import file_rows
from scrivano.music.stages import RULES, MusicOrder
from scrivano.music.tastes import NOBODY, ReactionKind, ReactionView, Tastes, asked_level
from scrivano.music.understanding import Understanding, clean_title, title_of, understand
from scrivano.music.views import (
    BrokenRule,
    GenreMoney,
    MusicStatistics,
    NextChord,
    SongFile,
    SongVersion,
    SongVersionView,
    SongView,
    SubstituteView,
    arrangement_in,
    file_view,
    song_view,
    version_view,
)
from scrivano.projects.public import DEFAULT_PROJECT

if TYPE_CHECKING:
    from scrivano.runs.public import Runs

FEATURE = "music"
_AT_ONCE = 2
"""Pieces that are rendered to audio at the same time."""

_NEARNESS, _HABIT = 6.0, 0.35
"""How much a substitute's own score and the predictor's view of it count before a person's taste does."""


class Music:
    """Everything about songs but the making itself, which is the pipeline's. `changes` changes them, `tastes` knows
    what people like."""

    def __init__(
        self,
        database: Database,
        runs: "Runs",
        documents: Documents,
        llm: LLMService,
        *,
        trained: Path | None = None,
        sound_fonts: tuple[Path, ...] = (),
    ) -> None:
        """`trained` is where a next-chord model is kept that is trained here; `sound_fonts` are folders with such."""
        self._database = database
        self._runs = runs
        self._documents = documents
        self._llm = llm
        self._sound_fonts = sound_fonts
        self._rendering = asyncio.Semaphore(_AT_ONCE)
        self.expecting = Expecting(trained)
        self.tastes = Tastes(database, self.expecting)
        self.changes = Changes(database, documents, self.tastes)

    # --- ordering -------------------------------------------------------------------------------------------

    async def understand(self, request: MusicRequest, person_id: UUID | None = None) -> Understanding:
        """What a request is understood as, without making anything. Raises InvalidInput naming the field."""
        level = await self.tastes.level(person_id or NOBODY)
        return await asyncio.to_thread(understand, request, level)

    async def order(
        self,
        request: MusicRequest,
        *,
        title: str | None = None,
        model: str | None = None,
        material: Material | None = None,
        personal: bool = True,
        project_id: UUID = DEFAULT_PROJECT,
        user_id: UUID | None = None,
        song_id: UUID | None = None,
    ) -> SongView:
        """Settle and store the request, and start the run that makes the song.

        `model` names one model, or `rules` for none. With `material`, its chords are arranged or its melody is
        harmonized, by rules. `personal` lets the person's preferences choose among what the rules find, and the
        difficulty where none is asked for. Asked again with the same `song_id`, the song that there is is given.
        Raises InvalidInput that names the field and what is allowed.
        """
        if material is None:
            settled = await asyncio.to_thread(settle, request)
        else:
            settled, material = await asyncio.to_thread(settle_with, request, material)
        notes: list[str] = []
        if personal and not asked_level(settled, request.difficulty):
            level = await self.tastes.level(user_id or NOBODY)
            if level is not None and level != settled.difficulty:
                settled = settled.model_copy(update={"difficulty": level})
                notes.append(f"Difficulty {level} was taken, from what you kept and rejected before.")
        asked = settled.bars if request.bars is not None or "bars" in settled.read else None
        known_as = song_id or new_id()
        row = SongRow(
            id=known_as,
            run_id=str(new_id()),
            project_id=project_id,
            user_id=user_id,
            title=clean_title(title or "") or _title_in(material) or title_of(settled),
            genre=settled.genre.value,
            settled=settled.model_dump(mode="json"),
            complexity=score_music(request.description, asked).as_dict(),
            created_at=clock.now(),
            material=material.model_dump(mode="json") if material else None,
            notes=notes,
            personal=personal,
            history={"before": [], "after": []},
        )
        async with self._database.begin() as session:
            found = await repo.get_song(session, known_as) if song_id else None
            if found is None:
                await repo.add_song(session, row)
            else:
                row = found
        await self._runs.start(
            "write_music",
            MusicOrder(song_id=row.id, model=model),
            run_id=row.run_id,
            project_id=row.project_id,
            user_id=row.user_id,
        )
        return song_view(row)

    async def delete(self, song_id: UUID) -> None:
        """Remove a song with its files and versions. What was learnt from it stays with the people who taught it.

        Raises Conflict while it is being made.
        """
        song = await self.get(song_id)
        if song.finished_at is None and not (await self._runs.get(song.run_id)).status.ended:
            raise Conflict("The song is being made.", remedy=f"Cancel its run first: {song.run_id}")
        await self._documents.forget(Owner(feature=FEATURE, id=str(song_id)), [song_id])
        async with self._database.begin() as session:
            await repo.delete_song(session, song_id)

    # --- looking --------------------------------------------------------------------------------------------

    async def project_of(self, song_id: UUID) -> UUID | None:
        """The project that a song belongs to; None where there is no such song."""
        async with self._database.read() as session:
            return await repo.project_of(session, song_id)

    async def get(self, song_id: UUID) -> SongView:
        """One song. Raises NotFound."""
        async with self._database.read() as session:
            row = await repo.get_song(session, song_id)
        if row is None:
            raise NotFound(f"There is no song {song_id}.", field="song_id")
        version = (await self._documents.get(song_id)).number if row.arrangement else None
        return song_view(row, version)

    async def list(
        self,
        *,
        project_id: UUID | None = None,
        genre: Genre | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[SongView]:
        """Newest first, of one project or of all, without their notes."""
        async with self._database.read() as session:
            rows = await repo.list_songs(
                session,
                project_id=project_id,
                genre=genre.value if genre else None,
                limit=limit,
                offset=offset,
            )
            return [song_view(row, whole=False) for row in rows]

    async def roll(self, song_id: UUID) -> Roll:
        """The song by bars, in ticks and seconds. Raises Conflict where it is not finished."""
        arrangement, version = await self._finished(song_id)
        return await asyncio.to_thread(roll_of, song_id, version, arrangement)

    async def versions(self, song_id: UUID, *, limit: int = 50, offset: int = 0) -> "list[SongVersion]":
        """Every version, newest first; none until the song is finished."""
        song = await self.get(song_id)
        if song.version is None:
            return []
        found = await self._documents.versions(song_id, limit=limit, offset=offset)
        return [version_view(info) for info in found]

    async def version(self, song_id: UUID, number: int) -> SongVersionView:
        """One version with its arrangement. Raises NotFound."""
        await self._finished(song_id)
        found = await self._documents.version(song_id, number)
        arrangement = arrangement_in(found.text, number)
        return SongVersionView(**version_view(found).model_dump(), arrangement=arrangement)

    async def diff(self, song_id: UUID, old: int, new: int) -> SongDiff:
        """What differs between two versions, bar by bar. Raises NotFound."""
        await self._finished(song_id)
        before, after = [
            arrangement_in((await self._documents.version(song_id, number)).text, number)
            for number in (old, new)
        ]
        return await asyncio.to_thread(compared, song_id, old, before, new, after)

    # --- files and sound ------------------------------------------------------------------------------------

    async def files(self, song_id: UUID) -> "list[SongFile]":
        """The finished files, without their bytes."""
        await self.get(song_id)
        async with self._database.read() as session:
            rows = await repo.list_files(session, song_id)
        return [SongFile(name=n, media_type=m, sha256=d, size=s) for n, m, d, s in rows]

    async def file(self, song_id: UUID, name: str) -> tuple[SongFile, bytes]:
        """One file with its bytes. Raises NotFound."""
        async with self._database.read() as session:
            row = await repo.get_file(session, song_id, name)
        if row is None:
            there = ", ".join(f.name for f in await self.files(song_id))
            raise NotFound(
                f"The song has no file {name!r}.", field="name", remedy=f"It has: {there or 'none yet'}."
            )
        return file_view(row), row.content

    def can_sound(self) -> bool:
        """Whether songs can be rendered to audio here: FluidSynth and a sound font are there."""
        return can_render(self._sound_fonts)

    def sound_font(self) -> str | None:
        """The name of the sound font that is used; None where there is none."""
        found = find_sound_font(self._sound_fonts)
        return found.name if found else None

    async def audio(self, song_id: UUID, kind: AudioKind = "ogg") -> tuple[SongFile, bytes]:
        """The song as it sounds: Ogg Vorbis, kept once it was rendered, or WAV. Raises Unavailable and Conflict."""
        name = f"score.{kind}"
        await self._finished(song_id)
        async with self._database.read() as session:
            known = await repo.get_file(session, song_id, name)
        if known is not None:
            return file_view(known), known.content
        midi, content = await self.file(song_id, "score.mid")
        async with self._rendering:
            sound = await render_audio(content, kind, sound_fonts=self._sound_fonts)
        row = file_rows(song_id, {name: sound})[0]
        view = file_view(row)
        if kind == "ogg":
            async with self._database.begin() as session:
                await repo.add_file(session, row, midi.sha256)
        return view, sound

    async def check(self, song_id: UUID) -> "list[BrokenRule]":
        """The rules that the song's files break, by the checker that shares no code with what makes them.

        What a person brought or wrote over may break rules of its genre, and stays.
        """
        arrangement, _ = await self._finished(song_id)
        _, midi = await self.file(song_id, "score.mid")
        _, score = await self.file(song_id, "score.musicxml")
        found = await asyncio.to_thread(check_files, midi, score, arrangement.request)
        return [BrokenRule(rule=one.rule, bar=one.bar, text=one.text) for one in found]

    # --- suggesting -----------------------------------------------------------------------------------------

    async def suggestions(
        self, song_id: UUID, index: int, limit: int = 8, *, person_id: UUID | None = None
    ) -> "list[SubstituteView]":
        """Substitutes for the chord at `index` (from 0), those first that this person would take; all are valid
        there. Raises InvalidInput for the field `index`."""
        arrangement, _ = await self._finished(song_id)
        learner = await self.tastes.learner(person_id or NOBODY)

        def ranked() -> list[SubstituteView]:
            settled = arrangement.request
            chords = arrangement.progression.chords
            if not 0 <= index < len(chords):
                raise InvalidInput(
                    f"There is no chord {index}.", field="index", remedy=f"Give 0 to {len(chords) - 1}."
                )
            offer = self.expecting.at(arrangement.progression, index, settled.genre, settled.application)
            found = suggest(arrangement.progression, settled, index, 30, offer)
            if not found:
                return []
            options = _weighed(found, {o.symbol: o.probability for o in offer.options})
            reasons = {one.symbol: one for one in found}
            return [
                SubstituteView(
                    symbol=one.symbol,
                    reason=reasons[one.symbol].reason,
                    score=reasons[one.symbol].score,
                    probability=round(one.probability, 4),
                    because=list(one.reasons),
                )
                for one in learner.rank(options, offer.situation)[:limit]
            ]

        return await asyncio.to_thread(ranked)

    async def next_chords(
        self,
        chords: Sequence[str],
        *,
        key: str = "C",
        mode: Mode = "major",
        genre: Genre | None = None,
        limit: int = 8,
        person_id: UUID | None = None,
    ) -> "list[NextChord]":
        """What may come after these chords, likeliest for this person first. Raises InvalidInput."""
        learner = await self.tastes.learner(person_id or NOBODY)

        def ranked() -> list[NextChord]:
            offer = self.expecting.after(chords, key, mode, genre)
            return [
                NextChord(
                    symbol=one.symbol,
                    probability=round(one.probability, 4),
                    why=offer.why.get(one.symbol),
                    because=list(one.reasons),
                )
                for one in learner.rank(offer.options, offer.situation)[:limit]
            ]

        return await asyncio.to_thread(ranked)

    # --- what people say ------------------------------------------------------------------------------------

    async def react(
        self, song_id: UUID, bar: int | None, kind: ReactionKind, *, person_id: UUID | None = None
    ) -> "list[ReactionView]":
        """Keep what somebody says of a bar, or of the whole song; all that they said of it. Raises InvalidInput."""
        arrangement, _ = await self._finished(song_id)
        return await self.tastes.react(person_id or NOBODY, song_id, arrangement, bar, kind)

    async def take_back(
        self, song_id: UUID, bar: int | None, *, person_id: UUID | None = None
    ) -> "list[ReactionView]":
        """As if nothing had been said of the bar, or of the whole."""
        arrangement, _ = await self._finished(song_id)
        return await self.tastes.take_back(person_id or NOBODY, song_id, arrangement, bar)

    # --- statistics -----------------------------------------------------------------------------------------

    async def statistics(self, since: datetime | None = None) -> MusicStatistics:
        """How many songs each tier made, and the rules, and what that saved; since the last new start, or `since`
        for the counts if that is later."""
        money = await self._llm.statistics.statistics(FEATURE)
        begun = max([moment for moment in (since, money.since) if moment is not None], default=None)
        async with self._database.read() as session:
            found = await repo.counts(session, begun)
        overall: dict[str, int] = {"small-local": 0, "large-local": 0, "cloud": 0, RULES: 0}
        genres: dict[str, dict[str, int]] = {}
        for genre, by, count in found:
            overall[by] = overall.get(by, 0) + count
            genres.setdefault(genre, {})[by] = count
        return MusicStatistics(
            since=begun,
            overall=overall,
            genres=genres,
            money=GenreMoney(cost_usd=money.total.cost, saved_usd=money.total.saved_usd),
            money_by_genre={
                genre: GenreMoney(
                    cost_usd=sum((tally.cost for tally in tiers.values()), Decimal(0)),
                    saved_usd=sum((tally.saved_usd for tally in tiers.values()), Decimal(0)),
                )
                for genre, tiers in money.by_genre.items()
            },
        )

    async def start_anew(self) -> MusicStatistics:
        """Count from zero from now on; nothing is deleted."""
        await self._llm.statistics.start_anew(FEATURE)
        return await self.statistics()

    async def _finished(self, song_id: UUID) -> tuple[Arrangement, int]:
        song = await self.get(song_id)
        if song.arrangement is None or song.version is None:
            raise Conflict("The song is not finished yet.", remedy=f"Follow its run: {song.run_id}")
        return song.arrangement, song.version


def _weighed(found: Sequence[Suggestion], expected: dict[str, float]) -> list[Option]:
    """The suggestions as a person meets them who has no taste: near and usual ones first."""
    least = min(expected.values(), default=1e-4)
    raw = [
        math.exp(_NEARNESS * one.score) * max(expected.get(one.symbol, least), 1e-5) ** _HABIT
        for one in found
    ]
    return [
        Option(symbol=one.symbol, probability=value / sum(raw)) for one, value in zip(found, raw, strict=True)
    ]


def _title_in(material: Material | None) -> str | None:
    """The title that a person's sheet has."""
    title = clean_title(material.sheet.title) if material is not None else ""
    return title if title.lower() not in ("", "untitled") else None
