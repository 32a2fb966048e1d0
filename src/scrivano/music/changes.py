"""Changing a finished song. Every change is a new version; going back and forth loses nothing."""

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from scrivano.core.database import Database
from scrivano.core.errors import Conflict, InvalidInput, NotFound
from scrivano.documents.public import Author, Documents
from scrivano.music import repo
from scrivano.music.arrange import arrange, make_again
from scrivano.music.charts import is_own, regenerate, reharmonize, substitute, transpose
from scrivano.music.dto import Arrangement, Note, Progression, Settled
from scrivano.music.expecting import Offer
from scrivano.music.files import write_files
from scrivano.music.models import SongRow
from scrivano.music.shelf import file_rows
from scrivano.music.tastes import NOBODY, Deed, Tastes
from scrivano.music.theory import between, key_of, name_of, parse_chord
from scrivano.music.understanding import clean_title, title_of
from scrivano.music.views import SongView, arrangement_in, history_of, song_view

_MELODY_TRIES = 6


class Changes:
    """What a person changes in a song. Each method gives the song as it is then.

    All raise NotFound, Conflict where the song is not finished, DocumentChanged where somebody else changed it
    meanwhile, and InvalidInput that names the field.
    """

    def __init__(self, database: Database, documents: Documents, tastes: Tastes) -> None:
        self._database = database
        self._documents = documents
        self._tastes = tastes

    async def regenerate(
        self, song_id: UUID, *, locked: Sequence[int] | None = None, seed: int = 0, by: UUID | None = None
    ) -> SongView:
        """Every bar anew but the locked ones (numbers from 1; None: those that are locked), which stay to the byte."""
        row, old, version = await self._open(song_id)
        kept = frozenset(old.locked_bars if locked is None else locked)

        def make() -> Arrangement:
            melody = melody_in(old)
            if not is_own(old.progression):
                # What leads out of a locked bar finds a chord that it suits.
                carried = partial(_carried, melody)
                return make_again(old, kept, seed, prefer=carried if melody else None)
            progression = _anew(old, kept, seed)
            return _arranged(progression, old.request, old, kept, melody)

        made = await asyncio.to_thread(make)
        return await self._keep(row, made, version, by, f"bars made anew, seed {seed}")

    async def reharmonize(
        self, song_id: UUID, *, first: int, last: int, seed: int = 0, by: UUID | None = None
    ) -> SongView:
        """The bars `first` to `last` with richer harmony, all others to the byte."""
        row, old, version = await self._open(song_id)
        _not_locked(old, range(first, last + 1), "first")

        def make() -> Arrangement:
            offers = self._offers(old) if is_own(old.progression) else []
            progression = reharmonize(old.progression, old.request, first, last, seed, offers)
            return _arranged(
                progression, old.request, old, _all_but(old, range(first, last + 1)), melody_in(old)
            )

        made = await asyncio.to_thread(make)
        return await self._keep(row, made, version, by, f"bars {first} to {last} reharmonized")

    async def substitute(self, song_id: UUID, *, index: int, symbol: str, by: UUID | None = None) -> SongView:
        """Another chord at `index` (from 0). The person's choice is learnt from."""
        row, old, version = await self._open(song_id)
        chords = old.progression.chords
        if not 0 <= index < len(chords):
            raise InvalidInput(
                f"There is no chord {index}.", field="index", remedy=f"Give 0 to {len(chords) - 1}."
            )
        bar = chords[index].bar
        _not_locked(old, [bar], "index")
        wanted = str(_chord(symbol))

        def make() -> Arrangement:
            progression = substitute(old.progression, old.request, index, wanted)
            return _arranged(progression, old.request, old, _all_but(old, [bar]), melody_in(old))

        made = await asyncio.to_thread(make)
        was, now = chords[index].symbol, made.progression.chords[index].symbol
        view = await self._keep(row, made, version, by, f"bar {bar}: {now} for {was}")
        if now != was:
            await self._tastes.note(by or NOBODY, song_id, old, [Deed("edit", index, now, was)])
        return view

    async def transpose(self, song_id: UUID, *, key: str, by: UUID | None = None) -> SongView:
        """The whole song in another key of the same mode, its melody too."""
        row, old, version = await self._open(song_id)

        def make() -> Arrangement:
            settled, progression = transpose(old.progression, old.request, key)
            melody = _moved(melody_in(old), old.request, settled)
            made = _arranged(progression, settled, old, frozenset(), melody)
            plain = old.title == title_of(old.request)
            return made.model_copy(update={"title": title_of(settled)}) if plain else made

        made = await asyncio.to_thread(make)
        return await self._keep(row, made, version, by, f"in {made.request.key} {made.request.mode}")

    async def set_difficulty(self, song_id: UUID, *, difficulty: int, by: UUID | None = None) -> SongView:
        """The same chords for other hands, 1 (a beginner's) to 5 (a professional's); locked bars stay."""
        row, old, version = await self._open(song_id)
        if not 1 <= difficulty <= 5:
            raise InvalidInput(
                f"There is no difficulty {difficulty}.", field="difficulty", remedy="Give 1 to 5."
            )
        settled = old.request.model_copy(update={"difficulty": difficulty})
        kept = frozenset(old.locked_bars)
        made = await asyncio.to_thread(lambda: _arranged(old.progression, settled, old, kept, melody_in(old)))
        return await self._keep(row, made, version, by, f"difficulty {difficulty}")

    async def lock(self, song_id: UUID, bars: Iterable[int], *, by: UUID | None = None) -> SongView:
        """These bars (numbers from 1), and no others, stay when the rest is made anew. Locking is learnt from."""
        row, old, version = await self._open(song_id)
        wanted = frozenset(bars)
        for bar in sorted(wanted):
            if not 1 <= bar <= old.progression.bars:
                raise InvalidInput(
                    f"There is no bar {bar} in a piece of {old.progression.bars} bars.",
                    field="bars",
                    remedy=f"Give bars from 1 to {old.progression.bars}.",
                )
        made = old.model_copy(update={"locked_bars": tuple(sorted(wanted))})
        async with self._database.begin() as session:
            await repo.lock_bars(session, song_id, made.locked_bars)
        fresh, opened = wanted - set(old.locked_bars), set(old.locked_bars) - wanted
        if opened:
            await self._tastes.unlocked(by or NOBODY, song_id, sorted(opened))
        deeds = [
            Deed("lock", index, span.symbol)
            for index, span in enumerate(old.progression.chords)
            if span.bar in fresh
        ]
        await self._tastes.note(by or NOBODY, song_id, old, deeds)
        row.arrangement = made.model_dump(mode="json")
        return song_view(row, version)

    async def rename(self, song_id: UUID, title: str, *, by: UUID | None = None) -> SongView:
        """Give the song another title, which stands in its files too."""
        row, old, version = await self._open(song_id)
        clean = clean_title(title)
        if not clean:
            raise InvalidInput("The title is empty.", field="title", remedy="Give it a name.")
        made = old.model_copy(update={"title": clean})
        return await self._keep(row, made, version, by, f"now called {clean}")

    async def restore(self, song_id: UUID, number: int, *, by: UUID | None = None) -> SongView:
        """An earlier version again, as a new one."""
        row, old, version = await self._open(song_id)
        made = await self._version(song_id, number, old)
        return await self._keep(row, made, version, by, f"version {number} again")

    async def undo(self, song_id: UUID, *, by: UUID | None = None) -> SongView:
        """What was before the last change. Raises Conflict where nothing was changed."""
        return await self._step(song_id, by, forth=False)

    async def redo(self, song_id: UUID, *, by: UUID | None = None) -> SongView:
        """What was undone last. Raises Conflict where nothing was, or something was changed since."""
        return await self._step(song_id, by, forth=True)

    async def _step(self, song_id: UUID, by: UUID | None, *, forth: bool) -> SongView:
        row, old, version = await self._open(song_id)
        before, after = history_of(row, version)
        source, other = (after, before) if forth else (before, after)
        if not source:
            raise Conflict(
                "There is nothing to redo." if forth else "There is nothing to undo.",
                remedy="Look at the versions of the song, and restore one.",
            )
        number = source.pop()
        other.append(version)
        made = await self._version(song_id, number, old)
        note = f"version {number} again ({'redone' if forth else 'undone'})"
        return await self._keep(row, made, version, by, note, history=(before, after))

    async def _version(self, song_id: UUID, number: int, now: Arrangement) -> Arrangement:
        """The arrangement as it was; which bars are locked is of today."""
        found = arrangement_in((await self._documents.version(song_id, number)).text, number)
        locked = tuple(bar for bar in now.locked_bars if bar <= found.progression.bars)
        return found.model_copy(update={"locked_bars": locked})

    def _offers(self, old: Arrangement) -> list[Offer]:
        settled, expecting = old.request, self._tastes.expecting
        return [
            expecting.at(old.progression, index, settled.genre, settled.application)
            for index in range(len(old.progression.chords))
        ]

    async def _open(self, song_id: UUID) -> tuple[SongRow, Arrangement, int]:
        async with self._database.read() as session:
            row = await repo.get_song(session, song_id)
        if row is None:
            raise NotFound(f"There is no song {song_id}.", field="song_id")
        if row.arrangement is None:
            raise Conflict("The song is not finished yet.", remedy=f"Follow its run: {row.run_id}")
        # The version is the truth: the row follows it a moment later. Which bars are locked is the row's to say.
        newest = await self._documents.latest(song_id)
        locked = tuple(row.arrangement.get("locked_bars", ()))
        try:
            found = arrangement_in(newest.text, newest.number)
        except Conflict:
            found = Arrangement.model_validate(row.arrangement)
        return row, found.model_copy(update={"locked_bars": locked}), newest.number

    async def _keep(
        self,
        row: SongRow,
        arrangement: Arrangement,
        version: int,
        by: UUID | None,
        note: str,
        *,
        history: tuple[list[int], list[int]] | None = None,
    ) -> SongView:
        files = await asyncio.to_thread(write_files, arrangement)
        saved = await self._documents.add_version(
            row.id,
            arrangement.model_dump_json(),
            expected_number=version,
            author=Author(kind="person", id=str(by) if by else None),
            note=note,
        )
        before, after = history or ([*history_of(row, version)[0], version], [])
        values: dict[str, Any] = {
            "title": arrangement.title,
            "arrangement": arrangement.model_dump(mode="json"),
            "settled": arrangement.request.model_dump(mode="json"),
            "history": {"before": before, "after": after},
        }
        async with self._database.begin() as session:
            await repo.put_files(session, row.id, file_rows(row.id, files))
            await repo.finish_song(session, row.id, values)
            fresh = await repo.get_song(session, row.id)
        if fresh is None:
            raise NotFound(f"The song {row.id} was deleted meanwhile.")
        return song_view(fresh, saved.number)


