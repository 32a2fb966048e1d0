"""A studio for each test of processes."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.studio import Studio, studio


@pytest.fixture
def open_studio(tmp_path: Path) -> Iterator[Callable[..., Studio]]:
    """Opens a studio: `open_studio(script)`, or `open_studio(model=False)` with no model in reach."""
    with ExitStack() as stack:

        def open_one(script: dict[str, Any] | None = None, *, model: bool = True) -> Studio:
            return stack.enter_context(studio(tmp_path / "home", script, model=model))

        yield open_one
