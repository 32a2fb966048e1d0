"""What a file is, judged by its content; its name only decides between kinds of text."""

import io
import zipfile
from pathlib import PurePath
from typing import Literal

from scrivano.references.conversion.refusal import DAMAGED, Refused

Format = Literal["markdown", "text", "html", "docx", "pdf", "epub"]

MEDIA_TYPES: dict[Format, str] = {
    "markdown": "text/markdown",
    "text": "text/plain",
    "html": "text/html",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "epub": "application/epub+zip",
}
MAX_MEMBERS = 10_000
READABLE = "Markdown, text, HTML, DOCX, PDF and EPUB"

_SUFFIXES: dict[str, Format] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdown": "markdown",
    ".mkd": "markdown",
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".docx": "docx",
    ".pdf": "pdf",
    ".epub": "epub",
}
_NAMES: dict[Format, str] = {
    "markdown": "Markdown",
    "text": "text",
    "html": "HTML",
    "docx": "DOCX",
    "pdf": "PDF",
    "epub": "EPUB",
}
# Kinds of files that people try, by how they begin.
_OTHERS = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word file, or a DOCX file locked with a password"),
    (b"{\\rtf", "an RTF file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
)
_PDF_HEADER_WITHIN = 1024


def format_of_name(name: str) -> Format | None:
    """The format that a file's name promises; None if it promises none that can be read."""
    return _SUFFIXES.get(PurePath(name).suffix.lower())


def recognise(raw: bytes, name: str) -> Format:
    """The format of a file. Raises Refused where it is none that is read, or not the one that its name promises."""
    promised = format_of_name(name)
    found = _by_content(raw)
    if promised in ("docx", "pdf", "epub") and found is None:
        raise Refused(
            f"The file is named as {_NAMES[promised]}, but it does not begin as one does.",
            f"Save it as {_NAMES[promised]} again, or name it for what it is; read are {READABLE}.",
        )
    if found is not None and promised is not None and found != promised:
        raise Refused(
            f"The file is named as {_NAMES[promised]}, but it is {_NAMES[found]}.",
            f"Rename it so that it ends in .{found}.",
        )
    if found is not None:
        return found
    if promised is not None:
        return promised
    if PurePath(name).suffix:
        raise Refused(
            f"Files that end in {PurePath(name).suffix} are not read.",
            f"Save it in another format; read are {READABLE}.",
        )
    return "html" if raw[:512].lstrip().lower().startswith((b"<!doctype html", b"<html")) else "text"


def _by_content(raw: bytes) -> Format | None:
    """What only one format can begin with; None for what may be text."""
    if b"%PDF-" in raw[:_PDF_HEADER_WITHIN] and not raw[:1].isalpha():
        return "pdf"
    if raw.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(raw)
    for start, words in _OTHERS:
        if raw.startswith(start):
            raise Refused(f"The file is {words}.", f"Save it in another format; read are {READABLE}.")
    return None


def _kind_of_zip(raw: bytes) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError) as error:
        raise Refused(DAMAGED.format(kind="DOCX or EPUB")) from error
    if len(names) > MAX_MEMBERS:
        raise Refused(
            f"The file is an archive of {len(names):,} parts; at most {MAX_MEMBERS:,} are looked at.",
            "Export the book anew without its pictures.",
        )
    if "word/document.xml" in names:
        return "docx"
    if "META-INF/container.xml" in names:
        return "epub"
    raise Refused(
        "The file is a ZIP archive, but neither a DOCX nor an EPUB file.",
        "Unpack it and upload the files in it one by one.",
    )
