"""EPUB: what epubcheck says, and what is inside."""

import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from files_samples import PLAIN_COVER, hostile, manuscript

from scrivano.books.files import write_epub

OPF = "{http://www.idpf.org/2007/opf}"
XHTML = "{http://www.w3.org/1999/xhtml}"
EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
    b'<script>1</script><rect width="40" height="20"/></svg>'
)


def opened(**changes: object) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(write_epub(manuscript(**changes), PLAIN_COVER)))


@pytest.mark.skipif(shutil.which("java") is None, reason="epubcheck needs java (openjdk-17-jre-headless)")
def test_epubcheck_finds_nothing(tmp_path: Path) -> None:
    books = {f"hostile-{i}": write_epub(hostile(i), PLAIN_COVER) for i in range(15)}
    books["all"] = write_epub(manuscript(), PLAIN_COVER)
    books["plain"] = write_epub(
        manuscript(
            "Text.",
            subtitle="",
            author="",
            facts={},
            bibliography=[],
            colophon=[],
            copyright=[],
            index_terms=[],
        ),
        PLAIN_COVER,
    )
    books["arabic"] = write_epub(manuscript("نص", language="ar"), PLAIN_COVER)
    books["drawing"] = write_epub(manuscript("![d](a.svg)", images={"a.svg": _SVG}), PLAIN_COVER)
    broken = books["all"].replace(b"application/epub+zip", b"application/epub-zip")
    for name, data in {**books, "broken": broken}.items():
        (tmp_path / f"{name}.epub").write_bytes(data)
    files = [str(tmp_path / f"{name}.epub") for name in (*books, "broken")]
    script = Path(__file__).with_name("epub_jvm.py")
    done = subprocess.run([sys.executable, script, *files], capture_output=True, text=True, check=True)
    said: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    assert list(said) == [files[-1]], {
        Path(f).stem: words[:2000] for f, words in said.items() if f != files[-1]
    }


def test_the_archive_begins_with_its_type_and_holds_no_clock() -> None:
    archive = opened()
    first = archive.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert {info.date_time for info in archive.infolist()} == {(2025, 3, 14, 0, 0, 0)}


def test_the_package_tells_metadata_accessibility_and_facts() -> None:
    root = ElementTree.fromstring(opened().read("EPUB/content.opf"))
    metas = {(m.get("property"), m.text) for m in root.iter(f"{OPF}meta")}
    assert ("schema:accessMode", "textual") in metas and (
        "schema:accessibilityFeature",
        "alternativeText",
    ) in metas
    assert ("scrivano:generated_with", "built-in writer") in metas and (
        "scrivano:models",
        '["one", "two"]',
    ) in metas
    assert ("dcterms:modified", "2025-03-14T00:00:00Z") in metas
    dc = {(e.tag.rpartition("}")[2], e.text) for e in root.iter() if e.tag.startswith("{http://purl.org/dc")}
    assert {
        ("title", "The Quiet Kettle"),
        ("title", "A book for testing"),
        ("creator", "Ada Lovelace-Brontë"),
        ("language", "en"),
    } <= dc


def test_every_kind_of_block_is_there() -> None:
    root = ElementTree.fromstring(opened().read("EPUB/text/chapter-001.xhtml"))
    tags = {e.tag.removeprefix(XHTML) for e in root.iter()}
    assert {
        "h1",
        "h2",
        "h3",
        "blockquote",
        "ol",
        "ul",
        "table",
        "th",
        "pre",
        "code",
        "figure",
        "figcaption",
        "img",
        "hr",
        "br",
        "em",
        "strong",
        "del",
        "aside",
        "sup",
    } <= tags
    words = " ".join("".join(root.itertext()).split())
    for piece in (
        "“quotation marks”",
        "struck words",
        'return f"<b>{name}</b> & co"',
        "Its second paragraph.",
        "120.00",
    ):
        assert piece in words, piece
    assert [e.get("start") for e in root.iter(f"{XHTML}ol") if e.get("start")] == []


def test_notes_link_both_ways() -> None:
    root = ElementTree.fromstring(opened().read("EPUB/text/chapter-001.xhtml"))
    refs = [a for a in root.iter(f"{XHTML}a") if a.get(EPUB_TYPE) == "noteref"]
    assert [(a.get("href"), a.get("id")) for a in refs] == [("#note.1", "ref.1"), ("#note.1", "ref.1.2")]
    [note] = [e for e in root.iter(f"{XHTML}aside") if e.get(EPUB_TYPE) == "footnote"]
    assert note.get("id") == "note.1"
    assert "#ref.1" in {a.get("href") for a in note.iter(f"{XHTML}a")}


def test_navigation_lists_chapters_and_sections() -> None:
    root = ElementTree.fromstring(opened().read("EPUB/text/nav.xhtml"))
    toc, landmarks = root.iter(f"{XHTML}nav")
    assert [a.text for a in toc.iter(f"{XHTML}a")] == [
        "1. The First Morning", "A section of importance", "2. Of Kettles and Lanterns", "3. What Remained",
        "Bibliography", "Index", "Colophon",
    ]  # fmt: skip
    assert {a.get(EPUB_TYPE) for a in landmarks.iter(f"{XHTML}a")} >= {"toc", "cover", "bodymatter", "index"}


def test_right_to_left_books_turn_their_pages_the_other_way() -> None:
    archive = opened(language="ar")
    assert b'page-progression-direction="rtl"' in archive.read("EPUB/content.opf")
    assert b'dir="rtl"' in archive.read("EPUB/text/chapter-001.xhtml")


def test_drawings_arrive_as_pictures_without_their_scripts() -> None:
    data = write_epub(manuscript("![d](a.svg)", images={"a.svg": _SVG}), PLAIN_COVER)
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert not any(name.endswith(".svg") for name in names)
    assert sum(name.startswith("EPUB/images/") and name.endswith(".png") for name in names) == 2
