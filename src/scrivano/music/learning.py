"""Training the next-chord model on songs that a person names: corpora, and lead sheets of every kind that is read."""

import time
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import Genre
from scrivano.music.files import LeadSheet, read_lead_sheets
from scrivano.music.predictor.corpus import CorpusError, Event, Place, Song, collapse, read_corpus
from scrivano.music.predictor.listen import LINE, bar_ticks
from scrivano.music.predictor.symbols import read_symbol
from scrivano.music.predictor.training import train_from
from scrivano.music.progression import find_key
from scrivano.music.theory import key_of, parse_chord

_FEWEST = 2


class Trained(BaseModel):
    """What a model was trained on, how long that took in seconds, and how big it is in bytes."""

    path: str
    songs: int
    named_songs: int
    chords: int
    genres: list[str]
    seconds: float
    size: int


def train(paths: Sequence[Path], out: Path, *, genre: Genre | None = None, seed: int = 0) -> Trained:
    """Train on the songs that come with Scrivano and on the named ones, and put the model in place, whole.

    A path is a corpus (`.jsonl`, `.jsonl.gz`: a song a line), a lead sheet or a file of iReal Pro links, or a folder of
    such. `genre` is that of lead sheets. Raises InvalidInput for `corpus`, naming the file, before anything is written.
    """
    begun = time.perf_counter()
    named = [song for path in paths for song in songs_in(path, genre)]
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = out.with_name(f".{out.name}.new")
    try:
        model = train_from([], fresh, named, seed)
        fresh.replace(out)
    finally:
        fresh.unlink(missing_ok=True)
    return Trained(
        path=str(out),
        songs=int(model.about["songs"]),
        named_songs=len(named),
        chords=int(model.about["chords"]),
        genres=list(model.genres),
        seconds=round(time.perf_counter() - begun, 2),
        size=out.stat().st_size,
    )


def songs_in(path: Path, genre: Genre | None = None) -> list[Song]:
    """The songs of a file or folder. Raises InvalidInput for `corpus`."""
    if path.is_dir():
        files = sorted(
            inner for inner in path.rglob("*") if inner.is_file() and not inner.name.startswith(".")
        )
        found = [song for file in files for song in songs_in(file, genre)]
    else:
        found = _read(path, genre)
    if not found:
        raise InvalidInput(f"{path} holds no song with chords.", field="corpus")
    return found


def _read(path: Path, genre: Genre | None) -> list[Song]:
    try:
        if ".jsonl" in path.suffixes:
            return read_corpus(path)
        sheets = read_lead_sheets(path.read_bytes())
    except CorpusError as problem:
        raise InvalidInput(
            str(problem),
            field="corpus",
            remedy="A line is a song: title, and lines with their tonic and bars; see docs/howto/write-music.md.",
        ) from None
    except InvalidInput as problem:
        raise InvalidInput(f"{path.name}: {problem.message}", field="corpus", remedy=problem.remedy) from None
    except OSError as problem:
        raise InvalidInput(f"{path} cannot be read: {problem.strerror}.", field="corpus") from None
    return [song for sheet in sheets if len((song := song_of_sheet(sheet, genre)).events) >= _FEWEST]


def song_of_sheet(sheet: LeadSheet, genre: Genre | None) -> Song:
    """A lead sheet as a song to learn from, in lines of four bars; its key is found where it names none."""
    chords = [parse_chord(chord.symbol) for chord in sheet.chords]
    home = key_of(sheet.key, sheet.mode or "major") if sheet.key else find_key(chords)
    length = bar_ticks(sheet.meter)
    events: list[Event] = []
    for chord in sheet.chords:
        number = read_symbol(chord.symbol, str(home.tonic))
        if number is not None:
            bar, ticks = divmod(chord.onset, length)
            events.append(Event(number, Place(bar // LINE, bar % LINE, ticks / length)))
    return Song(sheet.title, genre.value if genre else None, tuple(collapse(events)))
