"""Versions of a song and what was learned of a person's taste, in a real Chromium."""

from tests.web.served import travel


def test_versions_are_compared_and_taste_is_forgotten(base: str) -> None:
    travel(base, ["taste"], own=True)
