"""Reads whatever lead sheet it is given, by its content."""

from scrivano.music.files.lead_sheet import LeadSheet, wrong
from scrivano.music.files.read_chart import read_chart
from scrivano.music.files.read_ireal import read_ireal
from scrivano.music.files.read_musicxml import read_musicxml


def read_lead_sheets(data: bytes | str) -> list[LeadSheet]:
    """The lead sheets in MusicXML (also `.mxl`), iReal Pro links, a chord chart or ChordPro.

    Raises InvalidInput for the field `lead_sheet` if it is none of these or cannot be read.
    """
    raw = data.encode() if isinstance(data, str) else data
    if raw.startswith(b"PK"):
        return [read_musicxml(raw)]
    try:
        text = raw.decode("utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError:
        raise wrong(
            "The file is neither text nor a compressed score.",
            "Give MusicXML (.musicxml, .mxl), an iReal Pro link, a chord chart or ChordPro.",
        ) from None
    if "irealb://" in text or "irealbook://" in text:
        return read_ireal(text)
    if text.lstrip()[:1] == "<":
        return [read_musicxml(raw)]
    return [read_chart(text)]
