"""The checker's one question: which rules do these files break?"""

from collections.abc import Callable
from typing import Final

from scrivano.music.checker.chords import UnreadableChord, read_key, read_symbol
from scrivano.music.checker.classical import check_classical
from scrivano.music.checker.general import (
    check_frame,
    check_hands,
    check_home,
    check_sections,
    check_sounding,
    check_spelling,
    check_tones,
)
from scrivano.music.checker.genres import check_gospel, check_jazz, check_neo_soul, check_rnb
from scrivano.music.checker.grooves import check_blues, check_latin, check_reggae
from scrivano.music.checker.midi import MidiFacts, UnreadableFile, read_midi
from scrivano.music.checker.musicxml import ScoreFacts, read_musicxml
from scrivano.music.checker.piece import Piece, Placed, SectionMark, Violation
from scrivano.music.checker.reasons import check_reasons
from scrivano.music.dto import Settled

_GENERAL: Final[tuple[Callable[[Piece], None], ...]] = (
    check_home, check_reasons, check_spelling, check_tones, check_sounding, check_hands, check_sections,
)  # fmt: skip
_OF_GENRE: Final[dict[str, Callable[[Piece], None]]] = {
    "gospel": check_gospel,
    "jazz": check_jazz,
    "blues": check_blues,
    "classical": check_classical,
    "neo-soul": check_neo_soul,
    "reggae": check_reggae,
    "latin": check_latin,
    "rnb": check_rnb,
}


def check_files(midi: bytes, musicxml: bytes, expected: Settled) -> list[Violation]:
    """All rules of docs/concepts/music-rules.md that the files break, given what was asked for; none if all is well.

    Notes are taken from the MIDI file, chords and their reasons from the score. `FILES` stands for what cannot be
    read, or where the two files contradict each other.
    """
    try:
        sounds, score = read_midi(midi), read_musicxml(musicxml)
    except UnreadableFile as problem:
        return [Violation("FILES", 0, str(problem))]
    piece = assemble(sounds, score, expected)
    check_frame(piece, sounds, score)
    if not piece.sounding:
        piece.broken("R-ALL-4", 0, "there are no chords")
        return piece.found
    for check in (*_GENERAL, _OF_GENRE[piece.genre]):
        check(piece)
    return piece.found


def assemble(sounds: MidiFacts, score: ScoreFacts, expected: Settled) -> Piece:
    """Both files as one piece; contradictions are its first violations."""
    piece = Piece(
        genre=expected.genre.value,
        application=expected.application,
        home=read_key(f"{expected.key} minor" if expected.mode == "minor" else expected.key),
        meter=expected.meter,
        tempo=expected.tempo,
        bars=expected.bars,
        lowest=expected.lowest,
        highest=expected.highest,
        form=expected.form,
        chords=(),
        notes=sounds.notes,
        sections=(),
    )
    for bar, text in score.problems:
        piece.broken("FILES", bar, text)
    starts = [piece.start_of(written.bar) + written.offset for written in score.chords]
    ends = [*starts[1:], piece.bars * piece.bar_ticks]
    piece.chords = [
        Placed(index, written.bar, start, end, written.chord, written.why)
        for index, (written, start, end) in enumerate(zip(score.chords, starts, ends, strict=True))
    ]
    piece.sections = _sections(piece, score.sections)
    marked = [(piece.bar_of(tick), text) for tick, text in sounds.markers]
    if marked != score.sections:
        piece.broken("FILES", 0, f"markers {marked} and rehearsal marks {score.sections} differ")
    for placed in piece.chords:
        _compare_symbol(piece, placed)
    return piece


def _sections(piece: Piece, marks: list[tuple[int, str]]) -> list[SectionMark]:
    firsts = [bar for bar, _ in marks]
    lasts = [*firsts[1:], piece.bars + 1]
    return [SectionMark(name, bar, last - bar) for (bar, name), last in zip(marks, lasts, strict=True)]


def _compare_symbol(piece: Piece, placed: Placed) -> None:
    """The symbol that the reason is about is the chord that stands in the score."""
    if placed.why is None:
        return
    try:
        told = read_symbol(placed.why.symbol)
    except UnreadableChord as problem:
        piece.broken("FILES", placed.bar, str(problem))
        return
    if (told is None) != (placed.chord is None) or (
        told is not None
        and placed.chord is not None
        and (told.root, told.pcs, told.bass_pc) != (placed.chord.root, placed.chord.pcs, placed.chord.bass_pc)
    ):
        piece.broken(
            "FILES", placed.bar, f"the reason is about {placed.why.symbol}, the score has another chord"
        )
