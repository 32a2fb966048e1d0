"""Running a command's body over the services, and telling apart the errors that a person can act on."""

import asyncio
import errno
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg
import sqlalchemy.exc

from scrivano.core.errors import DiskFull, Unavailable
from scrivano.core.settings import Settings, load_settings
from scrivano.wiring import House, open_house

Result = TypeVar("Result")


def with_house(body: Callable[[House], Awaitable[Result]]) -> Result:
    """Open the services, run `body` on them, close them.

    Ctrl-C and SIGTERM cancel the body. A database that is down and a disk that is full become sentences.
    """
    return asyncio.run(_guarded(load_settings(), body))


async def _guarded(settings: Settings, body: Callable[[House], Awaitable[Result]]) -> Result:
    task = asyncio.ensure_future(_opened(settings, body))
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


async def _opened(settings: Settings, body: Callable[[House], Awaitable[Result]]) -> Result:
    async with open_house(settings) as house:
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
