"""One server for all journeys of a test process; those that must not meet go to projects of their own."""

from collections.abc import Iterator

import pytest

from scrivano.core.postgres import EmbeddedPostgres
from tests.conftest import make_clone
from tests.web.served import SCRIPT, Served, need_browser, serve_studio


@pytest.fixture(scope="session")
def served(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: EmbeddedPostgres, template_database: str
) -> Iterator[Served]:
    """A server with the scripted model, where nobody has to sign in."""
    need_browser()
    with (
        make_clone(postgres_server, template_database) as url,
        serve_studio(tmp_path_factory.mktemp("studio"), SCRIPT, url) as both,
    ):
        yield both


@pytest.fixture(scope="session")
def base(served: Served) -> str:
    """Its address."""
    return served.base
