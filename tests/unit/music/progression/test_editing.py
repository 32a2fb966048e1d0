"""Locking, reharmonising, substituting, transposing, suggesting, and finding keys."""

import random

import pytest
from test_generation import assert_valid, request

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import Genre, Progression
from scrivano.music.progression import (
    find_key,
    generate,
    key_regions,
    regenerate,
    reharmonize,
    substitute,
    suggest,
    transpose,
)
from scrivano.music.theory import Family, key_of, parse_chord


def bar_bytes(progression: Progression, bar: int) -> list[str]:
    return [c.model_dump_json() for c in progression.chords if c.bar == bar]


def changed(a: Progression, b: Progression) -> set[int]:
    return {n for n in range(1, a.bars + 1) if bar_bytes(a, n) != bar_bytes(b, n)}


@pytest.mark.parametrize("genre", list(Genre))
def test_locked_bars_stay_to_the_byte_and_the_rest_is_new(genre: Genre) -> None:
    rng = random.Random(genre)
    new = free = 0
    for seed in range(12):
        bars = rng.choice((8, 12, 16, 32))
        settled = request(genre, bars=bars, mode=rng.choice(("major", "minor")), seed=seed)
        before = generate(settled)
        locked = rng.sample(range(1, bars + 1), rng.randrange(bars))
        after = regenerate(before, settled, locked, seed=1000 + seed)
        assert not changed(before, after) & set(locked)
        assert_valid(settled, after)
        assert after == regenerate(before, settled, locked, seed=1000 + seed)
        new += len(changed(before, after))
        free += bars - len(locked)
    assert new > 0.4 * free


def test_everything_locked_is_the_same() -> None:
    settled = request("gospel")
    before = generate(settled)
    assert regenerate(before, settled, range(1, 9), seed=5) is before


@pytest.mark.parametrize("locked", [[0], [9], [3, -1]])
def test_locks_must_be_in_the_piece(locked: list[int]) -> None:
    settled = request("jazz")
    with pytest.raises(InvalidInput) as caught:
        regenerate(generate(settled), settled, locked, seed=1)
    assert caught.value.field == "locked"


@pytest.mark.parametrize("genre", list(Genre))
def test_a_range_is_reharmonized_and_nothing_else(genre: Genre) -> None:
    touched = 0
    for seed in range(8):
        settled = request(genre, bars=16, seed=seed)
        before = generate(settled)
        after = reharmonize(before, settled, 5, 8, seed=seed)
        assert changed(before, after) <= {5, 6, 7, 8}
        assert_valid(settled, after)
        touched += len(changed(before, after))
    assert touched >= 8


def test_a_range_outside_the_piece_is_refused() -> None:
    settled = request("jazz")
    with pytest.raises(InvalidInput) as caught:
        reharmonize(generate(settled), settled, 7, 9, seed=1)
    assert caught.value.field == "bars"


@pytest.mark.parametrize("genre", list(Genre))
def test_suggestions_are_ranked_reasoned_and_can_be_taken(genre: Genre) -> None:
    settled = request(genre, bars=8, seed=4)
    before = generate(settled)
    for index in range(0, len(before.chords), 3):
        found = suggest(before, settled, index)
        assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)
        assert len({s.symbol for s in found}) == len(found)
        for suggestion in found[:3]:
            assert suggestion.symbol != before.chords[index].symbol
            after = substitute(before, settled, index, suggestion.symbol)
            assert after.chords[index].symbol == suggestion.symbol
            assert after.chords[index].reason == suggestion.reason
            assert_valid(settled, after)


def test_a_dominant_is_offered_its_tritone_substitute() -> None:
    seen = 0
    for seed in range(20):
        settled = request("jazz", bars=8, seed=seed)
        before = generate(settled)
        for index, span in enumerate(before.chords[1:-1], start=1):
            chord = parse_chord(span.symbol)
            if (
                span.reason.kind == "secondary-dominant"
                and chord.root
                and before.chords[index - 1].bar == span.bar
            ):
                roots = {parse_chord(s.symbol).root for s in suggest(before, settled, index, limit=12)}
                seen += any(r is not None and (r.pc - chord.root.pc) % 12 == 6 for r in roots)
    assert seen >= 5


@pytest.mark.parametrize("symbol", ["H7", "F#maj7#11", "C", ""])
def test_a_chord_that_does_not_go_there_is_refused_with_the_reason(symbol: str) -> None:
    settled = request("jazz", bars=8, seed=1)
    before = generate(settled)
    with pytest.raises(InvalidInput) as caught:
        substitute(before, settled, 2, symbol)
    assert caught.value.field == "chord"
    assert caught.value.remedy


def test_transposing_spells_as_the_new_key_does() -> None:
    settled = request("jazz", bars=16, seed=3)
    before = generate(settled)
    for key in ("Db", "F#", "Gb", "B", "Ab", "E"):
        moved, after = transpose(before, settled, key)
        assert moved.key == key
        assert_valid(moved, after)
        back = transpose(after, moved, "C")[1]
        for old, new in zip(before.chords, back.chords, strict=True):
            was, now = parse_chord(old.symbol), parse_chord(new.symbol)
            assert was.same_sound(now)
            assert was == now or was.family is Family.DIMINISHED
        signature = {str(n) for n in key_of(key).scale}
        for span in after.chords:
            root = parse_chord(span.symbol).root
            assert root is not None
            assert abs(root.alter) < 2
            assert str(root) not in {"Cb", "Fb", "E#", "B#"} or str(root) in signature


def test_transposing_keeps_the_mode() -> None:
    settled = request("jazz")
    with pytest.raises(InvalidInput):
        transpose(generate(settled), settled, "C minor")


@pytest.mark.parametrize(
    ("symbols", "key"),
    [
        ("Dm7 G7 Cmaj7", "C"),
        ("Am Dm E7 Am", "A minor"),
        ("Eb Cm Ab Bb7 Eb", "Eb"),
        ("Fm7 Bbm7 C7b9 Fm7", "F minor"),
        ("D A Bm G D", "D"),
        ("N.C.", "C"),
    ],
)
def test_the_key_of_a_row_of_chords(symbols: str, key: str) -> None:
    assert str(find_key([parse_chord(s) for s in symbols.split()])) == key


def test_where_the_key_turns() -> None:
    symbols = "Cmaj7 Am7 Dm7 G7 Cmaj7 Fm7 Bb7 Ebmaj7 Fm7 Bb7 Ebmaj7 Abmaj7 Bb7 Ebmaj7 Dm7 G7 Cmaj7"
    chords = [parse_chord(s) for s in symbols.split()]
    regions = [str(k) for k in key_regions(chords, key_of("C"))]
    assert regions[0] == regions[-1] == "C"
    assert regions[7:14] == ["Eb"] * 7
