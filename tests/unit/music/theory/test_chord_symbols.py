"""Chord symbols: what they mean, how they are spelled, and that printing and reading them is stable."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from scrivano.core.errors import InvalidInput
from scrivano.music.theory.chord import Chord, Family
from scrivano.music.theory.harte import parse_harte, print_harte
from scrivano.music.theory.key import key_of
from scrivano.music.theory.roman import parse_roman, print_roman
from scrivano.music.theory.symbols import parse_chord

FIXTURES = Path(__file__).parents[3] / "fixtures" / "music"
TABLE: list[dict[str, Any]] = [
    json.loads(line) for line in (FIXTURES / "symbols.jsonl").read_text("utf-8").splitlines()
]
BILLBOARD: list[str] = json.loads((FIXTURES / "billboard_symbols.json").read_text("utf-8"))["symbols"]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["symbol"])
def test_table_of_jazz_symbols(row: dict[str, Any]) -> None:
    chord = parse_chord(row["symbol"])
    assert sorted(chord.pcs) == row["pitch_classes"]
    assert {str(t) for t in chord.tones} == set(row["tones"])
    assert {str(d) for d in chord.degrees} == set(row["degrees"])
    assert (str(chord.bass_name) if chord.root else None) == row["bass"]
    assert str(chord) == row["house"]
    assert parse_chord(str(chord)) == chord


def test_table_is_large_enough() -> None:
    assert len({row["symbol"] for row in TABLE}) >= 300


@pytest.mark.parametrize("symbol", BILLBOARD)
def test_every_billboard_symbol_is_read_and_printed_stably(symbol: str) -> None:
    chord = parse_harte(symbol)
    assert parse_harte(print_harte(chord)) == chord
    printed = str(chord)
    assert parse_chord(printed) == chord
    assert str(parse_chord(printed)) == printed


@pytest.mark.parametrize(
    ("harte", "jazz"),
    [
        ("A:min", "Am"),
        ("Eb:sus4(b7,9)", "Eb9sus"),
        ("C:maj(9)", "Cadd9"),
        ("C:maj6(9)", "C69"),
        ("F#:hdim7", "F#m7b5"),
        ("C:maj/3", "C/E"),
        ("A:min/b7", "Am/G"),
        ("C:11", "C11"),
        ("G:7(b9,b13)", "G7b9b13"),
        ("C:aug(b7)", "C7#5"),
        ("D:5", "D5"),
        ("Ab:maj/bb13", "Ab/Eb"),
        ("C:9(13,#11)", "C13#11"),
        ("E:1(b5,b7,3)", "E7b5"),
        ("Bb:maj6(b7)", "Bb7add13"),
        ("C", "C"),
        ("N", "N.C."),
    ],
)
def test_harte_in_house_spelling(harte: str, jazz: str) -> None:
    assert str(parse_harte(harte)) == jazz


def test_every_pair_of_suffix_parts_prints_stably() -> None:
    words = "m dim aug sus4 sus2 5 6 m6 7 9 11 13 maj7 maj9 m7 m9 m11 m7b5 dim7 mMaj7 7sus 9sus 7alt"
    bases = ["", *words.split()]
    parts = ["", "b5", "#5", "b9", "#9", "#11", "b13", "add9", "add11", "add13", "no3", "no5"]
    seen = 0
    for base, one, two in itertools.product(bases, parts, parts):
        symbol = f"C{base}({one})({two})" if one or two else f"C{base}"
        try:
            chord = parse_chord(symbol)
        except InvalidInput:
            continue
        printed = str(chord)
        assert parse_chord(printed) == chord, symbol
        assert str(parse_chord(printed)) == printed
        assert parse_harte(print_harte(chord)) == chord, symbol
        seen += 1
    assert seen > 3000


@pytest.mark.parametrize(
    ("symbol", "family"),
    [
        ("C", Family.MAJOR),
        ("C6", Family.MAJOR),
        ("Cmaj7#11", Family.MAJOR),
        ("C7alt", Family.DOMINANT),
        ("C9sus", Family.DOMINANT),
        ("C11", Family.DOMINANT),
        ("C7no3", Family.POWER),
        ("Csus4", Family.SUSPENDED),
        ("Cm69", Family.MINOR),
        ("CmMaj7", Family.MINOR),
        ("Cm7#5", Family.MINOR),
        ("Cm9b5", Family.HALF_DIMINISHED),
        ("Cdim", Family.DIMINISHED),
        ("CdimMaj7", Family.DIMINISHED),
        ("Caug", Family.AUGMENTED),
        ("C7#5", Family.DOMINANT),
        ("C5", Family.POWER),
        ("N.C.", Family.SILENCE),
    ],
)
def test_families(symbol: str, family: Family) -> None:
    assert parse_chord(symbol).family is family


@pytest.mark.parametrize(
    "symbol",
    [
        "H7",
        "",
        "c7",
        "Cmaj7x",
        "C/9",
        "C/E/G",
        "Hello",
        "C7b",
        "7",
        "C" * 50,
        "C|D",
        "ド",
        "Cm7\x00",
        "C13b2",
    ],
)
def test_what_is_no_chord_is_refused_by_name(symbol: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_chord(symbol)
    assert caught.value.field == "chord"


@pytest.mark.parametrize("symbol", ["A:minor9000", "H:maj", "C:maj(", "C:maj/x", "C:maj/14", "::", ""])
def test_bad_harte_is_refused(symbol: str) -> None:
    with pytest.raises(InvalidInput):
        parse_harte(symbol)


@pytest.mark.parametrize(
    ("text", "key", "symbol"),
    [
        ("ii7", "C", "Dm7"),
        ("V7/ii", "C", "A7"),
        ("V7b9/ii", "Bb", "G7b9"),
        ("bVImaj7", "C", "Abmaj7"),
        ("#iv°7", "C", "F#dim7"),
        ("#iv°7", "F", "Bdim7"),
        ("iiø7", "C minor", "Dm7b5"),
        ("iiø7/V", "C", "Am7b5"),
        ("I/3", "Eb", "Eb/G"),
        ("vii°7/V", "C", "F#dim7"),
        ("bII7", "C", "Db7"),
        ("bII7", "Db", "D7"),
        ("bIII", "Db", "E"),
        ("IVmaj7", "Gb", "Cbmaj7"),
        ("bVII9", "Gb", "E9"),
        ("V7/vi", "F#", "A#7"),
        ("vii°7", "F# minor", "E#dim7"),
        ("vii°7", "G# minor", "Gdim7"),
        ("bVI", "Ab minor", "Fb"),
        ("i(maj7)", "A minor", "AmMaj7"),
        ("iMaj7", "A minor", "AmMaj7"),
        ("III+", "C", "Eaug"),
        ("V7sus", "D", "A7sus"),
        ("IV/5", "C", "F/C"),
        ("V7alt/iii", "C", "B7alt"),
        ("i69", "D minor", "Dm69"),
    ],
)
def test_roman_numerals(text: str, key: str, symbol: str) -> None:
    assert str(parse_roman(text, key_of(key))) == symbol


@pytest.mark.parametrize("text", ["VIII", "V7/ii/V/x", "iq", "", "X7"])
def test_bad_numerals_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_roman(text, key_of("C"))


def test_every_chord_of_the_table_has_a_numeral_that_reads_back() -> None:
    keys = [key_of(f"{t} {m}") for t in ("C", "Db", "F#", "Ab", "B", "Eb") for m in ("major", "minor")]
    for row, key in itertools.product(TABLE[:360:3], keys):
        chord = parse_chord(row["symbol"])
        if chord.root is None:
            continue
        again = parse_roman(print_roman(chord, key), key)
        assert again.same_sound(chord), (row["symbol"], str(key), print_roman(chord, key))


def test_moving_a_chord_keeps_its_degrees_and_bass() -> None:
    assert str(parse_chord("Dm7/C").moved_to(key_of("Eb").tonic)) == "Ebm7/Db"


def test_silence() -> None:
    silence = parse_chord("N.C.")
    assert silence == Chord(None)
    assert silence.silent
    assert not silence.pcs
