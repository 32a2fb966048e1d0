"""How tasks and evaluations are carried out, from top to bottom."""

from scrivano.core.errors import ScrivanoError
from scrivano.runs.public import PipelineBase, gather_children, run_class, start_child, workflow
from scrivano.tasks.carrying import Carrying
from scrivano.tasks.orders import EvaluationOrder, EvaluationOutcome, TaskOrder, TaskOutcome
from scrivano.tasks.scoring import Evaluating

AT_ONCE = 16


@run_class
class TaskPipeline(PipelineBase):
    """Tasks and evaluations."""

    def __init__(self, carrying: Carrying, evaluating: Evaluating) -> None:
        self._carrying = carrying
        self._evaluating = evaluating
        super().__init__()

    @workflow(name="run_task")
    async def run_task(self, order: TaskOrder) -> TaskOutcome:
        """Ask, then bring the answer to where it is wanted."""
        await self._carrying.ask_model(order)
        return await self._carrying.deliver_result(order)

    @workflow(name="run_item")
    async def run_item(self, order: TaskOrder) -> TaskOutcome:
        """The same within an evaluation, where one task that fails is a result like others."""
        try:
            return await self._carrying.ask_model(order)
        except ScrivanoError as error:
            return TaskOutcome(task_id=order.task_id, status="failed", error=error.message)

    @workflow(name="evaluate")
    async def evaluate(self, order: EvaluationOrder) -> EvaluationOutcome:
        """Each item in each variant, then what is thought of the answers."""
        plan = await self._evaluating.plan_evaluation(order)
        for start in range(0, len(plan.tasks), AT_ONCE):
            children = [
                await start_child(
                    self.run_item,
                    TaskOrder(task_id=task_id, live=False),
                    id_suffix=f"item-{start + number:05}",
                    item=str(start + number + 1),
                )
                for number, task_id in enumerate(plan.tasks[start : start + AT_ONCE])
            ]
            await gather_children(children)
        for task_id in plan.tasks:
            await self._evaluating.score_answer(order, task_id)
        return await self._evaluating.sum_up(order)
