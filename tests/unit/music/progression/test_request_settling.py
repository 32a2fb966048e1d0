"""What a request becomes: given values, words, defaults, and errors that name the field."""

import time
from typing import Any

import pytest

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import MusicRequest, Settled
from scrivano.music.genres import GENRES
from scrivano.music.progression import read_request, settle


def described(text: str, **given: Any) -> Settled:
    return settle(MusicRequest(description=text, **given))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a gospel shout in Bb", "gospel uptempo Bb major 4/4"),
        ("slow minor blues in G, 12 bars, 6/8", "blues slow G minor 6/8 12"),
        ("simple C major jazz progression", "jazz swing C major 4/4"),
        ("sophisticated bebop progression with altered dominants", "jazz bebop C major"),
        ("Experimental avant-garde fusion with unusual modulations", "jazz fusion C major"),
        ("a bossa nova in A minor at 132 bpm", "latin bossa A minor 132"),
        ("jazz waltz in F, 32 bars AABA", "jazz swing F major 3/4 32 AABA"),
        ("neo soul groove in Db, 80 bpm, sixteen bars", "neo-soul smooth Db major 80 16"),
        ("worship ballad in the key of E flat major", "gospel worship Eb major"),
        ("R&B slow jam in a minor key", "rnb ballad A minor"),
        ("roots reggae one drop in Am, 16 bars", "reggae roots A minor 16"),
        ("salsa montuno in C minor", "latin salsa C minor"),
        ("bach chorale in d-moll, 8 Takte", "classical baroque D minor 8"),
        ("Präludium von Bach in B-Dur", "classical baroque Bb major"),
        ("chorale in fis-moll", "classical baroque F# minor"),
        ("Un bolero en la menor, 16 compases", "latin bolero A minor 16"),
        ("un nocturne de Chopin en mi bémol majeur", "classical romantic Eb major"),
        ("ハ短調のジャズ、テンポ120、16小節", "jazz C minor 120 16"),
        ("ジャズのバラード、変ロ長調、4分の3拍子", "jazz ballad Bb major 3/4"),
        ("jazz blues in F with quick change", "blues F major jazz-blues 12"),
        ("three choruses of slow blues in E", "blues slow E major 36"),
        ("allegro sonata in F# minor, period", "classical F# minor 128 period 8"),
        ("waltz by Chopin in c minor", "classical romantic C minor 3/4"),
        ("minor blues in a", "blues A minor"),
        ("gospel in F sharp", "gospel F# major"),
        ("Chord progression like Dm7 G7 Cmaj7 in swing style", "jazz swing C major"),
        ("jazz with minor seventh chords in D", "jazz D major"),
        ("verse-chorus-bridge r&b song, 64 bars", "rnb verse-chorus-bridge 64"),
        ("Generate a simple C major progression", "C major"),
    ],
)
def test_words_are_read(text: str, expected: str) -> None:
    settled = described(text)
    shown = {
        settled.genre.value,
        settled.application,
        settled.key,
        settled.mode,
        format(settled.tempo, "g"),
        settled.meter,
        str(settled.bars),
        settled.form,
    }
    assert set(expected.split()) <= shown


def test_what_was_read_is_named() -> None:
    assert described("a gospel shout in Bb").read == ("genre", "application", "key")
    assert described("a gospel shout in Bb", genre="gospel", key="C").read == ("application",)


def test_what_is_given_wins_over_words() -> None:
    settled = described("slow blues in G, 12 bars, 6/8", key="E", bars=8, meter="4/4", tempo=99, mode="minor")
    assert (settled.key, settled.mode, settled.bars, settled.meter, settled.tempo) == (
        "E",
        "minor",
        8,
        "4/4",
        99,
    )


def test_defaults_are_the_genres() -> None:
    for genre, data in GENRES.items():
        for application in data.applications:
            settled = settle(MusicRequest(genre=genre, application=application.slug))
            assert settled.tempo == application.tempo[1]
            assert settled.bars == application.bars
            assert settled.meter in data.meters
            assert (settled.key, settled.mode, settled.read) == ("C", "major", ())


