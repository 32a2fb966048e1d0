"""Markdown becomes blocks; what is wrong with a manuscript is named before anything is set."""

import pytest
from files_samples import ALL_KINDS, manuscript, png

from scrivano.books.files import (
    Manuscript,
    MissingImage,
    NothingToTypeset,
    UnknownLanguage,
    UnknownTrim,
    UnusableImage,
    check_characters,
)
from scrivano.books.files.book import read_book
from scrivano.books.files.clean import clean_line, clean_text
from scrivano.books.files.languages import capitals, chapter_label, read_language
from scrivano.books.files.model import (
    Block,
    Code,
    Figure,
    Heading,
    IndexMark,
    ListBlock,
    NoteRef,
    Paragraph,
    Quote,
    SceneBreak,
    Style,
    Table,
    Text,
    every_block,
    lines_of,
    plain,
)
from scrivano.books.files.parse import safe_link
from scrivano.books.files.slugs import Slugs
from scrivano.books.files.trims import GUTTERS, gutter_for, read_trim


def blocks_of(text: str, **changes: object) -> tuple[Block, ...]:
    return read_book(manuscript(text, **changes), curly=False, lead=False).chapters[0].blocks


def words_of(blocks: tuple[Block, ...]) -> str:
    return "\n".join(plain(line) for block in every_block(blocks) for line in lines_of(block))


def test_every_kind_of_block_is_read() -> None:
    kinds = {type(block) for block in every_block(blocks_of(ALL_KINDS))}
    assert kinds == {Paragraph, Heading, Quote, ListBlock, Code, Table, Figure, SceneBreak}


def test_html_is_text() -> None:
    assert (
        words_of(blocks_of("<script>alert('1')</script> &amp; <b>x</b>"))
        == "<script>alert('1')</script> & <b>x</b>"
    )


def test_a_first_heading_that_repeats_the_title_is_left_out() -> None:
    assert words_of(blocks_of("# The first morning!\n\nText.")) == "Text."
    assert words_of(blocks_of("# Chapter 1: The First Morning\n\nText.")) == "Text."
    assert words_of(blocks_of("# Another\n\nText.")) == "Another\nText."


def test_heading_levels_begin_at_two_and_skip_none() -> None:
    text = "#### deep\n\n###### deeper\n\n# high\n\n### low"
    assert [b.level for b in blocks_of(text) if isinstance(b, Heading)] == [2, 3, 2, 3]


def test_a_note_in_a_heading_moves_to_the_next_paragraph() -> None:
    heading, paragraph = blocks_of("## Head[^1]\n\nText\n\n[^1]: note")
    assert isinstance(heading, Heading) and plain(heading.inlines) == "Head"
    assert isinstance(paragraph, Paragraph) and isinstance(paragraph.inlines[-1], NoteRef)


def test_a_note_that_refers_to_itself_does_not_recurse() -> None:
    chapter = read_book(manuscript("Text[^1]\n\n[^1]: see [^1]")).chapters[0]
    assert words_of(chapter.notes[0]) == "see [^1]"


def test_nesting_without_end_loses_no_words() -> None:
    quotes = "> " * 60 + "bottom"
    lists = "\n".join("  " * i + f"- level {i}" for i in range(30))
    blocks = blocks_of(f"{quotes}\n\ntext\n\n{lists}")
    assert "bottom" in words_of(blocks)
    assert all(f"level {i}" in words_of(blocks) for i in range(30))


def test_links_that_run_or_read_something_become_words() -> None:
    assert safe_link("https://example.org/a") == "https://example.org/a"
    assert safe_link("mailto:a@example.org") == "mailto:a@example.org"
    for bad in (
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "//x",
        "x.html",
        "http://",
        "http://[::1",
    ):
        assert safe_link(bad) is None
    [paragraph] = blocks_of("[words](other.html) [gone](#nowhere)")
    assert (
        isinstance(paragraph, Paragraph)
        and [n for n in paragraph.inlines if isinstance(n, Text) and n.link] == []
    )


def test_quotation_marks_follow_the_language() -> None:
    def read(language: str) -> str:
        chapter = read_book(manuscript("\"a 'b' c\"", language=language), lead=False).chapters[0]
        return words_of(chapter.blocks)

    assert read("en") == "“a ‘b’ c”"
    assert read("de") == "„a ‚b‘ c“"
    assert read("de-CH") == "«a ‹b› c»"
    assert read("fr") == "«\u202fa “b” c\u202f»"


