"""What one process needs to carry out workflows: the instances of pipelines, the event log, what runs now."""

import asyncio
import logging
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Any

from scrivano.core.database import Database
from scrivano.core.errors import OperationalError
from scrivano.events.public import EventLog
from scrivano.runs import repo
from scrivano.runs.context import Execution

_log = logging.getLogger(__name__)
_REMEMBERED = 1_000
_host: "Host | None" = None


class Host:
    """One a process while a worker is launched in it."""

    def __init__(self, database: Database, events: EventLog, pipelines: Iterable[object]) -> None:
        self.database = database
        self.events = events
        self.holds_lease: Callable[[], bool] = lambda: True
        self._instances = {type(pipeline): pipeline for pipeline in pipelines}
        self._executions: set[Execution] = set()
        self._projects: dict[str, str | None] = {}

    def instance(self, owner: type[Any]) -> Any:
        """The instance whose methods carry out the workflows of `owner`."""
        try:
            return self._instances[owner]
        except KeyError:
            raise OperationalError(f"No {owner.__qualname__} was given to this worker.") from None

    @contextmanager
    def executing(self, execution: Execution) -> Generator[None]:
        """Count a workflow as running here."""
        self._executions.add(execution)
        try:
            yield
        finally:
            self._executions.discard(execution)

    def active(self) -> set[str]:
        """The ids of the runs that are carried out here, in whole or part."""
        return {execution.context.run_id for execution in self._executions}

    def stop(self, run_id: str) -> None:
        """Cancel what runs here of a run."""
        for execution in [e for e in self._executions if e.context.run_id == run_id]:
            execution.stop()

    async def stop_all(self, *, grace: float) -> None:
        """Cancel everything that runs here and wait until it has ended. Its runs stay resumable."""
        while self._executions:
            ending = list(self._executions)
            for execution in ending:
                execution.stop(grace=grace)
            # Again after a while, for whoever catches a cancellation and goes on.
            await asyncio.wait({execution.task for execution in ending}, timeout=grace + 1)

    def check_lease(self) -> None:
        """Give up the calling workflow where another worker may have taken it over."""
        if not self.holds_lease():
            raise asyncio.CancelledError("this worker lost its lease")

    async def topics(self, run_id: str) -> list[str]:
        """Where a run's events go: its own topic, and that of its project."""
        if run_id not in self._projects:
            async with self.database.read() as session:
                self._projects[run_id] = await repo.project_of(session, run_id)
            if len(self._projects) > _REMEMBERED:
                del self._projects[next(iter(self._projects))]
        project = self._projects[run_id]
        return [f"run:{run_id}", *([f"project:{project}"] if project else [])]

    async def emit(self, run_id: str, kind: str, data: dict[str, Any]) -> None:
        """Append to the topics of the run and of its project; what goes wrong is logged, never raised."""
        try:
            await self.events.append(await self.topics(run_id), kind, {"run_id": run_id, **data})
        except Exception:
            _log.warning("Event %s of run %s could not be written", kind, run_id, exc_info=True)


def install(host: Host | None) -> None:
    """Make `host` the one of this process. Raises OperationalError if there is another."""
    global _host
    if host is not None and _host is not None:
        raise OperationalError("A worker is running in this process already.")
    _host = host


def get() -> Host:
    """The host of this process. Raises OperationalError where no worker is launched."""
    if _host is None:
        raise OperationalError("No worker is running in this process.")
    return _host
