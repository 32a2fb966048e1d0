"""The cheapest way through choices that follow each other: dynamic programming over a layered graph."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    Costs = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def cheapest_path(own: "Sequence[Costs]", between: "Callable[[int], Costs]") -> tuple[list[int], float]:
    """Which choice of each layer makes the whole cheapest, and what it costs.

    `own[i]` has the cost of each choice of layer i; `between(i)` the costs from each choice of layer i to each of
    layer i + 1 (rows: from). Of equally cheap ways the one with the first choices is taken.
    """
    import numpy as np

    if not own:
        return [], 0.0
    total = own[0]
    came: list[np.ndarray[tuple[int, ...], np.dtype[np.intp]]] = []
    for layer in range(1, len(own)):
        ways = total[:, None] + between(layer - 1)
        best = ways.argmin(axis=0)
        came.append(best)
        total = ways[best, np.arange(ways.shape[1])] + own[layer]
    at = int(total.argmin())
    cost = float(total[at])
    path = [at]
    for best in reversed(came):
        at = int(best[at])
        path.append(at)
    return path[::-1], cost
