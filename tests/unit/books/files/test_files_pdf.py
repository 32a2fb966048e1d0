"""The print book: structure, pages, furniture."""

import asyncio
import io
import re
import shutil
import subprocess
from functools import cached_property
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pytest
from files_samples import ALL_KINDS, hostile, manuscript, prose

from scrivano.books.files import MissingCharacters, UnusableImage, write_pdf
from scrivano.books.files.trims import read_trim
from scrivano.books.files.xmp import NAMESPACE


def flat(text: str) -> str:
    """`text` without spaces: letter-spaced capitals come out of a PDF with gaps."""
    return re.sub(r"\s+", "", text)


class Printed:
    """A printed book, opened."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.pdf = pikepdf.open(io.BytesIO(data))
        self.reader = pypdf.PdfReader(io.BytesIO(data))

    @cached_property
    def texts(self) -> list[str]:
        return [page.extract_text() for page in self.reader.pages]

    def left_edge(self, page: int) -> float:
        """Where the text of a page begins, in points from its left edge."""
        found: list[float] = []

        def visit(text: str, cm: list[float], tm: list[float], font: object, size: float) -> None:
            if text.strip():
                found.append(cm[4] + tm[4])

        self.reader.pages[page].extract_text(visitor_text=visit)
        return min(found)

    def page_of(self, words: str, after: int = 0) -> int:
        return next(i for i, text in enumerate(self.texts) if i >= after and flat(words) in flat(text))

    def structure(self) -> list[Any]:
        found: list[Any] = []

        def walk(node: Any) -> None:
            if isinstance(node, pikepdf.Array):
                for child in node:
                    walk(child)
            elif isinstance(node, pikepdf.Dictionary):
                if "/S" in node:
                    found.append(node)
                if "/K" in node:
                    walk(node.K)

        walk(self.pdf.Root.StructTreeRoot.K)
        return found


@pytest.fixture(scope="module")
def printed() -> Printed:
    return Printed(asyncio.run(write_pdf(manuscript())))


def test_every_font_is_embedded(printed: Printed) -> None:
    fonts = [
        o
        for o in printed.pdf.objects
        if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"
    ]
    assert len(fonts) >= 4
    assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)


def test_it_is_tagged_and_says_that_it_conforms(printed: Printed) -> None:
    root = printed.pdf.Root
    assert (
        bool(root.MarkInfo.Marked) and str(root.Lang) == "en" and bool(root.ViewerPreferences.DisplayDocTitle)
    )
    xmp = root.Metadata.read_bytes().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "<pdfaid:part>2</pdfaid:part>" in xmp and "<pdfaid:conformance>A</pdfaid:conformance>" in xmp
    tags = {str(node.S) for node in printed.structure()}
    assert {
        "/H1",
        "/H2",
        "/H3",
        "/P",
        "/L",
        "/LI",
        "/Table",
        "/TH",
        "/TD",
        "/Figure",
        "/Note",
        "/Code",
        "/TOC",
        "/Link",
    } <= tags
    figures = [node for node in printed.structure() if str(node.S) == "/Figure"]
    assert {str(node.Alt) for node in figures} == {"A grey square", "a tiny square"}


def test_facts_are_in_the_metadata_and_the_file_is_sound(printed: Printed) -> None:
    with printed.pdf.open_metadata() as metadata:
        facts = {
            key.partition("}")[2]: value
            for key, value in metadata.items()
            if key.startswith(f"{{{NAMESPACE}}}")
        }
    assert facts == {
        "identifier": "urn:uuid:5f2d0a5e-7d0b-4c1e-9b39-000000000001",
        "generated_with": "built-in writer",
        "models": '["one", "two"]',
    }
    assert "pdfaSchema:namespaceURI>urn:scrivano:facts#" in printed.pdf.Root.Metadata.read_bytes().decode()
    assert printed.pdf.check_pdf_syntax() == []
    assert printed.reader.metadata is not None
    assert (
        printed.reader.metadata.title == "The Quiet Kettle"
        and printed.reader.metadata.author == "Ada Lovelace-Brontë"
    )
    assert printed.reader.metadata.get("/CreationDate") == "D:20250314000000Z"


def test_front_matter_has_roman_numbers_and_the_text_arabic_ones(printed: Printed) -> None:
    labels = printed.reader.page_labels
    start = printed.page_of("CHAPTER 1")
    assert labels[:6] == ["i", "ii", "iii", "iv", "v", "vi"][: min(6, start)]
    assert labels[start] == "1" and labels[start + 1] == "2"


def test_front_matter_stands_in_its_order(printed: Printed) -> None:
    texts = [flat(text) for text in printed.texts]
    assert texts[0] == "TheQuietKettle" and texts[1] == ""
    assert "Abookfortesting" in texts[2] and "ADALOVELACE-BRONTË" in texts[2]
    assert "©2025" in texts[3]
    assert texts[4].startswith("Contents") and "WhatRemained" in texts[4]
    assert "Writtenbythebuilt-inwriter." in texts[-1]


def test_chapters_open_on_a_recto_without_running_head(printed: Printed) -> None:
    for number, title in enumerate(("The First Morning", "Of Kettles and Lanterns", "What Remained"), 1):
        at = printed.page_of(f"CHAPTER {number}")
        assert at % 2 == 0, "a recto has an even index"
        words = flat(printed.texts[at])
        assert words.startswith(flat(f"CHAPTER {number}{title}")), "no running head"
        assert words.endswith(printed.reader.page_labels[at]), "the folio drops to the foot"


def test_running_heads_name_the_book_on_the_left_and_the_chapter_on_the_right(printed: Printed) -> None:
    start = printed.page_of("CHAPTER 3")
    left, right = (flat(printed.texts[start + i]) for i in (1, 2))
    labels = printed.reader.page_labels
    assert left.startswith((f"{labels[start + 1]}THEQUIETKETTLE", f"THEQUIETKETTLE{labels[start + 1]}"))
    assert right.startswith((f"WHATREMAINED{labels[start + 2]}", f"{labels[start + 2]}WHATREMAINED"))


async def test_blank_pages_carry_nothing() -> None:
    # One page of text, so that the page before the next chapter stays blank.
    book = Printed(await write_pdf(manuscript("Short.", "Short.", "Short.")))
    at = book.page_of("CHAPTER 2")
    assert book.texts[at - 1].strip() == ""


def test_contents_bookmarks_and_index_lead_to_their_pages(printed: Printed) -> None:
    titles = [item.title for item in printed.reader.outline if not isinstance(item, list)]
    assert titles == [
        "Contents",
        "The First Morning",
        "Of Kettles and Lanterns",
        "What Remained",
        "Bibliography",
        "Index",
    ]
    contents = printed.page_of("Contents")
    assert len(printed.reader.pages[contents].get("/Annots", [])) >= 5
    index = printed.page_of("Index", after=contents + 2)
    assert "kettle, 1" in printed.texts[index] and "absent" not in printed.texts[index]
    assert len(printed.reader.pages[index].get("/Annots", [])) >= 2


def test_every_kind_of_block_is_printed(printed: Printed) -> None:
    words = " ".join(" ".join(printed.texts).split())
    for piece in (
        "struck words", "inline_code()", "A quotation in a block.", "A quotation within it.", "nested deeper",
        "Lantern", "120.00", 'return f"<b>{name}</b> & co"', "Figure 1. A square", "A footnote with emphasis",
        "Its second paragraph.", "forced line break", "On Kettles", "“quotation marks”",
    ):  # fmt: skip
        assert piece in words, piece


def test_notes_stand_at_the_foot_of_the_page_that_mentions_them(printed: Printed) -> None:
    text = flat(printed.texts[printed.page_of("CHAPTER 1")])
    assert text.index("Afootnotewith") > text.index("Asecondparagraph")


def test_margins_are_mirrored(printed: Printed) -> None:
    start = printed.page_of("CHAPTER 3") + 1
    shift = printed.left_edge(start + 1) - printed.left_edge(start)
    assert shift == pytest.approx((0.375 + 0.375 - 0.72) * 72, abs=2)


async def test_other_trims_and_a_wider_gutter_for_more_pages() -> None:
    small = Printed(await write_pdf(manuscript(prose(500), trim="5x8")))
    assert [round(float(x)) for x in small.reader.pages[0].mediabox[2:]] == [360, 576]
    book = Printed(
        await write_pdf(manuscript(*(prose(2500, seed) for seed in range(28)), trim="pocket", index_terms=[]))
    )
    look = read_trim("pocket")
    pages = len(book.pdf.pages)
    assert 300 < pages <= 500
    recto = next(i for i in range(100, 200, 2) if len(book.reader.pages[i].extract_text()) > 900)
    assert book.left_edge(recto) == pytest.approx((look.inside + 0.625) * 72, abs=2)


async def test_right_to_left_books_are_bound_on_the_right() -> None:
    text = "هذا نص عربي قصير مع كلمة English في وسطه.\n\n" * 60
    book = Printed(
        await write_pdf(manuscript(text, language="ar", title="الكتاب الهادئ", subtitle="", author="أحمد"))
    )
    assert str(book.pdf.Root.Lang).startswith("ar")
    assert str(book.pdf.Root.ViewerPreferences.Direction) == "/R2L"


async def test_missing_characters_stop_the_book_and_name_the_remedy() -> None:
    with pytest.raises(MissingCharacters, match=r"U\+6F22.*fonts"):
        await write_pdf(manuscript("漢"))


async def test_a_damaged_image_is_named() -> None:
    book = manuscript(ALL_KINDS)
    broken = book.images["square.png"][:50] + b"\0" * 40
    with pytest.raises(UnusableImage):
        await write_pdf(book.model_copy(update={"images": {"square.png": broken}}))


async def test_book_text_is_never_run_as_markup(tmp_path: Path) -> None:
    code = '#eval("1+1") #read("/etc/passwd") $x$ = Head #{1/0} <label> @ref'
    book = Printed(await write_pdf(manuscript(code, title=code, index_terms=[])))
    words = " ".join(" ".join(book.texts).split())
    assert "#eval(“1+1”) #read(“/etc/passwd”) $x$ = Head #{1/0} <label> @ref" in words
    assert "root:" not in words


@pytest.mark.parametrize("number", range(12))
async def test_hostile_texts_are_set(number: int) -> None:
    book = Printed(await write_pdf(hostile(number)))
    assert book.pdf.check_pdf_syntax() == []


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="page positions need pdftotext (poppler-utils)")
def test_nothing_leaves_the_measure(tmp_path: Path) -> None:
    columns = " | ".join(
        ["internationalization", "12.5", "a few short words", "https://example.org/abc/def"] * 2
    )
    text = (
        f"{'x' * 300} and https://example.org/{'long/' * 40} and `{'identifier_' * 12}`.\n\n"
        f"| {' | '.join(['Heading'] * 8)} |\n{'|---' * 8}|\n| {columns} |\n\n"
        f"```\n{'y' * 200}\n```\n\n## {'z' * 90}\n\n> {'q' * 90}\n\n- {'i' * 90}\n\nNote[^1]\n\n[^1]: {'n' * 200}"
    )
    path = tmp_path / "book.pdf"
    book = manuscript(text, title="T" * 120, subtitle="s" * 90, author="a" * 90)
    path.write_bytes(asyncio.run(write_pdf(book)))
    done = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True)
    edges = [
        (float(left), float(right))
        for left, right in re.findall(r'xMin="([\d.-]+)".*?xMax="([\d.]+)"', done.stdout)
    ]
    look = read_trim("6x9")
    narrowest = min(look.outside, look.inside + 0.375) * 72 - 3
    assert edges and all(narrowest <= left and right <= 432 - narrowest for left, right in edges)
