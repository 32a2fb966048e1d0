"""Lead sheets: what was written is read back, what others write is understood, what can't be read says why."""

import io
import zipfile
from urllib.parse import quote

import pytest
from pieces import random_piece

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import Arrangement
from scrivano.music.files import (
    LeadSheet,
    read_chart,
    read_ireal,
    read_lead_sheets,
    read_musicxml,
    write_chart,
    write_chordpro,
    write_ireal,
    write_musicxml,
)
from scrivano.music.files.ireal import PREFIX, QUALITIES, house_symbol, ireal_symbol, scramble
from scrivano.music.files.lead_sheet import merged
from scrivano.music.files.unfold import BarMarks, unfold
from scrivano.music.theory import parse_chord


def same_chords(sheet: LeadSheet, piece: Arrangement) -> None:
    wanted = merged(
        [type(sheet.chords[0])(bar=c.bar, onset=c.onset, duration=c.duration, symbol=c.symbol)
         for c in piece.progression.chords]
    )  # fmt: skip
    assert sheet.chords == wanted
    assert (sheet.meter, sheet.bars) == (piece.progression.meter, piece.progression.bars)


@pytest.mark.parametrize("seed", range(20))
def test_every_chart_is_read_back(seed: int) -> None:
    piece = random_piece(seed)
    for sheet in (
        read_chart(write_chart(piece)),
        read_chart(write_chordpro(piece)),
        read_musicxml(write_musicxml(piece)),
    ):
        same_chords(sheet, piece)
        assert sheet.mode == piece.progression.mode and sheet.key == piece.progression.key
        assert [s.name for s in sheet.sections] == ["Intro", "A"]
        assert sheet.tempo == pytest.approx(piece.request.tempo)
    (sheet,) = read_ireal(write_ireal(piece))
    same_chords(sheet, piece)


@pytest.mark.parametrize("bars", [12, 48, 64])
def test_long_ireal_charts_fit_the_page(bars: int) -> None:
    piece = random_piece(5, meter="4/4", bars=bars)
    (sheet,) = read_ireal(write_ireal(piece))
    same_chords(sheet, piece)


def test_ireal_qualities() -> None:
    for theirs in QUALITIES:
        chord = house_symbol("Eb", theirs, "/G")
        assert house_symbol("Eb", theirs, "/G") == parse_chord(str(chord))
        again = ireal_symbol(str(chord))
        assert house_symbol("Eb", again.removeprefix("Eb").removesuffix("/G"), "/G") == chord
    assert ireal_symbol("N.C.") == "n"
    assert ireal_symbol("Cm13") == "C*m13*"


def link(chords: str, key: str = "A-", style: str = "Bossa Nova") -> str:
    fields = ("A Tune", "Somebody", "", style, key, "", PREFIX + scramble(chords), "", "140", "3")
    return "irealb://" + quote("=".join(fields), safe="")


def test_ireal_repeats_endings_and_bar_repeats() -> None:
    text = "{*AT44A-7 D7 LZG^7XyQ|C^7XyQKcl LZN1F#h7   |B7b9 XyQ}            N2F#h7 B7b9 |E-6   ][*Br|C7,p,G7/B,p|n   |W/D   Z"
    (sheet,) = read_ireal(link(text))
    by_bar = [[c.symbol for c in sheet.chords if c.bar == bar] for bar in range(1, sheet.bars + 1)]
    first = [["Am7", "D7"], ["Gmaj7"], ["Cmaj7"], ["Cmaj7"]]
    assert by_bar[:6] == [*first, ["F#m7b5"], ["B7b9"]]
    assert by_bar[6:12] == [*first, ["F#m7b5", "B7b9"], ["Em6"]]
    assert by_bar[12:14] == [["F#m7b5", "B7b9"], ["Em6"]]
    assert by_bar[14:] == [["C7", "G7/B"], ["N.C."], ["G7/D"]]
    assert (sheet.key, sheet.mode, sheet.tempo, sheet.meter, sheet.style) == (
        "A",
        "minor",
        140,
        "4/4",
        "Bossa Nova",
    )
    assert [(s.name, s.first_bar) for s in sheet.sections] == [("A", 1), ("A", 7), ("B", 13)]


def test_ireal_da_capo_al_coda() -> None:
    text = "[*AT34C^7  |QF^7  |D-7  |G7  ][*BA-7  |E7 <D.C. al Coda>  ][QC6  |C6  Z"
    (sheet,) = read_ireal(link(text, key="C"))
    roots = [c.symbol for c in sheet.chords]
    assert roots == ["Cmaj7", "Fmaj7", "Dm7", "G7", "Am7", "E7", "Cmaj7", "Fmaj7", "C6", "C6"]
    assert sheet.meter == "3/4"


def test_plain_ireal_links_and_playlists() -> None:
    text = "irealbook://Song One=Writer A=Medium Swing=C=n=[T44C^7   |G7   Z=Song Two=Writer B=Waltz=D-=n=[T34D-7  |A7  Z"
    first, second = read_ireal(f'<a href="{quote(text, safe=":/")}">x</a>')
    assert (first.title, second.title, second.meter, second.mode) == ("Song One", "Song Two", "3/4", "minor")
    assert [c.symbol for c in second.chords] == ["Dm7", "A7"]


