"""What differs between two versions of a song: what was asked for, the chords, and what the hands play, bar by bar."""

from collections import defaultdict
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from scrivano.music.dto import Arrangement, PartName
from scrivano.music.files import engraved
from scrivano.music.files.timing import meter_in
from scrivano.music.theory import key_of, parse_chord

FieldName = Literal["title", "key", "mode", "meter", "tempo", "bars", "difficulty", "application", "form"]
_PARTS: tuple[PartName, ...] = ("right", "left", "bass", "drums", "melody")


class SongChange(BaseModel):
    """Something that was asked for and is another now."""

    field: FieldName
    before: str
    after: str


class BarDiff(BaseModel):
    """A bar in both versions, with its chords as they are engraved. `chords`: other chords or others in time; `notes`:
    the same chords, played otherwise by `parts`."""

    number: int
    section: str | None
    state: Literal["same", "chords", "notes", "added", "removed"]
    before: list[str]
    after: list[str]
    parts: list[PartName]


class SongDiff(BaseModel):
    """What differs between two versions of a song. `moved` says that all chords are the same steps of another key."""

    song_id: UUID
    old: int
    new: int
    changes: list[SongChange]
    moved: bool
    bars: list[BarDiff] = Field(description="All bars, those that are the same too.")


def compared(song_id: UUID, old: int, before: Arrangement, new: int, after: Arrangement) -> SongDiff:
    """Two arrangements of a song, bar by bar."""
    chords, notes = (_chords(before), _chords(after)), (_notes(before), _notes(after))
    sections = {
        number: section.name
        for arrangement in (before, after)
        for section in arrangement.progression.sections
        for number in range(section.first_bar, section.first_bar + section.bars)
    }
    bars: list[BarDiff] = []
    for number in range(1, max(before.progression.bars, after.progression.bars) + 1):
        was, now = chords[0].get(number, []), chords[1].get(number, [])
        parts: list[PartName] = [part for part in _PARTS if notes[0][number, part] != notes[1][number, part]]
        state: Literal["same", "chords", "notes", "added", "removed"] = "same"
        if number > before.progression.bars:
            state = "added"
        elif number > after.progression.bars:
            state = "removed"
        elif was != now:
            state = "chords"
        elif parts:
            state = "notes"
        bars.append(
            BarDiff(
                number=number,
                section=sections.get(number),
                state=state,
                before=[engraved(symbol) for _, _, symbol in was],
                after=[engraved(symbol) for _, _, symbol in now],
                parts=parts,
            )
        )
    changes = _changes(before, after)
    home = (before.request.key, before.request.mode) != (after.request.key, after.request.mode)
    return SongDiff(
        song_id=song_id,
        old=old,
        new=new,
        changes=changes,
        moved=home and _steps(before) == _steps(after),
        bars=bars,
    )


def _chords(arrangement: Arrangement) -> dict[int, list[tuple[int, int, str]]]:
    found: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    length = meter_in(arrangement).bar
    for span in arrangement.progression.chords:
        found[span.bar].append((span.onset - (span.bar - 1) * length, span.duration, span.symbol))
    return found


def _notes(arrangement: Arrangement) -> dict[tuple[int, str], set[tuple[int, int, int, int]]]:
    found: dict[tuple[int, str], set[tuple[int, int, int, int]]] = defaultdict(set)
    length = meter_in(arrangement).bar
    for note in arrangement.notes:
        bar = note.onset // length + 1
        found[bar, note.part].add((note.onset % length, note.duration, note.midi, note.velocity))
    return found


def _steps(arrangement: Arrangement) -> list[tuple[int, int | None, str, int | None]]:
    """Each chord by how far it stands from the tonic, so that the same song in another key reads the same."""
    home = key_of(arrangement.request.key, arrangement.request.mode).pc
    found: list[tuple[int, int | None, str, int | None]] = []
    for span in arrangement.progression.chords:
        chord = parse_chord(span.symbol)
        root, bass = (None if note is None else (note.pc - home) % 12 for note in (chord.root, chord.bass))
        found.append((span.onset, root, chord.suffix, bass))
    return found


def _changes(before: Arrangement, after: Arrangement) -> list[SongChange]:
    was, now = before.request, after.request
    pairs: list[tuple[FieldName, object, object]] = [
        ("title", before.title, after.title),
        ("key", was.key, now.key),
        ("mode", was.mode, now.mode),
        ("meter", was.meter, now.meter),
        ("tempo", f"{was.tempo:g}", f"{now.tempo:g}"),
        ("bars", before.progression.bars, after.progression.bars),
        ("difficulty", was.difficulty, now.difficulty),
        ("application", was.application, now.application),
        ("form", was.form or "", now.form or ""),
    ]
    return [SongChange(field=name, before=str(old), after=str(new)) for name, old, new in pairs if old != new]
