import os
import zipfile
from pathlib import Path

import pytest
from docx import Document

from scrivano.core.errors import InvalidInput
from scrivano.references.public import read_references, split_passages


async def refused(patterns: list[str], base: Path, **more: list[Path]) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        await read_references(patterns, base, **more)
    assert caught.value.field == "references"
    assert caught.value.remedy
    return caught.value


async def read_one(path: Path) -> str:
    [reference] = await read_references([path.name], path.parent)
    return reference.text


async def test_files_folders_and_patterns_are_read_once_in_order(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "b.md").write_text("# Bees\n\nBees hum.")
    (tmp_path / "notes" / "a.txt").write_text("Ants march.")
    (tmp_path / "notes" / "picture.png").write_bytes(b"\x89PNG\x00")
    (tmp_path / "copy.md").write_text("# Bees\n\nBees hum.")
    found = await read_references(["notes", "notes/*.md", "copy.md"], tmp_path)
    assert [(r.name, r.title, r.words) for r in found] == [("notes/a.txt", "A", 2), ("notes/b.md", "Bees", 3)]


async def test_what_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    (tmp_path / "secret.md").write_text("Secret.")
    (base / "link.md").symlink_to(tmp_path / "secret.md")
    (base / "loop.md").symlink_to(base / "loop.md")
    (base / "folder").symlink_to(tmp_path)
    for pattern in [
        "../secret.md",
        str(tmp_path / "secret.md"),
        "link.md",
        "l*.md",
        "folder",
        "folder/secret.md",
    ]:
        assert "outside" in (await refused([pattern], base)).message or "There is no" in pattern
    for pattern in ["loop.md", "", "a\x00b"]:
        await refused([pattern], base)


async def test_a_path_named_outright_may_lie_anywhere_but_its_folder_does_not_leak(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.md").write_text("Fine.")
    (tmp_path / "secret.md").write_text("Secret.")
    base = tmp_path / "base"
    base.mkdir()
    assert [r.name for r in await read_references([], base, named=[elsewhere])] == ["a.md"]
    assert [r.name for r in await read_references([], base, named=[elsewhere / "a.md"])] == ["a.md"]
    (elsewhere / "b.md").symlink_to(tmp_path / "secret.md")
    assert "outside" in (await refused([], base, named=[elsewhere])).message


async def test_a_file_of_200_mb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        os.truncate(file.fileno(), 200_000_000)
    assert "200 MB" in (await refused(["huge.txt"], tmp_path)).message


async def test_what_cannot_be_read_is_named_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "empty.md").write_text(" \n")
    (tmp_path / "wordless.md").write_text("---\n\n***\n")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "random.txt").write_bytes(bytes((i * 7919 + i * i) % 255 + 1 for i in range(4000)))
    (tmp_path / "book.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "fake.docx").write_bytes(b"not a zip")
    (tmp_path / "none").mkdir()
    os.mkfifo(tmp_path / "pipe.txt")
    for name in ["empty.md", "wordless.md"]:
        assert "no words" in (await refused([name], tmp_path)).message
    for name in ["binary.txt", "random.txt"]:
        assert "not text" in (await refused([name], tmp_path)).message
    assert "DOCX" in (await refused(["fake.docx"], tmp_path)).message
    assert "PDF" in (await refused(["book.pdf"], tmp_path)).message
    assert "There is no" in (await refused(["missing.md"], tmp_path)).message
    assert "There is no" in (await refused(["*.docm"], tmp_path)).message
    assert "holds no file" in (await refused(["none"], tmp_path)).message
    assert "not a file" in (await refused(["pipe.txt"], tmp_path)).message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "latin-1"])
async def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = (
        "Die Bäckerei öffnet früh. Größe zählt. Über die Straße läuft ein Mädchen mit Körben voller Äpfel. "
        * 3
    )
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding))
    assert (await read_one(path)).startswith("Die Bäckerei öffnet früh. Größe zählt.")


async def test_markdown_loses_what_a_book_cannot_print(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "---\ntitle: x\n---\n# Title\n\nSee [this](other.md), [that](https://example.org/a_(b)) "
        "and [it][1].[^2]\n<!-- hidden -->\n![picture](a.png) A <b>bold</b> `<b>code</b>` word<br/>.\n\n"
        "<script>alert(1)</script>\n\n```html\n<b>kept</b>\n```\n\n"
        "[1]: https://example.org\n[^2]: A footnote.\n"
    )
    assert await read_one(path) == (
        "# Title\n\nSee this, [that](https://example.org/a_(b)) and [it](https://example.org).\n\n"
        " A bold `<b>code</b>` word.\n\n\n\n```html\n<b>kept</b>\n```"
    )


async def test_plain_text_is_escaped_and_structured(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(
        "Soil\n====\nA *star* and #5 with <b>tags</b>\nand a_name.\n\nWatering the beds\n\n- one\n"
        "- two [x](y)\n  goes on\n\n+ not a list\n\n1) first\n2) second\n"
    )
    assert await read_one(path) == (
        "# Soil\n\nA \\*star\\* and \\#5 with \\<b\\>tags\\</b\\> and a\\_name.\n\n## Watering the beds\n\n"
        "- one\n- two \\[x\\](y) goes on\n\n\\+ not a list\n\n1. first\n2. second"
    )


async def test_html_is_read_without_its_tags(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(
        "<html><head><title>T</title><style>p{}</style><body onload=x()><nav>Menu</nav>"
        "<h1>Soil &amp; Sun</h1>"
        "<p>One <em>two</em>\nthree &lt;script&gt;.<script>alert('no')</script><p>Four<ul><li>five<li>six"
        "<ol><li>seven</ol></ul><blockquote><p>eight</blockquote><table><tr><th>a<th>b<tr><td>1</td><td>2|3</td>"
        "</table><pre>x  = 1</pre>"
    )
    [reference] = await read_references(["a.html"], tmp_path)
    assert reference.title == "Soil & Sun"
    assert reference.text == (
        "# Soil & Sun\n\nOne two three \\<script\\>.\n\nFour\n\n- five\n- six\n  1. seven\n\n> eight\n\n"
        "| a | b |\n|---|---|\n| 1 | 2\\|3 |\n\n```\nx  = 1\n```"
    )


async def test_word_files(tmp_path: Path) -> None:
    document = Document()
    document.add_heading("Garden", level=0)
    document.add_heading("Soil", level=1)
    document.add_paragraph("Loam holds *water*.")
    document.add_paragraph("dig", style="List Bullet")
    document.add_paragraph("rake", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [c for row in table.rows for c in row.cells], ["plant", "depth", "bean", "3 cm"], strict=True
    ):
        cell.text = text
    document.add_paragraph("Wait.", style="Quote")
    document.save(str(tmp_path / "a.docx"))
    [reference] = await read_references(["a.docx"], tmp_path)
    assert reference.title == "Garden"
    assert reference.text == (
        "# Garden\n\n# Soil\n\nLoam holds \\*water\\*.\n\n- dig\n- rake\n\n"
        "| plant | depth |\n|---|---|\n| bean | 3 cm |\n\n> Wait."
    )
    assert [p.kind for p in split_passages(reference)] == ["paragraph", "list", "table", "quote"]


async def test_a_word_file_with_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as package:
        package.writestr("word/document.xml", bomb)
    assert "entities" in (await refused(["a.docx"], tmp_path)).message