def test_unfolding() -> None:
    plain = [BarMarks() for _ in range(4)]
    assert unfold(plain) == [0, 1, 2, 3]
    marks = [
        BarMarks(repeat_start=True),
        BarMarks(endings={1, 2}, repeat_end=True),
        BarMarks(endings={3}),
        BarMarks(),
    ]
    assert unfold(marks) == [0, 1, 0, 1, 0, 2, 3]
    fine = [BarMarks(), BarMarks(fine=True), BarMarks(jump="capo", jump_to="fine")]
    assert unfold(fine) == [0, 1, 2, 0, 1]
    segno = [
        BarMarks(),
        BarMarks(segno=True),
        BarMarks(to_coda=True),
        BarMarks(jump="segno", jump_to="coda"),
        BarMarks(coda=True),
    ]
    assert unfold(segno) == [0, 1, 2, 3, 1, 2, 4]
    with pytest.raises(InvalidInput):
        unfold(
            [
                BarMarks(repeat_start=True),
                *[BarMarks() for _ in range(60)],
                BarMarks(repeat_end=True, times=16),
            ]
        )


LEAD = """<?xml version="1.0"?><score-partwise version="3.1"><movement-title>Air</movement-title>
<identification><creator type="composer">A. Nonymous</creator></identification>
<part-list><score-part id="P1"><part-name>Sax</part-name></score-part></part-list><part id="P1">
<measure number="0" implicit="yes"><attributes><divisions>2</divisions><key><fifths>0</fifths></key>
<time><beats>3</beats><beat-type>4</beat-type></time><transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose></attributes>
<direction><direction-type><metronome><beat-unit>quarter</beat-unit><per-minute>96</per-minute></metronome></direction-type></direction>
<note><pitch><step>A</step><octave>4</octave></pitch><duration>2</duration><voice>1</voice></note></measure>
<measure number="1"><barline location="left"><repeat direction="forward"/></barline>
<harmony><root><root-step>D</root-step></root><kind text="-7">minor-seventh</kind></harmony>
<note><grace/><pitch><step>C</step><octave>5</octave></pitch><voice>1</voice></note>
<note><pitch><step>D</step><octave>5</octave></pitch><duration>6</duration><tie type="start"/><voice>1</voice></note></measure>
<measure number="2"><harmony><root><root-step>E</root-step></root><kind>dominant</kind>
<degree><degree-value>9</degree-value><degree-alter>-1</degree-alter><degree-type>add</degree-type></degree></harmony>
<note><pitch><step>D</step><octave>5</octave></pitch><duration>2</duration><tie type="stop"/><voice>1</voice></note>
<note><rest/><duration>4</duration><voice>1</voice></note>
<barline location="right"><repeat direction="backward"/></barline></measure></part></score-partwise>"""


def test_a_lead_sheet_with_pickup_ties_transposition_and_repeat() -> None:
    sheet = read_musicxml(LEAD.encode())
    assert (sheet.title, sheet.composer, sheet.key, sheet.mode, sheet.tempo) == (
        "Air",
        "A. Nonymous",
        "Bb",
        "major",
        96,
    )
    assert [c.symbol for c in sheet.chords] == ["N.C.", "Cm7", "D7b9", "Cm7", "D7b9"]
    assert [(n.midi, n.onset, n.duration) for n in sheet.melody] == [
        (67, 960, 480), (72, 1440, 1920), (72, 4320, 1920),
    ]  # fmt: skip
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(
            "META-INF/container.xml",
            '<container><rootfiles><rootfile full-path="a.xml"/></rootfiles></container>',
        )
        archive.writestr("a.xml", LEAD)
    assert read_lead_sheets(packed.getvalue()) == [sheet]


def test_a_melody_survives_the_way_out_and_back() -> None:
    piece = next(p for p in map(random_piece, range(50)) if any(n.part == "melody" for n in p.notes))
    sheet = read_musicxml(write_musicxml(piece))
    written = sorted((n.onset, n.duration, n.midi) for n in piece.notes if n.part == "melody")
    assert [(n.onset, n.duration, n.midi) for n in sheet.melody] == written


def test_other_charts() -> None:
    sheet = read_chart("My tune\nKey: F minor\n| Fm7 | Bbm7 Eb7 | % | Abmaj7 / / Db7 |")
    assert [(c.bar, c.symbol, c.duration) for c in sheet.chords] == [
        (1, "Fm7", 1920), (2, "Bbm7", 960), (2, "Eb7", 960), (3, "Bbm7", 960), (3, "Eb7", 960), (4, "Abmaj7", 1440), (4, "Db7", 480),
    ]  # fmt: skip
    assert (sheet.title, sheet.key, sheet.mode) == ("My tune", "F", "minor")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no bars"),
        (b"\xff\xff\x00\x01", "neither text"),
        (b"PK\x03\x04rubbish", "damaged"),
        ("| C | Xyz |", "Bar 2"),
        ("| C D E F G | A |", "5 words"),
        ("Time: 7/8\n| C |", "7/8"),
        ("<html><body>no</body></html>", "html"),
        ("<score-partwise><part>", "well-formed"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><score-partwise/>', "entities"),
        ("irealb://nothing", "no song"),
        (link("[T78C   Z"), "7/8"),
        (link("[T44C7D7E7F7G7A7Z"), "A Tune"),
        ("|  | C |", "empty bar"),
        (LEAD.replace("<duration>2", "<duration>x"), "Bar 1"),
        (LEAD.replace("<beats>3", "<beats>7"), "7/4"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes | str, says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_lead_sheets(data)
    assert caught.value.field == "lead_sheet" and says in str(caught.value)
