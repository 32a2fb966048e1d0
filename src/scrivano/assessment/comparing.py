"""The same chapter written twice, and which is better, without knowing by whom.

The order in which the two are shown is drawn when the comparison is ordered and told only after the choice. A judge is
asked in both orders, as models favour a place.
"""

import asyncio
import secrets
from typing import Any, Literal
from uuid import UUID

from scrivano.assessment import repo
from scrivano.assessment.comparison_dto import (
    AlreadyChosen,
    Choice,
    ComparisonNotFound,
    ComparisonOrder,
    ComparisonResult,
    ComparisonRun,
    ComparisonView,
    NotReady,
    PairAnswer,
    PairVerdict,
    Place,
    Side,
    SideText,
    SideView,
    Verdict,
)
from scrivano.assessment.dto import ChapterText, Manuscript, PlannedChapter, Scores
from scrivano.assessment.models import ComparisonRow, SideRow
from scrivano.assessment.quotations import find_quote
from scrivano.assessment.service import Assessments
from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.ids import new_id
from scrivano.llm.public import CallContext, LLMService, Options
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.prompts.public import PRODUCTION, Prompts
from scrivano.runs.public import PipelineBase, Runs, current, run_class, step, workflow

WRITES, JUDGES = "write_chapter", "assess_pair"
SIDES: tuple[Side, Side] = ("a", "b")


