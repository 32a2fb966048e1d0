"""What a running workflow or step knows of itself, and how it is stopped from outside."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from scrivano.core.errors import OperationalError

GRACE_SECONDS = 3.0
PROGRESS_INTERVAL = 0.25


@dataclass(frozen=True)
class RunContext:
    """Where the calling code is. In the body of a workflow `step` is empty; `number` counts within it."""

    run_id: str
    workflow_id: str
    step: str = ""
    item: str | None = None
    number: int = 0


class NotInRun(OperationalError):
    """This can only be called within a run."""


@dataclass(eq=False)
class Execution:
    """One workflow of a run as this process carries it out."""

    context: RunContext
    task: asyncio.Task[Any]
    sheltered: int = 0
    stopping: bool = False

    def stop(self, *, grace: float = GRACE_SECONDS) -> None:
        """Cancel it: at once, or when a step that is not preemptible has ended, at most `grace` later."""
        if self.task.done():
            return
        self.stopping = True
        if self.sheltered and grace > 0:
            self.task.get_loop().call_later(grace, self.task.cancel)
        else:
            self.task.cancel()

    @contextmanager
    def sheltering(self, preemptible: bool) -> Generator[None]:
        """Hold back `stop` for the block, unless it is preemptible."""
        if preemptible:
            yield
            return
        self.sheltered += 1
        try:
            yield
        finally:
            self.sheltered -= 1
            if self.stopping and not self.sheltered:
                self.task.cancel()


@dataclass
class Throttle:
    """Lets a few events of a kind through a second; the newest that was held back is kept."""

    sent: dict[str, float] = field(default_factory=dict[str, float])
    held: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def take(self, kind: str, data: dict[str, Any]) -> bool:
        """Whether to send now; otherwise it is held until something newer comes or the step ends."""
        if monotonic() - self.sent.get(kind, 0.0) < PROGRESS_INTERVAL:
            self.held[kind] = data
            return False
        self.sent[kind] = monotonic()
        self.held.pop(kind, None)
        return True


execution: ContextVar[Execution] = ContextVar("execution")
context: ContextVar[RunContext] = ContextVar("run_context")
throttle: ContextVar[Throttle] = ContextVar("throttle")


def current() -> RunContext:
    """Where the caller is. Raises NotInRun outside a run."""
    try:
        return context.get()
    except LookupError:
        raise NotInRun from None


def root_of(workflow_id: str) -> str:
    """The run that a workflow belongs to: children carry its id before the first colon."""
    return workflow_id.partition(":")[0]
