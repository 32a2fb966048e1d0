"""From notes to notation: what one voice of one staff shows in each bar.

Notes are cut at bar lines and where a single note value would hide the beat, and tied; gaps become rests;
beams, triplets and accidentals are worked out. Both the MusicXML writer and readers of scores use these rules.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from scrivano.music.dto import PPQ, Note, PartName
from scrivano.music.theory.meter import Meter

_VALUES: Final = (
    (1920, "whole", 0),
    (1440, "half", 1),
    (960, "half", 0),
    (720, "quarter", 1),
    (480, "quarter", 0),
    (360, "eighth", 1),
    (240, "eighth", 0),
    (180, "16th", 1),
    (120, "16th", 0),
    (90, "32nd", 1),
    (60, "32nd", 0),
    (30, "64th", 0),
)
_SINGLE: Final = {ticks: (kind, dots) for ticks, kind, dots in ((2880, "whole", 1), *_VALUES)}
_BEAMED: Final = {"eighth": 1, "16th": 2, "32nd": 3, "64th": 4}
_MOST_VOICES: Final = 4


@dataclass(slots=True)
class Piece:
    """One written note, chord or rest. `start` counts ticks from the bar line; `triplet` is two thirds time."""

    start: int
    ticks: int
    kind: str
    dots: int
    notes: tuple[Note, ...] = ()
    tied_from: bool = False
    tied_on: bool = False
    triplet: bool = False
    bracket: str = ""
    beams: list[str] = field(default_factory=list[str])
    whole_bar: bool = False

    @property
    def rest(self) -> bool:
        """Whether nothing sounds."""
        return not self.notes


@dataclass(slots=True)
class _Segment:
    start: int
    end: int
    notes: tuple[Note, ...]
    tied_from: bool = False
    tied_on: bool = False


def voices_of(notes: Iterable[Note], part: PartName) -> dict[int, list[Note]]:
    """The notes of a part by voice, in time; a voice never has two things to do at once.

    Notes that begin and end together are a chord. What would overlap in its own voice moves to a free one;
    ValueError if more than four voices were needed.
    """
    groups: dict[tuple[int, int, int], list[Note]] = defaultdict(list)
    for note in notes:
        if note.part == part:
            groups[(note.onset, note.voice, note.duration)].append(note)
    voices: dict[int, list[Note]] = {}
    free_at: dict[int, int] = {}
    for (onset, wanted, duration), chord in sorted(groups.items()):
        order = [wanted, *(v for v in range(1, _MOST_VOICES + 1) if v != wanted)]
        voice = next((v for v in order if free_at.get(v, 0) <= onset), None)
        if voice is None:
            raise ValueError(f"More than {_MOST_VOICES} voices sound at once in {part} at tick {onset}.")
        free_at[voice] = onset + duration
        voices.setdefault(voice, []).extend(chord)
    return voices


def write_voice(notes: Sequence[Note], meter: Meter, bars: int) -> list[list[Piece]]:
    """The pieces of one voice, bar by bar; every bar is filled. `notes` come from `voices_of`."""
    by_bar: list[list[_Segment]] = [[] for _ in range(bars)]
    for start, end, chord in _chords(notes):
        first, last = start // meter.bar, (end - 1) // meter.bar
        for bar in range(first, min(last, bars - 1) + 1):
            left, right = bar * meter.bar, (bar + 1) * meter.bar
            by_bar[bar].append(
                _Segment(max(start, left) - left, min(end, right) - left, chord, start < left, end > right)
            )
    return [_write_bar(segments, meter) for segments in by_bar]


def _chords(notes: Sequence[Note]) -> list[tuple[int, int, tuple[Note, ...]]]:
    found: dict[tuple[int, int], list[Note]] = defaultdict(list)
    for note in notes:
        found[(note.onset, note.onset + note.duration)].append(note)
    return [(s, e, tuple(sorted(chord, key=lambda n: n.midi))) for (s, e), chord in sorted(found.items())]


def _write_bar(segments: list[_Segment], meter: Meter) -> list[Piece]:
    if not segments:
        kind, dots = _SINGLE.get(meter.bar, ("whole", 0))
        return [Piece(0, meter.bar, kind, dots, whole_bar=True)]
    filled = list[_Segment]()
    at = 0
    for segment in segments:
        if segment.start > at:
            filled.append(_Segment(at, segment.start, ()))
        filled.append(segment)
        at = segment.end
    if at < meter.bar:
        filled.append(_Segment(at, meter.bar, ()))
    uneven = _triplet_beats(filled)
    pieces = [piece for segment in filled for piece in _cut(segment, meter, uneven)]
    _mark_triplets(pieces)
    _beam(pieces, meter)
    return pieces


def _triplet_beats(segments: Iterable[_Segment]) -> frozenset[int]:
    """The quarters of the bar whose inner ticks only fit a division in three."""
    edges = {s.start for s in segments} | {s.end for s in segments}
    return frozenset(edge // PPQ for edge in edges if edge % 30)


def _cut(segment: _Segment, meter: Meter, uneven: frozenset[int]) -> list[Piece]:
    pieces = list[Piece]()
    at = segment.start
    while at < segment.end:
        ticks, kind, dots, triplet = _next_value(at, segment.end, meter, uneven, bool(segment.notes))
        pieces.append(Piece(at, ticks, kind, dots, segment.notes, triplet=triplet))
        at += ticks
    for index, piece in enumerate(pieces):
        if piece.notes:
            piece.tied_from = segment.tied_from if index == 0 else True
            piece.tied_on = segment.tied_on if index == len(pieces) - 1 else True
    return pieces


def _next_value(
    at: int, end: int, meter: Meter, uneven: frozenset[int], note: bool
) -> tuple[int, str, int, bool]:
    quarter = at // PPQ
    if quarter in uneven:
        room = min(end, (quarter + 1) * PPQ) - at
        for value, kind, dots in _VALUES:
            if dots == 0 and value * 2 // 3 <= room and value < 960:
                return value * 2 // 3, kind, 0, True
    limit = min([end, *(beat * PPQ for beat in uneven if beat * PPQ > at)])
    room = min(limit, _horizon(at, limit, meter, note)) - at
    if room in _SINGLE and (note or _SINGLE[room][1] == 0 or meter.compound):
        return room, *_SINGLE[room], False
    on_beat = at % meter.beat == 0
    if meter.compound and on_beat and room > meter.beat:
        whole_beats = next(ticks for ticks in (2880, 1440, 720) if ticks <= room)
        return whole_beats, *_SINGLE[whole_beats], False
    for value, kind, dots in _VALUES:
        if value <= room and (dots == 0 or (value == 1440 and at == 0 and note)):
            return value, kind, dots, False
    return room, "64th", 0, False


def _horizon(at: int, end: int, meter: Meter, note: bool) -> int:
    """How far one written value may reach from here without hiding the beat."""
    beat, bar = meter.beat, meter.bar
    within = at % beat
    middle = _middle(meter)
    if at == 0:
        return middle if meter.beats == 5 else bar
    if within == 0:
        return middle if at < middle else bar
    syncopated = within == beat // 2 and not meter.compound and end == at + beat
    if syncopated and note and not at < middle < end:
        return end
    return at - within + beat


def _middle(meter: Meter) -> int:
    """Where the bar falls in two parts that no note value should hide."""
    return {4: 2, 5: 3}.get(meter.beats, meter.beats) * meter.beat


def _mark_triplets(pieces: list[Piece]) -> None:
    inside: list[Piece] = []
    for piece in pieces:
        if not piece.triplet:
            continue
        if inside and inside[-1].start // PPQ != piece.start // PPQ:
            inside = []
        if not inside:
            piece.bracket = "start"
        inside.append(piece)
        if (piece.start + piece.ticks) % PPQ == 0 and len(inside) > 1:
            piece.bracket = "stop"
            inside = []


def _beam(pieces: list[Piece], meter: Meter) -> None:
    group: list[Piece] = []
    for piece in [*pieces, None]:
        joins = (
            piece is not None
            and not piece.rest
            and piece.kind in _BEAMED
            and (not group or _beam_group(group[0], pieces, meter) == _beam_group(piece, pieces, meter))
        )
        if joins and piece is not None:
            group.append(piece)
            continue
        _join(group)
        group = [piece] if piece is not None and not piece.rest and piece.kind in _BEAMED else []


def _beam_group(piece: Piece, pieces: list[Piece], meter: Meter) -> int:
    """Pieces with the same number are beamed together: a beat, or half a bar of even eighths in 4/4."""
    if meter.compound or meter.beats != 4:
        return piece.start // meter.beat
    half = piece.start // (2 * meter.beat)
    inside = [p for p in pieces if p.start // (2 * meter.beat) == half]
    if all(p.kind == "eighth" and not p.dots and not p.rest and not p.triplet for p in inside):
        return 100 + half
    return piece.start // meter.beat


def _join(group: list[Piece]) -> None:
    if len(group) < 2:
        return
    depths = [_BEAMED[p.kind] for p in group]
    for index, piece in enumerate(group):
        before = depths[index - 1] if index else 0
        after = depths[index + 1] if index + 1 < len(group) else 0
        piece.beams = [_beam_word(level, before, after) for level in range(1, depths[index] + 1)]


def _beam_word(level: int, before: int, after: int) -> str:
    from_left, to_right = before >= level, after >= level
    if from_left and to_right:
        return "continue"
    if from_left:
        return "end"
    if to_right:
        return "begin"
    return "backward hook" if before else "forward hook"
