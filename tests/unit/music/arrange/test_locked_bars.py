"""Locked bars keep every byte when the rest is made anew, and the whole still keeps the rules."""

import random

import pytest

from benchmarks.music_files import by_rules
from benchmarks.music_locks import locks, measures, notes_in, strokes
from scrivano.core.errors import InvalidInput
from scrivano.music.arrange import exchange, make_again
from scrivano.music.checker.check import check_files
from scrivano.music.dto import Arrangement
from scrivano.music.files import write_midi, write_musicxml
from scrivano.music.progression import substitute, suggest
from scrivano.music.theory import meter_of


def broken(piece: Arrangement) -> list[str]:
    return [str(v) for v in check_files(write_midi(piece), write_musicxml(piece), piece.request)]


@pytest.mark.parametrize("seed", range(23, 47))
def test_locked_bars_stay_to_the_byte_in_every_file(seed: int) -> None:
    rng = random.Random(f"locks/{seed}")
    old = by_rules(seed, rng.choice((8, 12)))
    locked = locks(old.progression.bars, rng)
    made = make_again(old, locked, 1000 + seed)
    length = meter_of(old.progression.meter).bar
    before, after = measures(write_musicxml(old)), measures(write_musicxml(made))
    struck, again = strokes(write_midi(old), length), strokes(write_midi(made), length)
    for bar in locked:
        assert notes_in(old, bar) == notes_in(made, bar)
        assert before[bar] == after[bar]
        assert struck[bar] == again[bar]
    others = set(range(1, old.progression.bars + 1)) - set(locked)
    assert len(others) < 2 or any(notes_in(old, bar) != notes_in(made, bar) for bar in others)
    assert broken(made) == []
    assert make_again(old, locked, 1000 + seed) == made


def test_what_a_model_wrote_and_the_rules_changed_says_so() -> None:
    old = by_rules(3, 8).model_copy(update={"generation_method": "some-model", "locked_bars": (1,)})
    assert make_again(old, range(1, 9), 5).generation_method == "some-model"
    made = make_again(old, [1], 5)
    assert made.generation_method == "some-model + rules"
    assert made.locked_bars == (1,)
    assert make_again(made, [1], 6).generation_method == "some-model + rules"


def test_of_several_the_preferred_one_is_taken() -> None:
    old = by_rules(3, 8)
    fewest = make_again(old, [1], 5, prefer=lambda p: -len(p.chords))
    most = make_again(old, [1], 5, prefer=lambda p: len(p.chords))
    assert len(fewest.progression.chords) < len(most.progression.chords)


def test_a_bar_that_does_not_exist_cannot_be_locked() -> None:
    with pytest.raises(InvalidInput) as refused:
        make_again(by_rules(3, 8), [9], 1)
    assert refused.value.field == "locked"


@pytest.mark.parametrize("seed", range(6))
def test_exchanging_a_chord_leaves_the_other_bars_alone(seed: int) -> None:
    old = by_rules(seed, 8)
    index = next(i for i, c in enumerate(old.progression.chords) if c.bar == 4)
    offered = suggest(old.progression, old.request, index, 1)
    if not offered:
        pytest.skip("nothing can stand there but what does")
    made = exchange(old, substitute(old.progression, old.request, index, offered[0].symbol))
    assert made.progression.chords[index].symbol == offered[0].symbol
    for bar in (1, 2, 7, 8):
        assert notes_in(old, bar) == notes_in(made, bar)
    assert broken(made) == []
