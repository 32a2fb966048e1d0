from collections.abc import Mapping
from typing import Any

import pytest
from llm_support import Setup, user

from benchmarks.faults import TEXT, prompts
from scrivano.llm.public import (
    CallContext,
    LLMService,
    Message,
    ModelChange,
    NobodyCould,
    NotPermitted,
    Options,
    RequestStatus,
    Tool,
)
from scrivano.prompts.starter_files import STARTER, read_starter

PACED = {"tokens_per_second": 3000}


async def without_prefill(service: LLMService) -> None:
    for model in await service.registry.models():
        await service.registry.change_model(model.id, ModelChange(capabilities=frozenset({"chat", "tools"})))


def script(**second: Any) -> dict[str, Any]:
    """The first answer is cut after 40 tokens; the next ones are as told."""
    return {**PACED, "rule": [{"times": 1, "text": TEXT, "cut_after": 40}, {"text": TEXT, **second}]}


@pytest.mark.parametrize("goes_on", ["well", "chatty", "anew"])
@pytest.mark.parametrize("prefill", [True, False])
async def test_however_a_model_goes_on_nothing_is_repeated_or_dropped(
    scripted: Setup, context: CallContext, goes_on: str, prefill: bool
) -> None:
    async with scripted(script(goes_on=goes_on), prompts=prompts) as (service, _):
        if not prefill:
            await without_prefill(service)
        stream = service.stream_response(user("x"), context=context)
        pieces = [piece async for piece in stream]
        rows = await service.latest_requests()
    assert "".join(pieces) == stream.result.text == TEXT
    assert [row.status for row in rows] == [RequestStatus.FINISHED, RequestStatus.FAILED]
    assert rows[0].settings["continues"] == len(pieces[0]) or rows[0].settings["continues"] > 100


async def test_a_continuation_without_a_joint_is_not_delivered(scripted: Setup, context: CallContext) -> None:
    async with scripted(script(goes_on="unasked"), prompts=prompts) as (service, _):
        await without_prefill(service)
        seen: list[str] = []
        with pytest.raises(NobodyCould, match="did not go on"):
            async for piece in service.stream_response(user("x"), context=context):
                seen.append(piece)
    assert TEXT.startswith("".join(seen))


async def test_a_stream_is_cut_again_and_again(scripted: Setup, context: CallContext) -> None:
    rules = [{"times": 4, "text": TEXT, "cut_after": 13}, {"text": TEXT}]
    async with scripted({**PACED, "rule": rules}) as (service, _):
        stream = service.stream_response(user("x"), options=Options(retries=5), context=context)
        response = await stream.response()
    assert response.text == TEXT
    assert (response.attempts, len(response.parts)) == (5, 4)


async def test_a_continued_answer_is_found_whole_by_its_key(scripted: Setup, context: CallContext) -> None:
    keyed = context.model_copy(update={"key": "run/step/1/1"})
    async with scripted(script()) as (service, server):
        await service.stream_response(user("x"), context=keyed).response()
        again = await service.generate_response(user("x"), context=keyed)
    assert again.from_log and again.text == TEXT
    assert len(server.ledger.entries) == 2


async def test_whole_answers_only(scripted: Setup, context: CallContext) -> None:
    rules = [{"times": 3, "text": TEXT, "cut_after": 40}, {"text": TEXT}]
    async with scripted({**PACED, "rule": rules}) as (service, _):
        stream = service.stream_response(user("x"), options=Options(whole_answers=True), context=context)
        pieces = [piece async for piece in stream]
    assert pieces == [TEXT]
    assert stream.result.parts == () and stream.result.attempts == 4


async def test_whole_answers_with_tool_calls(scripted: Setup, context: CallContext) -> None:
    call = {"name": "find", "arguments": {"n": 3}}
    rules = [{"times": 1, "text": TEXT, "cut_after": 40}, {"tool_calls": [call]}]
    tool = Tool(name="find", parameters={"type": "object", "properties": {"n": {"type": "integer"}}})
    async with scripted({**PACED, "rule": rules}) as (service, _):
        options = Options(whole_answers=True, tools=(tool,))
        stream = service.stream_response(user("x"), options=options, context=context)
        pieces = [piece async for piece in stream]
    assert pieces == []
    assert [c.arguments for c in stream.result.tool_calls] == ['{"n":3}']


async def test_a_longest_length_holds_for_all_parts_together(scripted: Setup, context: CallContext) -> None:
    long = " ".join(f"word{number}" for number in range(400))
    rules = [{"times": 1, "text": long, "cut_after": 100}, {"text": long}]
    async with scripted({**PACED, "rule": rules}) as (service, server):
        stream = service.stream_response(user("x"), options=Options(max_tokens=300), context=context)
        response = await stream.response()
    assert response.finish_reason == "length"
    assert long.startswith(response.text)
    assert sum(entry.completion_tokens for entry in server.ledger.entries) <= 320


async def test_a_changed_template_that_cannot_be_used_ends_the_stream(
    scripted: Setup, context: CallContext
) -> None:
    async def broken(name: str, variables: Mapping[str, Any]) -> tuple[list[Message], str]:
        raise NotPermitted("no template")

    async with scripted(script(), prompts=broken) as (service, _):
        await without_prefill(service)
        with pytest.raises(NobodyCould, match="broke off"):
            await service.stream_response(user("x"), context=context).response()


def test_the_starter_template_asks_for_the_anchor() -> None:
    assert "anchor" in str(read_starter(STARTER))
