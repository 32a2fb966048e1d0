"""A rubric judged by a model, whose every score has to be proved by the text."""

from dataclasses import dataclass, field
from typing import Any

from scrivano.assessment.dto import Criterion, Finding, GenreContent, JudgeAnswer, Judged, Judgement
from scrivano.assessment.quotations import find_quote
from scrivano.llm.public import CallContext, LLMService, Options
from scrivano.prompts.public import Prompts

TEMPLATE = "assess_chapter"
# A score above this needs no advice to be acted on.
FINE = 75.0


@dataclass(frozen=True)
class JudgeCall:
    """Who asks and how: the call's context with its key, the template's pinned version, the model."""

    context: CallContext
    version_id: str | None = None
    model: str | None = None
    situation: dict[str, Any] = field(default_factory=dict[str, Any])


async def judge(
    llm: LLMService, prompts: Prompts, text: str, genre: GenreContent, call: JudgeCall
) -> Judgement:
    """Ask the criteria of the genre about one chapter. Raises what the model's service raises."""
    variables = {
        "genre": genre.name,
        "text": text,
        "criteria": [
            {
                "slug": c.slug,
                "name": c.name,
                "question": c.question,
                "low": c.levels.get("0", ""),
                "middle": c.levels.get("50", ""),
                "high": c.levels.get("100", ""),
            }
            for c in genre.criteria
        ],
        **call.situation,
    }
    prompt = await prompts.render(TEMPLATE, variables, version_id=call.version_id)
    settings = {k: v for k, v in prompt.settings.items() if v is not None}
    if call.model:
        settings["model"] = call.model
    context = call.context.model_copy(
        update={"prompt_name": prompt.name, "prompt_version": prompt.version_id, "purpose": prompt.name}
    )
    answer = await llm.generate_structured_response(
        prompt.messages, response_model=JudgeAnswer, options=Options.model_validate(settings), context=context
    )
    judged = settle(text, genre.criteria, answer.value)
    response = answer.response
    return judged.model_copy(
        update={
            "request_id": response.request_id,
            "model": response.model,
            "prompt_version": prompt.version_id,
            "cost": float(response.cost),
        }
    )


def settle(text: str, criteria: list[Criterion], answer: JudgeAnswer) -> Judgement:
    """Keep of the answer what the text bears out: one verdict a criterion, its quotation found word for word."""
    known = {c.slug: c for c in criteria}
    judged: dict[str, Judged] = {}
    dropped = 0
    for verdict in answer.verdicts:
        criterion = known.get(verdict.criterion.strip().lower())
        if criterion is None or (criterion.slug in judged and judged[criterion.slug].counts):
            dropped += 1
            continue
        place = find_quote(text, verdict.quote)
        dropped += place is None
        start, end = place or (0, 0)
        judged[criterion.slug] = Judged(
            criterion=criterion.slug,
            name=criterion.name,
            weight=criterion.weight,
            score=verdict.score,
            counts=place is not None,
            quote=text[start:end] if place else verdict.quote,
            start=start,
            end=end,
            why=verdict.why,
            advice=verdict.advice,
        )
    counted = [j for j in judged.values() if j.counts]
    weight = sum(j.weight for j in counted)
    score = sum(j.score * j.weight for j in counted) / weight if weight else None
    ordered = [judged[c.slug] for c in criteria if c.slug in judged]
    return Judgement(score=score, criteria=ordered, dropped=dropped)


def findings_of(judgement: Judgement, chapter: int | None) -> list[Finding]:
    """What the rubric found wanting, as findings."""
    return [
        Finding(
            measure=f"rubric: {j.criterion}",
            chapter=chapter,
            quote=j.quote,
            start=j.start,
            end=j.end,
            why=j.why or f"{j.name}: {j.score:.0f} of 100.",
            advice=j.advice or "Look at it again.",
        )
        for j in judgement.criteria
        if j.counts and j.score < FINE
    ]
