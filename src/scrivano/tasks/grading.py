"""Expectations on answers, and whether an answer meets them."""

import re
from typing import Annotated, Literal, assert_never
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from scrivano.core.errors import InvalidInput, ScrivanoError
from scrivano.llm.public import CallContext, LLMService, Options
from scrivano.prompts.public import JsonObject, Prompts, Sandbox, Text, TooMuch
from scrivano.tasks.carrying import misfit, read_json
from scrivano.tasks.dto import Check

JUDGE = "task_rubric"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Contains(_Frozen):
    """The answer has this text in it; by default whatever its case."""

    kind: Literal["contains"] = "contains"
    text: Text = Field(min_length=1)
    match_case: bool = False


class NotContains(_Frozen):
    """The answer does not have this text in it."""

    kind: Literal["not_contains"] = "not_contains"
    text: Text = Field(min_length=1)
    match_case: bool = False


class Matches(_Frozen):
    """This regular expression is found in the answer."""

    kind: Literal["regex"] = "regex"
    pattern: Text = Field(min_length=1, max_length=10_000)


class FitsSchema(_Frozen):
    """The answer is JSON that fits a JSON schema."""

    kind: Literal["schema"] = "schema"
    json_schema: JsonObject


class HasLength(_Frozen):
    """The answer has so many words."""

    kind: Literal["words"] = "words"
    least: int = Field(default=0, ge=0, le=10_000_000)
    most: int = Field(default=10_000_000, ge=0, le=10_000_000)


class MeetsRubric(_Frozen):
    """A model that judges by the rubric gives at least this score, from 0 to 1."""

    kind: Literal["rubric"] = "rubric"
    rubric: Text = Field(min_length=1)
    threshold: float = Field(default=0.7, ge=0, le=1)


Expectation = Annotated[
    Contains | NotContains | Matches | FitsSchema | HasLength | MeetsRubric, Field(discriminator="kind")
]


class Judgement(BaseModel):
    """What a judging model says of an answer."""

    score: float = Field(
        ge=0, le=1, description="From 0 (meets nothing of the rubric) to 1 (meets all of it)."
    )
    reason: str = Field(description="One or two sentences.")
    quote: str = Field(default="", description="The words of the answer on which the score rests most.")


class Grading:
    """Checks answers."""

    def __init__(self, llm: LLMService, prompts: Prompts, sandbox: Sandbox) -> None:
        self._llm = llm
        self._prompts = prompts
        self._sandbox = sandbox

    async def check(
        self,
        expectation: Expectation,
        asked: str,
        answer: str,
        value: JsonValue,
        context: CallContext,
        judge: str,
    ) -> Check:
        """What comes of one expectation. One that cannot be checked is not met, and says why."""
        try:
            return await self._check(expectation, asked, answer, value, context, judge)
        except ScrivanoError as error:
            return Check(kind=expectation.kind, passed=False, score=0, reason=error.message)

    async def _check(
        self,
        expectation: Expectation,
        asked: str,
        answer: str,
        value: JsonValue,
        context: CallContext,
        judge: str,
    ) -> Check:
        match expectation:
            case Contains(text=text):
                return _told("contains", _has(answer, text, expectation.match_case), f"{text!r} is missing")
            case NotContains(text=text):
                there = _has(answer, text, expectation.match_case)
                return _told("not_contains", not there, f"{text!r} is in it")
            case Matches(pattern=pattern):
                found = await self._sandbox.search(pattern, answer)
                return _told("regex", found, f"{pattern!r} is not found")
            case FitsSchema(json_schema=schema):
                fault = misfit(value, schema) if value is not None else read_json(answer, schema)[1]
                return _told("schema", fault is None, fault or "")
            case HasLength(least=least, most=most):
                words = len(answer.split())
                return _told("words", least <= words <= most, f"it has {words} words")
            case MeetsRubric():
                return await self._judged(expectation, asked, answer, context, judge)
            case _:
                assert_never(expectation)

    async def _judged(
        self, expectation: MeetsRubric, asked: str, answer: str, context: CallContext, judge: str
    ) -> Check:
        values = {"rubric": expectation.rubric, "input": asked, "answer": answer}
        prompt = await self._prompts.render(JUDGE, values)
        settings = {**prompt.settings, **({"model": judge} if judge else {})}
        found = await self._llm.generate_structured_response(
            prompt.messages,
            response_model=Judgement,
            options=Options.model_validate(settings),
            context=context.model_copy(
                update={"prompt_name": prompt.name, "prompt_version": prompt.version_id, "purpose": JUDGE}
            ),
        )
        said = found.value
        reason = f"{said.reason} “{said.quote}”" if said.quote else said.reason
        return Check(
            kind="rubric", passed=said.score >= expectation.threshold, score=said.score, reason=reason[:2000]
        )


async def check_pattern(sandbox: Sandbox, expectation: Expectation) -> None:
    """Raise InvalidInput for a regular expression or schema that is malformed."""
    if isinstance(expectation, Matches):
        try:
            await sandbox.search(expectation.pattern, "")
        except TooMuch as error:
            raise InvalidInput(error.message, field="pattern") from error
    if isinstance(expectation, FitsSchema):
        fault = misfit(None, expectation.json_schema)
        if fault and fault.startswith(("the schema itself", "the schema cannot")):
            raise InvalidInput(f"Of the expectation, {fault}.", field="json_schema")


def score_of(checks: list[Check]) -> float:
    """The mean of the checks; 1 where nothing is expected."""
    return sum(check.score for check in checks) / len(checks) if checks else 1.0


def key_of(run_id: str, task_id: UUID, number: int) -> str:
    """The key under which a judgement is remembered."""
    return f"{run_id}/score_answer/{task_id}/{number}"


def _told(kind: str, passed: bool, otherwise: str) -> Check:
    return Check(kind=kind, passed=passed, score=float(passed), reason="" if passed else otherwise[:2000])


def _has(answer: str, text: str, match_case: bool) -> bool:
    if match_case:
        return text in answer
    squeezed = re.sub(r"\s+", " ", answer).casefold()
    return re.sub(r"\s+", " ", text).casefold() in squeezed
