"""One engine a process, sessions for use-cases, and the base of all tables."""

import asyncio
import re
import secrets
import select
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import orjson
import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, MetaData, TextClause, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session

IDLE_TRANSACTION_MILLISECONDS = 10_000
_ONLY_READS = "A session of `read` changes and locks nothing: use `begin`."
_RETRY_SECONDS = 0.1
_READS = re.compile(r"\s*(SELECT|WITH)\b", re.IGNORECASE)
_SHUTTING_DOWN = {"57P01", "57P02", "57P03"}
"""Told by an administrator, by a crash, and while starting (PostgreSQL documentation, appendix A)."""
NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every table; constraints get the same names in every database."""

    metadata = MetaData(naming_convention=NAMING)


def _dumps(value: object) -> str:
    return orjson.dumps(value).decode()


@cache
def process_name() -> str:
    """How this process's connections are told from those of others, in `pg_stat_activity`."""
    return f"scrivano {secrets.token_hex(8)}"


class Reading(Session):
    """What a session that only reads is made of."""


class Database:
    """Access to PostgreSQL. `url` is a libpq URL (`postgresql://…`), as PostgreSQL's own tools take it."""

    def __init__(self, url: str, *, pool_size: int = 15) -> None:
        self.url = url
        self._engine: AsyncEngine = create_async_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            # No more beyond these: what comes on top is closed after its use, so that each burst would pay anew for
            # connecting and preparing, just when there is no time for it.
            pool_size=pool_size,
            max_overflow=0,
            # The few that are in use stay warm, with their statements prepared.
            pool_use_lifo=True,
            # So that reading costs one round trip and not three; who writes says BEGIN, below.
            isolation_level="AUTOCOMMIT",
            connect_args={"application_name": process_name()},
            json_serializer=_dumps,
            json_deserializer=orjson.loads,
        )
        event.listen(self._engine.sync_engine, "connect", _end_idle_transactions)
        event.listen(self._engine.sync_engine, "checkout", _refuse_dead)
        event.listen(self._engine.sync_engine, "begin", _begin)
        self._reading = self._engine.execution_options(scrivano_reads=True)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self._readers = async_sessionmaker(self._reading, sync_session_class=Reading, expire_on_commit=False)

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[AsyncSession]:
        """A session in one transaction: committed at the end of the block, rolled back on an exception.

        Never keep one open across a call to a model.
        """
        async with self._sessions.begin() as session:
            yield session

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncSession]:
        """A session that only reads, each statement what was committed before it: as in `begin`, which reads no more
        from one moment than this does, for a third of the round trips. Raises RuntimeError at a statement that
        changes or locks something, and at the end where a row was given other values."""
        async with self._readers() as session:
            yield session
            if session.dirty or session.new or session.deleted:
                raise RuntimeError(_ONLY_READS)

    async def ping(self) -> None:
        """Return once the database answers; raises what the driver raises if it does not."""
        async with self._reading.connect() as connection:
            await connection.exec_driver_sql("SELECT 1")

    async def back(self) -> None:
        """Return once the database answers again, however long that takes."""
        while True:
            try:
                await self.ping()
                return
            except (DBAPIError, OSError):
                await asyncio.sleep(_RETRY_SECONDS)

    async def dispose(self) -> None:
        """Close every pooled connection."""
        await self._engine.dispose()


def lost_connection(error: BaseException) -> bool:
    """Whether the database went away under a statement, rather than refusing it."""
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    gone = isinstance(error.orig, psycopg.OperationalError) and (state is None or state in _SHUTTING_DOWN)
    return error.connection_invalidated or gone


def _begin(connection: Connection) -> None:
    """Begin the transaction that the driver, left to itself, would not."""
    if not connection.get_execution_options().get("scrivano_reads"):
        connection.exec_driver_sql("BEGIN")


def _refuse_dead(connection: Any, *_: object) -> None:
    """Let the pool open another connection in place of one that the server has closed. The socket of a living one has
    nothing to say between statements; that costs no round trip to learn, as a ping would."""
    driver: psycopg.AsyncConnection = connection.driver_connection
    if not driver.closed:
        sockets = select.poll()
        sockets.register(driver.fileno(), select.POLLIN)
        if not sockets.poll(0):
            return
    raise DisconnectionError("the server has closed this connection")


@event.listens_for(Reading, "do_orm_execute")
def _only_read(state: ORMExecuteState) -> None:
    statement = state.statement
    reads = _READS.match(statement.text) if isinstance(statement, TextClause) else state.is_select
    if not reads or getattr(statement, "_for_update_arg", None) is not None:
        raise RuntimeError(_ONLY_READS)


@event.listens_for(Reading, "before_flush")
def _flush_nothing(*_: object) -> None:
    raise RuntimeError(_ONLY_READS)


def _end_idle_transactions(connection: DBAPIConnection, _: object) -> None:
    """Let the server end a transaction in which nothing happens: a frozen process would keep its locks."""
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = {IDLE_TRANSACTION_MILLISECONDS}")
    cursor.close()


async def any_rows(url: str, tables: Sequence[str]) -> bool:
    """Whether one of these tables is there and has a row."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        for table in tables:
            found = await connection.execute("SELECT to_regclass(%s)", [table])
            row = await found.fetchone()
            if row is None or row[0] is None:
                continue
            first = await connection.execute(SQL("SELECT 1 FROM {} LIMIT 1").format(Identifier(table)))
            if await first.fetchone() is not None:
                return True
    return False


async def database_names(url: str) -> list[str]:
    """The databases of the server at `url`, without templates and the one that every server has."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        found = await connection.execute(
            "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1"
        )
        return [row[0] for row in await found.fetchall()]
