"""Notes and rests as MusicXML text.

A score has thousands of them, and as text they are written several times as fast as in a tree.
"""

from dataclasses import dataclass
from typing import Final

from scrivano.music.dto import Note, PartName
from scrivano.music.files.drums import drum_of
from scrivano.music.files.written import Piece

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
    if piece.rest:
        hidden = ' print-object="no"' if voice.second and not piece.whole_bar else ""
        rest = '<rest measure="yes" />' if piece.whole_bar else "<rest />"
        return f"<note{hidden}>{rest}{_tail(piece, voice, None, first=True)}</note>"
    texts = list[str]()
    for index, note in enumerate(piece.notes):
        chord = "<chord />" if index else ""
        tail = _tail(piece, voice, note, first=index == 0)
        texts.append(f'<note dynamics="{note.velocity / 90 * 100:.2f}">{chord}{_pitch(note)}{tail}</note>')
    return "".join(texts)


def _pitch(note: Note) -> str:
    if note.pitch is None:
        drum = drum_of(note.midi)
        return (
            f"<unpitched><display-step>{drum.step}</display-step>"
            f"<display-octave>{drum.octave}</display-octave></unpitched>"
        )
    alter = f"<alter>{note.pitch.alter}</alter>" if note.pitch.alter else ""
    return f"<pitch><step>{note.pitch.step}</step>{alter}<octave>{note.pitch.octave}</octave></pitch>"


def _tail(piece: Piece, voice: Voice, sounding: Note | None, *, first: bool) -> str:
    """What follows the pitch, in the order that the schema wants."""
    ties = list[str]()
    if sounding is not None:
        ties = [word for word, is_so in (("stop", piece.tied_from), ("start", piece.tied_on)) if is_so]
    out = [f"<duration>{piece.ticks}</duration>", *(f'<tie type="{word}" />' for word in ties)]
    drum = sounding is not None and sounding.pitch is None
    if sounding is not None and drum:
        out.append(f'<instrument id="P4-I{sounding.midi}" />')
    out.append(f"<voice>{voice.number}</voice>")
    if not piece.whole_bar:
        out.append(f"<type>{piece.kind}</type>")
    out.append("<dot />" * piece.dots)
    pitch = sounding.pitch if sounding else None
    if pitch is not None and (piece.start, pitch.step, pitch.octave, pitch.alter) in voice.accidentals:
        out.append(f"<accidental>{_ACCIDENTALS[pitch.alter]}</accidental>")
    if piece.triplet:
        out.append(
            "<time-modification><actual-notes>3</actual-notes><normal-notes>2</normal-notes></time-modification>"
        )
    if sounding is not None and drum and (head := drum_of(sounding.midi).head):
        out.append(f"<notehead>{head}</notehead>")
    if voice.staff_number:
        out.append(f"<staff>{voice.staff_number}</staff>")
    for level, word in enumerate(piece.beams if first else (), start=1):
        out.append(f'<beam number="{level}">{word}</beam>')
    bracket = f'<tuplet type="{piece.bracket}" />' if piece.bracket and first else ""
    if ties or bracket:
        tied = "".join(f'<tied type="{word}" />' for word in ties)
        out.append(f"<notations>{tied}{bracket}</notations>")
    return "".join(out)
