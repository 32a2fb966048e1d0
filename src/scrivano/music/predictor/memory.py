"""What the song at hand has done so far: its own contexts, and the longest passage that is being repeated."""

from collections.abc import Hashable

import numpy as np

from scrivano.music.predictor.corpus import Place
from scrivano.music.predictor.tables import START, Vector

_PAD = 8
_LONGEST = 32
_BACKING = 0.4
"""Weight of the shorter context in a row of the song's own counts: small, since songs repeat themselves."""


class Memory:
    """Grows by `add`; `experts` gives what it expects next, as distributions over all chords."""

    def __init__(self) -> None:
        self.history: list[int] = [START] * _PAD
        self._rows: dict[Hashable, dict[int, tuple[int, int]]] = {}
        self._match = 0
        self._pointer = 0
        self._trust = [[1, 2] for _ in range(_LONGEST + 1)]
        self._line = -1

    def starts_line(self, line: int) -> bool:
        """Whether a chord in this line is the first of it."""
        return line != self._line

    def add(self, chord: int, at: Place) -> None:
        """Take note of the chord that came, and where."""
        expected = self.history[self._pointer] if self._match else None
        if expected is not None:
            trust = self._trust[min(self._match, _LONGEST)]
            trust[0] += expected == chord
            trust[1] += 1
        turn = len(self.history)
        for key in self._keys(at):
            row = self._rows.setdefault(key, {})
            row[chord] = (row.get(chord, (0, 0))[0] + 1, turn)
        self.history.append(chord)
        self._line = at.line
        if expected == chord:
            self._match += 1
            self._pointer += 1
        else:
            self._match = 0
        if self._match < 16:
            self._find_longer_match()

    def seen_after(self, back: int) -> dict[int, int]:
        """How often each chord followed the last `back` chords in this song."""
        row = self._rows.get((back, *self.history[-back:]), {})
        return {chord: times for chord, (times, _) in row.items()}

    def experts(self, base: Vector, starting: Vector, at: Place) -> tuple[list[Vector], list[float]]:
        """Ten distributions and nine measures of how much they stand on.

        `base` is how common chords are at all, `starting` what the corpus expects, which an empty memory
        gives back.
        """
        keys = self._keys(at)
        nested: list[Vector] = []
        seen: list[float] = []
        current = starting
        for key in keys[:6]:
            current = self._step(current, key, seen)
            nested.append(current)
        placed = self._step(self._step(nested[0], keys[6], seen), keys[7], seen)
        placed2 = self._step(nested[2], keys[8], seen)
        lined = self._step(nested[2], keys[9], [])
        seen.append(float(self._match))
        return [
            *nested[:4],
            nested[5],
            placed,
            placed2,
            lined,
            self._repetition(base),
            self._latest(base, keys[2]),
        ], seen

    def _keys(self, at: Place) -> tuple[Hashable, ...]:
        _, bar, place = at
        past = self.history
        one, two = past[-1], past[-2]
        return (
            0, (1, one), (2, two, one), (3, *past[-3:]), (4, *past[-4:]), (6, *past[-6:]),
            ("place", bar, place), ("place1", bar, place, one), ("place2", bar, place, two, one),
            ("line", self.starts_line(at.line), two, one),
        )  # fmt: skip

    def _step(self, shorter: Vector, key: Hashable, seen: list[float]) -> Vector:
        row = self._rows.get(key)
        if not row:
            seen.append(0.0)
            return shorter
        mixed = shorter * np.float32(_BACKING)
        total = 0
        for chord, (times, _) in row.items():
            mixed[chord] += times
            total += times
        seen.append(float(total))
        mixed /= np.float32(total + _BACKING)
        return mixed

    def _repetition(self, base: Vector) -> Vector:
        if not self._match:
            return base.copy()
        right, all_ = self._trust[min(self._match, _LONGEST)]
        expected = base * np.float32(1 - right / all_)
        expected[self.history[self._pointer]] += right / all_
        return expected

    def _latest(self, base: Vector, key: Hashable) -> Vector:
        row = self._rows.get(key)
        if not row:
            return base.copy()
        chord = max(row.items(), key=lambda item: item[1][1])[0]
        expected = base * np.float32(0.3)
        expected[chord] += np.float32(0.7)
        return expected

    def _find_longer_match(self) -> None:
        past = self.history
        end = len(past) - 1
        for at in range(end - 1, _PAD - 1, -1):
            if past[at] != past[end]:
                continue
            length = 1
            while at - length >= _PAD and length < _LONGEST and past[at - length] == past[end - length]:
                length += 1
            if length > self._match:
                self._match, self._pointer = length, at + 1
