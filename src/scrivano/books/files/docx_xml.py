"""Small builders of WordprocessingML elements."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, tostring

NAMESPACES = {
    "xmlns:w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "xmlns:r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "xmlns:wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "xmlns:a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "xmlns:pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
}


def el(tag: str, /, *children: Element, **attributes: str | int) -> Element:
    """`<w:tag w:name="value">` with children; an attribute with a colon in its name goes through `raw`."""
    element = Element(f"w:{tag}", {f"w:{name}": str(value) for name, value in attributes.items()})
    element.extend(children)
    return element


def raw(tag: str, attributes: dict[str, str], *children: Element, text: str | None = None) -> Element:
    """An element whose tag and attributes are written as they are."""
    element = Element(tag, attributes)
    element.extend(children)
    element.text = text
    return element


def run(text: str, *properties: Element) -> Element:
    """A run of text; tabs and line ends become their elements."""
    element = el("r")
    if properties:
        element.append(el("rPr", *properties))
    for number, line in enumerate(text.split("\n")):
        if number:
            element.append(el("br"))
        for at, piece in enumerate(line.split("\t")):
            if at:
                element.append(el("tab"))
            if piece:
                element.append(raw("w:t", {"xml:space": "preserve"}, text=piece))
    return element


def field(instruction: str, result: Iterable[Element], *, dirty: bool = False) -> list[Element]:
    """The runs of a field; a `dirty` one is computed anew when the file is opened."""
    begin = el("fldChar", fldCharType="begin", **({"dirty": "true"} if dirty else {}))
    code = raw("w:instrText", {"xml:space": "preserve"}, text=f" {instruction} ")
    return [
        el("r", begin),
        el("r", code),
        el("r", el("fldChar", fldCharType="separate")),
        *result,
        el("r", el("fldChar", fldCharType="end")),
    ]


def paragraph(style: str, content: Iterable[Element], *properties: Element) -> Element:
    """A paragraph in a named style."""
    return el("p", el("pPr", el("pStyle", val=style), *properties), *content)


def part(root: Element) -> bytes:
    """A whole part: `root` with the namespaces and an XML declaration."""
    for name, uri in NAMESPACES.items():
        root.set(name, uri)
    return (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        + tostring(root, encoding="unicode").encode()
    )


def xml_part(root: Element) -> bytes:
    """A whole part that brings its own namespaces."""
    return (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        + tostring(root, encoding="unicode").encode()
    )
