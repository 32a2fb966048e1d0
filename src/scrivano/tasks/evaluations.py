"""Datasets, and how variants of a template do on them."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import Conflict, InvalidInput, PersonError
from scrivano.core.ids import new_id
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.prompts.public import JsonObject, Line, Name, Previews, Prompts, Sandbox
from scrivano.runs.public import Runs, RunStatus
from scrivano.tasks import repo
from scrivano.tasks.dto import TaskNotFound, TaskStatus, Variant
from scrivano.tasks.estimating import Estimating, EvaluationEstimate
from scrivano.tasks.grading import Expectation, check_pattern
from scrivano.tasks.models import DatasetItemRow, DatasetRow, EvaluationRow
from scrivano.tasks.orders import EvaluationOrder
from scrivano.tasks.service import Tasks

MOST_ITEMS = 2000


class DatasetExists(Conflict):
    """The project has a dataset of this name already."""


class DatasetChanged(Conflict):
    """Somebody else changed this dataset in the meantime."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The dataset {name!r} was changed in the meantime.",
            field="expected_edition",
            remedy="Read it again and make your change to what is there now.",
        )


class Item(BaseModel):
    """An input with what is expected of the answer to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Line = Field(default="", max_length=200)
    variables: JsonObject = Field(default={}, examples=[{"subject": "tides"}])
    expectations: tuple[Expectation, ...] = Field(default=(), max_length=50)


class NewDataset(BaseModel):
    """A dataset with its items."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    project_id: UUID = DEFAULT_PROJECT
    name: Line = Field(min_length=1, max_length=200, examples=["Short summaries"])
    description: Line = ""
    items: tuple[Item, ...] = Field(default=(), max_length=MOST_ITEMS)


class DatasetChange(BaseModel):
    """What is to be different; what is not given stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Line | None = Field(default=None, min_length=1, max_length=200)
    description: Line | None = None
    items: tuple[Item, ...] | None = Field(default=None, max_length=MOST_ITEMS)
    expected_edition: str | None = Field(
        default=None,
        max_length=100,
        description="The `edition` that was read. Where it is another by now nothing is changed (409); without it the "
        "change replaces whatever is there.",
    )


class DatasetInfo(BaseModel):
    """A dataset in a list; `size` is how many items it has."""

    id: UUID
    project_id: UUID
    name: str
    description: str
    size: int
    created_at: datetime


class DatasetView(DatasetInfo):
    """A dataset with its items. `edition` is another after every change of it."""

    items: list[Item]
    edition: str


class FromHistory(BaseModel):
    """Tasks of the history, whose inputs become items in this order. What is expected of the answers is added later."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task_ids: tuple[UUID, ...] = Field(min_length=1, max_length=200)


