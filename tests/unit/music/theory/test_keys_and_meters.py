"""Keys, spelling and meters."""

from itertools import pairwise

import pytest

from scrivano.core.errors import InvalidInput
from scrivano.music.theory import Key, PitchName, key_of, meter_of, midi_of, parse_name


@pytest.mark.parametrize(
    ("words", "name", "fifths"),
    [
        ("C", "C", 0),
        ("Bb", "Bb", -2),
        ("bb", "Bb", -2),
        ("F#", "F#", 6),
        ("Gb", "Gb", -6),
        ("C#", "C#", 7),
        ("Cb", "Cb", -7),
        ("E♭ major", "Eb", -3),
        ("G minor", "G minor", -2),
        ("f# Minor", "F# minor", 3),
        ("Gm", "G minor", -2),
        ("D#", "Eb", -3),
        ("G# major", "Ab", -4),
        ("A#", "Bb", -2),
        ("Db minor", "C# minor", 4),
        ("Gb minor", "F# minor", 3),
        ("D# minor", "D# minor", 6),
        ("E#", "F", -1),
        ("Fb", "E", 4),
    ],
)
def test_keys_from_words(words: str, name: str, fifths: int) -> None:
    key = key_of(words)
    assert (str(key), key.fifths) == (name, fifths)


@pytest.mark.parametrize("words", ["H#", "", "H", "C##", "do", "X minor", "Cmajor7", "ハ"])
def test_no_key(words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        key_of(words)
    assert caught.value.field == "key"
    assert "Bb" in (caught.value.remedy or "")


def test_every_tonic_in_both_modes_has_a_playable_signature_and_scale() -> None:
    for letter in "ABCDEFG":
        for sign in ("", "#", "b"):
            for mode in ("major", "minor"):
                key = key_of(letter + sign, mode)
                assert abs(key.fifths) <= 7
                assert len({n.letter for n in key.scale}) == 7
                assert sum(n.alter for n in key.scale) == key.fifths


@pytest.mark.parametrize(
    ("key", "spelled"),
    [
        ("C", "C Db D Eb E F Gb G Ab A Bb B"),
        ("Bb", "Bb B C Db D Eb E F Gb G Ab A"),
        ("Gb", "Gb G Ab A Bb Cb C Db D Eb E F"),
        ("F#", "F# G G# A A# B C C# D D# E E#"),
        ("E minor", "E F F# G G# A Bb B C C# D D#"),
        ("C# minor", "C# D D# E F F# G G# A A# B B#"),
        ("Ab minor", "Ab A Bb Cb C Db D Eb Fb F Gb G"),
    ],
)
def test_roots_are_spelled_as_the_key_has_them(key: str, spelled: str) -> None:
    assert " ".join(str(key_of(key).spell(s)) for s in range(12)) == spelled


def test_rising_roots_are_sharp() -> None:
    key = key_of("Bb")
    assert [str(key.spell(s, rising=True)) for s in (1, 3, 6, 8)] == ["B", "C#", "E", "F#"]


def test_relatives() -> None:
    assert str(key_of("A minor").relative()) == "C"
    assert str(key_of("Eb").relative()) == "C minor"
    assert str(key_of("Db").parallel()) == "C# minor"
    assert str(key_of("B").up(1)) == "C"
    assert str(key_of("C").up(8)) == "Ab"


def test_pitches_keep_spelling_and_octave() -> None:
    assert midi_of(parse_name("B#").at(60)) == 60
    assert parse_name("B#").at(60).octave == 3
    assert parse_name("Cb").at(59).octave == 4
    assert PitchName("E", -1).glyphs == "E♭"
    with pytest.raises(ValueError, match="does not sound"):
        parse_name("C").at(61)


@pytest.mark.parametrize("name", ["3/4", "4/4", "6/8", "12/8", "2/2", "5/4"])
def test_a_bar_is_shared_without_gap(name: str) -> None:
    meter = meter_of(name)
    assert meter.bar == meter.numerator * 4 * 480 // meter.denominator
    for chords in range(1, meter.most_chords + 1):
        spans = meter.split(chords)
        assert len(spans) == chords
        assert spans[0][0] == 0
        assert sum(d for _, d in spans) == meter.bar
        assert all(a + d == b for (a, d), (b, _) in pairwise(spans))
        assert all(d % meter.beat == 0 for _, d in spans)
    with pytest.raises(ValueError, match="room for"):
        meter.split(meter.most_chords + 1)


def test_unknown_meter() -> None:
    with pytest.raises(InvalidInput) as caught:
        meter_of("13/16")
    assert caught.value.field == "meter"


def test_a_key_is_a_value() -> None:
    assert key_of("C") == Key(PitchName("C"))
