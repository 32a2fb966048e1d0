"""Running a command's body over the services, and telling apart the errors that a person can act on."""

import asyncio
import errno
import signal
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, TypeVar

import psycopg
import sqlalchemy.exc

from scrivano.core.errors import DiskFull, Unavailable
from scrivano.core.settings import load_settings

if TYPE_CHECKING:
    from scrivano.gatehouse import Gatehouse
    from scrivano.wiring import House

Services = TypeVar("Services")
Result = TypeVar("Result")


def with_house(body: Callable[["House"], Awaitable[Result]]) -> Result:
    """Open the services, run `body` on them, close them.

    Ctrl-C and SIGTERM cancel the body. A database that is down and a disk that is full become sentences.
    """
    from scrivano.wiring import open_house

    return asyncio.run(_guarded(lambda: open_house(load_settings()), body))


def with_gatehouse(body: Callable[["Gatehouse"], Awaitable[Result]]) -> Result:
    """The same with the services for models alone, which are there in a fraction of the time."""
    from scrivano.gatehouse import open_gatehouse

    return asyncio.run(_guarded(lambda: open_gatehouse(load_settings()), body))


async def _guarded(
    enter: Callable[[], AbstractAsyncContextManager[Services]],
    body: Callable[[Services], Awaitable[Result]],
) -> Result:
    task = asyncio.ensure_future(_opened(enter, body))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    except (psycopg.errors.DiskFull, psycopg.errors.InsufficientResources) as error:
        raise _disk_full() from error
    except sqlalchemy.exc.DBAPIError as error:
        if isinstance(error.orig, psycopg.errors.DiskFull):
            raise _disk_full() from error
        if isinstance(error.orig, psycopg.OperationalError):
            raise _database_down(error.orig) from error
        raise
    except psycopg.OperationalError as error:
        raise _database_down(error) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _disk_full() from error
        raise


async def _opened(
    enter: Callable[[], AbstractAsyncContextManager[Services]],
    body: Callable[[Services], Awaitable[Result]],
) -> Result:
    async with enter() as house:
        return await body(house)


def _disk_full() -> DiskFull:
    return DiskFull(
        "The disk is full; what was finished before is safe.",
        remedy="Free some space, then go on with: scrivano runs resume RUN",
    )


def _database_down(error: BaseException) -> Unavailable:
    return Unavailable(
        f"The database does not answer: {str(error).strip().splitlines()[0] if str(error) else 'no reason given'}.",
        remedy="Start PostgreSQL, or correct SCRIVANO_DATABASE_URL, or unset it to use the embedded one.",
    )
