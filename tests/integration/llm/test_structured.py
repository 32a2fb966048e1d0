import json
from collections.abc import Mapping
from typing import Any

import pytest
from llm_support import Setup, user
from pydantic import BaseModel, Field

from scrivano.llm.public import CallContext, Message, ModelChange, NobodyCould, Options


class Chapter(BaseModel):
    title: str
    points: list[str] = Field(min_length=1, max_length=5)


class Outline(BaseModel):
    title: str
    chapters: list[Chapter] = Field(min_length=2)


GOOD = {"title": "T", "chapters": [{"title": "A", "points": ["x"]}, {"title": "B", "points": ["y"]}]}


async def prompts(name: str, variables: Mapping[str, Any]) -> tuple[list[Message], str]:
    assert name == "llm_reask"
    return [Message(role="user", content=f"{variables['error']}\n{variables['schema']}")], "version-7"


async def test_a_schema_is_sent_and_its_value_comes_back(scripted: Setup, context: CallContext) -> None:
    async with scripted() as (service, server):
        result = await service.generate_structured_response(
            user("An outline of 7 chapters"), response_model=Outline, context=context
        )
        row = await service.get_request(result.response.request_id)
    assert len(result.value.chapters) == 7
    assert not result.mended
    assert row.settings["schema_name"] == "Outline"
    assert len(server.ledger.entries) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Here you are:\n```json\n" + json.dumps(GOOD) + "\n```\nEnjoy!",
        "Certainly. " + json.dumps(GOOD) + " Let me know.",
        json.dumps(GOOD)[:-1] + ",}",
        json.dumps(GOOD).replace('"', "'"),
        json.dumps(GOOD)[:-2],
        "<think>{ maybe? }</think>" + json.dumps(GOOD),
        json.dumps([GOOD]),
        json.dumps(GOOD).replace('"T"', "T"),
    ],
)
async def test_what_can_be_mended_is_not_asked_again(
    scripted: Setup, context: CallContext, text: str
) -> None:
    async with scripted({"rule": [{"text": text}]}) as (service, server):
        result = await service.generate_structured_response(
            user("x"), response_model=Outline, context=context
        )
    assert result.value.model_dump() == GOOD
    assert result.mended
    assert len(server.ledger.entries) == 1


async def test_what_does_not_fit_is_asked_again_with_the_error(scripted: Setup, context: CallContext) -> None:
    script = {"rule": [{"times": 1, "json": {"title": "T", "chapters": []}}]}
    own = context.model_copy(update={"run_id": "r", "key": "r/write_outline//1"})
    async with scripted(script, prompts=prompts) as (service, server):
        result = await service.generate_structured_response(user("x"), response_model=Outline, context=own)
        again = await service.generate_structured_response(user("x"), response_model=Outline, context=own)
        rows = await service.run_requests("r")
    assert again.value == result.value
    assert len(server.ledger.entries) == 2
    assert "at least 2 items" in server.ledger.entries[1].messages[-1]["content"]
    assert [row.key for row in rows] == ["r/write_outline//1", "r/write_outline//1#re-ask 1"]
    assert (rows[1].prompt_name, rows[1].prompt_version) == ("llm_reask", "version-7")


async def test_the_next_model_is_asked_when_one_never_fits(scripted: Setup, context: CallContext) -> None:
    script = {
        "models": ["dull", "bright"],
        "rule": [{"match": {"model": "dull"}, "text": "I would rather not."}],
    }
    chained = context.model_copy(update={"chain": ("dull", "bright")})
    async with scripted(script, prompts=prompts) as (service, server):
        result = await service.generate_structured_response(
            user("x"), response_model=Outline, context=chained
        )
    assert result.response.model == "bright"
    assert [entry.model for entry in server.ledger.entries] == ["dull"] * 3 + ["bright"]


async def test_nobody_fits(scripted: Setup, context: CallContext) -> None:
    async with scripted({"rule": [{"text": "No."}]}, prompts=prompts) as (service, server):
        with pytest.raises(NobodyCould, match="No answer fits Outline"):
            await service.generate_structured_response(user("x"), response_model=Outline, context=context)
    assert len(server.ledger.entries) == 3


async def test_an_answer_that_was_cut_by_its_length_is_never_taken_for_whole(
    scripted: Setup, context: CallContext
) -> None:
    async with scripted() as (service, _):
        with pytest.raises(NobodyCould, match="cut off"):
            await service.generate_structured_response(
                user("An outline of 9 chapters"),
                response_model=Outline,
                options=Options(max_tokens=120),
                context=context,
            )


async def test_a_model_without_schemas_gets_none(scripted: Setup, context: CallContext) -> None:
    async with scripted({"rule": [{"json": GOOD}]}) as (service, _):
        for model in await service.registry.models():
            await service.registry.change_model(model.id, ModelChange(capabilities=frozenset({"chat"})))
        result = await service.generate_structured_response(
            user("x"), response_model=Outline, context=context
        )
        row = await service.get_request(result.response.request_id)
    assert "schema" not in row.settings


async def test_a_server_that_refuses_schemas_is_asked_without(scripted: Setup, context: CallContext) -> None:
    refusal = {"status": 400, "error_message": "response_format is not supported"}
    script = {"rule": [{"match": {"schema": "Outline"}, **refusal}, {"json": GOOD}]}
    async with scripted(script) as (service, _):
        result = await service.generate_structured_response(
            user("x"), response_model=Outline, context=context
        )
    assert result.value.model_dump() == GOOD


async def test_a_value_can_be_watched_while_it_grows(scripted: Setup, context: CallContext) -> None:
    rules = [
        {"times": 1, "cut_after": 12, "json": GOOD},
        {"times": 1, "text": '{"title": "T"'},
        {"json": GOOD},
    ]
    async with scripted({"tokens_per_second": 400, "rule": rules}, prompts=prompts) as (service, server):
        stream = service.stream_structured_response(user("x"), response_model=Outline, context=context)
        with pytest.raises(RuntimeError):
            _ = stream.result
        seen = [value async for value in stream]
    assert {"title": "T"} in seen
    assert seen[-1] == GOOD == stream.result.value.model_dump()
    assert len(seen) > 4
    assert len(server.ledger.entries) == 3


async def test_a_structured_stream_that_is_left_is_cancelled(scripted: Setup, context: CallContext) -> None:
    async with scripted({"tokens_per_second": 50}) as (service, server):
        async with service.stream_structured_response(
            user("An outline of 9 chapters"), response_model=Outline, context=context
        ) as stream:
            await anext(stream)
        rows = await service.latest_requests()
    assert [row.status for row in rows] == ["cancelled"]
    assert server.ledger.entries[0].outcome in ("cut", "open")


async def test_a_structured_stream_tells_why_there_is_no_value(scripted: Setup, context: CallContext) -> None:
    async with scripted({"rule": [{"text": "No."}]}) as (service, _):
        stream = service.stream_structured_response(user("x"), response_model=Outline, context=context)
        with pytest.raises(NobodyCould, match="No answer fits"):
            await stream.response()
