"""The files of an arrangement, and readers for what others wrote.

Verovio, FluidSynth and font data are loaded by those functions alone that need them.
"""

from scrivano.music.dto import Arrangement
from scrivano.music.files.audio import AudioKind, can_render, find_sound_font, render_audio
from scrivano.music.files.chart import write_chart, write_chordpro
from scrivano.music.files.engrave import engrave, tempo_line
from scrivano.music.files.ireal import write_ireal
from scrivano.music.files.lead_sheet import LeadChord, LeadSheet
from scrivano.music.files.lines import line_starts, page_starts
from scrivano.music.files.midi import write_midi
from scrivano.music.files.musicxml import score_parts, write_musicxml
from scrivano.music.files.pdf import write_pdf
from scrivano.music.files.read import read_lead_sheets
from scrivano.music.files.read_chart import read_chart
from scrivano.music.files.read_ireal import read_ireal
from scrivano.music.files.read_musicxml import read_musicxml
from scrivano.music.files.symbols import engraved

_BAND_SIZE = 0.84


def write_score(arrangement: Arrangement, musicxml: bytes | None = None) -> tuple[bytes, ...]:
    """The engraved pages (A4) as SVG, which needs no fonts. `musicxml` saves writing it again."""
    score = musicxml or write_musicxml(arrangement)
    # Four staves to a line are read from a stand, as a band's scores are: a little smaller.
    staves = len(score_parts(arrangement))
    size = _BAND_SIZE if staves > 2 else 1.0
    lines = line_starts(arrangement, size)
    pages = page_starts(lines, staves)
    return engrave(score, arrangement.title, tempo_line(arrangement), lines=lines, pages=pages, size=size)


def write_score_pdf(arrangement: Arrangement, pages: tuple[bytes, ...] | None = None) -> bytes:
    """The engraved pages as PDF. `pages` from `write_score` saves engraving them again."""
    return write_pdf(pages or write_score(arrangement), arrangement.title)


def write_files(arrangement: Arrangement, name: str = "score") -> dict[str, bytes]:
    """Every file but audio, by file name: `.mid .musicxml .txt .cho .ireal.txt .pdf` and a `.svg` a page.

    All are made of the arrangement alone, the score of the MusicXML. The same arrangement gives the same bytes.
    """
    musicxml = write_musicxml(arrangement)
    pages = write_score(arrangement, musicxml)
    files = {
        f"{name}.mid": write_midi(arrangement),
        f"{name}.musicxml": musicxml,
        f"{name}.txt": write_chart(arrangement).encode(),
        f"{name}.cho": write_chordpro(arrangement).encode(),
        f"{name}.ireal.txt": write_ireal(arrangement).encode(),
        f"{name}.pdf": write_score_pdf(arrangement, pages),
    }
    return files | {f"{name}-{number}.svg": page for number, page in enumerate(pages, start=1)}


__all__ = [
    "AudioKind",
    "LeadChord",
    "LeadSheet",
    "can_render",
    "engraved",
    "find_sound_font",
    "read_chart",
    "read_ireal",
    "read_lead_sheets",
    "read_musicxml",
    "render_audio",
    "write_chart",
    "write_chordpro",
    "write_files",
    "write_ireal",
    "write_midi",
    "write_musicxml",
    "write_score",
    "write_score_pdf",
]
