import asyncio
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from llm_support import Setup, user

from scrivano.core.errors import NotFound
from scrivano.core.ids import new_id
from scrivano.llm.public import (
    AskDifferently,
    CallContext,
    Message,
    ModelChange,
    NobodyCould,
    NotPermitted,
    Options,
    RequestStatus,
    Timeouts,
    Tool,
    TryLater,
)

FAST = Options(retries=1)


@pytest.mark.parametrize("streaming", [True, False])
async def test_an_answer_and_its_row(scripted: Setup, context: CallContext, streaming: bool) -> None:
    async with scripted() as (service, server):
        options = Options(streaming=streaming, max_tokens=400, temperature=0.5, seed=7)
        response = await service.generate_response(user("about 60 words"), options=options, context=context)
        row = await service.get_request(response.request_id)
    entry = server.ledger.entries[0]
    assert response.finish_reason == "stop"
    assert (response.usage.prompt_tokens, response.usage.completion_tokens) == (
        entry.prompt_tokens,
        entry.completion_tokens,
    )
    assert response.cost == Decimal(0)
    assert row.status is RequestStatus.FINISHED
    assert row.messages == tuple(user("about 60 words"))
    assert row.answer == Message(role="assistant", content=response.text)
    assert row.settings == {
        "model": "scripted",
        "streaming": streaming,
        "temperature": 0.5,
        "seed": 7,
        "max_tokens": 400,
    }
    assert row.usage == response.usage


async def test_a_stream_gives_the_text_then_the_response(scripted: Setup, context: CallContext) -> None:
    async with scripted() as (service, _):
        stream = service.stream_response(user("about 200 words"), context=context)
        pieces = [piece async for piece in stream]
        assert len(pieces) > 3
        assert "".join(pieces) == stream.result.text
        assert (await service.get_request(stream.result.request_id)).status is RequestStatus.FINISHED


async def test_a_stream_that_is_left_is_cancelled_at_the_server_and_in_the_log(
    scripted: Setup, context: CallContext
) -> None:
    async with scripted({"tokens_per_second": 200}) as (service, server):
        async with service.stream_response(user("about 500 words"), context=context) as stream:
            first = await anext(stream)
        async with asyncio.timeout(30):
            await server.ledger.until(lambda entries: entries[0].outcome != "open")
        rows = await service.latest_requests()
        assert server.ledger.entries[0].outcome == "cut"
        assert rows[0].status is RequestStatus.CANCELLED
        row = await service.get_request(rows[0].id)
        assert row.answer is not None and row.answer.text.startswith(first)


