"""The steps of a task: ask, deliver."""

from time import monotonic
from typing import Any, Literal, cast
from uuid import UUID

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from pydantic import JsonValue
from referencing import Registry

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import ScrivanoError
from scrivano.events.public import EventLog
from scrivano.llm.public import CallContext, LLMService, Message, NobodyCould, Options, Response
from scrivano.prompts.public import Prompts, RenderedPrompt, schema_of, searchable, unstorable
from scrivano.runs.public import current, step
from scrivano.tasks import repo, rows
from scrivano.tasks.dto import AnswerUnfit, TaskError, TaskNotFound, TaskStatus
from scrivano.tasks.models import TaskRow
from scrivano.tasks.orders import TaskOrder, TaskOutcome
from scrivano.tasks.ports import SinkRef
from scrivano.tasks.preparing import check_hash
from scrivano.tasks.service import Tasks, result_of

RE_ASKS = 2
TELL_SECONDS = 0.2
_SEARCHED = 20_000


class Carrying:
    """Carries tasks out."""

    def __init__(
        self, database: Database, events: EventLog, llm: LLMService, prompts: Prompts, tasks: Tasks
    ) -> None:
        self._database = database
        self._events = events
        self._llm = llm
        self._prompts = prompts
        self._tasks = tasks

    @step(preemptible=True)
    async def ask_model(self, order: TaskOrder) -> TaskOutcome:
        """Fill the prompt in, ask, and keep the answer. An error is kept as well, and raised."""
        row = await self._begun(order)
        if row.status in (TaskStatus.SUCCEEDED, TaskStatus.CANCELLED):
            return _outcome(row)
        try:
            prompt = await self._prompt(row)
            return await self._answered(row, prompt, order.live)
        except ScrivanoError as error:
            view = TaskError(code=error.code, message=error.message, field=error.field, remedy=error.remedy)
            await self._failed(row, view)
            raise
        except Exception as error:
            await self._failed(row, TaskError(code="unexpected", message=f"{type(error).__name__}: {error}"))
            raise

    @step()
    async def deliver_result(self, order: TaskOrder) -> TaskOutcome:
        """Write the result to where it was wanted, once."""
        row = await self._row(order.task_id)
        if row.sink is None or row.receipt is not None or row.status != TaskStatus.SUCCEEDED:
            return _outcome(row)
        sink = SinkRef.model_validate(row.sink)
        receipt = await self._tasks.sink_of(sink).write(row.project_id, sink, result_of(rows.view(row)))
        async with self._database.begin() as session:
            await repo.change(session, row.id, receipt=receipt.model_dump(mode="json"))
        return _outcome(row)

    async def _begun(self, order: TaskOrder) -> TaskRow:
        async with self._database.begin() as session:
            row = await repo.get(session, order.task_id, lock=True)
            if row is None:
                raise TaskNotFound(f"There is no task {order.task_id}.")
            if row.status not in (TaskStatus.SUCCEEDED, TaskStatus.CANCELLED):
                row.status, row.started_at, row.error = "running", row.started_at or clock.now(), None
                row.run_id = current().run_id
            return row

    async def _row(self, task_id: UUID) -> TaskRow:
        async with self._database.read() as session:
            row = await repo.get(session, task_id)
        assert row is not None
        return row

    async def _prompt(self, row: TaskRow) -> RenderedPrompt:
        """What is sent: with the inputs as they were when the task first began, so that it can always be rebuilt."""
        if row.resolved is None and row.inputs:
            row.resolved = await self._tasks.read_inputs(row)
            async with self._database.begin() as session:
                await repo.change(session, row.id, resolved=row.resolved)
        prompt = await self._tasks.rendered(row)
        check_hash(row, prompt)
        async with self._database.begin() as session:
            await repo.change(session, row.id, prompt_hash=prompt.hash)
        return prompt

    async def _answered(self, row: TaskRow, prompt: RenderedPrompt, live: bool) -> TaskOutcome:
        context = _context(row, prompt)
        options = Options.model_validate(prompt.settings)
        telling = _Telling(self._events, context.run_id or "", row.id) if live else None
        watch = telling.grown if telling else None
        schema = schema_of(prompt)

        async def ask() -> Response:
            return await self._llm.generate_response(
                prompt.messages, options=options, context=context, watch=watch, schema=schema
            )

        try:
            response = await ask()
        except NobodyCould:
            # Nobody may have looked yet for the servers on this machine.
            if any(model.enabled for model in await self._llm.registry.models()):
                raise
            await self._llm.registry.discover()
            response = await ask()
        all_of_it = [response]
        value: JsonValue = None
        if prompt.answer_schema is not None:
            value, response = await self._fitting(prompt, options, context, all_of_it)
        if telling:
            await telling.end(response.text)
        return await self._kept(row, response, value, all_of_it)

    async def _fitting(
        self, prompt: RenderedPrompt, options: Options, context: CallContext, so_far: list[Response]
    ) -> tuple[JsonValue, Response]:
        """The answer as JSON that fits its schema; one that does not is asked for again. Raises AnswerUnfit."""
        assert prompt.answer_schema is not None
        shape = orjson.dumps(prompt.answer_schema, option=orjson.OPT_INDENT_2).decode()
        messages = list(prompt.messages)
        for round_ in range(1, RE_ASKS + 2):
            response = so_far[-1]
            value, fault = read_json(response.text, prompt.answer_schema)
            if fault is None:
                return value, response
            if round_ > RE_ASKS:
                break
            variables = {"error": fault, "schema": shape, "answer": response.text}
            asked, version = await self._prompts.source("llm_reask", variables)
            again = context.sub(f"re-ask {round_}").model_copy(
                update={"prompt_name": "llm_reask", "prompt_version": version}
            )
            model = {"model": f"{response.provider}/{response.model}"}
            so_far.append(
                await self._llm.generate_response(
                    [*messages, Message(role="assistant", content=response.text), *asked],
                    options=options.model_copy(update=model),
                    context=again,
                    schema=schema_of(prompt),
                )
            )
        raise AnswerUnfit(
            f"No answer fits the schema: {fault}.",  # pyright: ignore[reportPossiblyUnboundVariable]
            remedy="Try another model, a higher max_tokens, or a simpler schema.",
        )

    async def _kept(
        self, row: TaskRow, response: Response, value: JsonValue, all_of_it: list[Response]
    ) -> TaskOutcome:
        now = clock.now()
        values: dict[str, Any] = {
            "status": TaskStatus.SUCCEEDED.value,
            "result": response.text.replace("\0", ""),
            "value": value,
            "request_id": response.request_id,
            "used_model": response.model,
            "used_provider": response.provider,
            "prompt_tokens": sum(each.usage.prompt_tokens for each in all_of_it),
            "completion_tokens": sum(each.usage.completion_tokens for each in all_of_it),
            "cost": sum(each.cost for each in all_of_it),
            "seconds": (now - (row.started_at or now)).total_seconds(),
            "finished_at": now,
            "error": None,
        }
        words = searchable(
            row.name,
            row.template_name or "",
            str(row.messages or row.variables)[:_SEARCHED],
            response.text[:_SEARCHED],
        )
        async with self._database.begin() as session:
            if await repo.change(session, row.id, still_open=True, **values):
                await repo.set_words(session, row.id, words)
        return TaskOutcome(
            task_id=row.id,
            status="succeeded",
            words=len(response.text.split()),
            cost=sum((each.cost for each in all_of_it), start=all_of_it[0].cost * 0),
        )

    async def _failed(self, row: TaskRow, error: TaskError) -> None:
        async with self._database.begin() as session:
            await repo.change(
                session,
                row.id,
                still_open=True,
                status=TaskStatus.FAILED.value,
                error=error.model_dump(mode="json"),
                finished_at=clock.now(),
            )


