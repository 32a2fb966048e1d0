"""How pipelines are written: workflows, steps, children, gates, progress."""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast

from pydantic import BaseModel

from scrivano.core import crashpoints, telemetry
from scrivano.core.database import lost_connection
from scrivano.core.errors import PersonError, ScrivanoError
from scrivano.runs import engine, gates, host, serializer
from scrivano.runs.context import (
    Execution,
    NotInRun,
    RunContext,
    Throttle,
    context,
    current,
    execution,
    root_of,
    throttle,
)
from scrivano.runs.dto import Decision

_log = logging.getLogger(__name__)
_SPEC = "__scrivano_workflow__"

P = ParamSpec("P")
R = TypeVar("R")
SelfT = TypeVar("SelfT")
InputT = TypeVar("InputT")
OutputT = TypeVar("OutputT")

_annotated: list[Callable[..., Any]] = []


@dataclass
class _Workflow:
    name: str
    entry: Callable[..., Awaitable[Any]]
    owner: type[Any] | None = None


class PipelineBase:
    """Base of a class that holds workflows. One instance of it is given to the worker."""


def run_class(cls: type[SelfT]) -> type[SelfT]:
    """Mark a class as the holder of the workflows that are defined in it."""
    for value in vars(cls).values():
        spec = getattr(value, _SPEC, None)
        if isinstance(spec, _Workflow):
            spec.owner = cls
    return cls


def workflow(
    name: str,
) -> Callable[[Callable[[SelfT, InputT], Awaitable[OutputT]]], Callable[[SelfT, InputT], Awaitable[OutputT]]]:
    """A method that is carried out durably, started by `Runs.start(name, …)` or as a child by `start_child`.

    It takes one pydantic model and gives one. Its body is deterministic: after a crash it is run again from
    the top, with the recorded results of its steps. `name` is stored with the run, so it has to stay.
    Called directly, the method is an ordinary one, a part of its caller.
    """

    def decorate(
        method: Callable[[SelfT, InputT], Awaitable[OutputT]],
    ) -> Callable[[SelfT, InputT], Awaitable[OutputT]]:
        async def entry(argument: InputT, item: str | None = None) -> OutputT:
            return await _carry_out(spec, method, argument, item)

        entry.__name__ = entry.__qualname__ = name
        entry.__module__ = method.__module__
        spec = _Workflow(name, engine.define_workflow(name, entry))
        setattr(method, _SPEC, spec)
        _annotated.append(method)
        return method

    return decorate


async def _carry_out(
    spec: _Workflow, method: Callable[[Any, Any], Awaitable[Any]], argument: Any, item: str | None
) -> Any:
    here = host.get()
    assert spec.owner is not None, f"the class of workflow {spec.name} lacks @run_class"
    instance = here.instance(spec.owner)
    workflow_id = engine.workflow_id()
    task = asyncio.current_task()
    assert task is not None
    where = RunContext(root_of(workflow_id), workflow_id, item=item)
    running = Execution(where, task)
    tokens = execution.set(running), context.set(where)
    try:
        with here.executing(running):
            here.check_lease()
            return await method(instance, argument)
    finally:
        execution.reset(tokens[0])
        context.reset(tokens[1])


def step(
    name: str | None = None, *, preemptible: bool = False, item: Callable[..., str] | None = None
) -> Callable[[Callable[Concatenate[SelfT, P], Awaitable[R]]], Callable[Concatenate[SelfT, P], Awaitable[R]]]:
    """A method whose result is recorded once it has one, so that a replay takes it from the record.

    The result is a pydantic model that the annotation names, or JSON. When a run is cancelled or its worker
    stops, a preemptible step is cancelled at once; any other gets three seconds to end. A step that a crash
    cuts off is run again. `item`, called with the method's arguments without self, names what this call is
    about; else it is the item of the workflow. Steps called in one `asyncio.gather` are safe; coroutines
    that hold two are not.
    """

    def decorate(
        method: Callable[Concatenate[SelfT, P], Awaitable[R]],
    ) -> Callable[Concatenate[SelfT, P], Awaitable[R]]:
        known_as = name or method.__name__

        @functools.wraps(method)
        async def carried_out(self: SelfT, *args: P.args, **kwargs: P.kwargs) -> R:
            about = item(*args, **kwargs) if item else None
            return await _carry_out_step(
                known_as, preemptible, about, functools.partial(method, self, *args, **kwargs)
            )

        durable = engine.define_step(known_as, carried_out)

        @functools.wraps(method)
        def call(self: SelfT, *args: P.args, **kwargs: P.kwargs) -> Awaitable[R]:
            return _recorded(known_as, durable(self, *args, **kwargs))

        _annotated.append(method)
        return call

    return decorate


async def _recorded(name: str, result: Awaitable[R]) -> R:
    value = await result
    crashpoints.reach(f"run.step_recorded:{name}")
    return value


