"""The next-chord model of this installation, and the chords that might stand at a place, with their chances."""

import threading
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import Genre, Mode, Progression
from scrivano.music.genres import genre_data
from scrivano.music.predictor.corpus import Event, Place, collapse
from scrivano.music.predictor.listen import events_of, place_of
from scrivano.music.predictor.model import SHIPPED, ChordPredictor, ModelFileError
from scrivano.music.predictor.symbols import (
    ALPHABET,
    print_symbol,
    quality_of,
    read_symbol,
    root_of,
)
from scrivano.music.preferences.choices import Option, Situation
from scrivano.music.theory import Key, key_of, make_chord, parse_chord
from scrivano.music.theory.qualities import read_suffix

POOL = 24
"""How many chords are thought of at a place."""

HEARD = 8
"""How many chords before a place are kept with a choice."""

_RISING = ("dim", "dim7", "hdim7")


class Offer(NamedTuple):
    """A place in a piece and the likeliest chords for it, likeliest first; `why` is the predictor's reason by chord."""

    situation: Situation
    options: tuple[Option, ...]
    why: dict[str, str]


class Expecting:
    """What usually follows what, as learnt from songs. Its methods compute for milliseconds; call them in a thread."""

    def __init__(self, trained: Path | None = None) -> None:
        """`trained` is where a model stands that was trained here; the shipped one is used where there is none."""
        self._trained = trained
        self._lock = threading.Lock()
        self._loaded: tuple[float, ChordPredictor] | None = None

    @property
    def trained(self) -> Path | None:
        """Where a model that is trained here is kept."""
        return self._trained

    def model(self) -> ChordPredictor:
        """The model, read again after it was trained anew. A damaged one is passed over for the shipped one."""
        path = self._trained if self._trained is not None and self._trained.is_file() else SHIPPED
        stamp = path.stat().st_mtime
        with self._lock:
            if self._loaded is None or self._loaded[0] != stamp:
                try:
                    self._loaded = (stamp, ChordPredictor.load(path))
                except ModelFileError:
                    self._loaded = (stamp, ChordPredictor.load(SHIPPED))
            return self._loaded[1]

    def at(self, progression: Progression, index: int, genre: Genre, application: str) -> Offer:
        """What might stand where the chord `index` (from 0) of a piece stands."""
        onset = progression.chords[index].onset
        before = [span.symbol for span in progression.chords[:index]]
        events = events_of(progression, before=onset)
        key = key_of(progression.key, progression.mode)
        return self._offer(before, events, key, genre, application, place_of(progression, onset))

    def after(self, chords: Sequence[str], key: str, mode: Mode, genre: Genre | None) -> Offer:
        """What may follow these chords in this key. Raises InvalidInput for the fields `chords` and `key`."""
        home = key_of(key, mode)
        tonic = str(home.tonic)
        heard: list[Event] = []
        for number, symbol in enumerate(chords, start=1):
            try:
                parse_chord(symbol)
            except InvalidInput as error:
                raise InvalidInput(
                    f"Chord {number}: {error.message}", field="chords", remedy=error.remedy
                ) from None
            chord = read_symbol(symbol, tonic)
            if chord is not None:
                heard.append(Event(chord, Place(0, 0, 0.0)))
        return self._offer(list(chords), tuple(collapse(heard)), home, genre, None, None)

    def _offer(
        self,
        before: Sequence[str],
        events: Sequence[Event],
        key: Key,
        genre: Genre | None,
        application: str | None,
        place: Place | None,
    ) -> Offer:
        tonic = str(key.tonic)
        name = genre.value if genre else None
        model = self.model()
        chances = model.probabilities(events, name, place)
        told = model.suggest(events, tonic, genre=name, at=place, top=10)
        colours = _colours(genre, application)
        ranked = sorted(
            (
                (-float(chances[chord]) * share, chord, suffix)
                for chord in range(ALPHABET)
                for suffix, share in colours[quality_of(chord)]
            ),
        )[:POOL]
        reasons = {one.chord: one.reason for one in told}
        options: dict[str, float] = {}
        why: dict[str, str] = {}
        for chance, chord, suffix in ranked:
            symbol = _symbol(chord, suffix, key)
            options.setdefault(symbol, min(1.0, -chance))
            if chord in reasons:
                why.setdefault(symbol, reasons[chord])
        situation = Situation(key=tonic, mode=key.mode, before=tuple(before[-HEARD:]), genre=genre)
        return Offer(situation, tuple(Option(symbol=s, probability=p) for s, p in options.items()), why)


def _symbol(chord: int, suffix: str | None, key: Key) -> str:
    if suffix is None:
        return print_symbol(chord, str(key.tonic))
    root = key.spell(root_of(chord), rising=quality_of(chord) in _RISING)
    return str(make_chord(root, read_suffix(suffix)))


@lru_cache(maxsize=128)
def _colours(genre: Genre | None, application: str | None) -> dict[str, list[tuple[str | None, float]]]:
    """For each of the predictor's qualities the suffixes by which a genre writes it, with their shares."""
    counted: dict[str, dict[str | None, float]] = defaultdict(dict)
    if genre is not None:
        data = genre_data(genre)
        own = data.colours_of.get(application, {}) if application else {}
        for part, usual in data.colours.items():
            for suffix in own.get(part) or usual:
                chord = read_symbol(f"C{suffix}", "C")
                if chord is not None:
                    shares = counted[quality_of(chord)]
                    shares[suffix] = shares.get(suffix, 0.0) + 1.0
    found: dict[str, list[tuple[str | None, float]]] = defaultdict(lambda: [(None, 1.0)])
    for quality, shares in counted.items():
        total = sum(shares.values())
        found[quality] = [(suffix, count / total) for suffix, count in shares.items()]
    return found
