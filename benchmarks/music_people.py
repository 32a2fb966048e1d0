"""Simulated people with hidden tastes, to judge the learning of preferences by. Written before the learner.

A person is asked at places in songs of all kinds (a new song at each turn, so that nothing can be guessed from what
the person wrote just before). There is a pool of chords that may come next, each with what the predictor gives it; the
person wants one of them, by tastes that are stated here in pitch classes, root movement and habit, and in no terms of
the learner's, and by chance. The app shows five: a person keeps one if it is the wanted one (and at
times locks it), else at times rejects what is shown first, and writes what was wanted over it (an edit).

Contrarians want what the predictor thinks unlikely and the reverse of what the people of their server have in common.
Conventional people want what is expected and have hardly any taste of their own: with them, learning can only do harm.
"""

import math
import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from scrivano.music.predictor.corpus import Event, Place
from scrivano.music.predictor.corpus import Song as CorpusSong
from scrivano.music.predictor.model import ChordPredictor
from scrivano.music.predictor.symbols import QUALITIES, quality_of, root_of, token

NOTES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
COLOURS: dict[str, tuple[tuple[str, float, tuple[int, ...]], ...]] = {
    "maj": (("", 0.5, (0, 4, 7)), ("6", 0.15, (0, 4, 7, 9)), ("add9", 0.2, (0, 2, 4, 7)),
            ("6/9", 0.15, (0, 2, 4, 7, 9))),
    "min": (("m", 0.7, (0, 3, 7)), ("m6", 0.3, (0, 3, 7, 9))),
    "7": (("7", 0.5, (0, 4, 7, 10)), ("9", 0.2, (0, 2, 4, 7, 10)), ("13", 0.15, (0, 2, 4, 7, 9, 10)),
          ("7b9", 0.15, (0, 1, 4, 7, 10))),
    "maj7": (("maj7", 0.6, (0, 4, 7, 11)), ("maj9", 0.4, (0, 2, 4, 7, 11))),
    "min7": (("m7", 0.5, (0, 3, 7, 10)), ("m9", 0.3, (0, 2, 3, 7, 10)), ("m11", 0.2, (0, 2, 3, 5, 7, 10))),
    "sus": (("sus4", 0.6, (0, 5, 7)), ("7sus4", 0.4, (0, 5, 7, 10))),
    "5": (("5", 1.0, (0, 7)),),
    "dim": (("dim", 1.0, (0, 3, 6)),),
    "dim7": (("dim7", 1.0, (0, 3, 6, 9)),),
    "hdim7": (("m7b5", 1.0, (0, 3, 6, 10)),),
    "aug": (("aug", 1.0, (0, 4, 8)),),
}  # fmt: skip
POOL = 30
SHOWN = 5


class Option(NamedTuple):
    """A chord that may come next in C: its symbol, pitch classes, root, and what the predictor gives it."""

    symbol: str
    tones: frozenset[int]
    root: int
    probability: float


class Song(NamedTuple):
    """What stands before the chord that is asked for, and where that one begins."""

    chords: tuple[Option, ...]
    events: tuple[Event, ...]
    at: Place


def place_in(songs: Sequence[CorpusSong], random_: random.Random) -> Song:
    """A place among the first 24 chords of a song."""
    song = random_.choice([song for song in songs if len(song.events) > 4])
    at = random_.randrange(1, min(len(song.events), 24))
    heard = tuple(_plain(event.chord) for event in song.events[:at])
    return Song(heard, song.events[:at], song.events[at].at)


def _plain(chord: int) -> Option:
    suffix, _, tones = COLOURS[quality_of(chord)][0]
    root = root_of(chord)
    return Option(NOTES[root] + suffix, frozenset((root + tone) % 12 for tone in tones), root, 1.0)


def pool(predictor: ChordPredictor, song: Song) -> list[Option]:
    """The thirty likeliest chords to come next, coloured in the usual ways, likeliest first."""
    chances = predictor.probabilities(song.events, at=song.at)
    options = [
        Option(
            NOTES[root] + suffix,
            frozenset((root + tone) % 12 for tone in tones),
            root,
            float(chances[token(root, quality)]) * share,
        )
        for quality in QUALITIES
        for root in range(12)
        for suffix, share, tones in COLOURS[quality]
    ]
    options.sort(key=lambda option: (-option.probability, option.symbol))
    return options[:POOL]


Taste = Callable[[Option, Song], float]
MAJOR = frozenset({0, 2, 4, 5, 7, 9, 11})


def _colour(option: Option, song: Song) -> float:
    return len(option.tones)


def _outside(option: Option, song: Song) -> float:
    return len(option.tones - MAJOR)


def _common(option: Option, song: Song) -> float:
    return len(option.tones & song.chords[-1].tones) if song.chords else 0.0


def _creeping(option: Option, song: Song) -> float:
    return float((option.root - song.chords[-1].root) % 12 in {1, 2, 10, 11}) if song.chords else 0.0


def _falling_fifth(option: Option, song: Song) -> float:
    return float((option.root - song.chords[-1].root) % 12 == 5) if song.chords else 0.0


def _dark(option: Option, song: Song) -> float:
    return float((option.root + 3) % 12 in option.tones) - float((option.root + 4) % 12 in option.tones)


def _fresh(option: Option, song: Song) -> float:
    return -float(option.root in {chord.root for chord in song.chords[-4:]})


def _clash(option: Option, song: Song) -> float:
    """Bite at odd places, calm at even ones: a habit over time, which is hard to guess."""
    bite = sum((tone + 1) % 12 in option.tones or (tone + 6) % 12 in option.tones for tone in option.tones)
    return bite if len(song.chords) % 2 else -bite


def _pets(random_: random.Random) -> Taste:
    loved = {(random_.randrange(12), random_.choice([3, 4])) for _ in range(3)}

    def taste(option: Option, song: Song) -> float:
        return float(
            any(option.root == root and (root + third) % 12 in option.tones for root, third in loved)
        )

    return taste


_PLAIN: tuple[Taste, ...] = (_outside, _common, _creeping, _falling_fifth, _dark, _fresh, _clash)


class Person:
    """Wants by hidden tastes: one that the server's people share, one to three of their own, habit, and chance."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        kind = self.random.random()
        self.kind = "contrarian" if kind < 0.2 else "conventional" if kind < 0.4 else "other"
        shared = self.random.uniform(0.4, 1.6)
        self._tastes: list[tuple[Taste, float]] = [
            (_colour, -shared if self.kind == "contrarian" else shared)
        ]
        for taste in self.random.sample([*_PLAIN, _pets(self.random)], self.random.randint(1, 3)):
            self._tastes.append((taste, self.random.choice([-1, 1, 1]) * self.random.uniform(0.8, 2.0)))
        if self.kind == "conventional":
            self._tastes = [(taste, strength * 0.1) for taste, strength in self._tastes]
        low, high = {"contrarian": (-0.6, -0.3), "conventional": (1.0, 1.4), "other": (0.3, 1.0)}[self.kind]
        self._habit = self.random.uniform(low, high)

    def wants(self, options: Sequence[Option], song: Song) -> Option:
        """The chord this person wants at this place."""
        total = np.array([self._habit * math.log(option.probability) for option in options])
        for taste, strength in self._tastes:
            values = np.array([taste(option, song) for option in options], float)
            total += strength * (values - values.mean()) / (values.std() + 1e-9)
        chance = [-math.log(-math.log(self.random.uniform(1e-9, 1 - 1e-9))) for _ in options]
        return options[int(np.argmax(total + np.array(chance)))]
