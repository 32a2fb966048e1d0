"""A seeded sample of what `python -m benchmarks.schemathesis_api` tries on the whole API."""

from pathlib import Path

import pytest

from benchmarks.schemathesis_api import SCHEMATHESIS, run

SAMPLE = r"^/api/(projects|keys|notifications|webhooks|books/\{book_id\}/chapters/\{number\})$"


@pytest.mark.skipif(not SCHEMATHESIS.exists(), reason="schemathesis is not installed: make clients")
async def test_a_sample_of_the_api_answers_as_it_is_described(database_url: str, tmp_path: Path) -> None:
    more = [
        "--max-examples=1",
        "--phases=examples,coverage,stateful",
        "--seed=1",
        "--no-shrink",
        "--max-failures=5",
        f"--include-path-regex={SAMPLE}",
    ]
    assert await run(database_url, tmp_path, more) == 0