async def _carry_out_step(
    name: str, preemptible: bool, item: str | None, call: Callable[[], Awaitable[R]]
) -> R:
    """Run a step with its events around it; outside a run, just run it."""
    running = execution.get(None)
    if running is None:
        return await call()
    here, parent = host.get(), running.context
    where = RunContext(parent.run_id, parent.workflow_id, name, item or parent.item, engine.step_number())
    told = {"step": name, "item": where.item, "workflow_id": where.workflow_id, "number": where.number}
    held = Throttle()
    tokens = context.set(where), throttle.set(held)
    begun = monotonic()
    try:
        here.check_lease()
        await here.emit(where.run_id, "step_started", told)
        crashpoints.reach(f"run.step_begin:{name}")
        with (
            running.sheltering(preemptible),
            telemetry.span(name, scrivano__run=where.run_id, scrivano__item=where.item),
        ):
            result = await _through_outages(here, call)
            for kind, data in held.held.items():
                await here.emit(where.run_id, kind, data)
        here.check_lease()
        await here.emit(where.run_id, "step_finished", {**told, "seconds": monotonic() - begun})
        crashpoints.reach(f"run.step_end:{name}")
        return result
    except Exception as error:
        _log_failure(where, error)
        view = serializer.view_of(error).model_dump()
        await here.emit(where.run_id, "step_failed", {**told, "seconds": monotonic() - begun, "error": view})
        raise
    finally:
        context.reset(tokens[0])
        throttle.reset(tokens[1])


async def _through_outages(here: host.Host, call: Callable[[], Awaitable[R]]) -> R:
    """The step's result; where the database went away under it, it is done again once that is back.

    Its run must not fail of that: either this worker still has it then, or another one goes on with it.
    """
    while True:
        try:
            return await call()
        except Exception as error:
            here.check_lease()
            if not lost_connection(error):
                raise
        await here.database.back()
        here.check_lease()


def _log_failure(where: RunContext, error: Exception) -> None:
    if isinstance(error, PersonError):
        return
    known = isinstance(error, ScrivanoError)
    _log.warning(
        "Step %s of %s failed: %s", where.step, where.workflow_id, error, exc_info=None if known else error
    )


class Child(Generic[OutputT]):
    """A child workflow that was started."""

    def __init__(self, workflow_id: str, handle: Any) -> None:
        self.workflow_id = workflow_id
        self._handle = handle

    async def result(self) -> OutputT:
        """What it gave, once it has; raises what it raised."""
        return cast(OutputT, await self._handle.get_result(polling_interval_sec=engine.POLL_SECONDS))


async def start_child(
    method: Callable[[InputT], Awaitable[OutputT]],
    argument: InputT,
    *,
    id_suffix: str,
    item: str | None = None,
) -> Child[OutputT]:
    """Start a workflow as a part of the calling run, under the id `<run>:<id_suffix>`, so never twice.

    `method` is a bound method decorated with `workflow`; its object's class is given to the worker. `item`
    names what it is about, in the events of its steps. Call it in the body of a workflow, not in a step.
    """
    running = execution.get(None)
    if running is None:
        raise NotInRun
    spec = cast(_Workflow, getattr(method, _SPEC))
    child_id = f"{running.context.run_id}:{id_suffix}"
    return Child(child_id, await engine.start(child_id, spec.entry, argument, item))


async def sibling(id_suffix: str) -> Child[Any]:
    """A child workflow of the same run, started under that suffix by then; its result may be awaited.

    For a child that needs another's result: the parent starts both at once, and this one waits for no more than
    it needs. Call it in the body of a workflow. The two must not wait for each other.
    """
    running = execution.get(None)
    if running is None:
        raise NotInRun
    child_id = f"{running.context.run_id}:{id_suffix}"
    return Child(child_id, await engine.find(child_id))


async def gather_children(children: Iterable[Child[OutputT]]) -> list[OutputT]:
    """The results of all, in order. If any failed, the first such error is raised once all have ended."""
    results: list[OutputT] = []
    failed: Exception | None = None
    for child in children:
        # One after the other, so that the results are recorded in the same order on every replay.
        try:
            results.append(await child.result())
        except Exception as error:
            failed = failed or error
    if failed is not None:
        raise failed
    return results


async def approval(gate: str, payload: BaseModel | dict[str, Any] | list[Any] | str | None) -> Decision:
    """Wait until a person decides, however long that takes; the run is `waiting` meanwhile.

    `payload` is what the person gets to see, as `RunView.question`. Call it in the body of a workflow.
    """
    shown = payload.model_dump(mode="json") if isinstance(payload, BaseModel) else payload
    return await _Approving().decide(gate, shown)


def _gate_of(gate: str, payload: Any) -> str:
    return gate


class _Approving:
    @step(name="approval", preemptible=True, item=_gate_of)
    async def decide(self, gate: str, payload: Any) -> Decision:
        """Ask, and wait for the answer."""
        return await gates.ask(host.get(), current(), gate, payload)


async def progress(kind: str, data: dict[str, Any]) -> None:
    """Tell how far a step is: an event of `kind` on `run:<id>`, at most a few a second. Never fails.

    What comes too fast is dropped, except the newest, which follows when the step ends.
    """
    where, held = context.get(None), throttle.get(None)
    if where is None or held is None or not held.take(kind, data):
        return
    with suppress(Exception):
        await host.get().emit(where.run_id, kind, data)


def register_types() -> None:
    """Let everything that steps and workflows are annotated with be stored, once all are imported."""
    for function in _annotated:
        serializer.register_annotations(function)
