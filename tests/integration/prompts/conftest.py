"""These tests load what is shipped themselves."""

import pytest


@pytest.fixture
def database_url(bare_database_url: str) -> str:
    """A database without prompts and packs."""
    return bare_database_url
