"""Why a chord stands in its key."""

import pytest

from scrivano.music.theory import key_of, parse_chord, parse_roman
from scrivano.music.theory.context import places
from scrivano.music.theory.explain import KINDS, Style, explain, explain_all, holds


def reasons(symbols: str, key: str, **style: bool) -> list[tuple[str, str, str | None]]:
    chords = [parse_chord(s) for s in symbols.split()]
    found = explain_all(chords, [key_of(key)] * len(chords), Style(**style))
    return [(r.kind, r.roman, r.target) if r else ("", "", None) for r in found]


@pytest.mark.parametrize(
    ("symbols", "key", "index", "expected"),
    [
        ("C F G7 C", "C", 2, ("diatonic", "V7", None)),
        ("Dm7 G7 Cmaj7", "C", 0, ("diatonic", "ii7", None)),
        ("C A7 Dm7", "C", 1, ("secondary-dominant", "V7/ii", "ii")),
        ("C D7 G7 C", "C", 1, ("secondary-dominant", "V7/V", "V")),
        ("C C7 F", "C", 1, ("secondary-dominant", "V7/IV", "IV")),
        ("C E7 F", "C", 1, ("deceptive-dominant", "V7/vi", "vi")),
        ("C Em7b5 A7 Dm", "C", 1, ("related-two", "iiø7/ii", "ii")),
        ("Dm7 Db7 Cmaj7", "C", 1, ("tritone-substitute", "bII7", "I")),
        ("Fm7 Bb7 Cmaj7", "C", 1, ("backdoor-dominant", "bVII7", None)),
        ("F Fm C", "C", 1, ("borrowed", "iv", None)),
        ("C Abmaj7 C", "C", 1, ("borrowed", "bVImaj7", None)),
        ("F F#dim7 G", "C", 1, ("passing-diminished", "#iv°7", None)),
        ("F F#dim7 C/G", "C", 1, ("passing-diminished", "#iv°7", None)),
        ("Em7 Ebdim7 Dm7", "C", 1, ("passing-diminished", "biii°7", None)),
        ("C F#dim7 G", "C", 1, ("secondary-leading-tone", "vii°7/V", "V")),
        ("C Cdim7 C", "C", 1, ("common-tone-diminished", "i°7", None)),
        ("C Db G7 C", "C", 1, ("neapolitan", "bII", None)),
        ("C E C", "C", 1, ("chromatic-mediant", "III", None)),
        ("G7alt C", "C", 0, ("diatonic", "V7alt", None)),
        ("G7#5 C", "C", 0, ("altered-dominant", "V7#5", None)),
        ("Dm7 Ebm7 Dm7", "C", 1, ("chromatic-planing", "biii7", None)),
        ("N.C. C", "C", 0, ("silence", "N.C.", None)),
        ("Am E7 Am", "A minor", 1, ("diatonic", "V7", None)),
        ("Am F7 E7", "A minor", 1, ("tritone-substitute", "bVI7", "V")),
        ("C F/G C", "C", 1, ("diatonic", "IV/2", None)),
    ],
)
def test_kinds(symbols: str, key: str, index: int, expected: tuple[str, str, str | None]) -> None:
    assert reasons(symbols, key)[index] == expected


def test_styles_name_the_same_sound_by_their_own_words() -> None:
    assert reasons("C7 F7", "C")[0][0] == "secondary-dominant"
    assert reasons("C7 F7", "C", blues=True)[0][0] == "blues-dominant"
    assert reasons("Am F7 E7 Am", "A minor", classical=True)[1][0] == "augmented-sixth"


def test_what_theory_cannot_name_has_no_reason() -> None:
    assert reasons("C F#maj7 C", "C")[1] == ("", "", None)


def test_modulation_is_named_where_the_key_turns() -> None:
    chords = [parse_chord(s) for s in ("C", "Bm7b5", "E7", "Am", "G7", "C")]
    keys = [key_of(k) for k in ("C", "A minor", "A minor", "A minor", "C", "C")]
    found = [r.kind if r else "" for r in explain_all(chords, keys)]
    assert found == ["diatonic", "modulation", "diatonic", "diatonic", "modulation", "diatonic"]


def test_repeated_chords_and_silence_do_not_hide_where_a_chord_leads() -> None:
    assert [k for k, _, _ in reasons("C A9 A7 A7b9 N.C. Dm7", "C")[1:4]] == ["secondary-dominant"] * 3


def test_numerals_read_back_as_the_chord() -> None:
    key = key_of("Eb")
    symbols = "Ebmaj9 C7b9 Fm9 B9 Bb13 Gm7 Gbdim7 Fm7 Abm6 Db9 Ebmaj7 Edim7 Fm7 Dm7b5 G7alt Cm9 Am7b5 D7 Gm7"
    chords = [parse_chord(s) for s in symbols.split()]
    for chord, reason in zip(chords, explain_all(chords, [key] * len(chords)), strict=True):
        assert reason is not None, str(chord)
        assert parse_roman(reason.roman, key).same_sound(chord), (str(chord), reason.roman)


def test_texts_name_the_chords() -> None:
    reason = explain(parse_chord("A7"), key_of("C"), previous=parse_chord("C"), following=parse_chord("Dm7"))
    assert reason is not None
    assert reason.text == "A7 is the dominant of ii: it leads into Dm7 as V leads home."


def test_every_kind_has_a_condition_that_can_be_asked() -> None:
    place = places([parse_chord("C")], [key_of("C")])[0]
    assert [kind for kind in KINDS if holds(kind, place)] == ["diatonic", "borrowed"]