class Comparisons:
    """Ordering comparisons, looking at them blindly, choosing."""

    def __init__(self, database: Database, runs: Runs, prompts: Prompts) -> None:
        self._database = database
        self._runs = runs
        self._prompts = prompts

    async def order(
        self,
        order: ComparisonOrder,
        *,
        name: str = "",
        project_id: UUID = DEFAULT_PROJECT,
        user_id: UUID | None = None,
        comparison_id: UUID | None = None,
    ) -> ComparisonView:
        """Store the comparison and start the run that writes both texts. Raises PromptNotFound.

        With an id that is there already nothing is ordered anew; a run that was not started then is started now.
        """
        comparison_id = comparison_id or new_id()
        run_id = str(comparison_id)
        if await self.project_of(comparison_id) is None:
            await self._store(comparison_id, order, name, project_id, user_id)
        await self._runs.start(
            "compare",
            ComparisonRun(comparison_id=comparison_id),
            run_id=run_id,
            project_id=project_id,
            user_id=user_id,
        )
        return await self.get(comparison_id)

    async def project_of(self, comparison_id: UUID) -> UUID | None:
        """The project that it belongs to; None where there is no such comparison."""
        async with self._database.read() as session:
            row = await repo.get_comparison(session, comparison_id)
        return row.project_id if row else None

    async def _store(
        self, comparison_id: UUID, order: ComparisonOrder, name: str, project_id: UUID, user_id: UUID | None
    ) -> None:
        versions = [await self._version(side.prompt_version) for side in order.sides]
        judge = await self._prompts.pin([JUDGES])
        run_id = str(comparison_id)
        row = ComparisonRow(
            id=comparison_id,
            project_id=project_id,
            name=name or order.chapter_title,
            scope="chapter",
            run_id=run_id,
            order_given=order.model_dump(mode="json"),
            swapped=bool(secrets.randbits(1)),
            reason="",
            created_by=user_id,
            created_at=clock.now(),
        )
        sides = [
            SideRow(
                comparison_id=comparison_id,
                side=side,
                model=given.model or "",
                prompts={WRITES: version, **judge},
                run_id=run_id,
                text="",
                facts={},
            )
            for side, given, version in zip(SIDES, order.sides, versions, strict=True)
        ]
        async with self._database.begin() as session:
            await repo.add_comparison(session, row, sides)

    async def _version(self, wanted: str | None) -> str:
        shown = await self._prompts.show(WRITES, wanted or PRODUCTION)
        return str(shown.info.id)

    async def get(self, comparison_id: UUID) -> ComparisonView:
        """One comparison; what would give the writers away is told after the choice. Raises ComparisonNotFound."""
        async with self._database.read() as session:
            row = await repo.get_comparison(session, comparison_id)
            sides = await repo.sides(session, comparison_id)
        if row is None:
            raise ComparisonNotFound(f"There is no comparison {comparison_id}.")
        return _view(row, list(sides))

    async def list(self, project_id: UUID, *, limit: int = 50, offset: int = 0) -> list[ComparisonView]:
        """Comparisons of a project, newest first."""
        async with self._database.read() as session:
            rows = await repo.comparisons(session, project_id, limit=limit, offset=offset)
            return [_view(row, list(await repo.sides(session, row.id))) for row in rows]

    async def choose(self, comparison_id: UUID, choice: Choice, *, by: str = "author") -> ComparisonView:
        """Keep which is better, once. Raises NotReady before both texts are there, AlreadyChosen afterwards."""
        async with self._database.begin() as session:
            row = await repo.get_comparison(session, comparison_id, lock=True)
            if row is None:
                raise ComparisonNotFound(f"There is no comparison {comparison_id}.")
            sides = list(await repo.sides(session, comparison_id))
            if row.chosen is not None:
                raise AlreadyChosen
            if not all(s.text for s in sides):
                raise NotReady(remedy=f"Look at the run {row.run_id}.")
            chosen = "tie" if choice.better == "tie" else _side_at(choice.better, row.swapped)
            await repo.choose(session, comparison_id, chosen, by, choice.reason, clock.now())
        return await self.get(comparison_id)

    async def take_verdict(self, comparison_id: UUID) -> ComparisonView:
        """Let the judge's verdict be the choice. Raises NotReady where there is none."""
        async with self._database.read() as session:
            row = await repo.get_comparison(session, comparison_id)
        if row is None:
            raise ComparisonNotFound(f"There is no comparison {comparison_id}.")
        if row.verdict is None:
            raise NotReady(
                "No judge has given a verdict.",
                remedy="Order the comparison with `judge`, or choose yourself.",
            )
        verdict = Verdict.model_validate(row.verdict)
        better: Place | Literal["tie"] = "tie"
        if verdict.better != "tie":
            better = "first" if _side_at("first", row.swapped) == verdict.better else "second"
        reason = " ".join(j.reason for j in verdict.judgements if j.counts)
        return await self.choose(comparison_id, Choice(better=better, reason=reason), by="rubric")

    async def delete(self, comparison_id: UUID) -> None:
        """Delete a comparison with its texts. Raises ComparisonNotFound."""
        await self.get(comparison_id)
        async with self._database.begin() as session:
            await repo.drop_comparison(session, comparison_id)


def _side_name(comparison_id: UUID, side: str) -> str:
    return side


def _order_shown(comparison_id: UUID, written: list[SideText], shown: list[str]) -> str:
    return "".join(shown)


