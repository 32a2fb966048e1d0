"""Fills the sections of a form with the genre's phrases, as plain chords without colour."""

import random
from functools import lru_cache
from typing import TypeAlias

from scrivano.music.dto import Genre, Settled
from scrivano.music.genres import GenreData, Phrase, genre_data
from scrivano.music.genres.model import Role
from scrivano.music.progression.draft import Bar, Draft, Part, Slot
from scrivano.music.progression.form import BRIDGES
from scrivano.music.theory import Key, key_of, meter_of, parse_roman
from scrivano.music.theory.roman import numeral_semitones

Numerals: TypeAlias = tuple[tuple[str, ...], ...]

# How many attempts stick to the phrases whose turn it is.
_IN_TURN = 6
_LOOPING = frozenset({Genre.RNB, Genre.REGGAE})


def fill(settled: Settled, parts: tuple[Part, ...], rng: random.Random, attempt: int = 0) -> Draft:
    """A draft of plain chords; parts of the same letter begin alike and differ where one closes.

    `attempt` counts how often the same request has been tried.
    """
    data = genre_data(settled.genre)
    home = key_of(settled.key, settled.mode)
    bodies: dict[tuple[str, int], Numerals] = {}
    rows: list[tuple[str, ...]] = []
    for part in parts:
        if settled.bars == 4 and len(parts) == 1:
            rows += _miniature(settled, rng, attempt)
        elif settled.genre is Genre.BLUES:
            rows += _blues_part(data, settled, part, bodies, rng)
        else:
            rows += _part(data, settled, part, bodies, rng)
    most = min(data.most_in_bar, meter_of(settled.meter).most_chords)
    bars = [_bar(row, home, most) for row in rows]
    return Draft(settled, bars, parts)


def _part(
    data: GenreData,
    settled: Settled,
    part: Part,
    bodies: dict[tuple[str, int], Numerals],
    rng: random.Random,
) -> Numerals:
    lengths = split(part.bars)
    body_key = (part.letter, part.bars)
    if body_key not in bodies:
        bodies[body_key] = _body(data, settled, part, lengths[:-1], rng)
    body = bodies[body_key]
    closes = part.closes or (settled.genre is not Genre.CLASSICAL and rng.random() < 0.3)
    last = lengths[-1]
    if settled.genre in _LOOPING and len(body) >= 4 and last == 4 and _loops(settled, rng):
        return (*body, *body[:2], *_phrase(data, settled, "close" if closes else "half", 2, rng))
    if last == 4 and not body and rng.random() < 0.5:
        opening = _phrase(data, settled, "open", 2, rng)
        return (*opening, *_phrase(data, settled, "close" if closes else "half", 2, rng))
    return (*body, *_phrase(data, settled, "close" if closes else "half", last, rng))


def _miniature(settled: Settled, rng: random.Random, attempt: int) -> Numerals:
    """A whole piece of four bars: one closing phrase, or two bars that open and two that close.

    There are few of them, so neighbouring seeds take turns through all rather than draw.
    """
    blues = settled.genre is Genre.BLUES
    whole = [] if blues else [p.bars for p in _candidates(settled, "close", 4)]
    opens = _candidates(settled, "chorus" if blues else "open", 2)
    closes = _candidates(settled, "ending" if blues else "close", 2)
    halves = [(*a.bars, *b.bars) for a in opens for b in closes]
    pool = [*whole, *halves]
    random.Random(f"{settled.genre}/{settled.application}/{settled.mode}").shuffle(pool)
    at = settled.seed if attempt < _IN_TURN else rng.randrange(len(pool))
    return pool[at % len(pool)]


def _loops(settled: Settled, rng: random.Random) -> bool:
    return settled.genre is Genre.RNB or rng.random() < 0.6


def _body(
    data: GenreData, settled: Settled, part: Part, lengths: tuple[int, ...], rng: random.Random
) -> Numerals:
    rows: list[tuple[str, ...]] = []
    first: Numerals = ()
    for i, length in enumerate(lengths):
        again = first and len(first) == length and rng.random() < (0.7 if settled.genre in _LOOPING else 0.35)
        bridge = part.letter in BRIDGES and (i == 0 or rng.random() < 0.4)
        phrase = first if again else _phrase(data, settled, "bridge" if bridge else "open", length, rng)
        first = first or phrase
        rows += phrase
    return tuple(rows)


