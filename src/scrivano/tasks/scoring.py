"""The steps of an evaluation: set up, score, sum up."""

from uuid import UUID

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.llm.public import CallContext
from scrivano.runs.public import current, step
from scrivano.tasks import repo, rows
from scrivano.tasks.dto import NewTask, TaskNotFound, TaskStatus, Variant
from scrivano.tasks.evaluations import Item, VariantScore
from scrivano.tasks.grading import Grading, key_of, score_of
from scrivano.tasks.identity import part_id
from scrivano.tasks.models import EvaluationRow
from scrivano.tasks.orders import EvaluationOrder, EvaluationOutcome, EvaluationPlan, ItemScore
from scrivano.tasks.service import Tasks, varied


class Evaluating:
    """The steps of an evaluation."""

    def __init__(self, database: Database, tasks: Tasks, grading: Grading) -> None:
        self._database = database
        self._tasks = tasks
        self._grading = grading

    @step()
    async def plan_evaluation(self, order: EvaluationOrder) -> EvaluationPlan:
        """Set up a task for each item in each variant."""
        row = await self._row(order.evaluation_id)
        made: list[UUID] = []
        for index, item in enumerate(row.items):
            for number, given in enumerate(row.variants):
                variant = Variant.model_validate(given)
                base = NewTask(
                    project_id=row.project_id,
                    name=item["name"] or f"Item {index + 1}",
                    template=row.template_name,
                )
                task = varied(base, item["variables"], variant.version, variant.model, variant.settings)
                task_id = part_id(row.id, f"{index}/{number}")
                place = {
                    "group_id": row.id,
                    "run_id": row.run_id,
                    "input_index": index,
                    "variant_index": number,
                    "variant": variant.label,
                }
                await self._tasks.create(task, task_id=task_id, of=place)
                made.append(task_id)
        return EvaluationPlan(evaluation_id=row.id, tasks=made)

    @step()
    async def score_answer(self, order: EvaluationOrder, task_id: UUID) -> ItemScore:
        """Check an answer against what is expected of it. No answer meets nothing."""
        row, task = await self._row(order.evaluation_id), await self._tasks.get(task_id)
        item = Item.model_validate(row.items[await self._index(task_id)])
        if task.status is not TaskStatus.SUCCEEDED:
            async with self._database.begin() as session:
                await repo.change(session, task_id, score=0.0, checks=[])
            return ItemScore(task_id=task_id, score=0.0)
        asked = "\n\n".join(f"{name}: {value}" for name, value in task.variables.items())
        run_id = current().run_id
        checks = [
            await self._grading.check(
                expectation,
                asked,
                task.text or "",
                task.value,
                CallContext(
                    feature="tasks",
                    purpose="score_answer",
                    run_id=run_id,
                    key=key_of(run_id, task_id, number),
                    project_id=str(row.project_id),
                ),
                row.judge,
            )
            for number, expectation in enumerate(item.expectations)
        ]
        score = score_of(checks)
        async with self._database.begin() as session:
            told = [check.model_dump(mode="json") for check in checks]
            await repo.change(session, task_id, score=score, checks=told)
        return ItemScore(task_id=task_id, score=score)

    @step()
    async def sum_up(self, order: EvaluationOrder) -> EvaluationOutcome:
        """Keep the score of each variant."""
        row = await self._row(order.evaluation_id)
        async with self._database.read() as session:
            tasks = [rows.view(task) for task in await repo.of_group(session, row.id)]
            numbers = [task.variant_index for task in await repo.of_group(session, row.id)]
        scores: list[VariantScore] = []
        for number, given in enumerate(row.variants):
            own = [task for task, of in zip(tasks, numbers, strict=True) if of == number]
            done = [task for task in own if task.status is TaskStatus.SUCCEEDED]
            scores.append(
                VariantScore(
                    label=given["label"],
                    version=given["version"],
                    model=given["model"] or "auto",
                    score=sum(task.score or 0.0 for task in own) / len(own),
                    passed=sum(all(check.passed for check in task.checks) for task in done),
                    items=len(own),
                    failed=len(own) - len(done),
                    cost=float(sum(task.cost or 0 for task in own)),
                    seconds=sum(task.seconds or 0.0 for task in own),
                )
            )
        async with self._database.begin() as session:
            told = [score.model_dump(mode="json") for score in scores]
            await repo.finish_evaluation(session, row.id, "succeeded", told, clock.now())
        return EvaluationOutcome(evaluation_id=row.id, scores=[score.score for score in scores])

    async def _row(self, evaluation_id: UUID) -> EvaluationRow:
        async with self._database.read() as session:
            row = await repo.get_evaluation(session, evaluation_id)
        if row is None:
            raise TaskNotFound(f"There is no evaluation {evaluation_id}.")
        return row

    async def _index(self, task_id: UUID) -> int:
        async with self._database.read() as session:
            row = await repo.get(session, task_id)
        return row.input_index or 0 if row is not None else 0
