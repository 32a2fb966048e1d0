"""Posts, prompts and tasks in the studio, by mouse and touch and by keyboard alone, and nothing executes anywhere."""

from pathlib import Path

import pytest

from tests.web.served import travel


def test_posts_are_written_and_published(base: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    travel(base, ["post"], ["post-keys"], ["many"], own=True)
    folders = [Path(p) for p in tmp_path_factory.getbasetemp().glob("studio*/sites/site-wide-*")]
    pages = [page for folder in folders for page in folder.rglob("glue-for-old-tables*.md")]
    assert pages
    assert "https://example.org/hide" in pages[0].read_text()


def test_prompts_are_changed_compared_and_rolled_back(base: str) -> None:
    travel(base, ["prompt"], ["prompt-keys"], own=True)


def test_nothing_that_was_written_executes(base: str) -> None:
    travel(base, ["safety"])
