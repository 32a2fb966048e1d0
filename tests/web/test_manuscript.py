"""Two people at one chapter, its proposals, comments and origin, and reference files, in a real Chromium."""

import os
from pathlib import Path

import httpx

from tests.web.served import travel

PARAGRAPHS = "\n\n".join(
    f"Paragraph {n}: the keeper counts the letters once more and finds the same number." for n in range(1, 7)
)


def manuscript(base: str) -> str:
    """A book of two chapters, as somebody brought it."""
    text = f"# One\n\n{PARAGRAPHS}\n\n# Two\n\n{PARAGRAPHS}\n"
    answer = httpx.post(f"{base}/api/books/import", files={"file": ("letters.md", text.encode())}, timeout=60)
    answer.raise_for_status()
    return str(answer.json()["id"])


def test_a_chapter_is_edited_by_two_people_asked_for_commented_and_traced(base: str) -> None:
    travel(base, ["two-people", manuscript(base)], ["chapter", manuscript(base)])


def test_a_manuscript_is_brought_in_and_its_files_are_made_again(base: str, tmp_path: Path) -> None:
    file = tmp_path / "letters.md"
    file.write_text(f"# Letters\n\n## One\n\n{PARAGRAPHS}\n\n## Two\n\n{PARAGRAPHS}\n")
    travel(base, ["import", os.fspath(file)], own=True)


def test_references_are_added_searched_and_removed_with_a_way_back(base: str, tmp_path: Path) -> None:
    file = tmp_path / "ada.md"
    file.write_text("# Ada\n\nAda has grey eyes and a scar above the left one.\n\nShe fears deep water.\n")
    travel(base, ["references", os.fspath(file)], own=True)
