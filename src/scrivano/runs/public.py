"""What other rooms may use of runs."""

from scrivano.runs.context import NotInRun, RunContext, current
from scrivano.runs.dto import (
    Decision,
    ErrorView,
    RunFailed,
    RunStatus,
    RunView,
    StepView,
    WrongState,
    raise_for_failure,
)
from scrivano.runs.pipeline import (
    Child,
    PipelineBase,
    approval,
    gather_children,
    progress,
    run_class,
    sibling,
    start_child,
    step,
    workflow,
)
from scrivano.runs.schema import prepare
from scrivano.runs.serializer import register_type
from scrivano.runs.service import Runs
from scrivano.runs.worker import Worker

__all__ = [
    "Child",
    "Decision",
    "ErrorView",
    "NotInRun",
    "PipelineBase",
    "RunContext",
    "RunFailed",
    "RunStatus",
    "RunView",
    "Runs",
    "StepView",
    "Worker",
    "WrongState",
    "approval",
    "current",
    "gather_children",
    "prepare",
    "progress",
    "raise_for_failure",
    "register_type",
    "run_class",
    "sibling",
    "start_child",
    "step",
    "workflow",
]
