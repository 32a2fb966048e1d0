"""What others see of runs."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from scrivano.core.errors import Conflict, OperationalError, ScrivanoError


class RunStatus(StrEnum):
    """Where a run is. Only the last three are ends; a failed or cancelled run can be resumed."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens unless a person asks for it."""
        return self in (RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED)


class ErrorView(BaseModel, frozen=True):
    """Why a run or step failed, as its error class said it."""

    kind: str
    code: str
    message: str
    field: str | None = None
    remedy: str | None = None
    exit_code: int = 1
    status: int = 500


class RunView(BaseModel, frozen=True):
    """A run. `input` and `output` are JSON; `waiting_for` names the gate that a person has to decide."""

    id: str
    pipeline: str
    status: RunStatus
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: ErrorView | None
    waiting_for: str | None
    question: Any
    input: Any
    output: Any
    project_id: str | None
    user_id: str | None
    forked_from: str | None


class StepView(BaseModel, frozen=True):
    """A step of a run. `status` is running, finished or failed; `seconds` is None while it runs."""

    workflow_id: str
    number: int
    step: str
    item: str | None
    status: str
    started_at: datetime | None
    seconds: float | None
    error: ErrorView | None


class Decision(BaseModel, frozen=True):
    """What a person decided at a gate; `data` is what was changed, if anything."""

    approved: bool
    data: dict[str, Any] | None = None


class RunFailed(OperationalError):
    """The run failed."""


class WrongState(Conflict):
    """The run is not in a state that allows this."""


def error_class(kind: str) -> type[ScrivanoError] | None:
    """The class of Scrivano's errors with this qualified name; None if this process does not know it."""
    todo: list[type[ScrivanoError]] = [ScrivanoError]
    while todo:
        found = todo.pop()
        if f"{found.__module__}.{found.__qualname__}" == kind:
            return found
        todo.extend(found.__subclasses__())
    return None


def raise_for_failure(run: RunView) -> None:
    """Raise the error that a failed run ended with, as the class it had; do nothing for any other run."""
    if run.error is None:
        return
    base = error_class(run.error.kind) or RunFailed
    error = base.__new__(base)
    ScrivanoError.__init__(error, run.error.message, field=run.error.field, remedy=run.error.remedy)
    raise error
