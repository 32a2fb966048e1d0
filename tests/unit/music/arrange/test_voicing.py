"""Voicings: the path found is the cheapest of all, hands can play them, what tells the chord sounds."""

import random
from itertools import pairwise, product

import numpy as np
import pytest

from scrivano.music.arrange.frame import LOW_LIMITS, Frame, frame_for
from scrivano.music.arrange.path import cheapest_path
from scrivano.music.arrange.satb import (
    FORBIDDEN,
    can_follow,
    moves,
    set_voices,
    settings,
    task_for,
    voice_ranges,
)
from scrivano.music.arrange.satb import _own_cost as own_cost
from scrivano.music.arrange.satb import _seventh_rule as seventh_rule
from scrivano.music.arrange.voicing import choices, cost_of, guides, voice
from scrivano.music.theory import key_of, parse_chord

SUFFIXES = [
    "",
    "m",
    "7",
    "maj7",
    "m7",
    "m7b5",
    "dim7",
    "6",
    "m69",
    "9",
    "maj9",
    "m11",
    "13",
    "7alt",
    "7sus",
    "13b9",
    "maj7#11",
    "sus4",
    "5",
    "add9",
    "C11",
]
ROOTS = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]


def random_chord(rng: random.Random):
    suffix = rng.choice(SUFFIXES)
    symbol = "C11" if suffix == "C11" else rng.choice(ROOTS) + suffix
    if rng.random() < 0.2:
        symbol += "/" + rng.choice(ROOTS)
    return parse_chord(symbol)


def frames(rng: random.Random) -> Frame:
    low, high = rng.choice([(21, 108), (36, 84), (48, 72), (36, 60), (60, 84), (41, 77), (60, 108), (21, 60)])
    return frame_for(low, high, rng.choice(("root", "shell")), rng.randint(1, 5))


def test_the_path_is_the_cheapest_of_all() -> None:
    rng = np.random.default_rng(3)
    for _ in range(60):
        sizes = rng.integers(1, 6, size=int(rng.integers(1, 6)))
        own = [rng.random(n) for n in sizes]
        between = [rng.random((a, b)) for a, b in pairwise(sizes)]
        path, cost = cheapest_path(own, lambda i, between=between: between[i])

        def total(way, own=own, between=between):
            return sum(own[i][k] for i, k in enumerate(way)) + sum(
                between[i][a, b] for i, (a, b) in enumerate(pairwise(way))
            )

        best = min(product(*map(range, sizes)), key=total)
        assert cost == pytest.approx(total(best)) == pytest.approx(total(path))
    assert cheapest_path([], lambda _: np.zeros((1, 1))) == ([], 0.0)


@pytest.mark.parametrize("seed", range(12))
def test_voicings_equal_brute_force(seed: int) -> None:
    rng = random.Random(seed)
    frame, chords = frames(rng), [random_chord(rng) for _ in range(4)]
    layers = [choices(chord, frame)[:6] for chord in chords]
    found = voice(chords, frame, seed=str(seed), limit=6)
    cheapest = min(
        (cost_of(line, seed=str(seed), layers=layers) for line in product(*layers)),
    )
    assert cost_of(found, seed=str(seed), layers=layers) == pytest.approx(cheapest)


def test_four_voices_equal_brute_force() -> None:
    key, ranges = key_of("C"), voice_ranges(21, 108)
    chords = [parse_chord(s) for s in ("F", "G7", "C")]
    layers = [settings(task_for(chord, key, ranges)) for chord in chords]

    def total(line):
        own = sum(
            own_cost(four, task_for(chord, key, ranges)) for four, chord in zip(line, chords, strict=True)
        )
        return own + sum(
            float(moves((a,), (b,), seventh_rule(chords[i], chords[i + 1]))[0, 0])
            for i, (a, b) in enumerate(pairwise(line))
        )

    rng = random.Random(1)
    found = total(set_voices(chords, key, ranges))
    small = [rng.sample(layer, min(len(layer), 14)) for layer in layers]
    assert all(found <= total(line) + 1e-9 for line in product(*small))


@pytest.mark.parametrize("seed", range(40))
def test_every_voicing_can_be_played_and_tells_its_chord(seed: int) -> None:
    rng = random.Random(seed)
    frame = frames(rng)
    for chord in (random_chord(rng) for _ in range(12)):
        options = choices(chord, frame)
        assert 1 <= len(options) <= 40
        for v in options:
            assert set(guides(chord)) <= {note % 12 for note in (*v.left, *v.right)}
            assert v.left[-1] < v.right[0] and frame.low <= v.left[0] and v.right[-1] <= frame.high
            if frame.role == "root":
                assert chord.bass_name is not None and v.left[0] % 12 == chord.bass_name.pc
            for hand in (v.left, v.right):
                assert len(hand) <= 5 and hand[-1] - hand[0] <= 14
                assert all(a >= LOW_LIMITS.get(b - a, 0) for a, b in pairwise(hand))


def test_lines_move_little() -> None:
    chords = [parse_chord(s) for s in ["Dm9", "G13", "Cmaj9", "A7alt", "Dm9", "Db7#11", "C69"]]
    line = voice(chords, frame_for(21, 108, "shell", 4))
    ways = [abs(a - b) for v, w in pairwise(line) for a, b in zip(v.right, w.right, strict=True)]
    assert sum(ways) / len(ways) < 2.5 and max(ways) <= 5
    assert voice(chords, frame_for(21, 108, "shell", 4)) == line


def test_seeds_vary_voicings_and_pins_hold_them() -> None:
    chords = [parse_chord(s) for s in ["Cmaj7", "Am7", "Dm7", "G7"] * 3]
    frame = frame_for(21, 108, "root", 3)
    lines = {tuple(voice(chords, frame, seed=str(seed))) for seed in range(20)}
    assert len(lines) > 10
    pin = choices(chords[5], frame)[7]
    assert voice(chords, frame, pinned={5: pin})[5] == pin


@pytest.mark.parametrize("seed", range(10))
def test_part_writing_keeps_its_rules(seed: int) -> None:
    rng = random.Random(seed)
    tonic = rng.choice(["C", "F#", "Eb", "A"])
    key = key_of(tonic)
    numerals = ["", "m", "m", "", "7", "m"]
    scale = [str(name) for name in key.scale]
    chords = [
        parse_chord(scale[i] + numerals[i])
        for i in (0, *(rng.choice((0, 1, 3, 4, 5)) for _ in range(14)), 4, 0)
    ]
    chords = [chords[0], *(b for a, b in pairwise(chords) if can_follow(a, b, key))]
    voices = set_voices(chords, key, voice_ranges(21, 108), seed=str(seed))
    for chord, four in zip(chords, voices, strict=True):
        assert list(four) == sorted(four) and len(set(four)) == 4
        assert four[3] - four[2] <= 12 and four[2] - four[1] <= 12
        assert own_cost(four, task_for(chord, key, voice_ranges(21, 108))) < FORBIDDEN
    for a, b in pairwise(voices):
        for low, high in ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)):
            up, down = b[high] - a[high], b[low] - a[low]
            before, after = (a[high] - a[low]) % 12, (b[high] - b[low]) % 12
            assert not (up * down > 0 and before == after and after in {0, 7})


def test_pairs_that_four_voices_cannot_sing() -> None:
    assert can_follow(parse_chord("G7"), parse_chord("C"), key_of("C"))
    assert not can_follow(parse_chord("A7/C#"), parse_chord("D/F#"), key_of("G"))
    assert can_follow(parse_chord("N.C."), parse_chord("C"), key_of("C"))
