"""A manuscript becomes chapters, and none of its words is lost."""

import zipfile
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from scrivano.books.importing import ImportedBook, divide, manuscript_of
from scrivano.core.errors import InvalidInput
from scrivano.references.public import read_references


def test_a_title_chapters_and_sections() -> None:
    book = divide(
        "# The Yard\n\nFor M.\n\n## One\n\nRain.\n\n### At night\n\nSnow.\n\n## Two\n\nSun.\n", "yard.md"
    )
    assert book.title == "The Yard"
    assert [(c.title, c.text) for c in book.chapters] == [
        ("The Yard", "For M."),
        ("One", "Rain.\n\n## At night\n\nSnow."),
        ("Two", "Sun."),
    ]


def test_headings_of_the_first_level_are_chapters_where_there_are_several() -> None:
    book = divide("# *One*\n\nRain.\n\n## Then\n\nHail.\n\n# Two #\n\n```\n# no heading\n```\n", "The yard")
    assert (book.title, [c.title for c in book.chapters]) == ("The yard", ["One", "Two"])
    assert book.chapters[0].text == "Rain.\n\n## Then\n\nHail."
    assert book.chapters[1].text == "```\n# no heading\n```"


def test_without_headings_it_is_one_chapter() -> None:
    assert [c.text for c in divide("Rain.\n\nSun.", "yard").chapters] == ["Rain.\n\nSun."]


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# One\n\n# Two\n", "\n".join(f"# {n}\n\nx\n" for n in range(500))]
)
def test_what_is_no_book_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        divide(text, "yard")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(["# a", "## b", "### c", "rain", "", "```", "sun * moon", "#tag"]), max_size=25)
)
def test_no_words_are_lost(lines: list[str]) -> None:
    text = "start\n\n" + "\n".join(lines)
    book = divide(text, "yard")
    kept = " ".join([book.title, *(f"{c.title} {c.text}" for c in book.chapters)])
    for word in ("rain", "sun * moon", "#tag"):
        assert kept.count(word) == text.count(word)


_CONTAINER = """<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="c.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
_OPF = """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i"><metadata
xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">x</dc:identifier>{said}</metadata>
<manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>
<spine><itemref idref="a"/></spine></package>"""
_PAGE = """<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title></head><body>
<h1>One</h1><p>Brandt had a dog named Moss.</p><h1>Two</h1><p>A black one.</p></body></html>"""


def epub(path: Path, said: str) -> Path:
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/epub+zip")
        package.writestr("META-INF/container.xml", _CONTAINER)
        package.writestr("c.opf", _OPF.format(said=said))
        package.writestr("a.xhtml", _PAGE)
    return path


async def brought(path: Path) -> ImportedBook:
    [read] = await read_references([], path.parent, named=[path])
    return manuscript_of(read, "stem")


async def test_an_epub_brings_its_title_its_authors_and_its_language(tmp_path: Path) -> None:
    said = (
        "<dc:title>Old\n Novel</dc:title><dc:creator>Ro Amsel</dc:creator><dc:creator>B. Zeisig</dc:creator>"
    )
    book = await brought(epub(tmp_path / "a.epub", said + "<dc:language>nb-NO</dc:language>"))
    assert (book.title, book.author, book.language) == ("Old Novel", "Ro Amsel, B. Zeisig", "nb")
    assert [c.title for c in book.chapters] == ["One", "Two"]
    [read] = await read_references(["a.epub"], tmp_path)
    assert (read.title, read.language) == ("Old Novel", "nb")


async def test_what_says_nothing_useful_of_itself_is_named_for_its_file(tmp_path: Path) -> None:
    said = "<dc:title>Unknown</dc:title><dc:creator>Unknown</dc:creator><dc:language>und</dc:language>"
    book = await brought(epub(tmp_path / "a.epub", said))
    assert (book.title, book.author) == ("stem", "")


async def test_a_word_file_brings_its_title_and_author_and_any_text_its_language(tmp_path: Path) -> None:
    document = Document()
    document.core_properties.title, document.core_properties.author = "Der Hof", "Ro Amsel"
    for title in ("Eins", "Zwei"):
        document.add_heading(title, 1)
        document.add_paragraph(
            "Der Regen fiel die ganze Nacht, und das Tor stand noch immer offen, als es Tag war."
        )
    document.save(str(tmp_path / "hof.docx"))
    book = await brought(tmp_path / "hof.docx")
    assert (book.title, book.author, book.language) == ("Der Hof", "Ro Amsel", "de")
    (tmp_path / "hof.md").write_text(
        "# Eins\n\nDer Regen fiel die ganze Nacht, und das Tor stand noch offen.\n"
    )
    assert (await brought(tmp_path / "hof.md")).language == "de"
