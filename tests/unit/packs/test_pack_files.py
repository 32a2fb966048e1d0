"""Reading and writing a pack's folder: every problem is named, and what is written reads back the same."""

import json
from pathlib import Path

import pytest

from scrivano.packs.checks import check_pack
from scrivano.packs.dto import ChapterFile, Finding, OutlineChapterFile, OutlineFile
from scrivano.packs.files import MAX_BYTES, read_pack, write_pack
from scrivano.packs.schema import pack_schema
from scrivano.packs.service import SHIPPED
from tests.unit.packs import pack_folder


def findings(pack: Path) -> list[Finding]:
    return check_pack(read_pack(pack))


def only(pack: Path) -> Finding:
    found = findings(pack)
    assert len(found) == 1, found
    return found[0]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return pack_folder.write(tmp_path)


def test_a_sound_pack_has_no_findings(pack: Path) -> None:
    assert findings(pack) == []
    folder = read_pack(pack)
    assert [s.key for s in folder.samples][:3] == [
        "lamps/care/outlines/plan-0",
        "lamps/care/outlines/plan-1",
        "lamps/care/chapters/chapter-0",
    ]


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*/pack.toml")), ids=lambda p: p.parent.name)
def test_the_shipped_packs_are_in_order(path: Path) -> None:
    folder = read_pack(path.parent)
    assert check_pack(folder) == []
    assert folder.pack is not None
    assert len(folder.pack.niche) == 3
    assert len(folder.samples) >= 3 * 7


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('slug = "lamps"', "", "slug: is missing."),
        ('icon = "lamp"', 'icno = "lamp"', "icno: is not a known key"),
        ("format = 1", "format = 2", "format: Input should be 1."),
        ("order = 7", 'order = "first"', "order: "),
        ('slug = "lamps"', 'slug = "La mps"', "slug: "),
        ("order = 7", "order = = 7", "not valid TOML"),
    ],
)
def test_what_is_wrong_in_pack_toml_is_named(pack: Path, old: str, new: str, says: str) -> None:
    file = pack / "pack.toml"
    file.write_text(file.read_text().replace(old, new, 1))
    found = [f for f in findings(pack) if f.severity == "error"]
    assert any(f.where == "pack.toml" and says in f.message for f in found)


def test_what_is_wrong_in_a_sample_is_named_with_its_file(pack: Path) -> None:
    pack_folder.chapter(pack, 0, tone='"practical"\nmood = "dark"')
    assert only_errors(pack)[0].message.startswith("mood: is not a known key")
    pack_folder.chapter(pack, 0)
    (pack / "care" / "chapters" / "chapter-1.md").write_text("No head.\n")
    found = only_errors(pack)
    assert [(f.where, "head" in f.message) for f in found] == [("care/chapters/chapter-1.md", True)]


def only_errors(pack: Path) -> list[Finding]:
    return [f for f in findings(pack) if f.severity == "error"]


def test_bytes_that_are_no_text_links_out_and_huge_files_are_refused(pack: Path, tmp_path: Path) -> None:
    chapters = pack / "care" / "chapters"
    (chapters / "binary.md").write_bytes(b"\xff\xfe\x00\x80")
    (chapters / "nul.md").write_bytes(b"+++\n\0+++\n")
    (chapters / "huge.md").write_bytes(b"x" * (MAX_BYTES + 1))
    (tmp_path / "secret.md").write_text("secret")
    (chapters / "link.md").symlink_to(tmp_path / "secret.md")
    (chapters / "Bad Name.md").write_text("x")
    says = {f.where.rsplit("/", 1)[1]: f.message for f in only_errors(pack)}
    assert "UTF-8" in says["binary.md"]
    assert "NUL" in says["nul.md"]
    assert "larger" in says["huge.md"]
    assert "leads out" in says["link.md"]
    assert "named like" in says["Bad Name.md"]


def test_a_folder_without_pack_toml_and_no_folder_at_all(tmp_path: Path) -> None:
    assert only(tmp_path).message == "The file is missing."
    assert only(tmp_path / "nowhere").where == "pack.toml"


