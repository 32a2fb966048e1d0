"""Comparing and merging texts. Pure functions over strings, quick on any input that is a text."""

import difflib
import re
from collections.abc import Sequence
from typing import NamedTuple

from scrivano.documents.dto import DiffLine, Hunk

# Above this product of lengths the comparison may overlook that frequent pieces stayed: exact search is quadratic.
_EXACT = 4_000_000
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


class Change(NamedTuple):
    """Pieces `i1:i2` of the old sequence became pieces `j1:j2` of the new one."""

    i1: int
    i2: int
    j1: int
    j2: int


def changes(before: Sequence[str], after: Sequence[str]) -> list[Change]:
    """What differs, in order, without overlaps; equal sequences give nothing."""
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    if not old and not new:
        return []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=len(old) * len(new) > _EXACT)
    return [
        Change(i1 + head, i2 + head, j1 + head, j2 + head)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    ]


def lines_of(text: str) -> list[str]:
    """Its lines, so that joining them by line feeds gives the text again: no other sign ends a line here."""
    return text.split("\n") if text else []


def by_lines(before: str, after: str) -> list[DiffLine]:
    """The comparison line by line."""
    return _told(lines_of(before), lines_of(after), single=True)


def by_words(before: str, after: str) -> list[DiffLine]:
    """The comparison word by word, with spaces and signs as pieces of their own.

    Lines that stayed are found first, so that a sentence is compared with the one in its place.
    """
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    told: list[DiffLine] = []
    at = 0
    for change in changes(old, new):
        told += _one("same", old[at : change.i1])
        told += _told(
            _WORDS.findall("".join(old[change.i1 : change.i2])),
            _WORDS.findall("".join(new[change.j1 : change.j2])),
        )
        at = change.i2
    return told + _one("same", old[at:])


def unified(before: str, after: str, old: str, new: str) -> str:
    """The comparison as a patch with three lines of context."""
    a, b = lines_of(before), lines_of(after)
    lines = [f"--- {old}", f"+++ {new}"]
    for group in _grouped(changes(a, b)):
        start, end = max(0, group[0].i1 - 3), min(len(a), group[-1].i2 + 3)
        shift = group[0].j1 - group[0].i1
        body: list[str] = []
        at = start
        for change in group:
            body += [f" {line}" for line in a[at : change.i1]]
            body += [f"-{line}" for line in a[change.i1 : change.i2]]
            body += [f"+{line}" for line in b[change.j1 : change.j2]]
            at = change.i2
        body += [f" {line}" for line in a[at:end]]
        new_end = group[-1].j2 + end - group[-1].i2
        lines.append(f"@@ -{_range(start, end)} +{_range(start + shift, new_end)} @@")
        lines += body
    return "\n".join(lines) if len(lines) > 2 else ""


def hunks(base: str, proposed: str, newest: str) -> list[Hunk]:
    """What `proposed` changes in `base`, each with whether it can be applied to `newest`."""
    old, new = lines_of(base), lines_of(proposed)
    moved = _Moved(old, lines_of(newest))
    return [
        Hunk(
            index=index,
            line=change.i1 + 1,
            removed=tuple(old[change.i1 : change.i2]),
            added=tuple(new[change.j1 : change.j2]),
            applies=moved.place(change) is not None,
        )
        for index, change in enumerate(changes(old, new))
    ]


def merged(
    base: str, proposed: str, newest: str, wanted: Sequence[int] | None = None
) -> tuple[str, list[int]]:
    """`newest` with the hunks of `proposed` (all, or those that are `wanted`), and the numbers of those that could
    not be applied because their lines are no longer as they were."""
    if wanted is None and newest == base:
        return proposed, []
    old, new, now = lines_of(base), lines_of(proposed), lines_of(newest)
    moved = _Moved(old, now)
    refused: list[int] = []
    result: list[str] = []
    at = 0
    for index, change in enumerate(changes(old, new)):
        if wanted is not None and index not in wanted:
            continue
        place = moved.place(change)
        if place is None or place[0] < at:
            refused.append(index)
            continue
        result += now[at : place[0]] + new[change.j1 : change.j2]
        at = place[1]
    result += now[at:]
    return "\n".join(result), refused


class _Moved:
    """Where lines of an old text stand in a newer one."""

    def __init__(self, old: Sequence[str], now: Sequence[str]) -> None:
        self._changed = changes(old, now)

    def place(self, change: Change) -> tuple[int, int] | None:
        """The range in the newer text that is lines `i1:i2` of the old one, untouched; None if they were touched.

        An insertion is not in place where something else was put or taken out at the very same line.
        """
        shift = 0
        for other in self._changed:
            if other.i2 < change.i1 or (
                other.i2 == change.i1 and other.i1 < other.i2 and change.i1 < change.i2
            ):
                shift = other.j2 - other.i2
                continue
            if other.i1 > change.i2 or (
                other.i1 == change.i2 and other.i1 < other.i2 and change.i1 < change.i2
            ):
                break
            return None
        return change.i1 + shift, change.i2 + shift


def _told(old: list[str], new: list[str], *, single: bool = False) -> list[DiffLine]:
    told: list[DiffLine] = []
    at = 0
    for change in changes(old, new):
        told += _one("same", old[at : change.i1], single)
        told += _one("removed", old[change.i1 : change.i2], single)
        told += _one("added", new[change.j1 : change.j2], single)
        at = change.i2
    return told + _one("same", old[at:], single)


def _one(kind: str, pieces: Sequence[str], single: bool = False) -> list[DiffLine]:
    if not pieces:
        return []
    texts = pieces if single else ["".join(pieces)]
    return [DiffLine.model_validate({"kind": kind, "text": text}) for text in texts]


def _grouped(found: list[Change]) -> list[list[Change]]:
    groups: list[list[Change]] = []
    for change in found:
        if groups and change.i1 - groups[-1][-1].i2 <= 6:
            groups[-1].append(change)
        else:
            groups.append([change])
    return groups


def _range(start: int, end: int) -> str:
    length = end - start
    return f"{start + 1 if length else start},{length}"