async def test_a_cancelled_task_leaves_no_open_row(scripted: Setup, context: CallContext) -> None:
    async with scripted({"rule": [{"hang": True}]}) as (service, server):
        task = asyncio.create_task(service.generate_response(user("hello"), context=context))
        async with asyncio.timeout(30):
            await server.ledger.until(lambda entries: len(entries) == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        rows = await service.latest_requests()
    assert [row.status for row in rows] == [RequestStatus.CANCELLED]


@pytest.mark.parametrize("streaming", [True, False])
@pytest.mark.parametrize(
    ("rule", "label"),
    [
        ({"status": 429, "retry_after": 0.05}, "overloaded"),
        ({"status": 500}, "broken"),
        ({"status": 503}, "overloaded"),
        ({"reset": True}, "cut"),
        ({"cut_after": 40}, "cut"),
        ({"finish_reason": "content_filter"}, "filtered"),
    ],
)
async def test_one_fault_then_the_whole_answer(
    scripted: Setup, context: CallContext, rule: dict[str, Any], label: str, streaming: bool
) -> None:
    script = {"models": ["a", "b"], "rule": [{"times": 1, **rule}]}
    async with scripted(script) as (service, server):
        options = Options(streaming=streaming)
        response = await service.generate_response(user("about 90 words"), options=options, context=context)
        rows = await service.latest_requests()
        undisturbed = server.ledger.entries[-1]
    assert abs(len(response.text.split()) - 90) <= 6
    assert response.usage.completion_tokens == undisturbed.completion_tokens
    assert [row.status for row in rows] == [RequestStatus.FINISHED, RequestStatus.FAILED]
    assert rows[0].previous == rows[1].id
    assert rows[1].error is not None and rows[1].error.startswith(label)
    assert rows[0].attempt == 2


@pytest.mark.parametrize(
    ("rule", "label"),
    [
        ({"malformed_chunk": True}, "garbage"),
        ({"hang": True}, "silent"),
        ({"hang_after": 20}, "silent"),
    ],
)
async def test_a_stream_that_stalls_or_turns_to_garbage_is_asked_again(
    scripted: Setup, context: CallContext, rule: dict[str, Any], label: str
) -> None:
    options = Options(timeouts=Timeouts(first_token=0.3, between_tokens=0.3))
    async with scripted({"rule": [{"times": 1, **rule}]}) as (service, _):
        response = await service.generate_response(user("about 90 words"), options=options, context=context)
        rows = await service.latest_requests()
    assert abs(len(response.text.split()) - 90) <= 6
    assert rows[1].error is not None and rows[1].error.startswith(label)


async def test_a_stream_without_done_is_complete(scripted: Setup, context: CallContext) -> None:
    async with scripted({"rule": [{"no_done": True, "no_usage": True}]}) as (service, _):
        response = await service.generate_response(user("about 90 words"), context=context)
    assert abs(len(response.text.split()) - 90) <= 6
    assert response.usage.source == "counted"
    assert response.usage.completion_tokens > 80


async def test_length_is_reported(scripted: Setup, context: CallContext) -> None:
    async with scripted() as (service, _):
        options = Options(max_tokens=30)
        response = await service.generate_response(user("about 90 words"), options=options, context=context)
    assert response.finish_reason == "length"
    assert response.usage.completion_tokens == 30


async def test_the_next_model_takes_over_and_is_named(scripted: Setup) -> None:
    script = {"models": ["first", "second"], "rule": [{"match": {"model": "first"}, "status": 503}]}
    context = CallContext(feature="books", purpose="write_chapter", chain=("first", "second"))
    async with scripted(script) as (service, server):
        response = await service.generate_response(user("hi"), options=FAST, context=context)
    assert response.model == "second"
    assert response.route == "chain: 2 of 2"
    assert [entry.model for entry in server.ledger.entries] == ["first", "first", "second"]


async def test_errors_tell_what_to_do(scripted: Setup, context: CallContext) -> None:
    script = {
        "context_length": 400,
        "rule": [
            {"match": {"contains": "[busy]"}, "status": 429, "retry_after": 90},
            {"match": {"contains": "[down]"}, "status": 500},
            {"match": {"contains": "[key]"}, "status": 401},
            {"match": {"contains": "[bad]"}, "status": 400, "error_message": "odd temperature"},
        ],
    }
    async with scripted(script) as (service, _):

        async def ask(text: str) -> None:
            await service.generate_response(user(text), options=FAST, context=context)

        with pytest.raises(TryLater) as busy:
            await ask("[busy]")
        with pytest.raises(NobodyCould, match="500"):
            await ask("[down]")
        with pytest.raises(NotPermitted):
            await ask("[key]")
        with pytest.raises(AskDifferently, match="odd temperature"):
            await ask("[bad]")
        with pytest.raises(AskDifferently, match="context length"):
            await ask("word " * 500)
        with pytest.raises(AskDifferently, match="no enabled model 'nobody'"):
            await service.generate_response(user("hi"), options=Options(model="nobody"), context=context)
        with pytest.raises(AskDifferently):
            await service.generate_response([], context=context)
        with pytest.raises(AskDifferently, match="Unicode"):
            await service.generate_response(user("a\ud800b"), context=context)
        with pytest.raises(NotFound):
            await service.get_request(new_id())
    assert busy.value.retry_after == 90


async def test_no_model_at_all(scripted: Setup, context: CallContext) -> None:
    async with scripted() as (service, server):
        await server.stop()
        with pytest.raises(NobodyCould, match="cannot be reached"):
            await service.generate_response(user("hi"), options=Options(retries=0), context=context)
        assert await service.reachable_models() == []


async def test_a_tool_call_and_its_result(scripted: Setup, context: CallContext) -> None:
    tool = Tool(name="find", parameters={"type": "object", "properties": {"n": {"type": "integer"}}})
    async with scripted() as (service, _):
        options = Options(tools=(tool,))
        asked = await service.generate_response(user("find it"), options=options, context=context)
        call = asked.tool_calls[0]
        more = [*user("find it"), asked.message, Message(role="tool", content="42", tool_call_id=call.id)]
        answered = await service.generate_response(more, options=options, context=context)
        row = await service.get_request(answered.request_id)
    assert asked.finish_reason == "tool_calls"
    assert call.name == "find"
    assert answered.text
    assert row.messages == tuple(more)


async def test_slots_are_never_exceeded_and_always_busy(scripted: Setup, context: CallContext) -> None:
    async with scripted({"slots": 2, "tokens_per_second": 300}) as (service, server):
        await asyncio.gather(
            *(service.generate_response(user(f"{n}: about 30 words"), context=context) for n in range(8))
        )
        queued = [entry.queued for entry in server.ledger.entries]
    assert max(queued) < 0.05


async def test_a_watched_answer_is_whole_though_attempts_break_off(
    scripted: Setup, context: CallContext
) -> None:
    seen: list[str] = []

    async def watch(text: str) -> None:
        seen.append(text)

    async with scripted({"rule": [{"times": 1, "cut_after": 48}]}) as (service, _):
        response = await service.generate_response(user("about 90 words"), context=context, watch=watch)
    assert seen[-1] == response.text
    lengths = [len(text) for text in seen]
    assert sum(later < earlier for earlier, later in pairwise(lengths)) == 1


async def test_a_stream_starts_anew_while_nothing_was_delivered(
    scripted: Setup, context: CallContext
) -> None:
    script = {"rule": [{"times": 1, "status": 503}, {"times": 1, "reset": True}]}
    async with scripted(script) as (service, _):
        stream = service.stream_response(user("about 90 words"), context=context)
        pieces = [piece async for piece in stream]
    assert "".join(pieces) == stream.result.text
    assert abs(len(stream.result.text.split()) - 90) <= 6


async def test_a_stream_that_nobody_can_continue_ends_in_an_error(
    scripted: Setup, context: CallContext
) -> None:
    async with scripted({"tokens_per_second": 1000, "rule": [{"cut_after": 40}]}) as (service, server):
        for model in await service.registry.models():
            await service.registry.change_model(model.id, ModelChange(capabilities=frozenset({"chat"})))
        stream = service.stream_response(user("about 90 words"), context=context)
        pieces: list[str] = []
        with pytest.raises(NobodyCould, match="broke off"):
            async for piece in stream:
                pieces.append(piece)
        with pytest.raises(RuntimeError):
            _ = stream.result
        rows = await service.latest_requests()
    assert pieces
    assert len(server.ledger.entries) == 1
    assert rows[0].status is RequestStatus.FAILED


async def test_a_dead_server_costs_no_time_while_another_answers(
    scripted: Setup, context: CallContext
) -> None:
    async with scripted({"models": ["small-3b"]}) as (service, _):
        dead = await service.registry.add_provider("dead", "http://127.0.0.1:9")
        await service.registry.add_model(dead.id, "large-70b")
        answers = [await service.generate_response(user(f"{number}"), context=context) for number in range(3)]
        rows = await service.latest_requests()
    assert {answer.model for answer in answers} == {"small-3b"}
    assert [row.model for row in rows] == ["small-3b"] * 3 + ["large-70b"]
    assert rows[-1].error is not None and rows[-1].error.startswith("unreachable")


async def test_named_by_provider_and_model(scripted: Setup, context: CallContext) -> None:
    async with scripted({"models": ["a"]}) as (service, server):
        name = server.url.removeprefix("http://")
        response = await service.generate_response(
            user("hi"), options=Options(model=f"{name}/a"), context=context
        )
        images = [
            Message.model_validate({"role": "user", "content": [{"type": "image", "image_url": "data:,"}]})
        ]
        with pytest.raises(AskDifferently, match="no vision"):
            await service.generate_response(images, context=context)
    assert response.route == "named"


async def test_images_and_names_go_out_as_openai_has_them(scripted: Setup, context: CallContext) -> None:
    async with scripted() as (service, server):
        for model in await service.registry.models():
            every = frozenset({"chat", "vision", "tools", "effort"})
            await service.registry.change_model(model.id, ModelChange(capabilities=every))
        content = [{"text": "what is it?"}, {"type": "image", "image_url": "data:image/png;base64,AA=="}]
        message = Message.model_validate({"role": "user", "content": content, "name": "ada"})
        options = Options(effort="low", stop=("zzz",), tool_choice="none", tools=(Tool(name="t"),), top_p=0.9)
        response = await service.generate_response([message], options=options, context=context)
        row = await service.get_request(response.request_id)
    sent = server.ledger.entries[0].messages[0]
    assert sent["name"] == "ada"
    assert sent["content"][1] == {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    assert row.messages == (message,)
    assert row.settings["stop"] == ["zzz"]
    assert row.settings["effort"] == "low"
