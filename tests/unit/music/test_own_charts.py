"""Charts of people's own, with chords that theory has no name for and places that the rules never write, are edited
like all others."""

import pytest

from scrivano.core.errors import InvalidInput
from scrivano.music.arrange import arrange
from scrivano.music.charts import is_own, regenerate, reharmonize, substitute, suggest, transpose
from scrivano.music.dto import Arrangement, Genre, MusicRequest, Progression, Settled
from scrivano.music.expecting import Expecting
from scrivano.music.files import write_midi, write_musicxml
from scrivano.music.material import melody_of, progression_of, settle_with, take
from scrivano.music.theory import parse_chord

ODD = "Odd\nKey: C\n[A]\n| C7#9 | Gbmaj7#11 | N.C. | Am7/D / / D7 |\n[B]\n| Ebdim7 E5 | Fsus2 | B7alt | C |\n"
PLAIN = "Plain\n| C | Am7 | Dm7 G7 | C | F | Fm | G7 | C |\n"


def arranged(chart: str, genre: Genre) -> Arrangement:
    settled, material = settle_with(MusicRequest(genre=genre), take(chart.encode()))
    return arrange(progression_of(material, settled).progression, settled, melody=melody_of(material))


def plays(progression: Progression, settled: Settled, previous: Arrangement, kept: list[int]) -> None:
    piece = arrange(progression, settled, previous=previous if kept else None, locked=kept)
    assert write_midi(piece).startswith(b"MThd")
    assert write_musicxml(piece)


def places(progression: Progression) -> list[tuple[int, int]]:
    return [(span.onset, span.duration) for span in progression.chords]


@pytest.mark.parametrize("genre", list(Genre))
def test_an_odd_chart_is_changed_in_every_way(genre: Genre) -> None:
    piece = arranged(ODD, genre)
    own, settled = piece.progression, piece.request
    assert is_own(own)
    assert [s.name for s in own.sections] == ["A", "B"]

    moved, higher = transpose(own, settled, "Eb")
    assert places(higher) == places(own)
    pcs = [parse_chord(s.symbol).pcs for s in own.chords]
    assert [parse_chord(s.symbol).pcs for s in higher.chords] == [
        frozenset((p + 3) % 12 for p in c) for c in pcs
    ]
    plays(higher, moved, piece, [])

    changed = substitute(own, settled, 1, "Db7")
    assert places(changed) == places(own)
    assert [s.symbol for s in changed.chords][1] == "Db7"
    plays(changed, settled, piece, [n for n in range(1, 9) if n != 2])

    kept = frozenset({1, 2, 4, 8})
    anew = regenerate(own, settled, kept, 5)
    assert [s for s in anew.chords if s.bar in kept] == [s for s in own.chords if s.bar in kept]
    assert {s.bar for s in anew.chords} == set(range(1, 9))
    plays(anew, settled, piece, sorted(kept))

    expecting = Expecting()
    offers = [expecting.at(own, i, settled.genre, settled.application) for i in range(len(own.chords))]
    richer = reharmonize(own, settled, 5, 6, 1, offers)
    assert [s for s in richer.chords if s.bar not in (5, 6)] == [s for s in own.chords if s.bar not in (5, 6)]
    assert [s.symbol for s in richer.chords if s.bar in (5, 6)] != [
        s.symbol for s in own.chords if s.bar in (5, 6)
    ]
    found = suggest(own, settled, 0, 5, offers[0])
    assert all(one.reason.kind != "as-written" for one in found)
    assert found == sorted(found, key=lambda one: (-one.score, one.symbol))


def test_a_plain_chart_is_edited_by_the_rules_of_its_genre() -> None:
    piece = arranged(PLAIN, Genre.JAZZ)
    assert not is_own(piece.progression)
    with pytest.raises(InvalidInput) as caught:
        substitute(piece.progression, piece.request, 0, "F#7#11")
    assert caught.value.field == "chord"


def test_a_mode_is_kept_in_transposing_an_odd_chart() -> None:
    piece = arranged(ODD, Genre.JAZZ)
    with pytest.raises(InvalidInput) as caught:
        transpose(piece.progression, piece.request, "Am")
    assert caught.value.field == "key"


def test_bars_before_the_first_mark_belong_to_the_form() -> None:
    piece = arranged("| C | F |\n[Verse]\n| G7 | C | F | G | C | C |", Genre.RNB)
    assert [(s.name, s.first_bar, s.bars) for s in piece.progression.sections] == [
        ("Intro", 1, 2),
        ("Verse", 3, 6),
    ]


def test_a_longer_sheet_is_cut_and_a_shorter_one_refused() -> None:
    sheet = take(("| C | G7 " * 50 + "|").encode())
    with pytest.raises(InvalidInput) as caught:
        settle_with(MusicRequest(genre=Genre.JAZZ), sheet)
    assert caught.value.field == "bars"
    settled, cut = settle_with(MusicRequest(genre=Genre.JAZZ, bars=32), sheet)
    assert (settled.bars, cut.sheet.bars, len(cut.sheet.chords)) == (32, 32, 32)
    with pytest.raises(InvalidInput) as caught:
        settle_with(MusicRequest(genre=Genre.JAZZ, key="D"), take(b"Key: C\n| C | G7 | C | C |"))
    assert caught.value.field == "key"
    with pytest.raises(InvalidInput) as caught:
        settle_with(MusicRequest(genre=Genre.REGGAE, meter="3/4"), take(b"| C | G7 | C | C |"))
    assert caught.value.field == "meter"
