"""Notes and rests as MusicXML text.

A score has thousands of them, and as text they are written several times as fast as in a tree.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from scrivano.music.dto import Note, PartName
from scrivano.music.files.drums import drum_of
from scrivano.music.files.written import Piece

_TRIPLET: Final = (
    "<time-modification><actual-notes>3</actual-notes><normal-notes>2</normal-notes></time-modification>"
)
# Whether a note is tied from the one before and on to the next: as sounded, as drawn.
_TIES: Final = {
    (before, after): tuple(
        "".join(f'<{tag} type="{word}" />' for word, is_so in (("stop", before), ("start", after)) if is_so)
        for tag in ("tie", "tied")
    )
    for before in (False, True)
    for after in (False, True)
}
_ACCIDENTALS: Final = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}


@dataclass(frozen=True)
class Voice:
    """Where pieces are written. `second`: its rests stay hidden, another voice of the staff shows the beats.

    `accidentals` has the notes (by start, letter, octave and alteration) that show one.
    """

    staff: PartName
    staff_number: int
    number: int
    accidentals: set[tuple[int, str, int, int]]
    second: bool


def piece_text(piece: Piece, voice: Voice) -> str:
    """A rest, or the notes of a chord, as `note` elements."""
    beams, timed = "", _TRIPLET if piece.triplet else ""
    for level, word in enumerate(piece.beams, start=1):
        beams += f'<beam number="{level}">{word}</beam>'
    staff = f"<staff>{voice.staff_number}</staff>" if voice.staff_number else ""
    length = f"<voice>{voice.number}</voice>{_kind('' if piece.whole_bar else piece.kind, piece.dots)}"
    bracket = f'<tuplet type="{piece.bracket}" />' if piece.bracket else ""
    if piece.rest:
        hidden = ' print-object="no"' if voice.second and not piece.whole_bar else ""
        rest = '<rest measure="yes" />' if piece.whole_bar else "<rest />"
        shown = f"<notations>{bracket}</notations>" if bracket else ""
        lasting = f"<duration>{piece.ticks}</duration>{length}{timed}{staff}{beams}{shown}"
        return f"<note{hidden}>{rest}{lasting}</note>"
    ties, tied = _TIES[piece.tied_from, piece.tied_on]
    lasting = f"<duration>{piece.ticks}</duration>{ties}"
    first, others = (
        f"{staff}{beams}{_notations(tied + bracket)}</note>",
        f"{staff}{_notations(tied)}</note>",
    )
    text, chord, end = "", "", first
    for note in piece.notes:
        middle = _middle(note, piece, voice, length, timed)
        text += f'<note dynamics="{_loudness(note.velocity)}">{chord}{_pitch(note)}{lasting}{middle}{end}'
        chord, end = "<chord />", others
    return text


def _middle(note: Note, piece: Piece, voice: Voice, length: str, timed: str) -> str:
    """What stands between a note's length and its staff, in the order that the schema wants."""
    pitch = note.pitch
    if pitch is None:
        head = drum_of(note.midi).head
        shape = f"<notehead>{head}</notehead>" if head else ""
        return f'<instrument id="P4-I{note.midi}" />{length}{timed}{shape}'
    if voice.accidentals and (piece.start, pitch.step, pitch.octave, pitch.alter) in voice.accidentals:
        return f"{length}<accidental>{_ACCIDENTALS[pitch.alter]}</accidental>{timed}"
    return f"{length}{timed}"


def _notations(content: str) -> str:
    return f"<notations>{content}</notations>" if content else ""


@lru_cache(maxsize=64)
def _kind(kind: str, dots: int) -> str:
    named = f"<type>{kind}</type>" if kind else ""
    return f"{named}{'<dot />' * dots}"


@lru_cache(maxsize=128)
def _loudness(velocity: int) -> str:
    return f"{velocity / 90 * 100:.2f}"


def _pitch(note: Note) -> str:
    if note.pitch is None:
        drum = drum_of(note.midi)
        return (
            f"<unpitched><display-step>{drum.step}</display-step>"
            f"<display-octave>{drum.octave}</display-octave></unpitched>"
        )
    alter = f"<alter>{note.pitch.alter}</alter>" if note.pitch.alter else ""
    return f"<pitch><step>{note.pitch.step}</step>{alter}<octave>{note.pitch.octave}</octave></pitch>"
