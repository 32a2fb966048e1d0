"""Putting answers of several searches in one order, and showing where the words stand."""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from scrivano.references.search import HEADING_WEIGHT, Bm25
from scrivano.references.stemming import terms

Key = TypeVar("Key", bound=Hashable)

SNIPPET = 240
"""Characters that a snippet aims at."""

_K = 60
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ALIKE = 0.7
NEAR = 0.25
"""Cosine of a model's vectors below which a passage has nothing to do with a question."""
NEAR_BUILT_IN = 0.12
"""The same for the built-in vectors, which lie further apart (docs/decisions/0009)."""


def fused(*rankings: tuple[float, Sequence[Key]]) -> dict[Key, float]:
    """Scores by reciprocal rank: what stands high in several of the weighted rankings comes first."""
    scores: dict[Key, float] = {}
    for weight, ranking in rankings:
        for place, key in enumerate(ranking, 1):
            scores[key] = scores.get(key, 0.0) + weight / (_K + place)
    return scores


def by_telling_words(query: str, texts: Mapping[Key, tuple[str, Sequence[str]]], total: int) -> list[Key]:
    """Those of `texts` (text and headings) that share a word with `query`, best first, by BM25.

    `total` is the number of passages there are; all that have a word of the query should be among `texts`.
    """
    keys = list(texts)
    index = Bm25(
        [Counter(terms(text) + terms(" ".join(heads)) * HEADING_WEIGHT) for text, heads in texts.values()]
    )
    index.size = max(total, len(keys))
    scores = index.scores((term, float(count)) for term, count in Counter(terms(query)).items())
    return [keys[number] for number in sorted(scores, key=lambda n: (-scores[n], n))]


def packed(vector: Iterable[float]) -> bytes:
    """A vector of length 1 in half precision, which is enough to compare directions."""
    return _unit(np.fromiter(vector, np.float32)).astype("<f2").tobytes()


def unpacked(numbers: Sequence[int], raw: bytes) -> dict[int, tuple[float, ...]]:
    """The packed vectors of one reference by the number of their passage."""
    if not numbers or len(raw) % (2 * len(numbers)):
        return {}
    rows = np.frombuffer(raw, "<f2").reshape(len(numbers), -1).astype(np.float64)
    return {number: tuple(row.tolist()) for number, row in zip(numbers, rows, strict=True)}


def by_direction(
    question: Sequence[float],
    blocks: Sequence[tuple[Key, Sequence[int], bytes]],
    limit: int,
    near: float = NEAR,
) -> list[tuple[Key, int]]:
    """Owner and number of the packed vectors that point most nearly where `question` does, nearest first, down to
    a cosine of `near`.

    A block holds the numbers of an owner's vectors, and these one after the other. Blocks of vectors of another
    length are passed over.
    """
    target = _unit(np.asarray(question, np.float32))
    keys: list[tuple[Key, int]] = []
    cosines: list[NDArray[np.float32]] = []
    for owner, numbers, raw in blocks:
        if len(raw) != 2 * len(target) * len(numbers):
            continue
        matrix = np.frombuffer(raw, "<f2").reshape(len(numbers), len(target))
        # In pieces, so that the single precision copy stays small.
        pieces = np.array_split(matrix, len(numbers) // 4096 + 1)
        cosines += [piece.astype(np.float32) @ target for piece in pieces]
        keys += [(owner, number) for number in numbers]
    if not keys:
        return []
    found = np.concatenate(cosines)
    order = np.argsort(-found, kind="stable")[:limit]
    return [keys[int(n)] for n in order if found[n] >= near]


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector


def snippet_of(text: str, query: str) -> tuple[int, int, list[tuple[int, int]]]:
    """Start and end in `text` of the piece that shows most of the query's words, and their places in it."""
    wanted = set(terms(query))
    spoken = {word.lower() for word in _WORD.findall(query)}
    places = [
        (found.start(), found.end())
        for found in _WORD.finditer(text)
        if _is_wanted(found.group().lower(), wanted, spoken)
    ]
    start = _best_start(text, places)
    end = min(len(text), start + SNIPPET)
    start, end = _at_words(text, start, end)
    return start, end, [(a - start, b - start) for a, b in places if start <= a and b <= end]


def _is_wanted(word: str, wanted: set[str], spoken: set[str]) -> bool:
    if word in spoken or any(term in wanted for term in terms(word)):
        return bool(terms(word)) or word in spoken
    return len(word) > 4 and any(_share(word, other) >= _ALIKE for other in spoken if len(other) > 4)


def _share(one: str, other: str) -> float:
    same = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        same += 1
    return same / max(len(one), len(other))


def _best_start(text: str, places: Sequence[tuple[int, int]]) -> int:
    best, most = 0, 0
    for number, (start, _) in enumerate(places):
        kinds = {text[a:b].lower() for a, b in places[number:] if b <= start + SNIPPET}
        if len(kinds) > most:
            best, most = start, len(kinds)
        if number > 400:
            break
    return max(0, min(best - SNIPPET // 6, len(text) - SNIPPET))


def _at_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The same piece without half words at its edges, where there is white space near."""
    if start > 0 and (space := text.find(" ", start, start + 30)) >= 0:
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", max(start, end - 30), end)) >= 0:
        end = space
    return start, end
