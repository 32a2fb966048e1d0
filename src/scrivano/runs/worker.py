"""A worker: carries out runs in this process."""

import asyncio
import logging
from collections.abc import Sequence

import psycopg

from scrivano.core.database import Database
from scrivano.core.errors import OperationalError
from scrivano.core.ids import new_id
from scrivano.events.public import EventLog
from scrivano.runs import engine, host, schema
from scrivano.runs.context import GRACE_SECONDS
from scrivano.runs.host import Host
from scrivano.runs.pipeline import PipelineBase, register_types
from scrivano.runs.recovery import Lease

_log = logging.getLogger(__name__)
_RETRY_SECONDS = 1.0


class Worker:
    """Carries out queued runs, and those of dead workers, until it is stopped. One at a time in a process."""

    def __init__(self, url: str, database: Database, events: EventLog) -> None:
        self._url = url
        self._database = database
        self._events = events
        self._host: Host | None = None
        self._lease: Lease | None = None
        self._reviving: asyncio.Task[None] | None = None

    async def launch(self, pipelines: Sequence[PipelineBase]) -> None:
        """Begin to take runs whose workflows these pipelines define. Returns once it does.

        The database has to be migrated. Workflows and their steps run in the calling event loop.
        """
        await schema.prepare(self._url)
        register_types()
        here = Host(self._database, self._events, pipelines)
        host.install(here)
        self._host = here
        try:
            await self._begin(here)
        except BaseException:
            self._uninstall()
            raise

    async def stop(self) -> None:
        """Stop, and leave what is unfinished to be resumed: steps are cancelled, their runs are not.

        A step that is not preemptible gets three seconds to end. Does nothing the second time.
        """
        here = self._host
        if here is None:
            return
        if self._reviving is not None:
            self._reviving.cancel()
            await asyncio.wait({self._reviving})
        engine.stop_taking()
        await here.stop_all(grace=GRACE_SECONDS)
        if self._lease is not None:
            await asyncio.to_thread(self._lease.recover_no_more)
        await engine.destroy()
        if self._lease is not None:
            await asyncio.to_thread(self._lease.release)
        self._uninstall()

    def active(self) -> set[str]:
        """The ids of the runs that are carried out here at this moment, in whole or part."""
        return self._host.active() if self._host else set()

    async def _begin(self, here: Host) -> None:
        """Become a new executor: lease first, so that nothing is taken that nobody would recover."""
        loop, executor_id = asyncio.get_running_loop(), str(new_id())
        lease = Lease(
            self._url,
            executor_id,
            active=here.active,
            on_cancelled=lambda run_id: loop.call_soon_threadsafe(here.stop, run_id),
            on_lost=lambda: loop.call_soon_threadsafe(self._lost, here),
        )
        await asyncio.to_thread(lease.acquire)
        self._lease, here.holds_lease = lease, lease.is_valid
        try:
            engine.launch(self._url, executor_id)
        except BaseException:
            await engine.destroy()
            await asyncio.to_thread(lease.release)
            raise
        lease.recover_from_now()

    def _lost(self, here: Host) -> None:
        if self._host is here and (self._reviving is None or self._reviving.done()):
            self._reviving = asyncio.create_task(self._revive(here), name="worker begins anew")

    async def _revive(self, here: Host) -> None:
        """Give up everything, then begin anew as another executor, as soon as the database answers."""
        _log.warning("This worker lost its lease: it gives up its runs and begins anew")
        engine.stop_taking()
        await here.stop_all(grace=0)
        await engine.destroy()
        while True:
            try:
                await self._begin(here)
                return
            except (psycopg.Error, OperationalError) as error:
                _log.warning("The worker cannot begin anew yet: %s", error)
            except Exception:
                _log.warning("The worker cannot begin anew yet", exc_info=True)
            await asyncio.sleep(_RETRY_SECONDS)

    def _uninstall(self) -> None:
        self._host = self._lease = None
        host.install(None)
