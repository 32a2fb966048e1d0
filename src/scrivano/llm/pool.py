"""Plain psycopg connections for the service's hot paths, apart from the ORM's."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from scrivano.core.errors import Unavailable

Connection = psycopg.AsyncConnection[DictRow]

_KEEPALIVE: dict[str, Any] = {
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}


async def connect(url: str) -> Connection:
    """One connection that commits each statement by itself and notices a dead network within seconds.

    Raises Unavailable if the database does not answer.
    """
    try:
        return await psycopg.AsyncConnection[DictRow].connect(
            url, autocommit=True, row_factory=dict_row, **_KEEPALIVE
        )
    except psycopg.OperationalError as error:
        raise _unavailable(error) from error


class Pool:
    """A small pool of such connections; opened at first use."""

    def __init__(self, url: str, *, size: int = 6) -> None:
        self.url = url
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=size,
            open=False,
            timeout=10.0,
            kwargs={"autocommit": True, "row_factory": dict_row, **_KEEPALIVE},
            check=AsyncConnectionPool[Connection].check_connection,
        )

    async def open(self) -> None:
        """Get ready; more than once does no harm."""
        await self._pool.open()

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[Connection]:
        """A connection for the block. Raises Unavailable if the database does not answer in time."""
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, psycopg.OperationalError) as error:
            raise _unavailable(error) from error


def _unavailable(error: Exception) -> Unavailable:
    text = str(error).strip().splitlines()
    return Unavailable(
        f"The database does not answer: {text[0] if text else type(error).__name__}.",
        remedy="Check that PostgreSQL runs and that SCRIVANO_DATABASE_URL is right.",
    )
