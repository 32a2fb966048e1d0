"""The best choice under a budget: a knapsack whose items fall into classes, of each at most one.

The method is that of Dudzinski and Walukiewicz (1987, "Exact methods for the knapsack problem and its
generalizations", European Journal of Operational Research 28) and Pisinger (1995, "A minimal algorithm for the
multiple-choice knapsack problem", EJOR 83), in three steps. The budget is first given a price: at the price where a
free choice just about uses it up, the value of that choice plus the price of what is left is a bound that nothing
exceeds (Lagrange). Options that cannot be part of anything better than the best choice known are dropped by that
bound. What remains, a few dozen classes as a rule, is solved exactly over all budgets at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Cells of the exact part; beyond them the best choice known is given, with its bound.
_CELLS = 40_000_000
_ROUNDS = 32
_EPS = 1e-9

Option = tuple[int, float]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Solution:
    """`choice` has the number of the chosen option by class, -1 for none. No choice is worth more than `bound`."""

    choice: list[int]
    value: float
    weight: int
    bound: float
    exact: bool


class Table:
    """The best choice for every budget up to `capacity`, by dynamic programming over whole tokens."""

    def __init__(self, classes: Sequence[Sequence[Option]], capacity: int) -> None:
        self._classes = classes
        self.capacity = capacity
        best: Floats = np.zeros(capacity + 1)
        self._taken: list[NDArray[np.int16]] = []
        for options in classes:
            taken: NDArray[np.int16] = np.full(capacity + 1, -1, dtype=np.int16)
            new = best.copy()
            for number, (weight, value) in enumerate(options):
                if weight > capacity or value <= 0:
                    continue
                with_it = best[: capacity + 1 - weight] + value
                better = with_it > new[weight:] + _EPS
                new[weight:][better] = with_it[better]
                taken[weight:][better] = number
            best = new
            self._taken.append(taken)
        self._best = best

    def at(self, budget: int) -> Solution:
        """The best choice for `budget`, which is at most the table's capacity."""
        left, weight = budget, 0
        choice = [-1] * len(self._classes)
        for number in range(len(self._classes) - 1, -1, -1):
            option = int(self._taken[number][left])
            choice[number] = option
            if option >= 0:
                left -= self._classes[number][option][0]
                weight += self._classes[number][option][0]
        value = float(self._best[budget])
        return Solution(choice, value, weight, value, exact=True)


def solve(classes: Sequence[Sequence[Option]], capacity: int) -> Solution:
    """The choice of at most one option of each class that is worth most and weighs at most `capacity`.

    Weights are whole numbers from 1 up; options of no value are never chosen.
    """
    flat = _Flat(classes, capacity)
    if capacity <= 0 or flat.size == 0:
        return Solution([-1] * len(classes), 0.0, 0, 0.0, exact=True)
    if flat.fits_whole():
        picked = flat.best_of_each()
        return _solution(classes, picked, flat.worth(picked), exact=True)
    price, bound, start = flat.priced()
    known = _filled(flat, start, len(classes), capacity)
    value = _value(classes, known)
    kept = flat.kept(price, bound, value)
    return _exact(classes, capacity, known, value, bound, kept)