class NewEvaluation(BaseModel):
    """Which variants of a template are run over a dataset. `judge` is the model for rubrics; else one is chosen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    template: Name
    variants: tuple[Variant, ...] = Field(default=(Variant(),), min_length=1, max_length=20)
    judge: Line = Field(default="", max_length=200)


class VariantScore(BaseModel):
    """How a variant did: the mean score from 0 to 1, and how many items met all that was expected."""

    label: str
    version: int | None
    model: str
    score: float
    passed: int
    items: int
    failed: int
    cost: float
    seconds: float


class EvaluationView(BaseModel):
    """An evaluation; its id is also that of the comparison of its tasks. `variants` are bound to versions by number,
    `size` is how many items it was run with. `scores` are there once it has ended."""

    id: UUID
    project_id: UUID
    dataset_id: UUID
    template: str
    variants: list[Variant]
    size: int
    judge: str
    status: TaskStatus
    begun: bool = Field(description="Whether answers were set up, so that there is a comparison of its id.")
    run_id: str
    scores: list[VariantScore] | None
    created_at: datetime
    finished_at: datetime | None


class Evaluations:
    """Datasets and evaluations of all projects."""

    def __init__(
        self,
        database: Database,
        runs: Runs,
        prompts: Prompts,
        previews: Previews,
        tasks: Tasks,
        sandbox: Sandbox,
    ) -> None:
        self._estimating = Estimating(prompts, previews, tasks)
        self._database = database
        self._runs = runs
        self._prompts = prompts
        self._tasks = tasks
        self._sandbox = sandbox

    async def create(self, new: NewDataset) -> DatasetView:
        """A new dataset. Raises DatasetExists, and InvalidInput for an expectation that cannot be checked."""
        await self._check(new.items)
        row = DatasetRow(
            id=new_id(),
            project_id=new.project_id,
            name=new.name,
            description=new.description,
            created_at=clock.now(),
        )
        async with self._database.begin() as session:
            if not await repo.add_dataset(session, row):
                raise DatasetExists(f"There is a dataset {new.name!r} already.", field="name")
            await repo.set_items(session, row.id, [_stored(item) for item in new.items])
        return await self.get(row.id)

    async def change(self, dataset_id: UUID, change: DatasetChange) -> DatasetView:
        """Change a dataset; evaluations that were run keep the items that they had. Raises DatasetChanged."""
        await self._check(change.items or ())
        async with self._database.begin() as session:
            row = await _dataset(session, dataset_id, lock=True)
            if change.expected_edition is not None:
                there = [_item(item) for item in await repo.items_of(session, dataset_id)]
                if change.expected_edition != _edition(row, there):
                    raise DatasetChanged(row.name)
            if change.name is not None and change.name != row.name:
                if await repo.dataset_named(session, row.project_id, change.name) is not None:
                    raise DatasetExists(f"There is a dataset {change.name!r} already.", field="name")
                row.name = change.name
            row.description = row.description if change.description is None else change.description
            if change.items is not None:
                await repo.set_items(session, dataset_id, [_stored(item) for item in change.items])
        return await self.get(dataset_id)

    async def get(self, dataset_id: UUID) -> DatasetView:
        """One dataset. Raises TaskNotFound."""
        async with self._database.read() as session:
            row = await _dataset(session, dataset_id)
            items = [_item(item) for item in await repo.items_of(session, dataset_id)]
        info = _info(row, len(items))
        return DatasetView(**info.model_dump(), items=items, edition=_edition(row, items))

    async def find(self, project_id: UUID, name: str) -> DatasetView:
        """A project's dataset by its name. Raises TaskNotFound."""
        async with self._database.read() as session:
            row = await repo.dataset_named(session, project_id, name)
        if row is None:
            raise TaskNotFound(f"There is no dataset {name!r}.", remedy="See: scrivano prompts datasets")
        return await self.get(row.id)

    async def list(
        self, project_id: UUID = DEFAULT_PROJECT, *, limit: int = 50, offset: int = 0
    ) -> "list[DatasetInfo]":
        """A project's datasets, by name."""
        async with self._database.read() as session:
            found = await repo.list_datasets(session, project_id, limit, offset)
        return [_info(row, size) for row, size in found]

    async def remove(self, dataset_id: UUID) -> None:
        """Remove a dataset with its evaluations; their tasks stay in the history. Raises TaskNotFound."""
        async with self._database.begin() as session:
            await _dataset(session, dataset_id, lock=True)
            await repo.remove_dataset(session, dataset_id)

    async def add_from(self, dataset_id: UUID, given: FromHistory) -> DatasetView:
        """The inputs of tasks as further items, those that were read from documents as they were then.

        Raises TaskNotFound, and InvalidInput for a task without a template or beyond the most items.
        """
        project_id = (await self.get(dataset_id)).project_id
        found = [await self._tasks.get(task_id) for task_id in given.task_ids]
        for task in found:
            if task.project_id != project_id:
                raise TaskNotFound(f"There is no task {task.id} in the dataset's project.", field="task_ids")
            if task.template is None:
                raise InvalidInput(
                    f"Task {task.name or task.id} has no template, and so no inputs.",
                    field="task_ids",
                    remedy="Choose tasks that ran a template.",
                )
        fresh = [
            Item(name=task.name, variables={**task.variables, **(task.resolved or {})}) for task in found
        ]
        async with self._database.begin() as session:
            await _dataset(session, dataset_id, lock=True)
            items = [_item(row) for row in await repo.items_of(session, dataset_id)] + fresh
            if len(items) > MOST_ITEMS:
                raise InvalidInput(
                    f"The dataset would have {len(items):,} items.",
                    field="task_ids",
                    remedy=f"Keep it to {MOST_ITEMS:,}.",
                )
            await repo.set_items(session, dataset_id, [_stored(item) for item in items])
        return await self.get(dataset_id)

    async def estimate(self, dataset_id: UUID, new: NewEvaluation) -> EvaluationEstimate:
        """What `evaluate` would cost. Raises what it would raise; sends and keeps nothing."""
        dataset = await self.get(dataset_id)
        variants = await self._pinned(dataset, new)
        inputs = [(item.variables, item.expectations) for item in dataset.items]
        return await self._estimating.estimate(dataset.project_id, new.template, variants, inputs, new.judge)

    async def evaluate(
        self,
        dataset_id: UUID,
        new: NewEvaluation,
        *,
        user_id: UUID | None = None,
        evaluation_id: UUID | None = None,
    ) -> EvaluationView:
        """Run variants of a template over a dataset. Returns once the run is queued.

        Raises InvalidInput for an empty dataset, and what a task would raise for an item that does not fit.
        """
        dataset = await self.get(dataset_id)
        variants = [variant.model_dump(mode="json") for variant in await self._pinned(dataset, new)]
        id = evaluation_id or new_id()
        row = EvaluationRow(
            id=id,
            project_id=dataset.project_id,
            dataset_id=dataset_id,
            template_name=new.template,
            variants=variants,
            items=[item.model_dump(mode="json") for item in dataset.items],
            judge=new.judge,
            status="queued",
            run_id=str(id),
            created_at=clock.now(),
        )
        async with self._database.begin() as session:
            if await repo.get_evaluation(session, id) is None:
                session.add(row)
        await self._runs.start(
            "evaluate",
            EvaluationOrder(evaluation_id=id),
            run_id=str(id),
            project_id=dataset.project_id,
            user_id=user_id,
        )
        return await self.evaluation(id)

    async def evaluation(self, evaluation_id: UUID) -> EvaluationView:
        """One evaluation. Raises TaskNotFound."""
        async with self._database.read() as session:
            row = await repo.get_evaluation(session, evaluation_id)
            begun = await repo.groups_of(session, [evaluation_id])
        if row is None:
            raise TaskNotFound(f"There is no evaluation {evaluation_id}.")
        return await self._caught_up(_view(row, begun))

    async def _caught_up(self, view: EvaluationView) -> EvaluationView:
        """With the status that the run has, where it ended otherwise than by itself."""
        if view.status.ended:
            return view
        run = await self._runs.get(view.run_id)
        known = {
            RunStatus.FAILED: TaskStatus.FAILED,
            RunStatus.CANCELLED: TaskStatus.CANCELLED,
            RunStatus.SUCCEEDED: TaskStatus.SUCCEEDED,
        }
        return view.model_copy(update={"status": known.get(run.status, TaskStatus.RUNNING)})

    async def evaluations(
        self, dataset_id: UUID, *, limit: int = 50, offset: int = 0
    ) -> "list[EvaluationView]":
        """A dataset's evaluations, newest first: how scores went over versions. Raises TaskNotFound."""
        async with self._database.read() as session:
            await _dataset(session, dataset_id)
            rows = await repo.list_evaluations(session, dataset_id, limit, offset)
            begun = await repo.groups_of(session, [row.id for row in rows])
            found = [_view(row, begun) for row in rows]
        return [await self._caught_up(view) for view in found]

    async def _pinned(self, dataset: DatasetView, new: NewEvaluation) -> "list[Variant]":
        """The variants by their versions' numbers. Raises InvalidInput for no items, and what filling in one raises."""
        if not dataset.items:
            raise InvalidInput("The dataset has no items.", field="dataset_id", remedy="Add some first.")
        variants: list[Variant] = []
        for variant in new.variants:
            shown = await self._prompts.show(new.template, variant.version or "production")
            template = await self._prompts.compiled(new.template, version_id=str(shown.info.id))
            label = variant.label or f"version {shown.info.number}, {variant.model or 'auto'}"
            for number, item in enumerate(dataset.items, start=1):
                try:
                    self._prompts.check(template, item.variables)
                except PersonError as error:
                    where = f"Row {number}{f' ({item.name})' if item.name else ''}, {label}"
                    raise InvalidInput(
                        f"{where}: {error.message}",
                        field=error.field,
                        remedy=error.remedy or "Change the row, or leave this version out.",
                    ) from error
            variants.append(variant.model_copy(update={"version": shown.info.number, "label": label}))
        return variants

    async def _check(self, items: Sequence[Item]) -> None:
        for item in items:
            for expectation in item.expectations:
                await check_pattern(self._sandbox, expectation)