@run_class
class ComparisonPipeline(PipelineBase):
    """Two texts, side by side; then, where it is asked for, a judge in both orders."""

    def __init__(
        self, database: Database, llm: LLMService, prompts: Prompts, assessments: Assessments
    ) -> None:
        self._database = database
        self._llm = llm
        self._prompts = prompts
        self._assessments = assessments
        super().__init__()

    @workflow(name="compare")
    async def compare(self, order: ComparisonRun) -> ComparisonResult:
        """Both sides write; the texts are measured; a judge compares them if that was asked."""
        written = await asyncio.gather(*[self.write_side(order.comparison_id, side) for side in SIDES])
        if not await self.keep_sides(order.comparison_id, list(written)):
            return ComparisonResult(comparison_id=order.comparison_id)
        both = await asyncio.gather(
            self.judge_pair(order.comparison_id, list(written), ["a", "b"]),
            self.judge_pair(order.comparison_id, list(written), ["b", "a"]),
        )
        verdict = await self.keep_verdict(order.comparison_id, list(both))
        return ComparisonResult(comparison_id=order.comparison_id, verdict=verdict)

    @step(preemptible=True, item=_side_name)
    async def write_side(self, comparison_id: UUID, side: str) -> SideText:
        """One side's chapter."""
        row, sides = await self._row(comparison_id)
        mine = next(s for s in sides if s.side == side)
        order = ComparisonOrder.model_validate(row.order_given)
        prompt = await self._prompts.render(WRITES, _variables(order), version_id=mine.prompts[WRITES])
        settings: dict[str, Any] = {k: v for k, v in prompt.settings.items() if v is not None}
        settings["max_tokens"] = max(256, order.words * 5)
        if mine.model:
            settings["model"] = mine.model
        response = await self._llm.generate_response(
            prompt.messages,
            options=Options.model_validate(settings),
            context=_context(row, WRITES, prompt.version_id, side),
        )
        return SideText(
            side="a" if side == "a" else "b",
            text=response.text.strip(),
            model=response.model,
            cost=float(response.cost),
            seconds=response.seconds,
            completion_tokens=response.usage.completion_tokens,
            request_id=response.request_id,
        )

    @step()
    async def keep_sides(self, comparison_id: UUID, written: list[SideText]) -> bool:
        """Measure and store both texts; whether a judge is to be asked."""
        row, _ = await self._row(comparison_id)
        order = ComparisonOrder.model_validate(row.order_given)
        for side in written:
            report = await self._assessments.measure(_manuscript(order, side.text), domain=order.domain)
            scores = Scores(score=report.score, measures=report.chapters[0].measures)
            facts = side.model_dump(mode="json", exclude={"side", "text"})
            async with self._database.begin() as session:
                await repo.put_side(
                    session, comparison_id, side.side, side.text, facts, scores.model_dump(mode="json")
                )
        return order.judge

    @step(item=_order_shown)
    async def judge_pair(self, comparison_id: UUID, written: list[SideText], shown: list[str]) -> PairVerdict:
        """The judge's word on the two texts in this order."""
        row, sides = await self._row(comparison_id)
        order = ComparisonOrder.model_validate(row.order_given)
        texts = {side.side: side.text for side in written}
        first, second = (texts["a" if name == "a" else "b"] for name in shown)
        genre = await self._assessments.genre(order.genre, kind=order.kind, domain=order.domain)
        variables = {
            **{name: value for name, value in _situation(order).items() if name != "fiction"},
            "first": first,
            "second": second,
            "criteria": [{"name": c.name, "question": c.question} for c in genre.criteria],
        }
        prompt = await self._prompts.render(JUDGES, variables, version_id=sides[0].prompts[JUDGES])
        settings: dict[str, Any] = {k: v for k, v in prompt.settings.items() if v is not None}
        if order.judge_model:
            settings["model"] = order.judge_model
        answer = await self._llm.generate_structured_response(
            prompt.messages,
            response_model=PairAnswer,
            options=Options.model_validate(settings),
            context=_context(row, JUDGES, prompt.version_id, "".join(shown)),
        )
        return settle_pair(answer.value, first, second, shown, float(answer.response.cost))

    @step()
    async def keep_verdict(self, comparison_id: UUID, both: list[PairVerdict]) -> Verdict:
        """What the two judgements come to."""
        verdict = verdict_of(both)
        async with self._database.begin() as session:
            await repo.put_verdict(session, comparison_id, verdict.model_dump(mode="json"))
        return verdict

    async def _row(self, comparison_id: UUID) -> tuple[ComparisonRow, list[SideRow]]:
        async with self._database.read() as session:
            row = await repo.get_comparison(session, comparison_id)
            sides = list(await repo.sides(session, comparison_id))
        if row is None:
            raise ComparisonNotFound(f"There is no comparison {comparison_id}.")
        return row, sides


