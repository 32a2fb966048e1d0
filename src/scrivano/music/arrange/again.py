"""An arrangement changed: bars made anew between locked ones, chords exchanged, everything else to the note."""

from collections.abc import Callable, Iterable

from scrivano.music.arrange.arranging import arrange, voices_can
from scrivano.music.arrange.keeping import fits_after
from scrivano.music.dto import Arrangement, Progression, Settled
from scrivano.music.progression import regenerate

_RULES = "rules"
_TRIES = 6
_APART = 7919


def make_again(
    old: Arrangement,
    locked: Iterable[int],
    seed: int,
    *,
    prefer: Callable[[Progression], float] | None = None,
) -> Arrangement:
    """The arrangement with every bar made anew, chords and notes, that isn't in `locked` (numbers from 1).

    All that begins in a locked bar stays to the byte in every file. Where its last notes lead into the next bar, that
    bar begins with a chord that they suit, if need be the one it had. The same seed gives the same result. With
    `prefer` the best of several progressions is taken, the one for which it gives most. Raises InvalidInput for the
    field `locked` when a bar doesn't exist.
    """
    kept = sorted(set(locked))
    progression = _progression(old, kept, seed, prefer)
    made = _arranged(old, progression, old.request.model_copy(update={"seed": seed}), kept)
    method = old.generation_method
    if progression.chords != old.progression.chords and _RULES not in method.split(" + "):
        made = made.model_copy(update={"generation_method": f"{method} + {_RULES}"})
    return made.model_copy(update={"locked_bars": old.locked_bars})


def _progression(
    old: Arrangement, kept: list[int], seed: int, prefer: Callable[[Progression], float] | None
) -> Progression:
    """New chords around the locked ones. Where no voices could go from one to the other, those that were."""
    fits = fits_after(old, kept)
    found = list[Progression]()
    for attempt in range(_TRIES):
        made = regenerate(old.progression, old.request, kept, seed + attempt * _APART, fits=fits)
        if voices_can(made, old.request, old, kept):
            found.append(made)
        if found and prefer is None:
            break
    if not found:
        return old.progression
    return max(found, key=prefer) if prefer is not None else found[0]


def exchange(old: Arrangement, progression: Progression, settled: Settled | None = None) -> Arrangement:
    """The arrangement with another progression of the same length: bars whose chords stay keep their notes.

    Notes that led into a chord which has gone lead into the new one.
    """
    same = [
        bar
        for bar in range(1, progression.bars + 1)
        if _symbols(progression, bar) == _symbols(old.progression, bar)
    ]
    changed = set(range(1, progression.bars + 1)) - set(same)
    request = settled or old.request
    for reach in range(progression.bars):
        # Four voices may need to go another way to the new chord, and from it.
        if voices_can(progression, request, old, same):
            break
        same = [bar for bar in same if all(abs(bar - other) > reach + 1 for other in changed)]
    made = _arranged(old, progression, request, same)
    return made.model_copy(update={"locked_bars": old.locked_bars})


def _symbols(progression: Progression, bar: int) -> list[tuple[int, str]]:
    return [(c.onset, c.symbol) for c in progression.chords if c.bar == bar]


def _arranged(old: Arrangement, progression: Progression, settled: Settled, kept: list[int]) -> Arrangement:
    return arrange(
        progression,
        settled,
        melody=[note for note in old.notes if note.part == "melody"],
        title=old.title,
        generation_method=old.generation_method,
        previous=old,
        locked=kept,
    )