async def _dataset(session: AsyncSession, dataset_id: UUID, *, lock: bool = False) -> DatasetRow:
    row = await repo.get_dataset(session, dataset_id, lock=lock)
    if row is None:
        raise TaskNotFound(f"There is no dataset {dataset_id}.")
    return row


def _stored(item: Item) -> dict[str, Any]:
    return item.model_dump(mode="json")


def _item(row: DatasetItemRow) -> Item:
    values: dict[str, JsonValue] = {
        "name": row.name,
        "variables": row.variables,
        "expectations": row.expectations,
    }
    return Item.model_validate(values)


def _edition(row: DatasetRow, items: Sequence[Item]) -> str:
    whole = [row.name, row.description, [_stored(item) for item in items]]
    return hashlib.sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def _info(row: DatasetRow, size: int) -> DatasetInfo:
    return DatasetInfo(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        description=row.description,
        size=size,
        created_at=row.created_at,
    )


def _view(row: EvaluationRow, begun: Collection[UUID]) -> EvaluationView:
    return EvaluationView(
        id=row.id,
        project_id=row.project_id,
        dataset_id=row.dataset_id,
        template=row.template_name,
        variants=[Variant.model_validate(variant) for variant in row.variants],
        size=len(row.items),
        judge=row.judge,
        status=TaskStatus(row.status),
        begun=row.id in begun,
        run_id=row.run_id,
        scores=[VariantScore.model_validate(score) for score in row.scores] if row.scores else None,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