class _Flat:
    """All options in arrays, so that one price is tried on thousands at once."""

    def __init__(self, classes: Sequence[Sequence[Option]], capacity: int) -> None:
        rows = [
            (c, o, weight, value)
            for c, options in enumerate(classes)
            for o, (weight, value) in enumerate(options)
            if weight <= capacity and value > 0
        ]
        self.size = len(rows)
        self.capacity = capacity
        if not rows:
            return
        columns = list(zip(*rows, strict=True))
        self.owner: Ints = np.array(columns[0], dtype=np.int64)
        self.option: Ints = np.array(columns[1], dtype=np.int64)
        self.weight: Ints = np.array(columns[2], dtype=np.int64)
        self.value: Floats = np.array(columns[3], dtype=np.float64)
        self.starts: Ints = np.flatnonzero(np.r_[True, self.owner[1:] != self.owner[:-1]])
        self._lengths: Ints = np.diff(np.r_[self.starts, self.size])

    def best_of_each(self, price: float = 0.0) -> dict[int, int]:
        """By class the row that is worth most when every token costs `price`; none where nothing gains."""
        gains, rows = self._gains(price)
        return {int(self.owner[row]): int(row) for row, gain in zip(rows, gains, strict=True) if gain > 0}

    def worth(self, picked: dict[int, int]) -> dict[int, int]:
        """The option's number in its class instead of the row."""
        return {owner: int(self.option[row]) for owner, row in picked.items()}

    def fits_whole(self) -> bool:
        """Whether the best of every class fits at once."""
        _, rows = self._gains(0.0)
        return int(self.weight[rows].sum()) <= self.capacity

    def _gains(self, price: float) -> tuple[Floats, Ints]:
        reduced = self.value - price * self.weight
        best = np.maximum.reduceat(reduced, self.starts)
        is_best = reduced >= np.repeat(best, self._lengths)
        rows = np.flatnonzero(is_best)
        # Where two are equal the first is taken, the same in every process.
        first = np.r_[True, self.owner[rows][1:] != self.owner[rows][:-1]]
        return best, rows[first]

    def priced(self) -> tuple[float, float, dict[int, int]]:
        """The price with the lowest bound, that bound, and the best free choice that fits."""
        low, high = 0.0, float((self.value / self.weight).max()) * (1 + _EPS) + _EPS
        best_price, bound = high, float("inf")
        start: dict[int, int] = {}
        for _ in range(_ROUNDS):
            price = (low + high) / 2
            gains, rows = self._gains(price)
            used = gains > 0
            here = price * self.capacity + float(gains[used].sum())
            if here < bound:
                best_price, bound = price, here
            if int(self.weight[rows[used]].sum()) > self.capacity:
                low = price
            else:
                high = price
                start = {int(self.owner[row]): int(row) for row in rows[used]}
        return best_price, bound, start

    def kept(self, price: float, bound: float, value: float) -> list[list[int]]:
        """By class the options, -1 for none, that something better than `value` may contain."""
        reduced = self.value - price * self.weight
        best = np.maximum(np.maximum.reduceat(reduced, self.starts), 0.0)
        slack = bound - value + _EPS
        open_row = np.repeat(best, self._lengths) - reduced <= slack
        owners = self.owner[self.starts]
        kept: list[list[int]] = [[-1] for _ in range(int(owners.max()) + 1)]
        for owner, is_open in zip(owners, best <= slack, strict=True):
            kept[int(owner)] = [-1] if is_open else []
        for row in np.flatnonzero(open_row):
            kept[int(self.owner[row])].append(int(self.option[row]))
        return kept


def _filled(flat: _Flat, start: dict[int, int], count: int, capacity: int) -> list[int]:
    """`start`, and what else fits, the worthiest by the token first."""
    choice = [-1] * count
    left = capacity
    for owner, row in start.items():
        choice[owner] = int(flat.option[row])
        left -= int(flat.weight[row])
    for row in np.argsort(-(flat.value / flat.weight), kind="stable"):
        weight = int(flat.weight[row])
        if weight <= left and choice[int(flat.owner[row])] < 0:
            choice[int(flat.owner[row])] = int(flat.option[row])
            left -= weight
    return choice


def _exact(
    classes: Sequence[Sequence[Option]],
    capacity: int,
    known: list[int],
    value: float,
    bound: float,
    kept: list[list[int]],
) -> Solution:
    """The best of `known` and of all that may be better."""
    picked = {c: options[0] for c, options in enumerate(kept) if len(options) == 1 and options[0] >= 0}
    core = [c for c, options in enumerate(kept) if len(options) > 1]
    left = capacity - sum(classes[c][o][0] for c, o in picked.items())
    if any(not options for options in kept) or left < 0:
        return _solution(classes, _chosen(known), None, exact=True)
    left = min(left, sum(max(classes[c][o][0] for o in kept[c] if o >= 0) for c in core))
    if len(core) * (left + 1) > _CELLS:
        found = _solution(classes, _chosen(known), None, exact=False)
        return Solution(found.choice, found.value, found.weight, max(bound, found.value), exact=False)
    # A class that cannot be left empty is solved as one that may be: anything else would only be worse.
    options = [[o for o in kept[c] if o >= 0] for c in core]
    solved = Table([[classes[c][o] for o in own] for c, own in zip(core, options, strict=True)], left).at(
        left
    )
    for c, own, number in zip(core, options, solved.choice, strict=True):
        if number >= 0:
            picked[c] = own[number]
    better = _solution(classes, picked, None, exact=True)
    return better if better.value > value else _solution(classes, _chosen(known), None, exact=True)


def _chosen(choice: Sequence[int]) -> dict[int, int]:
    return {c: o for c, o in enumerate(choice) if o >= 0}


def _value(classes: Sequence[Sequence[Option]], choice: Sequence[int]) -> float:
    return sum(classes[c][o][1] for c, o in enumerate(choice) if o >= 0)


def _solution(
    classes: Sequence[Sequence[Option]],
    picked: dict[int, int],
    options: dict[int, int] | None,
    *,
    exact: bool,
) -> Solution:
    taken = picked if options is None else options
    choice = [taken.get(c, -1) for c in range(len(classes))]
    value = _value(classes, choice)
    weight = sum(classes[c][o][0] for c, o in taken.items())
    return Solution(choice, value, weight, value, exact=exact)
