"""Makes a progression by rules: form, phrases, elaborations, colours, reasons. The same request gives the
same.
"""

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from scrivano.music.dto import Genre, Progression, Settled
from scrivano.music.genres import GenreData, genre_data
from scrivano.music.progression.colour import colour
from scrivano.music.progression.draft import Bar, Draft, Slot, flat, kinds, style_of, to_progression
from scrivano.music.progression.emphasis import emphasis_of
from scrivano.music.progression.form import plan
from scrivano.music.progression.moves import MOVES
from scrivano.music.progression.phrases import fill
from scrivano.music.progression.rules import Broken, Piece, broken, doubles_leading_tone, goes_back
from scrivano.music.theory import Family, meter_of
from scrivano.music.theory.explain import kinds_of

_TRIES: Final = 90
# After so many attempts nothing is elaborated any more, after twice as many nothing is coloured richly.
_PATIENCE: Final = 30
_NOTHING: Final = frozenset[int]()
# Kinds that a genre's rules forbid; moves and suggestions that would lead to them are not made.
UNWANTED: Final = {
    Genre.REGGAE: frozenset({"tritone-substitute", "related-two", "passing-diminished", "chromatic-planing"}),
    Genre.CLASSICAL: frozenset(
        {"tritone-substitute", "chromatic-planing", "constant-structure", "blues-dominant", "pedal"}
    ),
}


class NoProgression(RuntimeError):
    """No progression kept every rule of its genre. This is a fault of the genre's data."""


def generate(settled: Settled) -> Progression:
    """A progression of exactly the bars, key and meter settled, with a reason for every chord.

    The same settled request gives the same progression in any process; another seed gives another. It keeps
    every hard rule of its genre that chords can keep. Raises InvalidInput for the field `form` when the form
    doesn't fit, and NoProgression if the genre's data allow nothing (a test proves they do).
    """
    return to_progression(make_draft(settled))


def make_draft(settled: Settled, *, salt: str = "") -> Draft:
    """The draft behind `generate`; `salt` gives other drafts for the same seed."""
    data = genre_data(settled.genre)
    parts = plan(settled)
    faults: list[Broken] = []
    stem = f"{settled.genre}/{settled.application}/{settled.mode}/{settled.seed}/{salt}"
    for attempt in range(_TRIES):
        seed = f"{stem}/{attempt}"
        rng = random.Random(f"{seed}/phrases")
        draft = fill(settled, parts, rng, attempt)
        if not _explained(draft.bars, settled.genre):
            continue
        if attempt < _PATIENCE:
            draft = _elaborate(draft, data, seed)
        dressed = colour(draft, data, seed, plain=_NOTHING if attempt < 2 * _PATIENCE else _every_bar(draft))
        faults = faults_of(dressed)
        if faults and all(fault.bar for fault in faults):
            # A colour too bold for its place: the bars around it are dressed plainly.
            around = frozenset(fault.bar - 1 + step for fault in faults for step in (-1, 0, 1))
            dressed = colour(draft, data, seed, around)
            faults = faults_of(dressed)
        if not faults:
            return dressed
    raise NoProgression(f"{settled.genre} {settled.application}, {settled.bars} bars: {faults[:3]}")


def _every_bar(draft: Draft) -> frozenset[int]:
    return frozenset(range(len(draft.bars)))


def faults_of(draft: Draft) -> list[Broken]:
    """The hard rules that a draft breaks."""
    found = kinds(draft.bars, draft.settled.genre)
    return broken(Piece(draft.settled, draft.bars, draft.parts, found))


def _elaborate(draft: Draft, data: GenreData, seed: str) -> Draft:
    """Goes through the bars and makes moves; a move that leaves a chord without reason is not made."""
    settled = draft.settled
    application = data.application(settled.application)
    weights = data.elaborations(settled.application)
    chance = application.spice * (0.55 + 0.15 * settled.difficulty)
    wish = emphasis_of(settled.description)
    chance = min(0.9, chance * wish.amount)
    weights = {name: weight * wish.moves.get(name, 1.0) for name, weight in weights.items()}
    if settled.bars < 8:
        # A short piece has few bars to be itself in.
        chance = max(0.5, chance * 1.5)
    most = min(data.most_in_bar, meter_of(settled.meter).most_chords)
    draft = Draft(settled, list(draft.bars), draft.parts)
    for bar, (letter, index) in enumerate(draft.places[:-1]):
        rng = random.Random(f"{seed}/move/{letter}/{index}")
        if rng.random() >= chance:
            continue
        for name in drawn_moves(weights, rng):
            if try_move(draft, bar, name, rng, most):
                break
    return draft


def try_move(draft: Draft, bar: int, name: str, rng: random.Random, most: int) -> bool:
    """Makes a move in place if it applies, fits the bar and leaves a reason to every chord around."""
    new = MOVES[name](draft, bar, rng)
    if new is None or len(new) > most or new == draft.bars[bar]:
        return False
    if any(a.chord == b.chord or _twice(a, b) for a, b in pairwise(new)):
        return False
    before = draft.preceding(bar)
    if before is not None and before.chord == new[0].chord and name not in {"hold", "restate"}:
        return False
    classical = draft.settled.genre is Genre.CLASSICAL
    if classical and bar in draft.last_bars:
        return False
    old = draft.bars[bar]
    draft.bars[bar] = new
    if _explained_around(draft, bar) and not (classical and _retrogrades(draft, bar)):
        return True
    draft.bars[bar] = old
    return False


def _retrogrades(draft: Draft, bar: int) -> bool:
    """Whether a dominant falls back to ii or IV in this bar or at its edges."""
    before, after = draft.preceding(bar), draft.following(bar)
    row = [s for s in (before, *draft.bars[bar], after) if s is not None]
    return any(goes_back(a, b) or doubles_leading_tone(a, b, draft.key) for a, b in pairwise(row))


def _twice(a: Slot, b: Slot) -> bool:
    """Whether a diminished chord stands on the root it comes from, which is no motion."""
    same = a.chord.root is not None and b.chord.root is not None and a.chord.root.pc == b.chord.root.pc
    return same and b.chord.family is Family.DIMINISHED


def drawn_moves(weights: dict[str, float], rng: random.Random) -> list[str]:
    """The moves in a random order in which heavier ones tend to come first."""
    return sorted(weights, key=lambda name: -(rng.random() ** (1 / weights[name])))


def _explained(bars: Sequence[Bar], genre: Genre) -> bool:
    unwanted = UNWANTED.get(genre, frozenset())
    return all(kind is not None and kind not in unwanted for kind in kinds(bars, genre))


def _explained_around(draft: Draft, bar: int) -> bool:
    """Whether the chords of the bars around have reasons; looks two bars further for what stands before and
    after.
    """
    low, high = max(0, bar - 4), min(len(draft.bars), bar + 5)
    window = draft.bars[low:high]
    slots = flat(window)
    found = kinds_of([s.chord for s in slots], [s.key for s in slots], style_of(draft.settled.genre))
    skip_head = sum(len(b) for b in draft.bars[low : max(low, bar - 2)]) if low else 0
    skip_tail = sum(len(b) for b in draft.bars[min(high, bar + 3) : high]) if high < len(draft.bars) else 0
    kept = found[skip_head : len(found) - skip_tail]
    unwanted = UNWANTED.get(draft.settled.genre, frozenset())
    return all(kind is not None and kind not in unwanted for kind in kept)
