"""What an evaluation will cost, before anybody pays for it. Nothing is sent."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, Field

from scrivano.core.errors import ScrivanoError
from scrivano.prompts.public import JsonObject, Previews, Prompts
from scrivano.tasks.dto import NewTask, TaskPreview, Variant
from scrivano.tasks.foreseeing import previewing
from scrivano.tasks.grading import JUDGE, Expectation, MeetsRubric
from scrivano.tasks.service import Tasks, varied

MOST_COUNTED = 240
"""So many calls are looked at one by one; of more, some evenly spread ones."""
_JUDGED_LEAST, _JUDGED_MOST = 20, 300
"""Tokens of a judgement, in all likelihood: a number, a sentence or two, a quotation."""
_SECONDS = 600.0

Inputs = Sequence[tuple[JsonObject, Sequence[Expectation]]]


class VariantEstimate(BaseModel):
    """What a variant will cost; `model` is the one that would be asked now, None where there is none."""

    label: str
    version: int
    model: str | None
    low: Decimal | None
    high: Decimal | None
    warnings: list[str] = Field(default_factory=list[str])


class EvaluationEstimate(BaseModel):
    """What an evaluation will cost in US dollars: `low` to `high` in all likelihood, judgements included, and `most` at
    the very most if no call has to be repeated. None where a model is missing; `most` also where of many calls only
    some were `counted`, from which the others are reckoned."""

    calls: int
    counted: int
    judgements: int = Field(description="Calls to a judging model besides, one for each rubric and answer.")
    low: Decimal | None
    high: Decimal | None
    most: Decimal | None
    variants: list[VariantEstimate]


class _Sum:
    """Dollars added up; None as soon as one part is unknown."""

    def __init__(self) -> None:
        self.low: Decimal | None = Decimal(0)
        self.high: Decimal | None = Decimal(0)
        self.most: Decimal | None = Decimal(0)

    def add(self, low: Decimal | None, high: Decimal | None, most: Decimal | None) -> None:
        self.low = None if self.low is None or low is None else self.low + low
        self.high = None if self.high is None or high is None else self.high + high
        self.most = None if self.most is None or most is None else self.most + most

    def times(self, factor: Decimal) -> None:
        self.low = None if self.low is None else self.low * factor
        self.high = None if self.high is None else self.high * factor


class Estimating:
    """Looks ahead at evaluations."""

    def __init__(self, prompts: Prompts, previews: Previews, tasks: Tasks) -> None:
        self._prompts = prompts
        self._previews = previews
        self._tasks = tasks

    async def estimate(
        self, project_id: UUID, template: str, variants: Sequence[Variant], inputs: Inputs, judge: str
    ) -> EvaluationEstimate:
        """The price of each of these inputs in each of these variants, whose versions are numbers."""
        each = max(1, min(len(inputs), MOST_COUNTED // len(variants)))
        chosen = [inputs[number * len(inputs) // each] for number in range(each)]
        factor = Decimal(len(inputs)) / each
        total = _Sum()
        found: list[VariantEstimate] = []
        for variant in variants:
            own = _Sum()
            model: str | None = None
            warnings: dict[str, None] = {}
            for values, expectations in chosen:
                task = varied(
                    NewTask(project_id=project_id, template=template),
                    values,
                    variant.version,
                    variant.model,
                    variant.settings,
                )
                shown = await self._tasks.preview(task)
                preview, forecast = shown.preview, shown.forecast
                model = preview.model or model
                warnings.update(dict.fromkeys(warning.message for warning in preview.warnings))
                own.add(forecast and forecast.low, forecast and forecast.high, preview.high)
                for expectation in expectations:
                    if isinstance(expectation, MeetsRubric):
                        own.add(*await self._judged(project_id, expectation, values, shown, judge))
            own.times(factor)
            total.add(own.low, own.high, own.most)
            found.append(
                VariantEstimate(
                    label=variant.label,
                    version=int(variant.version or 0),
                    model=model,
                    low=own.low,
                    high=own.high,
                    warnings=list(warnings)[:5],
                )
            )
        rubrics = sum(isinstance(one, MeetsRubric) for _, expected in inputs for one in expected)
        return EvaluationEstimate(
            calls=len(inputs) * len(variants),
            counted=each * len(variants),
            judgements=rubrics * len(variants),
            low=total.low,
            high=total.high,
            most=total.most if each == len(inputs) else None,
            variants=found,
        )

    async def _judged(
        self, project_id: UUID, expectation: MeetsRubric, values: JsonObject, shown: TaskPreview, judge: str
    ) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
        """What a judgement of an answer to this will cost: the answer goes into it, and nobody knows it yet."""
        asked = "\n\n".join(f"{name}: {value}" for name, value in values.items())
        prompt = await self._prompts.render(
            JUDGE, {"rubric": expectation.rubric, "input": asked, "answer": "…"}
        )
        if judge:
            prompt = prompt.model_copy(update={"settings": {**prompt.settings, "model": judge}})
        try:
            outlook = await self._previews.outlook(prompt, previewing(project_id))
        except ScrivanoError:
            return None, None, None
        forecast = shown.forecast
        longest = min(_JUDGED_MOST, outlook.max_completion_tokens)
        high = outlook.most(longest, _SECONDS, forecast.high_tokens if forecast else 0)
        # Whatever the answer is, the judge takes no more than it has room for.
        room = max(0, outlook.context_length - outlook.prompt_tokens)
        return outlook.least(_JUDGED_LEAST), high, outlook.most(outlook.max_completion_tokens, further=room)
