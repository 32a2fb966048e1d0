"""The engraved score: its letters are outlines, its signs are there, its PDF opens; audio is rendered where it can be."""

import io
import re
import wave
from itertools import pairwise

import pypdf
import pytest
from pieces import random_piece

from benchmarks.music_files import by_rules
from scrivano.core.errors import Unavailable
from scrivano.music.arrange import arrange
from scrivano.music.dto import Arrangement, Genre, MusicRequest, Progression, Settled
from scrivano.music.files import (
    audio,
    can_render,
    engrave,
    engraved,
    render_audio,
    write_midi,
    write_musicxml,
    write_score,
    write_score_pdf,
)
from scrivano.music.files.lettering import chord_runs, place
from scrivano.music.files.lines import line_starts, page_starts
from scrivano.music.files.outlines import absolute, moved, outline
from scrivano.music.progression import generate, settle
from scrivano.music.theory import parse_chord


@pytest.mark.parametrize(
    ("symbol", "shown"),
    [
        ("Bbmaj7", "B♭△7"), ("F#m7b5", "F♯ø7"), ("Ebdim7", "E♭°7"), ("C7#9", "C7♯9"), ("CmMaj7", "Cm△7"),
        ("Abmaj7#11/C", "A♭△7♯11/C"), ("Gaug", "G+"), ("N.C.", "N.C."), ("D7susb9", "D7sus♭9"), ("Em9b5", "Em9♭5"),
    ],
)  # fmt: skip
def test_chord_symbols_as_engraved(symbol: str, shown: str) -> None:
    assert engraved(symbol) == shown
    assert parse_chord(shown) == parse_chord(symbol)


def test_every_sign_has_an_outline() -> None:
    for char in "♭♯♮𝄪𝄫△ø°":
        found = outline(char, "sans", symbol=True)
        assert found is not None and found.advance > 100 and len(absolute(found.path)) > 3
    assert outline("漢", "serif") is None
    assert place(chord_runs("B♭△7♯11/C", 400), 0, 0) is not None


def test_paths_are_made_absolute() -> None:
    assert absolute("m1 2l3 4h2v-1z") == [
        ("M", [1, 2]),
        ("L", [4, 6]),
        ("L", [6, 6]),
        ("L", [6, 5]),
        ("Z", []),
    ]
    curve = absolute("M0 0q3 3 6 0")[1]
    assert curve[0] == "C" and curve[1] == pytest.approx([2, 2, 4, 2, 6, 0])
    assert absolute("M0 0c1 1 2 1 3 0s2 -1 3 0")[2] == ("C", [4, -1, 5, -1, 6, 0])
    assert moved("M1 1L2 2", 2, 1, 0) == "M3 2L5 4"
    with pytest.raises(ValueError, match="A"):
        absolute("M0 0A1 1 0 0 0 2 2")


def test_a_title_in_other_scripts_stays_text() -> None:
    piece = random_piece(1).model_copy(update={"title": "夜想曲 & <b>"})
    first = write_score(piece)[0].decode()
    assert "夜想曲 &amp; &lt;b&gt;" in first and "<text" in first
    cyrillic = random_piece(1).model_copy(update={"title": "Ночь Ελλάδα Łódź"})
    assert "<text" not in write_score(cyrillic)[0].decode()


def test_pages_and_pdf() -> None:
    piece = random_piece(2, bars=24)
    pages = write_score(piece)
    assert len(pages) > 1
    for page in pages:
        assert b"font-face" not in page and not re.search(rb'id="[a-z]\w{5,8}"', page)
    reader = pypdf.PdfReader(io.BytesIO(write_score_pdf(piece, pages)), strict=True)
    assert len(reader.pages) == len(pages)
    assert reader.metadata is not None and reader.metadata.title == piece.title
    for page in reader.pages:
        drawn = set(re.findall(rb"/(G\w+) Do", page.get_contents().get_data()))
        assert drawn == {name.lstrip("/").encode() for name in page["/Resources"]["/XObject"]}
        assert [float(v) for v in page.mediabox] == pytest.approx([0, 0, 595.276, 841.89])


async def test_audio() -> None:
    midi = write_midi(random_piece(4, bars=4))
    if not can_render():
        with pytest.raises(Unavailable, match="Audio needs"):
            await render_audio(midi)
        return
    with wave.open(io.BytesIO(await render_audio(midi))) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getsampwidth()) == (2, 44100, 2)
        samples = memoryview(sound.readframes(sound.getnframes())).cast("h")
        assert max(samples) > 1000 and sound.getnframes() > 44100 * 2
    assert (await render_audio(midi, "ogg")).startswith(b"OggS")


async def test_audio_without_its_tools_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio.shutil, "which", lambda _: None)
    assert not can_render()
    with pytest.raises(Unavailable, match="FluidSynth"):
        await render_audio(b"")


@pytest.mark.parametrize("seed", [1001, 1004, 1013])
def test_lines_begin_with_sections_and_have_four_bars_at_most(seed: int) -> None:
    piece = by_rules(seed, 32)
    starts = {1, *line_starts(piece, 0.84)}
    assert {s.first_bar for s in piece.progression.sections} <= starts
    lines = sorted([*starts, 33])
    assert all(1 <= b - a <= 4 for a, b in pairwise(lines))
    drawn = [
        re.findall(r'data-n="(\d+)"', system)[0]
        for page in write_score(piece)
        for system in re.split(r'class="system"', page.decode())[1:]
    ]
    assert [int(n) for n in drawn] == sorted({1, *line_starts(piece, 0.84 if _band(piece) else 1.0)})


def test_pages_break_where_they_are_told_and_elsewhere_when_one_is_too_full() -> None:
    piece = by_rules(1002, 32)
    score, lines = write_musicxml(piece), line_starts(piece, 0.84)

    def drawn(pages: tuple[int, ...]) -> list[list[int]]:
        made = engrave(score, lines=lines, pages=pages, size=0.84)
        return [[int(n) for n in re.findall(r'data-n="(\d+)"', page.decode())] for page in made]

    told = page_starts(lines, 4)
    assert [page[0] for page in drawn(told)] == [1, *told]
    assert all(sum(n in {1, *lines} for n in page) <= 4 for page in drawn(told))
    crammed = drawn(())
    assert len(crammed) > 1 and [n for page in crammed for n in page] == list(range(1, 33))


def _band(piece: Arrangement) -> bool:
    return {"bass", "drums"} <= {note.part for note in piece.notes}


def test_a_bar_with_much_to_read_gets_more_room() -> None:
    dense = arrange(*_settled(difficulty=5))
    plain = arrange(*_settled(difficulty=1))
    assert len(line_starts(dense)) > len(line_starts(plain))


def _settled(difficulty: int) -> tuple[Progression, Settled]:
    request = MusicRequest(
        genre=Genre.CLASSICAL, application="romantic", bars=16, difficulty=difficulty, seed=4
    )
    settled = settle(request)
    return generate(settled), settled