def test_the_first_words_of_a_chapter_lead() -> None:
    [paragraph] = read_book(manuscript("Once, upon a time there was.")).chapters[0].blocks
    assert isinstance(paragraph, Paragraph)
    first = paragraph.inlines[0]
    assert isinstance(first, Text) and (first.text, first.style) == ("Once", Style.LEAD)


def test_index_terms_are_found_once_a_paragraph_in_any_case_and_number() -> None:
    book = read_book(
        manuscript(
            "Kettles and a kettle. `kettle`\n\nA KETTLE, a lantern box.",
            index_terms=["kettle", "lantern box", "x"],
        )
    )
    marks = [
        n.term
        for b in book.chapters[0].blocks
        for line in lines_of(b)
        for n in line
        if isinstance(n, IndexMark)
    ]
    assert [book.index[t] for t in marks] == ["kettle", "kettle", "lantern box"]
    assert book.index == ("kettle", "lantern box", "")


def test_control_characters_and_forced_directions_go() -> None:
    assert clean_text("a\x00b\x1b[31m\u202ec\u202c\ud800\ufffe\ufeffd\r\ne\u2028f") == "ab[31mcd\ne\nf"
    assert clean_line(" a\n\tb ") == "a b"


def test_a_title_without_anything_to_see_is_that_of_the_first_chapter() -> None:
    assert read_book(manuscript("x", title="\u200b\x00 ")).title == "The First Morning"


def test_slugs_are_unique_names() -> None:
    slugs = Slugs()
    assert [slugs.make(w) for w in ("Über uns!", "über uns", "!!", "2nd ª")] == [
        "über-uns",
        "über-uns-2",
        "section",
        "section-2nd",
    ]


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"chapters": []}, NothingToTypeset, "chapters"),
        ({"language": "klingon!"}, UnknownLanguage, "language"),
        ({"images": {}}, MissingImage, "images"),
        ({"images": {"square.png": b"not an image"}}, UnusableImage, "images"),
        ({"images": {"square.png": png()[:20]}}, UnusableImage, "images"),
        ({"images": {"square.png": png()[:16] + b"\0\1\0\0\0\1\0\0" + png()[24:]}}, UnusableImage, "images"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, object], error: type[Exception], field: str) -> None:
    book: Manuscript = manuscript().model_copy(update=changes)
    with pytest.raises(error) as raised:
        read_book(book)
    assert getattr(raised.value, "field", None) == field
    assert getattr(raised.value, "remedy", None)


def test_trims() -> None:
    assert (read_trim("6x9").width, read_trim("5.5 × 8.5 in").height, round(read_trim("A5").width, 2)) == (
        6,
        8.5,
        5.83,
    )
    for bad in ("", "9x6x3", "1x2", "90x90", "9x6", "poster"):
        with pytest.raises(UnknownTrim):
            read_trim(bad)


def test_the_gutter_grows_with_the_pages() -> None:
    assert [gutter_for(pages) for pages, _ in GUTTERS] == [width for _, width in GUTTERS]
    assert gutter_for(151) == 0.5 and gutter_for(5000) == 1.0


def test_missing_characters_are_named_with_their_place() -> None:
    found = check_characters(manuscript("Fine.", "Here is 漢 and again 漢, e\u0301 and x\u0489."))
    assert [(m.code_points, m.where) for m in found] == [
        ("U+6F22", "“Of Kettles and Lanterns”"),
        ("U+0078 U+0489", "“Of Kettles and Lanterns”"),
    ]
    assert "cjk unified ideograph" in found[0].name


def test_languages() -> None:
    assert chapter_label(read_language("de-AT"), 3) == "Kapitel 3"
    assert chapter_label(read_language("zh-Hant"), 3) == "第3章"
    assert read_language("ar").right_to_left and read_language("az-Arab").right_to_left
    assert capitals("için ılık", read_language("tr")) == "İÇİN ILIK"
    assert capitals("Τα άλογα", read_language("el")) == "ΤΑ ΑΛΟΓΑ"
