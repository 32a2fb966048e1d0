"""Prepared statements by way of libpq itself, for the two statements that every request waits for.

psycopg's cursors cost about 0.12 ms a statement in Python, which with one caller at a time is a third of what a commit
takes. The connection must have no other user while a statement runs.
"""

import asyncio
from collections.abc import Sequence

import psycopg
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from scrivano.llm.pool import Connection

_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)
_GOING_DOWN = ("57P01", "57P02", "57P03")
"""Told by an administrator, by a crash, and while starting (PostgreSQL documentation, appendix A)."""


async def prepare(connection: Connection, name: bytes, statement: str) -> None:
    """Let the connection know a statement, with `$1` and so on as its parameters. Raises psycopg.Error."""
    connection.pgconn.send_prepare(name, statement.encode())
    await _result(connection.pgconn)


async def run_prepared(
    connection: Connection, name: bytes, parameters: Sequence[bytes | None]
) -> list[list[bytes | None]]:
    """The rows of a statement that was prepared, in PostgreSQL's text form. Raises psycopg.Error."""
    connection.pgconn.send_query_prepared(name, parameters)
    found = await _result(connection.pgconn)
    columns = range(found.nfields)
    return [[found.get_value(row, column) for column in columns] for row in range(found.ntuples)]


async def _result(pgconn: PGconn) -> PGresult:
    exchange = _Exchange(pgconn, asyncio.get_running_loop())
    try:
        result = await exchange.done
    finally:
        exchange.leave()
    if result.status not in _DONE:
        raise _error(pgconn, result)
    return result


class _Exchange:
    """One statement under way: sends what is to be sent, and reads until the server is ready for the next one."""

    def __init__(self, pgconn: PGconn, loop: asyncio.AbstractEventLoop) -> None:
        self.done: asyncio.Future[PGresult] = loop.create_future()
        self._pgconn = pgconn
        self._loop = loop
        self._socket = pgconn.socket
        self._last: PGresult | None = None
        self._writes = bool(pgconn.flush())
        loop.add_reader(self._socket, self._read)
        if self._writes:
            # Server and client may both wait for the other to read: both directions are attended to.
            loop.add_writer(self._socket, self._write)

    def leave(self) -> None:
        """Look at the socket no more."""
        self._loop.remove_reader(self._socket)
        if self._writes:
            self._loop.remove_writer(self._socket)

    def _write(self) -> None:
        try:
            if not self._pgconn.flush():
                self._loop.remove_writer(self._socket)
                self._writes = False
        except psycopg.Error as error:
            self._fail(error)

    def _read(self) -> None:
        pgconn = self._pgconn
        try:
            pgconn.consume_input()
            while not pgconn.is_busy():
                result = pgconn.get_result()
                if result is None:
                    self._end()
                    return
                self._last = result
        except psycopg.Error as error:
            self._fail(error)

    def _end(self) -> None:
        if self._last is None:
            self._fail(psycopg.OperationalError("The database gave no result."))
        elif not self.done.done():
            self.done.set_result(self._last)

    def _fail(self, error: psycopg.Error) -> None:
        if not self.done.done():
            self.done.set_exception(error)


def _error(pgconn: PGconn, result: PGresult) -> psycopg.Error:
    state = (result.error_field(psycopg.pq.DiagnosticField.SQLSTATE) or b"").decode()
    message = result.error_message.decode("utf-8", "replace").strip()
    if state in _GOING_DOWN and pgconn.status is ConnStatus.OK:
        # Its last words came before the end of the connection, which nobody shall wait for.
        pgconn.finish()
    try:
        return psycopg.errors.lookup(state)(message)
    except KeyError:
        return psycopg.DatabaseError(message)
