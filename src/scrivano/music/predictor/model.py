"""The predictor: trained on songs, asked what may come next, stored in one small file."""

import hashlib
import io
import json
import math
import random
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scrivano.music.predictor.corpus import Event, Place, Song
from scrivano.music.predictor.experts import NAMES, NOWHERE, Learnt, Opinions, opinions
from scrivano.music.predictor.memory import Memory
from scrivano.music.predictor.mixer import Mixer
from scrivano.music.predictor.symbols import print_symbol
from scrivano.music.predictor.tables import Counts, Tables, Vector, count_song

SHIPPED = Path(__file__).parent / "data" / "model.npz"
_FORMAT = 1
_GENRE_WEIGHT = 4.0
_SONGS_FOR_WEIGHTS = 150


class ModelFileError(ValueError):
    """A model file that is damaged or of another format; the message says which."""


class Suggestion(NamedTuple):
    """A chord that may come next: its number, its symbol in the key, its probability, and why."""

    chord: int
    symbol: str
    probability: float
    reason: str


class ChordPredictor:
    """Expectations about the next chord, from a corpus, the genre's own songs, and the song so far."""

    def __init__(
        self,
        corpus: Tables,
        genres: Mapping[str, Tables],
        timed: Mixer,
        untimed: Mixer,
        about: Mapping[str, Any],
    ):
        self._corpus = corpus
        self._genres = dict(genres)
        self._timed = timed
        self._untimed = untimed
        self.about = dict(about)

    @property
    def genres(self) -> tuple[str, ...]:
        """The genres of which there were songs to learn from."""
        return tuple(sorted(self._genres))

    @classmethod
    def train(cls, songs: Sequence[Song], seed: int = 0, styles: Sequence[Song] = ()) -> "ChordPredictor":
        """Learn from songs; those with a genre also make that genre's own part. Same songs, same model.

        `styles` are songs that only shape their genre's part, not what is expected in general.

        Raises `ValueError` when there are fewer than two songs with chords.
        """
        usable = [song for song in songs if song.events]
        if len(usable) < 2:
            raise ValueError("the predictor needs at least two songs with chords")
        counted = [count_song(song.events) for song in usable]
        corpus = Tables.build(counted)
        own = [song for song in (*usable, *styles) if song.genre and song.events]
        genres = {
            genre: Tables.build(count_song(song.events) for song in own if song.genre == genre)
            for genre in sorted({song.genre for song in own if song.genre})
        }
        examples = _examples(usable, counted, seed)
        timed, untimed = (_fit(corpus, examples, with_place, seed) for with_place in (True, False))
        about = {"format": _FORMAT, "songs": len(usable), "chords": sum(len(song.events) for song in usable)}
        return cls(
            corpus, genres, timed, untimed, {**about, "learnt_from": fingerprint(usable), "seed": seed}
        )

    def probabilities(
        self, events: Sequence[Event], genre: str | None = None, at: Place | None = None
    ) -> Vector:
        """How likely each chord is to be the next one after `events`; the last chord itself has none.

        `at` is where the next chord begins; without it, only the order of the chords counts.
        """
        memory = _remember(events, at is not None)
        opinion = opinions(self._learnt(genre), memory, at)
        return self._mixer(at).mix(opinion.logs, opinion.situation)[0]

    def suggest(
        self,
        events: Sequence[Event],
        tonic: str,
        *,
        genre: str | None = None,
        at: Place | None = None,
        top: int = 8,
    ) -> list[Suggestion]:
        """The `top` likeliest next chords, best first, spelled in the key of `tonic`, with their reasons."""
        memory = _remember(events, at is not None)
        opinion = opinions(self._learnt(genre), memory, at)
        mixed, weights = self._mixer(at).mix(opinion.logs, opinion.situation)
        best = np.argsort(-mixed, kind="stable")[:top]
        return [
            Suggestion(
                int(chord),
                print_symbol(int(chord), tonic),
                float(mixed[chord]),
                _reason(
                    int(chord), opinion, weights, memory, tonic, genre if genre in self._genres else None
                ),
            )
            for chord in best
        ]

    def bits(self, events: Sequence[Event], genre: str | None = None, *, timed: bool = True) -> list[float]:
        """The surprise of each chord, in bits, given those before it: low for what runs as expected."""
        learnt = self._learnt(genre)
        memory = Memory()
        surprise: list[float] = []
        for event in events:
            at = event.at if timed else None
            opinion = opinions(learnt, memory, at)
            mixed, _ = self._mixer(at).mix(opinion.logs, opinion.situation)
            surprise.append(-math.log2(float(mixed[event.chord]) + 1e-12))
            memory.add(event.chord, event.at if timed else NOWHERE)
        return surprise

    def save(self, path: Path) -> None:
        """Write the model into one file; the same model gives the same bytes."""
        named = self._corpus.arrays("corpus") | self._timed.arrays("timed") | self._untimed.arrays("untimed")
        for genre, tables in self._genres.items():
            named |= tables.arrays(f"genre:{genre}")
        about = json.dumps({**self.about, "genres": self.genres}, sort_keys=True).encode()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            archive.writestr(_entry("about.json"), about)
            for name in sorted(named):
                data = io.BytesIO()
                np.save(data, named[name], allow_pickle=False)
                archive.writestr(_entry(f"{name}.npy"), data.getvalue())

    @classmethod
    def load(cls, path: Path = SHIPPED) -> "ChordPredictor":
        """Read a model that `save` wrote; the shipped one where none is named. Raises `ModelFileError`."""
        try:
            with zipfile.ZipFile(path) as archive:
                about = json.loads(archive.read("about.json"))
                named = {
                    name.removesuffix(".npy"): np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
                    for name in archive.namelist()
                    if name.endswith(".npy")
                }
            if about.get("format") != _FORMAT:
                raise ModelFileError(
                    f"{path.name} has format {about.get('format')}, this program reads {_FORMAT}"
                )
            genres = {genre: Tables.from_arrays(f"genre:{genre}", named) for genre in about["genres"]}
            mixers = (Mixer.from_arrays(prefix, named) for prefix in ("timed", "untimed"))
            return cls(Tables.from_arrays("corpus", named), genres, *mixers, about=about)
        except (OSError, KeyError, EOFError, zipfile.BadZipFile, json.JSONDecodeError) as problem:
            raise ModelFileError(f"{path.name} is not a chord model: {problem}") from problem

    def _learnt(self, genre: str | None) -> Learnt:
        own = self._genres.get(genre) if genre else None
        return Learnt([(self._corpus, 1.0), (own, _GENRE_WEIGHT)] if own else [(self._corpus, 1.0)])

    def _mixer(self, at: Place | None) -> Mixer:
        return self._untimed if at is None else self._timed