def split(bars: int) -> tuple[int, ...]:
    """Phrase lengths of a section: fours, and at the end what is left as a two or a three."""
    fours, rest = divmod(bars, 4)
    if rest == 1 and fours:
        return (*[4] * (fours - 1), 3, 2)
    return (*[4] * fours, *([rest] if rest else []))


def _phrase(data: GenreData, settled: Settled, role: Role, length: int, rng: random.Random) -> Numerals:
    if length == 1:
        home = "I" if settled.mode == "major" else "i"
        return ((home,),) if role == "close" else (("V" if settled.genre is Genre.CLASSICAL else "V7",),)
    if length == 3:
        return _stretched(_phrase(data, settled, role, 2, rng))
    found = _candidates(settled, role, length)
    own = [p for p in found if p.applications]
    # What an application has of its own is its face: it is taken oftener than what all share.
    pool = own if own and (len(own) >= 4 and rng.random() < 0.6) else found
    return rng.choice(pool).bars


@lru_cache(maxsize=1024)
def _pool(genre: Genre, mode: str, role: Role, length: int, application: str) -> tuple[Phrase, ...]:
    data = genre_data(genre)
    found = data.phrases_for("major" if mode == "major" else "minor", role, length, application)
    return found or data.phrases_for("major" if mode == "major" else "minor", "open", length, application)


def _candidates(settled: Settled, role: Role, length: int) -> tuple[Phrase, ...]:
    return _pool(settled.genre, settled.mode, role, length, settled.application)


def _stretched(two: Numerals) -> Numerals:
    """Two bars as three: a full bar is spread, an empty one held."""
    for i, bar in enumerate(two):
        if len(bar) > 1:
            return (*two[:i], bar[:1], bar[1:], *two[i + 1 :])
    return (two[0], *two)


def _blues_part(
    data: GenreData,
    settled: Settled,
    part: Part,
    bodies: dict[tuple[str, int], Numerals],
    rng: random.Random,
) -> Numerals:
    home = "I7" if settled.mode == "major" else "i"
    if part.name == "Tag":
        turn = ("IV7",) if settled.mode == "major" else ("iv",)
        return (*[turn] * (part.bars - 1), (home,))
    body_key = (part.letter, part.bars)
    if body_key not in bodies or rng.random() < 0.4:
        bodies[body_key] = rng.choice(_chorus_bodies(data, settled, part.bars - 2)).bars
    role: Role = "ending" if part.closes else "turnaround"
    return (*bodies[body_key], *rng.choice(_candidates(settled, role, 2)).bars)


def _chorus_bodies(data: GenreData, settled: Settled, length: int) -> list[Phrase]:
    found = list(_candidates(settled, "chorus", length))
    if settled.form == "quick-change" and length == 10:
        return [p for p in found if p.bars[1][0].upper().startswith("IV")] or found
    if settled.form == "jazz-blues" and length == 10:
        return [p for p in found if p.bars[8][0].startswith("ii")] or found
    return found


def _bar(row: tuple[str, ...], home: Key, most: int) -> Bar:
    slots = [read_slot(token, home) for token in _fitted(row, most)]
    kept = [slot for i, slot in enumerate(slots) if i == 0 or slot.chord != slots[i - 1].chord]
    return tuple(kept)


def read_slot(token: str, home: Key) -> Slot:
    """A numeral in the home key, or after an @ in the key on that degree: `ii@bIII`."""
    text, _, of = token.partition("@")
    key = home
    if of:
        key = home.up(numeral_semitones(of), "minor" if of.lstrip("b#").islower() else "major")
    return Slot(parse_roman(text, key), key)


def _fitted(row: tuple[str, ...], most: int) -> tuple[str, ...]:
    """A bar with too many chords for its meter keeps the first, if it is home, and the last ones."""
    if len(row) <= most:
        return row
    if row[0].upper().rstrip("7") == "I" and most > 1:
        return (row[0], *row[len(row) - most + 1 :])
    return row[-most:]
