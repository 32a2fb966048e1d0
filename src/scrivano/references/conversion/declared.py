"""What a file says of itself: its title, its author, its language."""

import re
from typing import TypedDict

from scrivano.references.conversion.epub_in import package_document
from scrivano.references.conversion.refusal import Refused
from scrivano.references.conversion.sniffing import Format
from scrivano.references.conversion.unpacking import Package

_CORE = "docProps/core.xml"
_LONGEST = 300
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# What writing programs put there by themselves.
_NO_TITLE = re.compile(
    r"(?i)untitled|unknown|unbekannt|microsoft word\b.*|.*\.(docx?|odt|rtf|indd|pages|md|txt)"
)
_NO_AUTHOR = re.compile(r"(?i)unknown|unbekannt|anonymous|python-docx|microsoft.*|admin(istrator)?|user")


class Declared(TypedDict):
    """Empty where the file does not say it."""

    title: str
    author: str
    language: str


def declared_in(raw: bytes, form: Format) -> Declared:
    """What an EPUB or a DOCX file says of itself; nothing of files of other formats, or where it cannot be read."""
    found: dict[str, list[str]] = {}
    try:
        if form in ("epub", "docx"):
            with Package(raw, form.upper()) as package:
                found = _words(package, form)
    except Refused:
        found = {}
    title = " ".join(found.get("title", [""])[0].split())[:_LONGEST]
    author = ", ".join(a for a in found.get("creator", []) if not _NO_AUTHOR.fullmatch(a))[:_LONGEST]
    language = found.get("language", [""])[0]
    return Declared(
        title="" if _NO_TITLE.fullmatch(title) else title,
        author=author,
        language=language if _LANGUAGE.fullmatch(language) and language != "und" else "",
    )


def _words(package: Package, form: Format) -> dict[str, list[str]]:
    """The elements of Dublin Core with their words, in their order."""
    if form == "docx" and _CORE not in package:
        return {}
    root = package_document(package) if form == "epub" else package.xml(_CORE)
    found: dict[str, list[str]] = {}
    for element in root.iter():
        space, _, name = str(element.tag).rpartition("}")
        words = " ".join((element.text or "").split())
        if space.endswith("purl.org/dc/elements/1.1/") and words:
            found.setdefault(name, []).append(words)
    return found