@pytest.mark.parametrize(
    ("data", "field", "allowed"),
    [
        ({"key": "H#"}, "key", "Bb"),
        ({"tempo": 0}, "tempo", "30 to 320"),
        ({"tempo": 10_000}, "tempo", "30 to 320"),
        ({"tempo": float("nan")}, "tempo", "30 to 320"),
        ({"tempo": "fast"}, "tempo", "30 to 320"),
        ({"bars": 3.5}, "bars", "4 to 64"),
        ({"bars": 3}, "bars", "4 to 64"),
        ({"bars": 65}, "bars", "4 to 64"),
        ({"genre": "jazz", "application": "zydeco"}, "application", "swing"),
        ({"genre": "jazz", "application": "bepop"}, "application", "Did you mean bebop"),
        ({"genre": "polka"}, "genre", "neo-soul"),
        ({"genre": "reggae", "meter": "3/4"}, "meter", "4/4"),
        ({"genre": "jazz", "meter": "7/8"}, "meter", "5/4"),
        ({"genre": "jazz", "form": "AABA", "bars": 4}, "form", "at least 8"),
        ({"genre": "jazz", "form": "sonata"}, "form", "AABA"),
        ({"mode": "dorian"}, "mode", "major or minor"),
        ({"key": "Am", "mode": "major"}, "mode", "tonic alone"),
        ({"difficulty": 9}, "difficulty", "1 to 5"),
        ({"lowest": 70}, "lowest", "21 to 60"),
        ({"lowest": 50, "highest": 62}, "highest", "24 semitones"),
        ({"tmpo": 3}, "tmpo", "tempo"),
        ({"description": "x" * 100_000}, "description", "20000"),
        ({"description": "\ud800"}, "description", "text"),
        ({"description": "日本語の説明だけ"}, "description", "genre"),
        ({"description": "jazz, 3.5 bars"}, "bars", "4 to 64"),
        ({"description": "jazz in 7/8"}, "meter", "3/4"),
        ({"description": "jazz at 10,000 bpm"}, "tempo", "30 to 320"),
    ],
)
def test_bad_input_is_named_with_what_is_allowed(data: dict[str, Any], field: str, allowed: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        settle(read_request(data))
    assert caught.value.field == field
    assert allowed in str(caught.value)
    str(caught.value).encode()


def test_a_foreign_description_does_no_harm_where_the_genre_is_given() -> None:
    settled = described("静かな夜の雨", genre="jazz", key="Eb")
    assert (settled.genre, settled.key, settled.read) == ("jazz", "Eb", ())


@pytest.mark.parametrize(
    "seed", ["in A a 3 4 bars swing ", "(((((", "A#b" * 3, "4/4 ", "1,", " a" * 5, "ハ", "-"]
)
def test_long_descriptions_are_read_quickly(seed: str) -> None:
    text = (seed * 20_000)[:20_000]
    begun = time.process_time()
    try:
        described(text, genre="jazz", bars=8, meter="4/4", tempo=120, key="C")
    finally:
        assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    ("given", "key", "mode"),
    [
        ({"key": "Db", "mode": "minor"}, "C#", "minor"),
        ({"key": "D#"}, "Eb", "major"),
        ({"key": "Am"}, "A", "minor"),
        ({"key": "B♭"}, "Bb", "major"),
        ({"key": "g minor"}, "G", "minor"),
    ],
)
def test_keys_are_taken_as_musicians_write_them(given: dict[str, Any], key: str, mode: str) -> None:
    settled = settle(read_request({"genre": "jazz", **given}))
    assert (settled.key, settled.mode) == (key, mode)


@pytest.mark.parametrize("slug", ["R&B", "Neo Soul", "neo_soul", "JAZZ", " gospel "])
def test_genres_may_be_written_loosely(slug: str) -> None:
    assert settle(read_request({"genre": slug})).genre in GENRES
