"""A person's own chords explained as they stand, and chords found for a melody."""

import random

import pytest
from test_generation import assert_valid, request

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import Genre, Note
from scrivano.music.progression import WrittenChord, explain_chart, generate, harmonize, melody_key
from scrivano.music.theory import parse_chord


def chart(symbols: str) -> list[WrittenChord]:
    return [WrittenChord(i + 1, i * 1920, 1920, s) for i, s in enumerate(symbols.split())]


def tune(pitches: str, length: int = 480) -> list[Note]:
    return [
        Note(part="melody", midi=int(p), onset=i * length, duration=length)
        for i, p in enumerate(pitches.split())
    ]


def test_a_chart_is_kept_and_explained() -> None:
    symbols = "Cmaj7 A7 Dm7 G7 Fm7 Bb7 Cmaj7 F#maj7#11 C6"
    progression = explain_chart(chart(symbols), request(bars=9))
    assert [c.symbol for c in progression.chords] == symbols.replace("F#", "Gb").split()
    kinds = [c.reason.kind for c in progression.chords]
    assert kinds[1] == "secondary-dominant"
    assert kinds[5] == "backdoor-dominant"
    assert kinds[7] == "as-written"


def test_a_chart_that_modulates_is_read_in_its_keys() -> None:
    symbols = "Cmaj7 Dm7 G7 Cmaj7 Fm7 Bb7 Ebmaj7 Abmaj7 Fm7 Bb7 Ebmaj7 Ebmaj7 Dm7 G7 Cmaj7 Cmaj7"
    progression = explain_chart(chart(symbols), request(bars=16))
    assert {c.reason.key for c in progression.chords[5:11]} == {"Eb"}
    assert progression.chords[-1].reason.key == "C"


def test_a_chart_with_a_gap_or_a_riddle_is_refused() -> None:
    with pytest.raises(InvalidInput):
        explain_chart([WrittenChord(1, 0, 960, "C"), WrittenChord(2, 1920, 1920, "G7")], request(bars=2 + 2))
    with pytest.raises(InvalidInput) as caught:
        explain_chart(chart("C Xyz G"), request(bars=4))
    assert caught.value.field == "chord"


@pytest.mark.parametrize(
    ("pitches", "key"),
    [
        ("60 62 64 65 67 69 71 72 67 64 60 60", "C"),
        ("57 59 60 62 64 65 68 69 64 60 57 57", "A minor"),
        ("63 65 67 68 70 72 74 75 70 67 63 63", "Eb"),
    ],
)
def test_the_key_of_a_melody(pitches: str, key: str) -> None:
    assert str(melody_key(tune(pitches))) == key


TWINKLE = "60 60 67 67 69 69 67 67 65 65 64 64 62 62 60 60 67 67 65 65 64 64 62 62 67 67 65 65 64 64 62 62"


@pytest.mark.parametrize("genre", list(Genre))
def test_a_melody_is_harmonized_within_the_rules(genre: Genre) -> None:
    settled = request(genre, bars=8)
    found = harmonize(tune(TWINKLE), settled)
    assert_valid(settled, found.progression)
    assert found.kept


def test_the_melody_lies_on_the_chords() -> None:
    melody = tune(TWINKLE[: 3 * 16 - 1])
    settled = request("rnb", bars=4)
    progression = harmonize(melody, settled).progression

    def carried(chords: list[tuple[int, int, str]]) -> float:
        inside = 0
        for note in melody:
            symbol = next(s for onset, end, s in chords if onset <= note.onset < end)
            inside += note.midi % 12 in parse_chord(symbol).pcs
        return inside / len(melody)

    ours = carried([(c.onset, c.onset + c.duration, c.symbol) for c in progression.chords])
    blind = [
        carried(
            [
                (c.onset, c.onset + c.duration, c.symbol)
                for c in generate(settled.model_copy(update={"seed": s})).chords
            ]
        )
        for s in range(10)
    ]
    assert ours >= 0.6
    assert ours > sum(blind) / 10


def test_random_melodies_never_break_a_rule() -> None:
    rng = random.Random(5)
    for genre in Genre:
        for bars in (4, 7, 16):
            settled = request(
                genre, bars=bars, mode=rng.choice(("major", "minor")), key=rng.choice(("C", "Eb", "A"))
            )
            melody = tune(" ".join(str(rng.randint(55, 80)) for _ in range(bars * 4)))
            assert_valid(settled, harmonize(melody, settled).progression)


def test_melodies_that_cannot_be_harmonized() -> None:
    for melody in ([], tune("60 " * 40)):
        with pytest.raises(InvalidInput) as caught:
            harmonize(melody, request(bars=8))
        assert caught.value.field == "melody"
