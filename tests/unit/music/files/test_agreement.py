"""MIDI, MusicXML, chart and engraved score, each read by a reader of its own, say the same."""

import json
from collections import Counter

import pytest
from pieces import random_piece
from readers import read_chart_file, read_midi_file, read_musicxml_file, read_svg_pages, sound

from scrivano.music.arrange import arrange
from scrivano.music.dto import Arrangement, Genre, MusicRequest
from scrivano.music.files import write_chart, write_files, write_midi, write_musicxml, write_score
from scrivano.music.files.musicxml import score_parts
from scrivano.music.files.timing import sounding, swings
from scrivano.music.genres import GENRES
from scrivano.music.progression import generate, settle
from scrivano.music.theory import key_of, meter_of, parse_chord


def check_agreement(piece: Arrangement, *, engraved: bool = True) -> None:
    """Asserts that the files of an arrangement agree with it and with each other."""
    meter = meter_of(piece.progression.meter)
    end = meter.bar * piece.progression.bars
    chords = [(c.onset, c.symbol) for c in piece.progression.chords]
    swing = piece.swing if swings(meter, piece.swing) else None

    midi = read_midi_file(write_midi(piece))
    assert midi.facts["end"] == end and midi.chords == chords and midi.facts["title"] == piece.title
    marks = [((s.first_bar - 1) * meter.bar, s.name) for s in piece.progression.sections]
    assert midi.sections == marks
    assert midi.notes == _expected(piece, swing, lambda n: n.midi)

    score = write_musicxml(piece)
    xml = read_musicxml_file(score)
    assert xml.bars == piece.progression.bars and xml.facts["lengths"] == {meter.bar}
    assert xml.sections == marks
    assert [(at, parse_chord(s)) for at, s in xml.chords] == [(at, parse_chord(s)) for at, s in chords]
    assert xml.notes == _expected(
        piece, None, lambda n: (n.pitch.step, n.pitch.alter, n.pitch.octave) if n.pitch else n.midi
    )
    assert all(
        sound(p) == n.midi
        for n in piece.notes
        if n.pitch and (p := (n.pitch.step, n.pitch.alter, n.pitch.octave))
    )

    chart = read_chart_file(write_chart(piece))
    assert chart.bars == piece.progression.bars and chart.facts["beats"] == {meter.beats}
    at = [((bar - 1) * meter.bar + beat * meter.beat, symbol) for (bar, beat), symbol in chart.chords]
    assert at == chords

    if engraved:
        svg = read_svg_pages(list(write_score(piece, score)))
        assert svg.bars == piece.progression.bars and svg.facts["texts"] == 0
        assert [(b, parse_chord(s)) for b, s in svg.chords] == [
            (c.bar, parse_chord(c.symbol)) for c in piece.progression.chords
        ]
        assert svg.sections == [(s.first_bar, s.name) for s in piece.progression.sections]
        staves = score_parts(piece)
        heads = Counter({(b, staves[i], p): n for (b, i, p), n in svg.facts["heads"].items()})
        assert heads == xml.facts["heads"]


def _expected(piece, swing, pitch):
    found = {}
    for note in piece.notes:
        start, stop = note.onset, note.onset + note.duration
        if swing is not None:
            start, stop = sounding(start, swing), sounding(stop, swing)
        found.setdefault(note.part, Counter())[(start, stop - start, pitch(note))] += 1
    return found


@pytest.mark.parametrize("seed", range(24))
def test_random_pieces_agree(seed: int) -> None:
    check_agreement(random_piece(seed))


@pytest.mark.parametrize("seed", range(100, 160))
def test_hard_rhythms_agree_without_engraving(seed: int) -> None:
    check_agreement(random_piece(seed, bars=8), engraved=False)


@pytest.mark.parametrize("meter", ["3/4", "4/4", "6/8", "12/8", "2/2", "5/4"])
def test_tempo_meter_and_key_are_in_every_file(meter: str) -> None:
    piece = random_piece(7, meter=meter)
    key = key_of(piece.progression.key, piece.progression.mode)
    beats, unit = meter.split("/")
    midi = read_midi_file(write_midi(piece)).facts
    quarter = piece.request.tempo * (1.5 if meter in {"6/8", "12/8"} else 1)
    assert midi["set_tempo"].tempo == round(60_000_000 / quarter)
    assert (midi["time_signature"].numerator, midi["time_signature"].denominator) == (int(beats), int(unit))
    assert midi["key_signature"].key == f"{key.tonic}{'m' if key.mode == 'minor' else ''}"
    xml = read_musicxml_file(write_musicxml(piece)).facts
    assert xml["time"] == (beats, unit) and int(xml["fifths"]) == key.fifths
    chart = read_chart_file(write_chart(piece)).facts
    assert chart["Time"] == meter and chart["Key"] == f"{key.tonic} {key.mode}"


def test_reasons_are_kept_in_the_score() -> None:
    piece = random_piece(3)
    facts = read_musicxml_file(write_musicxml(piece)).facts
    names, seen = list[str](), Counter[int]()
    for span in piece.progression.chords:
        seen[span.bar] += 1
        names.append(f"chord-{span.bar}-{seen[span.bar]}")
    assert facts["harmony ids"] == names
    for name, span in zip(names, piece.progression.chords, strict=True):
        assert json.loads(facts["fields"][name]) == {"symbol": span.symbol, **span.reason.model_dump()}


def test_files_have_the_same_bytes_each_time() -> None:
    piece = random_piece(11)
    assert write_files(piece) == write_files(piece)


@pytest.mark.parametrize("genre", list(GENRES))
def test_files_of_every_genre_agree(genre: Genre) -> None:
    data = GENRES[genre]
    for number, application in enumerate(data.applications[:2]):
        request = MusicRequest(
            genre=genre, application=application.slug, key="Ab", bars=8, difficulty=4 + number, seed=number
        )
        settled = settle(request)
        check_agreement(arrange(generate(settled), settled))
