"""Filling fields, and writing the text section by section with citations that are checked."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from pydantic import JsonValue

from scrivano.core.errors import InvalidInput
from scrivano.llm.public import NobodyCould, TryLater
from scrivano.posts.calls import ROUNDS, outline_of, to_write, values_to_write, words_to_write
from scrivano.posts.desk import Desk, Opened
from scrivano.posts.fallbacks import fill, slug_of
from scrivano.posts.proposals import Proposals
from scrivano.posts.sections import (
    Part,
    cited_numbers,
    cleaned,
    join_sections,
    strange_marks,
    without_strange_marks,
)
from scrivano.posts.stages import (
    Outcome,
    PostPlan,
    SectionTask,
    SectionText,
    Task,
    section_number,
    task_name,
)
from scrivano.posts.steps.asking import Asking, action_of
from scrivano.posts.values import Section, answer_model, is_filled
from scrivano.posts.workflow import BODY, Action
from scrivano.references.public import count_words
from scrivano.runs.public import current, step


class Writing:
    """The writer's actions. Each model call is a step: once answered, never asked again."""

    def __init__(self, desk: Desk, proposals: Proposals, asking: Asking) -> None:
        self._desk = desk
        self._proposals = proposals
        self._asking = asking

    @step(item=task_name)
    async def fill_fields(self, plan: PostPlan, task: Task) -> Outcome:
        """Ask for the action's fields together; where no model answers, rules fill what they can."""
        action = action_of(plan, task)
        opened = await self._desk.open(plan.post_id)
        try:
            values, request_ids = await self._asked(plan, action, opened)
            made_by, notes = "model", list[str]()
        except (NobodyCould, TryLater) as error:
            if action.optional:
                return Outcome(notes=[error.message])
            if action.fallback is None:
                raise
            made = fill(action.fallback, opened.fields)
            values = {
                name: value for name, value in made.items() if name in action.outputs and is_filled(value)
            }
            request_ids, made_by, notes = [], "rules", [f"Made by rules: {error.message}"]
        if not plan.single:
            mine = [name for name in values if is_filled(opened.fields.get(name))]
            values = {name: value for name, value in values.items() if name not in mine}
        if not values:
            return Outcome(notes=notes)
        return await self._proposed(plan, task, opened, values, made_by == "model", notes, request_ids)

    async def _asked(
        self, plan: PostPlan, action: Action, opened: Opened
    ) -> tuple[dict[str, JsonValue], list[UUID]]:
        fields = [field for name in action.outputs if (field := plan.content.field(name))]
        answer, request_id = await self._asking.structured(
            plan, action, opened, answer_model(action.template or action.name, fields)
        )
        values = answer.model_dump(mode="json")
        return {name: settled(name, value, opened) for name, value in values.items()}, [request_id]

    @step()
    async def plan_sections(self, plan: PostPlan, task: Task) -> list[SectionTask]:
        """One task for each section of the outline. Raises InvalidInput where there is none."""
        opened = await self._desk.open(plan.post_id)
        sections = to_write(opened)
        if not sections:
            field = outline_of(opened)[0] or "outline"
            raise InvalidInput("There is no outline to write from.", field=field)
        return sections

    @step(preemptible=True, item=section_number)
    async def write_section(self, plan: PostPlan, task: Task, section: SectionTask) -> SectionText:
        """A section. One that points at what is no kept source, or at none at all, is asked for once more; marks that
        are wrong even then are taken out, and said."""
        action = action_of(plan, task)
        opened = await self._desk.open(plan.post_id)
        more = values_to_write(opened, section)
        text, request_ids, problem = "", list[UUID](), ""
        for round_ in range(ROUNDS):
            response = await self._asking.prose(
                plan,
                action,
                opened,
                {**more, "problem": problem},
                words=words_to_write(opened, section),
                item=f"{section.number:02}",
                round_=round_,
            )
            request_ids.append(response.request_id)
            text = cleaned(response.text, section.heading)
            problem = _problem(text, opened)
            if not problem:
                break
        return SectionText(
            number=section.number,
            heading=section.heading,
            text=without_strange_marks(text, opened.kept),
            notes=[f"Section {section.number}: {problem}"] if problem else [],
            request_ids=request_ids,
        )

    @step()
    async def propose_body(self, plan: PostPlan, task: Task, sections: list[SectionText]) -> Outcome:
        """The sections as one text. Nothing to decide where it is the text that is there."""
        opened = await self._desk.open(plan.post_id)
        body = join_sections([Part(s.heading, s.text) for s in sorted(sections, key=lambda s: s.number)])
        notes = [note for section in sections for note in section.notes]
        if body == opened.body or not body.strip():
            return Outcome(notes=notes)
        request_ids = [request_id for section in sections for request_id in section.request_ids]
        return await self._proposed(plan, task, opened, {BODY: body}, True, notes, request_ids)

    async def _proposed(
        self,
        plan: PostPlan,
        task: Task,
        opened: Opened,
        values: Mapping[str, JsonValue],
        by_model: bool,
        notes: Sequence[str],
        request_ids: Sequence[UUID],
    ) -> Outcome:
        proposal = await self._proposals.add(
            opened,
            task.stage,
            task.action,
            values,
            made_by="model" if by_model else "rules",
            key=f"{current().run_id}/{task.action}",
            notes=notes,
            request_ids=request_ids,
            run_id=current().run_id,
        )
        return Outcome(proposal_id=proposal.id, notes=list(notes))


def settled(name: str, value: JsonValue, opened: Opened) -> JsonValue:
    """A model's value as the field takes it: addresses in their form, outlines that name kept sources alone."""
    if name == "slug" and isinstance(value, str):
        return slug_of(value) if value.strip() else slug_of(str(opened.fields.get("title") or ""))
    if isinstance(value, list) and value and isinstance(value[0], dict) and "heading" in value[0]:
        sections = [Section.model_validate(section) for section in value]
        return [
            {**s.model_dump(mode="json"), "sources": [n for n in s.sources if n in opened.kept]}
            for s in sections
        ]
    return value


def _problem(text: str, opened: Opened) -> str:
    strange = strange_marks(text, opened.kept)
    if strange:
        return f"It points at what is no kept source: {', '.join(strange)}."
    if opened.kept and not cited_numbers(text) and count_words(text) > 0:
        return "It points at none of the sources."
    return "" if text else "It is empty."
