"""The typesetter's process: limits, cancelling, font packs, and manuscripts as JSON."""

import asyncio
from pathlib import Path

import pytest
from files_samples import manuscript, png, prose
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from scrivano.books.files import (
    Manuscript,
    TypesettingError,
    check_characters,
    draw_cover,
    typesetter,
    write_pdf,
)
from scrivano.books.files.fonts import font_files
from scrivano.books.files.languages import read_language
from scrivano.books.files.typesetter import new_job, typeset
from tests.processes import children


def font_with(characters: str, path: Path) -> None:
    """Write a font whose every glyph is a square."""
    names = [f"c{ord(c):04x}" for c in characters]
    pen = TTGlyphPen(None)
    for at, point in enumerate(((100, 0), (900, 0), (900, 800), (100, 800))):
        (pen.lineTo if at else pen.moveTo)(point)
    pen.closePath()
    square = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names])
    builder.setupCharacterMap({ord(c): name for c, name in zip(characters, names, strict=True)})
    builder.setupGlyf(dict.fromkeys([".notdef", *names], square))
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *names], (1000, 100)))
    builder.setupHorizontalHeader(ascent=900, descent=-100)
    builder.setupNameTable(
        {"familyName": "Square Pack", "styleName": "Regular", "psName": "SquarePack-Regular"}
    )
    builder.setupOS2(sTypoAscender=900, sTypoDescender=-100, usWinAscent=900, usWinDescent=100)
    builder.setupPost()
    builder.save(path)


async def test_a_font_pack_brings_its_characters(tmp_path: Path) -> None:
    book = manuscript("漢字", title="漢")
    assert [m.character for m in check_characters(book)] == ["漢", "字"]
    font_with("漢字", tmp_path / "pack.ttf")
    assert check_characters(book, [tmp_path]) == []
    assert (await write_pdf(book, font_dirs=[tmp_path])).startswith(b"%PDF")
    assert draw_cover(book, [tmp_path]).png.startswith(b"\x89PNG")


def test_a_pack_folder_that_is_missing_or_holds_rubbish_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"not a font")
    assert font_files([tmp_path]) == font_files([])
    assert check_characters(manuscript("text"), [tmp_path, tmp_path / "none"]) == []


async def test_a_book_beyond_the_memory_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetter, "_MEMORY", 60 * 1024**2)
    with pytest.raises(TypesettingError):
        await write_pdf(manuscript(prose(3000)))


async def test_cancelling_ends_the_process() -> None:
    before = children()
    book = manuscript(*(prose(6000, seed) for seed in range(12)))
    task = asyncio.create_task(write_pdf(book))
    while not children() - before:
        assert not task.done()
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() <= before


async def test_an_unknown_job_is_reported() -> None:
    job = new_job("draw", {}, read_language("en"), {}, (), 0)
    with pytest.raises(TypesettingError):
        await typeset(
            job | {"template": "cover.typ", "standards": [], "outputs": [{"format": "png", "inputs": {}}]}
        )


def test_a_manuscript_survives_json() -> None:
    book = manuscript(images={"square.png": png(), "odd.bin": bytes(range(256))})
    assert Manuscript.model_validate_json(book.model_dump_json()) == book


async def test_a_chapter_without_text_and_an_image_without_words() -> None:
    book = manuscript("", "![](square.png)\n\n![](square.png 'Only a caption') ![](square.png)")
    assert (await write_pdf(book)).startswith(b"%PDF")