def fingerprint(songs: Iterable[Song]) -> str:
    """A hash of what is learnt from songs: titles, genres and events, in order."""
    digest = hashlib.sha256()
    for song in songs:
        digest.update(repr((song.title, song.genre, [tuple(event) for event in song.events])).encode())
    return digest.hexdigest()


def _remember(events: Sequence[Event], with_place: bool) -> Memory:
    memory = Memory()
    for event in events:
        memory.add(event.chord, event.at if with_place else NOWHERE)
    return memory


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _examples(
    songs: Sequence[Song], counted: Sequence[dict[str, Counts]], seed: int
) -> list[tuple[Song, dict[str, Counts]]]:
    """Songs to learn the weights from, each with what it and its namesakes added to the tables."""
    by_title: dict[str, list[dict[str, Counts]]] = defaultdict(list)
    for song, counts in zip(songs, counted, strict=True):
        by_title[song.title.casefold()].append(counts)
    alone = [
        (song, counts)
        for song, counts in zip(songs, counted, strict=True)
        if len(by_title[song.title.casefold()]) == 1
    ]
    pool = alone if len(alone) > 1 else list(zip(songs, counted, strict=True))
    return random.Random(seed).sample(pool, min(_SONGS_FOR_WEIGHTS, len(pool)))


def _fit(
    corpus: Tables, examples: Iterable[tuple[Song, dict[str, Counts]]], with_place: bool, seed: int
) -> Mixer:
    logs: list[Vector] = []
    situations: list[Vector] = []
    answers: list[int] = []
    for song, counts in examples:
        learnt = Learnt([(corpus, 1.0)], without=counts)
        memory = Memory()
        for event in song.events:
            opinion = opinions(learnt, memory, event.at if with_place else None)
            logs.append(opinion.logs)
            situations.append(opinion.situation)
            answers.append(event.chord)
            memory.add(event.chord, event.at if with_place else NOWHERE)
    wanted: NDArray[np.int64] = np.array(answers, np.int64)
    return Mixer.fit(np.stack(logs), np.stack(situations), wanted, seed)


def _reason(
    chord: int, opinion: Opinions, weights: Vector, memory: Memory, tonic: str, genre: str | None
) -> str:
    """What spoke most for a chord, in a sentence a musician can check."""
    support = weights * (opinion.logs[:, chord] - opinion.logs.mean(1))
    strongest = NAMES[int(np.argmax(support))]
    for back in (3, 2, 1):
        seen = memory.seen_after(back)
        if strongest.startswith("song") and seen.get(chord):
            before = _names(memory.history[-back:], tonic)
            return f"In this song {before} went on to it {seen[chord]} of {sum(seen.values())} times."
    if strongest.startswith("song") and chord in memory.history:
        return "This song has used it before."
    source = f"the {genre} songs learnt from" if genre else "the songs learnt from"
    if strongest == "at-place":
        return f"Common at this place of a line in {source}."
    share = math.exp(float(opinion.logs[1, chord])) if memory.history[-1] >= 0 else 0.0
    if memory.history[-1] >= 0:
        return f"In {source}, {_names(memory.history[-1:], tonic)} goes on to it {share:.0%} of the time."
    return f"Common as a beginning in {source}."


def _names(chords: Sequence[int], tonic: str) -> str:
    return "–".join(print_symbol(chord, tonic) for chord in chords if chord >= 0)
