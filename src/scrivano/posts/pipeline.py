"""How a post comes to be, from top to bottom.

The bodies below are deterministic: what touches the world is a step, and a replay after a crash takes the answers
of finished steps from the run's log.
"""

import asyncio

from scrivano.core.errors import ScrivanoError
from scrivano.posts.stages import Outcome, PostOrder, PostPlan, PostRunResult, Task
from scrivano.posts.steps.editing import Editing
from scrivano.posts.steps.moving import Moving
from scrivano.posts.steps.placing import Placing
from scrivano.posts.steps.planning import Planning
from scrivano.posts.steps.researching import Researching
from scrivano.posts.steps.writing import Writing
from scrivano.posts.workflow import Action, Stage
from scrivano.runs.public import PipelineBase, approval, run_class, workflow


@run_class
class PostPipeline(PipelineBase):
    """Stages in their order, each with its actions; a person decides at gates, unless nobody is to be asked."""

    def __init__(
        self,
        planning: Planning,
        researching: Researching,
        writing: Writing,
        editing: Editing,
        moving: Moving,
        placing: Placing,
    ) -> None:
        self._planning = planning
        self._researching = researching
        self._writing = writing
        self._editing = editing
        self._moving = moving
        self._placing = placing
        super().__init__()

    @workflow(name="automate_post")
    async def automate_post(self, order: PostOrder) -> PostRunResult:
        """One action becomes a proposal, or a post goes through its stages."""
        plan = await self._planning.plan_post(order)
        if order.action is not None:
            return await self._single(plan, order.action)
        result = PostRunResult(post_id=plan.post_id, stage=plan.first)
        for stage in plan.content.stages[plan.content.position(plan.first) :]:
            entered = await self._moving.enter_stage(plan, stage.name)
            result = result.model_copy(update={"stage": entered.stage, "stopped": entered.missing})
            if entered.missing or not await self._through(plan, stage, result):
                break
            if stage.name == order.until:
                break
        return result

    async def _single(self, plan: PostPlan, name: str) -> PostRunResult:
        """What a person asked for at this moment; they decide about it."""
        found = plan.content.action(name)
        assert found is not None, "plan_post refuses actions that are not there"
        result = PostRunResult(post_id=plan.post_id, stage=plan.first)
        await self._carried_out(plan, *found, result)
        return result

    async def _through(self, plan: PostPlan, stage: Stage, result: PostRunResult) -> bool:
        """A stage's actions, each accepted, then its gate. False if a person said no."""
        for action in stage.actions:
            if await self._moving.is_done(plan, Task(stage=stage.name, action=action.name)):
                continue
            outcome = await self._carried_out(plan, stage, action, result)
            if outcome.proposal_id is not None:
                result.notes += await self._moving.accept_proposal(plan, outcome.proposal_id)
        if not stage.gate or plan.unattended:
            return True
        decision = await approval(stage.name, await self._moving.show_stage(plan, stage.name))
        result.stopped += await self._moving.take_decision(plan, stage.name, decision)
        return not result.stopped

    async def _carried_out(
        self, plan: PostPlan, stage: Stage, action: Action, result: PostRunResult
    ) -> Outcome:
        task = Task(stage=stage.name, action=action.name)
        if action.kind == "publish":
            return await self._published(plan, task, result)
        outcome = await self._made(plan, task, action)
        if outcome.proposal_id is not None:
            result.proposals.append(outcome.proposal_id)
        result.notes += outcome.notes
        return outcome

    async def _made(self, plan: PostPlan, task: Task, action: Action) -> Outcome:
        if action.kind == "search":
            return await self._researching.search_web(plan, task)
        if action.kind == "write_sections":
            sections = await self._writing.plan_sections(plan, task)
            texts = await asyncio.gather(*[self._writing.write_section(plan, task, s) for s in sections])
            return await self._writing.propose_body(plan, task, list(texts))
        if action.kind == "edit_sections":
            sections = await self._editing.plan_edits(plan, task)
            texts = await asyncio.gather(*[self._editing.edit_section(plan, task, s) for s in sections])
            return await self._writing.propose_body(plan, task, list(texts))
        if action.kind == "check_facts":
            return await self._editing.check_facts(plan, task)
        if action.kind == "check_links":
            return await self._editing.check_links(plan, task)
        if action.kind == "draw":
            return await self._researching.draw_image(plan, task)
        return await self._writing.fill_fields(plan, task)

    async def _published(self, plan: PostPlan, task: Task, result: PostRunResult) -> Outcome:
        """To each target, the others too where one fails; the first failure ends the run, which can be resumed."""
        failed: ScrivanoError | None = None
        for target in await self._placing.plan_publishing(plan, task):
            try:
                result.published.append(await self._placing.publish_to(plan, target))
            except ScrivanoError as error:
                failed = failed or error
        if failed is not None:
            raise failed
        return Outcome()
