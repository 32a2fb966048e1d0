"""Word files as references, read from the package's XML: headings, paragraphs, lists and tables."""

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element

from scrivano.references.conversion.unpacking import Package
from scrivano.references.html_in import table
from scrivano.references.markdown_in import escape

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVEL = re.compile(r"heading\s*(\d)")


def docx_to_markdown(raw: bytes) -> str:
    """The text of a DOCX file as Markdown; pictures, footnotes and tracked deletions are left out.

    Raises Refused if it is no DOCX file, damaged, locked, or one that would unpack to too much.
    """
    with Package(raw, "DOCX") as package:
        document = package.xml("word/document.xml")
        styles = package.xml("word/styles.xml") if "word/styles.xml" in package else None
        names = _style_names(styles) if styles is not None else {}
        ordered = _ordered_lists(package)
    body = document.find(f"{_W}body")
    blocks = [_block(element, names, ordered) for element in body] if body is not None else []
    return _join(block for block in blocks if block)


def _style_names(styles: Element) -> dict[str, str]:
    """Style id → its name in lower case; names are the same in every language of Word, ids are not."""
    names: dict[str, str] = {}
    for style in styles.iter(f"{_W}style"):
        name = style.find(f"{_W}name")
        if name is not None:
            names[style.get(f"{_W}styleId", "")] = name.get(f"{_W}val", "").lower()
    return names


def _ordered_lists(package: Package) -> frozenset[str]:
    """Ids of the numberings that count."""
    if "word/numbering.xml" not in package:
        return frozenset()
    numbering = package.xml("word/numbering.xml")
    counting: set[str] = set()
    for abstract in numbering.iter(f"{_W}abstractNum"):
        form = abstract.find(f"{_W}lvl/{_W}numFmt")
        if form is not None and form.get(f"{_W}val") not in ("bullet", "none"):
            counting.add(abstract.get(f"{_W}abstractNumId", ""))
    found: set[str] = set()
    for number in numbering.iter(f"{_W}num"):
        target = number.find(f"{_W}abstractNumId")
        if target is not None and target.get(f"{_W}val") in counting:
            found.add(number.get(f"{_W}numId", ""))
    return frozenset(found)


def _block(element: Element, names: dict[str, str], ordered: frozenset[str]) -> str:
    if element.tag == f"{_W}tbl":
        return table(
            [[escape(_text(cell)) for cell in row.findall(f"{_W}tc")] for row in element.iter(f"{_W}tr")]
        )
    if element.tag != f"{_W}p":
        return ""
    text = escape(_text(element))
    if not text:
        return ""
    properties = element.find(f"{_W}pPr")
    style = properties.find(f"{_W}pStyle") if properties is not None else None
    name = names.get(style.get(f"{_W}val", ""), "") if style is not None else ""
    if name == "title":
        return f"# {text}"
    if match := _LEVEL.match(name):
        return f"{'#' * min(6, int(match.group(1)))} {text}"
    number = properties.find(f"{_W}numPr/{_W}numId") if properties is not None else None
    if number is not None or name.startswith("list "):
        counts = name.startswith("list number") or (number is not None and number.get(f"{_W}val") in ordered)
        return f"\x00{'1.' if counts else '-'} {text}"
    return f"> {text}" if "quote" in name else text


def _text(element: Element) -> str:
    parts: list[str] = []
    for node in element.iter():
        if node.tag == f"{_W}t":
            parts.append(node.text or "")
        elif node.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
            parts.append(" ")
        elif node.tag == f"{_W}noBreakHyphen":
            parts.append("\u2011")
        elif node.tag == f"{_W}p" and node is not element:
            parts.append(" ")
    return "".join(parts)


def _join(blocks: Iterable[str]) -> str:
    out: list[str] = []
    count = 0
    for block in blocks:
        if not block.startswith("\x00"):
            out.append(block)
            count = 0
            continue
        count += 1
        item = re.sub(r"^1\.", f"{count}.", block[1:])
        if count > 1:
            out[-1] += "\n" + item
        else:
            out.append(item)
    return "\n\n".join(out)
