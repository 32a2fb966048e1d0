"""EPUB files as references: the documents of the spine in their order, as Markdown."""

import posixpath
from xml.etree.ElementTree import Element

from scrivano.references.conversion.refusal import DAMAGED, Refused
from scrivano.references.conversion.unpacking import Package, inside
from scrivano.references.decoding import NotTextError, decode
from scrivano.references.html_in import html_to_markdown

MAX_DOCUMENTS = 3000
_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_TEXT = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
# Fonts may be scrambled without any lock on the text.
_FONT_SCRAMBLING = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def epub_to_markdown(raw: bytes) -> str:
    """The text of an EPUB file. Raises Refused for what is locked, damaged, too large or points outside of itself."""
    with Package(raw, "EPUB") as package:
        _check_not_locked(package)
        opf_name = _opf_name(package)
        opf = package.xml(opf_name, doctype=True)
        names = _spine(opf, posixpath.dirname(opf_name))
        parts = [_document(package, name) for name in names]
    return "\n\n".join(part for part in parts if part)


def package_document(package: Package) -> Element:
    """The document that names all parts of a book, and the book itself. Raises Refused."""
    return package.xml(_opf_name(package), doctype=True)


def _opf_name(package: Package) -> str:
    for element in package.xml(_CONTAINER).iter():
        if _local(element) == "rootfile" and element.get("full-path"):
            return inside("", element.get("full-path", ""), "EPUB")
    raise Refused(DAMAGED.format(kind="EPUB"))


def _spine(opf: Element, base: str) -> list[str]:
    items: dict[str, tuple[str, str]] = {}
    order: list[str] = []
    for element in opf.iter():
        tag = _local(element)
        if tag == "item":
            items[element.get("id", "")] = element.get("href", ""), element.get("media-type", "")
        elif tag == "itemref":
            order.append(element.get("idref", ""))
    if len(order) > MAX_DOCUMENTS:
        raise Refused(
            f"The EPUB file has {len(order):,} documents in its reading order; at most {MAX_DOCUMENTS:,} are read.",
            "Split it into several books.",
        )
    # A document that the order names again and again is read once.
    texts = dict.fromkeys(items[i][0] for i in order if i in items and items[i][1] in _TEXT and items[i][0])
    names = [inside(base, href, "EPUB") for href in texts]
    if not names:
        raise Refused("The EPUB file has no document in its reading order.")
    return list(dict.fromkeys(names))


def _document(package: Package, name: str) -> str:
    try:
        return html_to_markdown(decode(package.read(name)))
    except NotTextError:
        raise Refused(DAMAGED.format(kind="EPUB")) from None


def _check_not_locked(package: Package) -> None:
    if _ENCRYPTION not in package:
        return
    for element in package.xml(_ENCRYPTION).iter():
        method = element.get("Algorithm", "")
        if _local(element) == "EncryptionMethod" and method not in _FONT_SCRAMBLING:
            raise Refused(
                "The EPUB file is locked by copy protection.",
                "Use a copy without it, if you have the right to.",
            )


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
