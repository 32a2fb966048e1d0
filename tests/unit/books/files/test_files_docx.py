"""DOCX: read back with python-docx and as XML."""

import io
import re
import zipfile
from typing import Any
from xml.etree import ElementTree

import docx
import pytest
from files_samples import hostile, manuscript

from scrivano.books.files import write_docx

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def data() -> bytes:
    return write_docx(manuscript())


def test_styles_tables_pictures_and_properties(data: bytes) -> None:
    document = docx.Document(io.BytesIO(data))
    styled = {(p.style.name if p.style else "", p.text) for p in document.paragraphs}
    assert ("Heading 1", "The First Morning") in styled and ("Heading 2", "A section of importance") in styled
    assert ("Code", 'def greet(name):\n    return f"<b>{name}</b> & co"') in styled
    assert ("Quote", "A quotation within it.") in styled and ("Title", "The Quiet Kettle") in styled
    assert any(style == "List Paragraph" and text == "nested deeper" for style, text in styled)
    [table] = document.tables
    assert [cell.text for cell in table.rows[1].cells] == ["Sieve", "Sorts the kettles", "12.00"]
    assert len(document.inline_shapes) == 2
    core = document.core_properties
    assert (core.title, core.author, core.created and core.created.isoformat()) == (
        "The Quiet Kettle",
        "Ada Lovelace-Brontë",
        "2025-03-14T00:00:00+00:00",
    )


def test_footnotes_are_real(data: bytes) -> None:
    archive = zipfile.ZipFile(io.BytesIO(data))
    notes = ElementTree.fromstring(archive.read("word/footnotes.xml"))
    words = ["".join(note.itertext()).strip() for note in notes if not note.get(f"{W}type")]
    assert words == ["A footnote with emphasis and a link.Its second paragraph."]
    body = ElementTree.fromstring(archive.read("word/document.xml"))
    assert [e.get(f"{W}id") for e in body.iter(f"{W}footnoteReference")] == ["1"]
    fields = " ".join(e.text or "" for e in body.iter(f"{W}instrText"))
    assert (
        "NOTEREF note_1_1" in fields
        and 'TOC \\o "1-2"' in fields
        and "INDEX" in fields
        and 'XE "kettle"' in fields
    )


def test_chapters_open_on_odd_pages_with_mirrored_margins(data: bytes) -> None:
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert b"<w:mirrorMargins" in archive.read("word/settings.xml")
    sections = list(ElementTree.fromstring(archive.read("word/document.xml")).iter(f"{W}sectPr"))
    assert all(s.find(f"{W}type").get(f"{W}val") == "oddPage" for s in sections)  # type: ignore[union-attr]
    formats = [s.find(f"{W}pgNumType") for s in sections]
    assert [f.get(f"{W}fmt") for f in formats if f is not None][:3] == ["lowerRoman", "lowerRoman", "decimal"]
    assert [f.get(f"{W}start") for f in formats if f is not None and f.get(f"{W}start")] == ["1"]


def test_every_relation_and_bookmark_leads_somewhere(data: bytes) -> None:
    archive = zipfile.ZipFile(io.BytesIO(data))
    for part in ("document", "footnotes"):
        relations = ElementTree.fromstring(archive.read(f"word/_rels/{part}.xml.rels"))
        known = {r.get("Id"): r for r in relations}
        used = set(re.findall(r'r:(?:id|embed)="([^"]+)"', archive.read(f"word/{part}.xml").decode()))
        assert used <= set(known)
        inside = [r.get("Target") for r in known.values() if r.get("TargetMode") != "External"]
        assert {f"word/{target}" for target in inside} <= set(archive.namelist())
    text = archive.read("word/document.xml").decode()
    names = re.findall(r'bookmarkStart w:id="\d+" w:name="([^"]+)"', text)
    assert len(names) == len(set(names))
    assert set(re.findall(r'w:anchor="([^"]+)"', text)) <= set(names)


# The order in which the schema of WordprocessingML wants the properties that we write.
_ORDER = {
    "pPr": "pStyle keepNext keepLines widowControl numPr pBdr shd tabs bidi spacing ind contextualSpacing jc "
    "outlineLvl sectPr",
    "rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike noProof color spacing sz szCs vertAlign rtl lang",
    "sectPr": "headerReference footerReference footnotePr type pgSz pgMar pgNumType titlePg bidi rtlGutter",
    "tblPr": "tblStyle bidiVisual tblW jc tblBorders tblCellMar tblLook",
}


@pytest.mark.parametrize("language", ["en", "ar"])
def test_properties_stand_in_the_order_of_the_schema(language: str) -> None:
    archive = zipfile.ZipFile(io.BytesIO(write_docx(manuscript(language=language))))
    for name in archive.namelist():
        if not name.startswith("word/") or not name.endswith(".xml"):
            continue
        for element in ElementTree.fromstring(archive.read(name)).iter():
            order = _ORDER.get(element.tag.removeprefix(W))
            if order:
                places: list[Any] = [order.split().index(child.tag.removeprefix(W)) for child in element]
                assert places == sorted(places), (name, [child.tag for child in element])


@pytest.mark.parametrize("number", range(12))
def test_hostile_texts_open(number: int) -> None:
    assert docx.Document(io.BytesIO(write_docx(hostile(number)))).paragraphs