def melody_in(arrangement: Arrangement) -> list[Note]:
    """The melody that a person brought; it is kept as it is."""
    return [note for note in arrangement.notes if note.part == "melody"]


def _arranged(
    progression: Progression,
    settled: Settled,
    old: Arrangement,
    kept: frozenset[int],
    melody: Sequence[Note],
) -> Arrangement:
    """The chords played, with the bars that are `kept` as they were; the song stays what it is otherwise."""
    previous = old if kept else None
    made = arrange(progression, settled, melody=melody, previous=previous, locked=sorted(kept))
    return made.model_copy(
        update={
            "title": old.title,
            "generation_method": old.generation_method,
            "locked_bars": old.locked_bars,
        }
    )


def _anew(old: Arrangement, kept: frozenset[int], seed: int) -> Progression:
    """New chords; where there is a melody, of some tries the one that carries it best."""
    melody = melody_in(old)
    if not melody:
        return regenerate(old.progression, old.request, kept, seed)
    tries = [
        regenerate(old.progression, old.request, kept, seed * _MELODY_TRIES + n) for n in range(_MELODY_TRIES)
    ]
    return max(tries, key=lambda made: _carried(melody, made))


def _carried(melody: Sequence[Note], progression: Progression) -> float:
    """The share of the melody's time in which its note belongs to the chord."""
    good = total = 0
    for span in progression.chords:
        pcs = parse_chord(span.symbol).pcs
        for note in melody:
            overlap = min(note.onset + note.duration, span.onset + span.duration) - max(
                note.onset, span.onset
            )
            if overlap > 0:
                total += overlap
                good += overlap if note.midi % 12 in pcs else 0
    return good / total if total else 0.0


