"""All SQL of tasks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Row, Select, delete, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.prompts.public import words_of
from scrivano.tasks.dto import TaskFilter
from scrivano.tasks.models import DatasetItemRow, DatasetRow, EvaluationRow, ScheduleRow, TaskRow

_NEWEST = 500
_COMMON = 5
_FURTHER = 10_000
_WORTH = 0.004
"""Where this share of a million tasks has a word, the fifty newest are found as fast one by one as by the index: a task
costs a quarter where it is come by in the order of time."""
_APART = 600
"""Seconds by which the moment in a task's id and that of its creation differ at most."""
_OPEN = ("created", "queued", "running")


async def add(session: AsyncSession, row: TaskRow, words: str) -> bool:
    """Add a task; whether there was none of its id. `words` are what it is found by."""
    values = {c.name: getattr(row, c.name) for c in TaskRow.__table__.columns if c.name != "search"}
    values = {name: value for name, value in values.items() if value is not None}
    statement = insert(TaskRow).values(**values, search=func.to_tsvector("simple", words))
    done = await session.execute(statement.on_conflict_do_nothing().returning(TaskRow.id))
    return done.first() is not None


async def get(session: AsyncSession, task_id: UUID, *, lock: bool = False) -> TaskRow | None:
    """One task."""
    query = select(TaskRow).where(TaskRow.id == task_id)
    return await session.scalar(query.with_for_update() if lock else query)


async def change(session: AsyncSession, task_id: UUID, *, still_open: bool = False, **values: Any) -> bool:
    """Change columns of a task; whether it was changed. With `still_open` only if it has not ended."""
    statement = update(TaskRow).where(TaskRow.id == task_id).values(**values).returning(TaskRow.id)
    if still_open:
        statement = statement.where(TaskRow.status.in_(_OPEN))
    found = await session.execute(statement.execution_options(synchronize_session=False))
    return found.first() is not None


async def set_words(session: AsyncSession, task_id: UUID, words: str) -> None:
    """What a task is found by."""
    await change(session, task_id, search=func.to_tsvector("simple", words))


async def page(
    session: AsyncSession, wanted: TaskFilter, before: UUID | None, limit: int
) -> Sequence[TaskRow]:
    """Tasks, newest first, from before the one of id `before`.

    Words are looked for among the newest tasks first, one by one. What they show decides how far that goes on: to where
    the rest should have been found, where the words are common enough for it. What lies beyond is read by the index of
    words, which has to visit all that have them before it knows the newest. PostgreSQL cannot know beforehand how
    common a word is of which only the beginning is given.
    """
    query = _filtered(wanted, before, TaskRow).order_by(TaskRow.id.desc())
    if not wanted.text:
        return (await session.scalars(query.limit(limit))).all()
    # A plan that is good for one word is bad for another; making it takes a millisecond.
    await session.execute(
        select(func.set_config("plan_cache_mode", "force_custom_plan", literal_column("true")))
    )
    words = words_of(wanted.text)[:20]
    matches = TaskRow.search.op("@@")(func.to_tsquery("simple", " & ".join(f"'{word}':*" for word in words)))
    one_by_one = query.where(matches.is_(True))
    ids = _filtered(wanted, before, TaskRow.id)
    older, found, seen = ids, list[TaskRow](), 0
    while size := _further(seen, len(found), limit):
        border = await session.scalar(older.order_by(TaskRow.id.desc()).offset(size).limit(1))
        window = one_by_one if border is None else one_by_one.where(TaskRow.id > border)
        found += (await session.scalars(window.limit(limit - len(found)))).all()
        if border is None or len(found) >= limit:
            return found
        older, one_by_one = (
            each.where(TaskRow.id <= border) for each in (ids, query.where(matches.is_(True)))
        )
        seen += size
    rare = await _rare(session, ids, words) or words
    hits = older.where(_having(rare), matches.is_(True)).cte("hits").prefix_with("MATERIALIZED")
    newest = select(hits.c.id).order_by(hits.c.id.desc()).limit(limit - len(found))
    rest = select(TaskRow).where(TaskRow.id.in_(newest)).order_by(TaskRow.id.desc())
    return [*found, *(await session.scalars(rest)).all()]


