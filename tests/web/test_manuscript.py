"""Two people at one chapter, its proposals, comments and origin, and reference files, in a real Chromium."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.acceptance.studio import studio
from tests.web.test_journeys import BUILT, WEB, free_port, travel

SLOW = {"slots": 1, "tokens_per_second": 250}
PARAGRAPHS = "\n\n".join(
    f"Paragraph {n}: the keeper counts the letters once more and finds the same number." for n in range(1, 7)
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not BUILT.exists() or not (WEB / "node_modules").is_dir() or not Path("/usr/bin/chromium").exists():
        pytest.skip("the studio is not built, or there is no chromium")
    home = tmp_path_factory.mktemp("manuscript")
    home.chmod(0o755)
    port = free_port()
    with studio(home, SLOW) as house:
        house.run("models", "discover")
        server = house.start("serve", "--port", str(port))
        try:
            address = f"http://127.0.0.1:{port}"
            with httpx.Client(transport=httpx.HTTPTransport(retries=12)) as client:
                client.get(f"{address}/readyz", timeout=60).raise_for_status()
            yield address
        finally:
            server.terminate()
            server.communicate(timeout=60)


def manuscript(base: str) -> str:
    """A book of two chapters, as somebody brought it."""
    text = f"# One\n\n{PARAGRAPHS}\n\n# Two\n\n{PARAGRAPHS}\n"
    answer = httpx.post(f"{base}/api/books/import", files={"file": ("letters.md", text.encode())}, timeout=60)
    answer.raise_for_status()
    return str(answer.json()["id"])


def test_two_people_edit_one_chapter(base: str) -> None:
    travel("two-people", base, manuscript(base))


def test_a_chapter_is_asked_for_commented_and_traced(base: str) -> None:
    travel("chapter", base, manuscript(base))


def test_references_are_added_searched_and_removed_with_a_way_back(base: str, tmp_path: Path) -> None:
    file = tmp_path / "ada.md"
    file.write_text("# Ada\n\nAda has grey eyes and a scar above the left one.\n\nShe fears deep water.\n")
    travel("references", base, os.fspath(file))
