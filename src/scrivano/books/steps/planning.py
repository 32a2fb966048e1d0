"""Before the first word: who writes, from which prompts, and along which outline."""

from uuid import UUID

from scrivano.books import repo
from scrivano.books.brief import check_niche
from scrivano.books.dto import BookOutline, Brief, OutlineRejected
from scrivano.books.outline import ProposedOutline, chapters_asked, edited_outline, settle
from scrivano.books.stages import BUILT_IN, BookOrder, Plan
from scrivano.books.steps.asking import Asking
from scrivano.books.writers import models_in_reach, require_model
from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import NotFound
from scrivano.llm.public import LLMService
from scrivano.packs.public import OutlineSample, Packs
from scrivano.prompts.public import Prompts
from scrivano.runs.public import Decision, current, step

PROMPTS = (
    "write_outline",
    "write_chapter",
    "continue_chapter",
    "summarize_chapter",
    "check_continuity",
    "revise_passage",
)


def _prompts_for(brief: Brief) -> tuple[str, ...]:
    return (*PROMPTS, "assess_chapter", "revise_chapter") if brief.revision_rounds else PROMPTS


class Planning:
    """Decides once, so that every later step, and every replay of it, follows the same plan."""

    def __init__(
        self, database: Database, llm: LLMService, prompts: Prompts, packs: Packs, asking: Asking
    ) -> None:
        self._database = database
        self._llm = llm
        self._prompts = prompts
        self._packs = packs
        self._asking = asking

    @step()
    async def plan_book(self, order: BookOrder) -> Plan:
        """Choose the writer and pin the prompt versions.

        Raises NotFound for a book or model that is not there. With no model in reach, and none named, the
        built-in writer takes over.
        """
        async with self._database.begin() as session:
            row = await repo.get_book(session, order.book_id)
            await repo.set_run(session, order.book_id, current().run_id)
        if row is None:
            raise NotFound(f"There is no book {order.book_id}.")
        brief = Brief.model_validate(row.brief)
        await self._check_niche(brief)
        if order.max_cost is not None:
            await self._llm.set_budget("run", current().run_id, order.max_cost)
        models = await self._models(order.model)
        plan = Plan(
            book_id=order.book_id,
            brief=brief,
            writer="model" if models else BUILT_IN,
            models=models,
            prompts={**await self._prompts.pin(_prompts_for(brief)), **order.prompts} if models else {},
            day=brief.date or clock.now().date(),
            project_id=str(row.project_id),
            user_id=str(row.user_id) if row.user_id else None,
        )
        async with self._database.begin() as session:
            await repo.set_plan(session, order.book_id, plan.model_dump(mode="json"))
            await repo.add_run(session, order.book_id, current().run_id, "write")
        return plan

    async def _check_niche(self, brief: Brief) -> None:
        if brief.niche:
            domains = await self._packs.domains()
            known = {d.slug: [n.slug for n in await self._packs.niches(d.slug)] for d in domains}
            check_niche(brief, known)

    async def _models(self, wanted: str | None) -> list[str]:
        if wanted == BUILT_IN:
            return []
        if wanted is not None:
            return [await require_model(self._llm, wanted)]
        return await models_in_reach(self._llm)

    @step()
    async def write_outline(self, plan: Plan) -> BookOutline:
        """Ask the model for an outline, shown what good ones of this niche look like."""
        samples = await self._samples(plan.brief)
        proposal, _ = await self._asking.structured(
            plan,
            "write_outline",
            {
                **brief_variables(plan.brief),
                "chapters": chapters_asked(plan.brief),
                "samples": [_shown(sample) for sample in samples],
                "references": await self._asking.reference_titles(plan.book_id),
            },
            ProposedOutline,
        )
        outline = settle(proposal, plan.brief)
        await self.keep_outline(plan.book_id, outline)
        return outline

    @step()
    async def take_decision(self, plan: Plan, outline: BookOutline, decision: Decision) -> BookOutline:
        """The outline as the author approved it, with their changes; raises OutlineRejected if they did not."""
        if not decision.approved:
            raise OutlineRejected
        if not decision.data:
            return outline
        edited = edited_outline(decision.data, plan.brief)
        await self.keep_outline(plan.book_id, edited)
        return edited

    async def keep_outline(self, book_id: UUID, outline: BookOutline) -> None:
        """Store the outline with its book, where the author can see and edit it."""
        async with self._database.begin() as session:
            await repo.set_outline(session, book_id, outline.title, outline.model_dump(mode="json"))
            await repo.drop_chapters_after(session, book_id, len(outline.chapters))

    async def _samples(self, brief: Brief) -> list[OutlineSample]:
        if not (brief.domain and brief.niche):
            return []
        query = " ".join(filter(None, [brief.title, brief.subject, brief.audience, brief.tone]))
        return await self._packs.few_shot_outlines(brief.domain, brief.niche, query, k=2)


def brief_variables(brief: Brief) -> dict[str, object]:
    """The brief as the prompts know it."""
    return {
        "title": brief.title or "",
        "subtitle": brief.subtitle or "",
        "subject": brief.subject or (brief.niche or "").replace("_", " "),
        "kind": brief.kind,
        "fiction": brief.kind == "fiction",
        "audience": brief.audience,
        "tone": brief.tone,
        "language": brief.language,
        "words": brief.words,
        "premise": brief.premise or "",
        "characters": [c.model_dump() for c in brief.characters],
        "world": brief.world.model_dump() if brief.world else None,
        "notes": brief.notes or "",
    }


def _shown(sample: OutlineSample) -> dict[str, object]:
    return {
        "title": sample.title,
        "audience": sample.audience,
        "tone": sample.tone,
        "chapters": [{"title": c.title, "points": "; ".join(c.points)} for c in sample.chapters],
    }
