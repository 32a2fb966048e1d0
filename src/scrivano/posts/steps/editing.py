"""Editing: what the sources do not bear out, sections made better without losing what they rest on, links."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue

from scrivano.llm.public import NobodyCould, TryLater
from scrivano.posts.calls import LONGEST, SHORTEST, to_edit, values_to_edit
from scrivano.posts.desk import Desk, Opened
from scrivano.posts.proposals import Proposals
from scrivano.posts.sections import cited_numbers, cleaned, links_in, strange_marks
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
from scrivano.posts.values import Finding, is_filled
from scrivano.publishing.public import is_web_address
from scrivano.references.public import count_words
from scrivano.runs.public import current, step


class FactReport(BaseModel):
    """What a reader who has the sources found. Empty when all is well."""

    findings: list[Finding] = Field(default_factory=list[Finding], max_length=20)


class Editing:
    """The editor's actions."""

    def __init__(self, desk: Desk, proposals: Proposals, asking: Asking) -> None:
        self._desk = desk
        self._proposals = proposals
        self._asking = asking

    @step(item=task_name)
    async def check_facts(self, plan: PostPlan, task: Task) -> Outcome:
        """Statements that the sources do not bear out. A finding that does not quote the text is left out.

        Where no model answers, the notes say that nothing was checked.
        """
        action = action_of(plan, task)
        opened = await self._desk.open(plan.post_id)
        try:
            report, request_id = await self._asking.structured(plan, action, opened, FactReport)
        except (NobodyCould, TryLater) as error:
            return Outcome(notes=[f"The facts were not checked: {error.message}"])
        said = " ".join(opened.body.split())
        found = [f for f in report.findings if f.quote.strip() and " ".join(f.quote.split()) in said]
        values: dict[str, JsonValue] = {action.outputs[0]: [f.model_dump(mode="json") for f in found]}
        return await self._proposed(plan, task, opened, values, [f"{len(found)} findings."], [request_id])

    @step()
    async def plan_edits(self, plan: PostPlan, task: Task) -> list[SectionTask]:
        """One task for each section of the text, with the findings that quote it."""
        return to_edit(await self._desk.open(plan.post_id))

    @step(preemptible=True, item=section_number)
    async def edit_section(self, plan: PostPlan, task: Task, section: SectionTask) -> SectionText:
        """A section made clearer and brought to the post's tone. It stays as it was where the edit points at what is
        no kept source, loses all its sources, or is no longer the same section by its length; the notes say so."""
        action = action_of(plan, task)
        opened = await self._desk.open(plan.post_id)
        words = count_words(section.text)
        same = SectionText(number=section.number, heading=section.heading, text=section.text)
        if not words:
            return same
        try:
            response = await self._asking.prose(
                plan,
                action,
                opened,
                values_to_edit(section),
                words=round(words * LONGEST),
                item=f"{section.number:02}",
            )
        except (NobodyCould, TryLater) as error:
            return same.model_copy(
                update={"notes": [f"Section {section.number} was not edited: {error.message}"]}
            )
        text = cleaned(response.text, section.heading)
        ids = [response.request_id]
        why = _worse(section.text, text, opened)
        if why:
            notes = [f"Section {section.number} stays as it was: the edit {why}."]
            return same.model_copy(update={"notes": notes, "request_ids": ids})
        return same.model_copy(update={"text": text, "request_ids": ids})

    @step(item=task_name)
    async def check_links(self, plan: PostPlan, task: Task) -> Outcome:
        """A line for each link that leads nowhere or to what is no kept source; nothing is fetched."""
        action = action_of(plan, task)
        opened = await self._desk.open(plan.post_id)
        known = {source.url for source in opened.kept.values()}
        lines: list[JsonValue] = []
        for link in links_in(opened.body):
            if link.startswith("#"):
                continue
            if not is_web_address(link):
                lines.append(f"{link[:300]} is no whole address.")
            elif link not in known:
                lines.append(f"{link[:300]} is no kept source: look at it before you publish.")
        return await self._proposed(plan, task, opened, {action.outputs[0]: lines}, [], [], by_model=False)

    async def _proposed(
        self,
        plan: PostPlan,
        task: Task,
        opened: Opened,
        values: dict[str, JsonValue],
        notes: list[str],
        request_ids: Sequence[UUID],
        *,
        by_model: bool = True,
    ) -> Outcome:
        if all(not is_filled(v) and not is_filled(opened.fields.get(n)) for n, v in values.items()):
            return Outcome(notes=notes)
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
        return Outcome(proposal_id=proposal.id, notes=notes)


def _worse(before: str, after: str, opened: Opened) -> str:
    strange = strange_marks(after, opened.kept)
    if strange:
        return f"points at what is no kept source ({', '.join(strange)})"
    if cited_numbers(before) and not cited_numbers(after):
        return "loses its sources"
    ratio = count_words(after) / max(1, count_words(before))
    return "" if SHORTEST <= ratio <= LONGEST else f"has {ratio:.1f} times the length"