def settle_pair(answer: PairAnswer, first: str, second: str, shown: list[str], cost: float) -> PairVerdict:
    """The answer in terms of sides; it counts only with a quotation from each text that stands there."""
    order: tuple[Side, Side] = ("a", "b") if shown[0] == "a" else ("b", "a")
    proved = find_quote(first, answer.first_quote) and find_quote(second, answer.second_quote)
    better: Any = {"first": order[0], "second": order[1], "tie": "tie"}[answer.better]
    return PairVerdict(order=order, better=better, counts=bool(proved), reason=answer.reason, cost=cost)


def verdict_of(both: list[PairVerdict]) -> Verdict:
    """A side that won every order that counts; a tie where they differ, or where one order alone does not count."""
    first = both[0].better
    agreed = all(v.counts and v.better == first for v in both)
    return Verdict(better=first if agreed else "tie", judgements=both)


def _context(row: ComparisonRow, name: str, version: str, item: str) -> CallContext:
    run_id = current().run_id
    return CallContext(
        feature="assessment",
        purpose=name,
        run_id=run_id,
        project_id=str(row.project_id),
        key="/".join([run_id, name, item, "0"]),
        prompt_name=name,
        prompt_version=version,
        labels={"comparison": str(row.id), "item": item},
    )


def _situation(order: ComparisonOrder) -> dict[str, Any]:
    return {
        "title": order.title,
        "subject": order.subject or order.niche.replace("_", " "),
        "kind": order.kind,
        "fiction": order.kind == "fiction",
        "audience": order.audience,
        "tone": order.tone,
        "language": order.language,
        "chapter_title": order.chapter_title,
    }


def _variables(order: ComparisonOrder) -> dict[str, Any]:
    return {
        **_situation(order),
        "outline": [{"title": order.chapter_title, "summary": order.chapter_summary}],
        "number": 1,
        "last": True,
        "chapter_summary": order.chapter_summary,
        "points": order.points,
        "words": order.words,
    }


def _manuscript(order: ComparisonOrder, text: str) -> Manuscript:
    planned = PlannedChapter(
        title=order.chapter_title, summary=order.chapter_summary, points=list(order.points), words=order.words
    )
    return Manuscript(
        chapters=[ChapterText(title=order.chapter_title, text=text or "…")],
        outline=[planned],
        language=order.language,
        kind=order.kind,
        genre=order.genre,
        audience=order.audience,
    )


def _side_at(place: Place, swapped: bool) -> Side:
    return "b" if (place == "first") == swapped else "a"


def _view(row: ComparisonRow, sides: list[SideRow]) -> ComparisonView:
    shown = sides[::-1] if row.swapped else sides
    places: tuple[Place, Place] = ("first", "second")
    open_ = row.chosen is not None
    chosen: Any = row.chosen
    if row.chosen in SIDES:
        chosen = next(p for p, s in zip(places, shown, strict=True) if s.side == row.chosen)
    order = ComparisonOrder.model_validate(row.order_given)
    if not open_:
        order = order.model_copy(
            update={
                "sides": tuple(
                    s.model_copy(update={"model": None, "prompt_version": None}) for s in order.sides
                )
            }
        )
    return ComparisonView(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        scope="chapter" if row.scope == "chapter" else "book",
        run_id=row.run_id,
        order=order,
        ready=all(s.text for s in sides),
        sides=[_side(p, s, open_) for p, s in zip(places, shown, strict=True)],
        chosen=chosen,
        chosen_by=row.chosen_by,
        reason=row.reason,
        verdict=Verdict.model_validate(row.verdict) if open_ and row.verdict else None,
        created_at=row.created_at,
        chosen_at=row.chosen_at,
    )


def _side(place: Place, row: SideRow, open_: bool) -> SideView:
    if not open_:
        return SideView(place=place, text=row.text)
    return SideView(
        place=place,
        text=row.text,
        side="a" if row.side == "a" else "b",
        model=row.model,
        prompts=row.prompts,
        facts=row.facts,
        scores=Scores.model_validate(row.report) if row.report else None,
    )