def _further(seen: int, found: int, limit: int) -> int:
    """How many more tasks to look at one by one, after `found` of the `seen` newest; 0 where the index is quicker."""
    if not seen:
        return _NEWEST
    if seen == _NEWEST and found < _COMMON:
        return _NEWEST * 10
    if found < seen * _WORTH or seen > _FURTHER:
        return 0
    return min(_FURTHER, 3 * (limit - found) * seen // found)


def _having(words: Sequence[str]) -> ColumnElement[bool]:
    """Whether a task has words that begin like each of these."""
    return TaskRow.search.op("@@", return_type=Boolean())(
        func.to_tsquery("simple", " & ".join(f"'{word}':*" for word in words))
    )


async def _rare(session: AsyncSession, ids: Select[Any], words: Sequence[str]) -> list[str]:
    """Those of the words that few of the newest tasks have."""
    newest = ids.add_columns(TaskRow.search).order_by(TaskRow.id.desc()).limit(_NEWEST).subquery()
    counts = [
        func.count().filter(newest.c.search.op("@@")(func.to_tsquery("simple", f"'{word}':*")))
        for word in words
    ]
    found = (await session.execute(select(*counts))).one()
    return [word for word, count in zip(words, found, strict=True) if count < _NEWEST // 20]


def _filtered(wanted: TaskFilter, before: UUID | None, what: Any) -> Select[Any]:
    query: Select[Any] = select(what).where(TaskRow.project_id == wanted.project_id)
    for column, value in (
        (TaskRow.template_name, wanted.template),
        (TaskRow.status, wanted.status.value if wanted.status else None),
        (TaskRow.group_id, wanted.group_id),
        (TaskRow.schedule_id, wanted.schedule_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.model is not None:
        query = query.where((TaskRow.model == wanted.model) | (TaskRow.used_model == wanted.model))
    # Ids begin with the moment at which they were made, so that they bound the part of the index to be read.
    if wanted.since is not None:
        query = query.where(TaskRow.created_at >= wanted.since, TaskRow.id >= _id_at(wanted.since, -_APART))
    if wanted.until is not None:
        query = query.where(TaskRow.created_at < wanted.until, TaskRow.id < _id_at(wanted.until, _APART))
    if before is not None:
        query = query.where(TaskRow.id < before)
    return query


def _id_at(moment: datetime, seconds: int) -> UUID:
    """The first id of a moment some seconds later."""
    milliseconds = int((moment.timestamp() + seconds) * 1000)
    return UUID(int=max(0, min(milliseconds, (1 << 48) - 1)) << 80)


async def of_group(session: AsyncSession, group_id: UUID) -> Sequence[TaskRow]:
    """The tasks of a comparison or evaluation, by input and variant."""
    query = select(TaskRow).where(TaskRow.group_id == group_id)
    return (await session.scalars(query.order_by(TaskRow.input_index, TaskRow.variant_index))).all()


async def project_of(session: AsyncSession, kind: str, id: UUID) -> UUID | None:
    """The project that owns a task, group of tasks, dataset, evaluation or schedule."""
    column = {
        "task": select(TaskRow.project_id).where(TaskRow.id == id),
        "group": select(TaskRow.project_id).where(TaskRow.group_id == id).limit(1),
        "dataset": select(DatasetRow.project_id).where(DatasetRow.id == id),
        "evaluation": select(EvaluationRow.project_id).where(EvaluationRow.id == id),
        "schedule": select(ScheduleRow.project_id).where(ScheduleRow.id == id),
    }[kind]
    return await session.scalar(column)


async def lengths(
    session: AsyncSession, project_id: UUID, template: str, limit: int
) -> Sequence[Row[dict[str, Any], int | None, int | None, dict[str, Any] | None, str | None]]:
    """Variables, tokens of prompt and answer, what was read, and the model, of the newest answers to a template."""
    query = (
        select(
            TaskRow.variables,
            TaskRow.prompt_tokens,
            TaskRow.completion_tokens,
            TaskRow.resolved,
            TaskRow.used_model,
        )
        .where(
            TaskRow.project_id == project_id,
            TaskRow.template_name == template,
            TaskRow.status == "succeeded",
            TaskRow.completion_tokens.is_not(None),
        )
        .order_by(TaskRow.id.desc())
        .limit(limit)
    )
    return (await session.execute(query)).all()


# --- datasets and evaluations ---------------------------------------------------------------------


async def add_dataset(session: AsyncSession, row: DatasetRow) -> bool:
    """Add a dataset; whether its name was free."""
    values = {c.name: getattr(row, c.name) for c in DatasetRow.__table__.columns}
    statement = insert(DatasetRow).values(**values).on_conflict_do_nothing().returning(DatasetRow.id)
    return (await session.execute(statement)).first() is not None


async def get_dataset(session: AsyncSession, dataset_id: UUID, *, lock: bool = False) -> DatasetRow | None:
    """One dataset."""
    query = select(DatasetRow).where(DatasetRow.id == dataset_id)
    return await session.scalar(query.with_for_update() if lock else query)


async def dataset_named(session: AsyncSession, project_id: UUID, name: str) -> DatasetRow | None:
    """A project's dataset of this name."""
    query = select(DatasetRow).where(DatasetRow.project_id == project_id, DatasetRow.name == name)
    return await session.scalar(query)


async def list_datasets(
    session: AsyncSession, project_id: UUID, limit: int, offset: int
) -> Sequence[Row[DatasetRow, int]]:
    """A project's datasets by name, with how many items each has."""
    count = (
        select(func.count())
        .where(DatasetItemRow.dataset_id == DatasetRow.id)
        .correlate(DatasetRow)
        .scalar_subquery()
    )
    query = select(DatasetRow, count).where(DatasetRow.project_id == project_id)
    found = await session.execute(query.order_by(DatasetRow.name).limit(limit).offset(offset))
    return found.all()


async def set_items(session: AsyncSession, dataset_id: UUID, items: Sequence[dict[str, Any]]) -> None:
    """Replace the items of a dataset."""
    await session.execute(delete(DatasetItemRow).where(DatasetItemRow.dataset_id == dataset_id))
    session.add_all(
        DatasetItemRow(dataset_id=dataset_id, position=position, **item)
        for position, item in enumerate(items)
    )
    await session.flush()


async def items_of(session: AsyncSession, dataset_id: UUID) -> Sequence[DatasetItemRow]:
    """The items of a dataset, in order."""
    query = select(DatasetItemRow).where(DatasetItemRow.dataset_id == dataset_id)
    return (await session.scalars(query.order_by(DatasetItemRow.position))).all()


async def remove_dataset(session: AsyncSession, dataset_id: UUID) -> None:
    """Remove a dataset with its items and evaluations; the tasks stay."""
    await session.execute(delete(DatasetRow).where(DatasetRow.id == dataset_id))


async def get_evaluation(session: AsyncSession, evaluation_id: UUID) -> EvaluationRow | None:
    """One evaluation."""
    return await session.get(EvaluationRow, evaluation_id)


async def list_evaluations(
    session: AsyncSession, dataset_id: UUID, limit: int, offset: int
) -> Sequence[EvaluationRow]:
    """A dataset's evaluations, newest first."""
    query = select(EvaluationRow).where(EvaluationRow.dataset_id == dataset_id)
    return (await session.scalars(query.order_by(EvaluationRow.id.desc()).limit(limit).offset(offset))).all()


async def groups_of(session: AsyncSession, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these comparisons and evaluations that have any task."""
    query = select(TaskRow.group_id).where(TaskRow.group_id.in_(ids)).distinct()
    return {found for found in (await session.scalars(query)).all() if found is not None}


async def finish_evaluation(
    session: AsyncSession, evaluation_id: UUID, status: str, scores: list[Any] | None, at: datetime
) -> None:
    """Keep what came of an evaluation."""
    await session.execute(
        update(EvaluationRow)
        .where(EvaluationRow.id == evaluation_id)
        .values(status=status, scores=scores, finished_at=at)
    )


# --- schedules ------------------------------------------------------------------------------------


async def get_schedule(session: AsyncSession, schedule_id: UUID, *, lock: bool = False) -> ScheduleRow | None:
    """One schedule."""
    query = select(ScheduleRow).where(ScheduleRow.id == schedule_id)
    return await session.scalar(query.with_for_update() if lock else query)


async def list_schedules(
    session: AsyncSession, project_id: UUID, limit: int, offset: int
) -> Sequence[ScheduleRow]:
    """A project's schedules by name."""
    query = select(ScheduleRow).where(ScheduleRow.project_id == project_id)
    return (
        await session.scalars(query.order_by(ScheduleRow.name, ScheduleRow.id).limit(limit).offset(offset))
    ).all()


async def due(session: AsyncSession, moment: datetime, limit: int) -> Sequence[ScheduleRow]:
    """Schedules whose time has come, locked; those that another worker holds are left to it."""
    query = (
        select(ScheduleRow)
        .where(literal_column("active"), ScheduleRow.next_at <= moment)
        .order_by(ScheduleRow.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def next_due(session: AsyncSession) -> datetime | None:
    """When the next schedule's time comes."""
    return await session.scalar(select(func.min(ScheduleRow.next_at)).where(literal_column("active")))


async def left_behind(session: AsyncSession, before: datetime) -> Sequence[TaskRow]:
    """Tasks of schedules that were queued before a moment and have not begun since."""
    query = select(TaskRow).join(ScheduleRow, ScheduleRow.last_task_id == TaskRow.id)
    query = query.where(TaskRow.status == "queued", TaskRow.created_at < before)
    return (await session.scalars(query.limit(100))).all()


async def remove_schedule(session: AsyncSession, schedule_id: UUID) -> None:
    """Remove a schedule; its tasks stay."""
    await session.execute(delete(ScheduleRow).where(ScheduleRow.id == schedule_id))