def test_what_belongs_to_no_niche_is_pointed_out(pack: Path) -> None:
    (pack / "carre").mkdir()
    (pack / "care" / "outline").mkdir()
    assert [(f.severity, f.where) for f in findings(pack)] == [
        ("warning", "carre"),
        ("warning", "care/outline"),
    ]


def test_a_niche_with_too_few_samples_is_pointed_out(tmp_path: Path) -> None:
    pack = pack_folder.write(tmp_path, chapters=4)
    assert "2 outlines and 4 chapters" in only(pack).message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Too short.\n\n## A\n\nx\n\n## B\n\ny\n\n## C\n\nz\n\n## D\n\nw", "words; 900 to 1,400"),
        (pack_folder.body(0).replace("## Section 00\n\n", ""), "3 sections"),
        (pack_folder.body(0).removeprefix("An introduction to lamps.\n\n"), "begins with a heading"),
        (pack_folder.body(0) + "\n\n# Title", "`# ` heading"),
    ],
)
def test_the_form_of_a_chapter(pack: Path, text: str, says: str) -> None:
    pack_folder.chapter(pack, 0, text)
    found = only(pack)
    assert (found.where, found.severity) == ("care/chapters/chapter-0.md", "warning")
    assert says in found.message


def test_a_heading_inside_code_is_no_heading(pack: Path) -> None:
    pack_folder.chapter(pack, 0, pack_folder.body(0) + "\n\n```\n# a remark\n```")
    assert findings(pack) == []


def test_points_topics_and_keywords_that_are_too_few_or_too_short(pack: Path) -> None:
    pack_folder.chapter(pack, 0, topics='["one"]')
    outline = pack / "care" / "outlines" / "plan-0.toml"
    outline.write_text(outline.read_text().replace("points = [", 'points = ["too short", '))
    says = " ".join(f.message for f in findings(pack))
    assert "1 topics" in says
    assert "'too short' has 2 words" in says


def test_a_sentence_that_stands_twice_is_quoted(pack: Path) -> None:
    again = "You wipe the glass with a dry cloth every single evening."
    for number in (0, 1):
        pack_folder.chapter(pack, number, pack_folder.body(number) + "\n\n" + again)
    found = only(pack)
    assert again in found.message
    assert "chapter-1.md" in found.message


def test_a_reworked_copy_is_recognised(pack: Path) -> None:
    copied = pack_folder.body(0).replace("lamp", "lantern").replace("wipe", "rub")
    pack_folder.chapter(pack, 1, copied)
    assert any("nearly the same as" in f.message for f in findings(pack))


def test_what_is_written_reads_back_with_the_same_hashes(pack: Path, tmp_path: Path) -> None:
    nasty = 'a "quote" \\ back\tslash é 漢字 \x7f [[chapter]] = #'
    folder = read_pack(pack)
    assert folder.pack is not None
    samples = [(s.key, s.content) for s in folder.samples]
    odd = OutlineFile(
        title=nasty,
        audience="x",
        tone="y",
        summary="line one\nline two",
        chapter=(OutlineChapterFile(title=nasty, summary=nasty, points=(nasty, "p")),),
    )
    head = {"title": nasty, "audience": "x", "tone": "y", "topics": (nasty,), "summary": nasty}
    chapter = ChapterFile.model_validate({**head, "text": "+++\nA body with\n\n+++\n\nplus signs."})
    samples += [("lamps/care/outlines/odd", odd), ("lamps/care/chapters/odd", chapter)]
    write_pack(tmp_path / "again", folder.pack, samples)
    again = read_pack(tmp_path / "again")
    assert [f for f in again.findings if f.severity == "error"] == []
    assert again.pack == folder.pack
    assert {s.key: s.content for s in again.samples} == dict(samples)
    assert {s.hash for s in folder.samples} <= {s.hash for s in again.samples}


def test_the_published_schema_is_the_one_in_force() -> None:
    published = json.loads((SHIPPED.parent / "schema.json").read_text())
    assert published == pack_schema()
