"""Moving a post through its stages: rules, acceptance, what a person decided at a gate."""

from uuid import UUID

from pydantic import JsonValue

from scrivano.core.errors import PersonError
from scrivano.documents.public import Author, DocumentChanged
from scrivano.posts.desk import Desk
from scrivano.posts.dto import PostChanged, ProposalDecidedBefore
from scrivano.posts.proposals import Proposals
from scrivano.posts.rules import missing
from scrivano.posts.stages import Entered, PostPlan, Task, task_name
from scrivano.posts.steps.asking import action_of
from scrivano.posts.values import checked, is_filled
from scrivano.runs.public import Decision, current, step

_AGAIN = ("publish", "check_facts", "check_links", "edit_sections")


class Moving:
    """What a run does in a person's place, and never against what a person wrote."""

    def __init__(self, desk: Desk, proposals: Proposals) -> None:
        self._desk = desk
        self._proposals = proposals

    @step()
    async def enter_stage(self, plan: PostPlan, stage: str) -> Entered:
        """Move the post there if the rules let it; else what is missing."""
        opened = await self._desk.open(plan.post_id)
        if opened.row.stage == stage:
            return Entered(stage=stage)
        wanted = plan.content.stage(stage)
        assert wanted is not None
        if plan.content.position(opened.row.stage) + 1 != plan.content.position(stage):
            return Entered(stage=opened.row.stage, missing=["Somebody moved the post to another stage."])
        lacking = [*opened.missing_to_leave(), *missing(plan.content, wanted.enter, opened.standing())]
        if lacking:
            return Entered(stage=opened.row.stage, missing=lacking)
        await self._desk.apply(opened, {}, kind="moved on", author=_run(), stage=stage)
        return Entered(stage=stage)

    @step(item=task_name)
    async def is_done(self, plan: PostPlan, task: Task) -> bool:
        """Whether an action has nothing to do, because what it would make is there."""
        action = action_of(plan, task)
        opened = await self._desk.open(plan.post_id)
        if action.kind in _AGAIN:
            return False
        if action.kind == "search":
            return bool(opened.kept)
        return all(is_filled(opened.fields.get(name)) for name in action.outputs)

    @step()
    async def accept_proposal(self, plan: PostPlan, proposal_id: UUID) -> list[str]:
        """Accept it, unless a person changed the field meanwhile: then it waits for them, and the notes say so."""
        try:
            await self._proposals.accept(plan.post_id, proposal_id, author=_run())
        except ProposalDecidedBefore:
            return []
        except PostChanged as error:
            return [f"A proposal waits for a decision: {error.message}"]
        return []

    @step()
    async def show_stage(self, plan: PostPlan, stage: str) -> dict[str, JsonValue]:
        """What a person gets to see at a gate: the stage's fields as they stand."""
        opened = await self._desk.open(plan.post_id)
        found = plan.content.stage(stage)
        assert found is not None
        fields: dict[str, JsonValue] = {name: opened.fields.get(name) for name in found.fields}
        return {"post": str(plan.post_id), "stage": stage, "title": opened.row.title, "fields": fields}

    @step()
    async def take_decision(self, plan: PostPlan, stage: str, decision: Decision) -> list[str]:
        """Take over the fields that a person changed at the gate; why it goes no further, if it doesn't."""
        if not decision.approved:
            return [f"A person said no at the end of the stage {stage}."]
        given = (decision.data or {}).get("fields", decision.data or {})
        if not given:
            return []
        opened = await self._desk.open(plan.post_id)
        found = plan.content.stage(stage)
        assert found is not None
        try:
            values = {n: checked(plan.content, n, v) for n, v in given.items() if n in found.fields}
            await self._desk.apply(opened, values, kind=f"decided at {stage}", author=Author())
        except (PersonError, DocumentChanged, AttributeError) as error:
            return [f"What was changed at the gate cannot be taken: {error}"]
        return []


def _run() -> Author:
    return Author(kind="run", id=current().run_id)
