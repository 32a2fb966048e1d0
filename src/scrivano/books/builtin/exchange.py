"""Mending a first distribution: exchanging units while the book as a whole gains by it."""

from collections.abc import Sequence
from dataclasses import replace

from scrivano.books.builtin.draft import Chosen, Draft
from scrivano.books.builtin.stock import Unit

ROUNDS = 12
MOST_PAIRS = 60_000
SLACK = 0.12
GAIN = 1.02


def improve(drafts: Sequence[Draft], units: Sequence[Unit]) -> None:
    """Exchange units between chapters, or for units that no chapter has, as long as they then fit better.

    The author's are exchanged for the author's and the pack's for the pack's, so the shares stay as they are.
    For books of hundreds of units only the first rounds' worth of pairs is tried.
    """
    tried = 0
    for _ in range(ROUNDS):
        changed = 0
        for number, draft in enumerate(drafts):
            for other in drafts[number + 1 :]:
                changed += _between(draft, other)
                tried += len(draft.chosen) * len(other.chosen)
        changed += _from_pool(drafts, units)
        if not changed or tried > MOST_PAIRS:
            return


def _between(one: Draft, two: Draft) -> int:
    changed = 0
    for i in range(len(one.chosen)):
        for j in range(len(two.chosen)):
            a, b = one.chosen[i], two.chosen[j]
            there, here = two.scores[a.unit.number], one.scores[b.unit.number]
            before = a.score * a.words + b.score * b.words
            if a.unit.number in one.home or b.unit.number in two.home:
                continue
            if a.unit.own != b.unit.own or there * a.words + here * b.words <= before * GAIN:
                continue
            if _takes(one, i, replace(b, score=here)) and _takes(two, j, replace(a, score=there)):
                one.chosen[i], two.chosen[j] = replace(b, score=here), replace(a, score=there)
                changed += 1
    return changed


def _from_pool(drafts: Sequence[Draft], units: Sequence[Unit]) -> int:
    changed = 0
    taken = {chosen.unit.number for draft in drafts for chosen in draft.chosen}
    settled = set[int]().union(*(draft.home for draft in drafts))
    pool = [unit for unit in units if unit.number not in taken and (unit.own or not unit.intro)]
    for draft in drafts:
        for i in range(len(draft.chosen)):
            old = draft.chosen[i]
            if old.unit.number in draft.home:
                continue
            better = [
                Chosen(unit, draft.scores[unit.number], unit.pieces)
                for unit in pool
                if unit.own == old.unit.own
                and unit.number not in settled
                and draft.scores[unit.number] > old.score * GAIN
            ]
            better.sort(key=lambda chosen: (-chosen.score, chosen.unit.number))
            for new in better:
                if new.words >= 0.7 * old.words and _takes(draft, i, new):
                    draft.chosen[i] = new
                    pool.remove(new.unit)
                    pool.append(old.unit)
                    changed += 1
                    break
    return changed


def _takes(draft: Draft, at: int, new: Chosen) -> bool:
    """Whether `new` may stand in place of the unit `at`: length and the sample's share allow it."""
    old = draft.chosen[at]
    target, now = draft.plan.words, draft.words
    after = now - old.words + new.words
    if abs(after - target) > max(SLACK * target, abs(now - target)):
        return False
    return new.words <= draft.left_for(new.unit, without=old)
