"""A studio for each test of processes."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from scrivano.core.postgres import EmbeddedPostgres
from tests.acceptance.studio import Studio, studio
from tests.conftest import make_clone


@pytest.fixture
def open_studio(
    tmp_path: Path, postgres_server: EmbeddedPostgres, template_database: str
) -> Iterator[Callable[..., Studio]]:
    """Opens a studio over a fresh database of the tests' server: `open_studio(script)`.

    With `model=False` no model is in reach; with `embedded=True` it starts a PostgreSQL of its own.
    """
    with ExitStack() as stack:

        def open_one(
            script: dict[str, Any] | None = None, *, model: bool = True, embedded: bool = False
        ) -> Studio:
            url = None if embedded else stack.enter_context(make_clone(postgres_server, template_database))
            return stack.enter_context(studio(tmp_path / "home", script, model=model, url=url))

        yield open_one