def _moved(melody: Sequence[Note], old: Settled, new: Settled) -> list[Note]:
    """The melody in the new key, moved by the shorter way."""
    home, goal = key_of(old.key, old.mode), key_of(new.key, new.mode)
    step = between(home.tonic, goal.tonic)
    shift = (goal.pc - home.pc + 5) % 12 - 5
    moved: list[Note] = []
    for note in melody:
        midi, pitch = note.midi + shift, None
        if note.pitch is not None:
            name = step.above(name_of(note.pitch))
            name = name if abs(name.alter) < 2 else goal.respelled(name)
            pitch = name.at(midi)
        moved.append(note.model_copy(update={"midi": midi, "pitch": pitch}))
    return moved


def _chord(symbol: str) -> Any:
    try:
        return parse_chord(symbol)
    except InvalidInput as error:
        raise InvalidInput(error.message, field="symbol", remedy=error.remedy) from None


def _all_but(old: Arrangement, bars: Iterable[int]) -> frozenset[int]:
    return frozenset(range(1, old.progression.bars + 1)) - set(bars)


def _not_locked(old: Arrangement, bars: Iterable[int], field: str) -> None:
    held = sorted(set(bars) & set(old.locked_bars))
    if held:
        raise InvalidInput(
            f"Bar {held[0]} is locked.", field=field, remedy="Unlock it first, or choose other bars."
        )