class _Telling:
    """Tells the text of a task while it grows, on the topic of its run: `from` is where `text` belongs."""

    def __init__(self, events: EventLog, run_id: str, task_id: UUID) -> None:
        self._events = events
        self._topic = f"run:{run_id}"
        self._task = str(task_id)
        self._told = ""
        self._last = 0.0

    async def grown(self, text: str) -> None:
        """Tell what has come, a few times a second."""
        if monotonic() - self._last < TELL_SECONDS:
            return
        await self._tell(text)

    async def end(self, text: str) -> None:
        """Tell the rest."""
        if text != self._told:
            await self._tell(text)

    async def _tell(self, text: str) -> None:
        self._last = monotonic()
        start = len(self._told) if text.startswith(self._told) else 0
        data = {"task": self._task, "from": start, "text": text[start:].replace("\0", "")}
        await self._events.append(self._topic, "task_text", data)
        self._told = text


def read_json(text: str, schema: dict[str, JsonValue]) -> tuple[JsonValue, str | None]:
    """The JSON in an answer, and why it does not fit the schema; None where it does. A code fence is no fault."""
    bare = text.strip()
    if bare.startswith("```"):
        bare = bare.partition("\n")[2].rpartition("```")[0]
    try:
        value: JsonValue = orjson.loads(bare)
    except orjson.JSONDecodeError as error:
        return None, f"it is no JSON: {error}"
    if fault := unstorable(value):
        return None, f"it {fault}"
    return value, misfit(value, schema)


def misfit(value: JsonValue, schema: dict[str, JsonValue]) -> str | None:
    """Why a value does not fit a JSON schema; None where it does. What a schema refers to elsewhere is not fetched."""
    try:
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema, registry=Registry()).validate(value)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.absolute_path)
        return f"{where}: {error.message[:300]}".removeprefix(": ")
    except SchemaError as error:
        return f"the schema itself is wrong: {error.message[:300]}"
    except Exception as error:  # a reference that leads nowhere, a pattern that is none
        return f"the schema cannot be used: {error}"[:300]
    return None


def _context(row: TaskRow, prompt: RenderedPrompt) -> CallContext:
    run_id = current().run_id
    return CallContext(
        feature="tasks",
        purpose=row.template_name or "ad_hoc",
        run_id=run_id,
        key=f"{run_id}/ask_model/{row.id}/0",
        user_id=str(row.user_id) if row.user_id else None,
        project_id=str(row.project_id),
        prompt_name=prompt.name or None,
        prompt_version=prompt.version_id or None,
        labels={"task": str(row.id)},
        tier=cast(Literal["small-local", "large-local", "cloud"] | None, prompt.tier),
    )


def _outcome(row: TaskRow) -> TaskOutcome:
    return TaskOutcome(
        task_id=row.id,
        status="succeeded" if row.status == TaskStatus.SUCCEEDED else "failed",
        words=len((row.result or "").split()),
        cost=row.cost or 0,  # type: ignore[arg-type]
        error=(row.error or {}).get("message"),
    )
