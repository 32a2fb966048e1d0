"""Posts, prompts and tasks in the studio, by mouse and touch and by keyboard alone, and nothing executes anywhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.posts.post_room import script
from tests.web.served import serve_studio, travel


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve_studio(tmp_path_factory.mktemp("studio"), script()) as address:
        yield address


@pytest.mark.parametrize("journey", ["post", "prompt", "post-keys", "prompt-keys"])
def test_a_journey(base: str, journey: str) -> None:
    travel(journey, base)


def test_nothing_that_was_written_executes(base: str) -> None:
    # Last: what it writes is on every page.
    travel("safety", base)


def test_a_published_page_is_on_disk(base: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folders = [Path(p) for p in tmp_path_factory.getbasetemp().glob("studio*/sites/site-wide-*")]
    pages = [page for folder in folders for page in folder.rglob("glue-for-old-tables*.md")]
    assert pages
    assert "https://example.org/hide" in pages[0].read_text()
