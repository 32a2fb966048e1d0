"""Each wire format over a socket: the adapter on this side, the scripted server on the other."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from scrivano.llm.dto import ContentPart, Locality, Message, Timeouts, Tool, ToolCall
from scrivano.llm.providers.base import AttemptFailed, End, Endpoint, Provider, Request, Schema, Trouble
from scrivano.llm.providers.kinds import connect
from scrivano.llm.scripted.server import ScriptedServer
from scrivano.llm.scripted.tokens import tokenize

PATHS = {
    "openai_compatible": "/v1",
    "anthropic": "/anthropic/v1",
    "gemini": "/v1beta",
    "cloudflare": "/client/v4/accounts/a/ai",
}
WAIT = Timeouts(connect=2, first_token=5, between_tokens=1, total=20)
TOOL = Tool(
    name="look_up",
    description="Looks a word up.",
    parameters={"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},
)
SCHEMA = Schema(
    "Outline",
    {
        "type": "object",
        "title": "Outline",
        "properties": {"title": {"type": "string", "minLength": 3}, "parts": {"type": "integer"}},
        "required": ["title", "parts"],
    },
)

kinds = pytest.mark.parametrize("kind", PATHS)
both = pytest.mark.parametrize("streaming", [True, False], ids=["streamed", "whole"])


@asynccontextmanager
async def connected(
    kind: str, script: dict[str, Any] | None = None, **more: Any
) -> AsyncIterator[tuple[Provider, ScriptedServer]]:
    async with ScriptedServer(script) as server:
        endpoint = Endpoint("it", server.url + PATHS[kind], Locality.LOOPBACK, **more)
        provider = connect(kind, endpoint)
        try:
            yield provider, server
        finally:
            await provider.close()


def request(*messages: Message, **more: Any) -> Request:
    given = messages or (Message(role="user", content="Write about 60 words on bridges."),)
    return Request(model="scripted", messages=given, timeouts=WAIT, **more)


async def read(provider: Provider, asked: Request) -> tuple[list[str], End]:
    pieces, end = [], None
    async for piece in provider.answer(asked):
        if isinstance(piece, End):
            end = piece
        else:
            pieces.append(piece)
    assert end is not None
    return pieces, end


async def failure(provider: Provider, asked: Request) -> AttemptFailed:
    with pytest.raises(AttemptFailed) as caught:
        await read(provider, asked)
    assert caught.value.locality in (None, Locality.LOOPBACK)
    return caught.value


@kinds
@both
async def test_an_answer_is_whole_and_counted(kind: str, streaming: bool) -> None:
    async with connected(kind) as (provider, server):
        pieces, end = await read(provider, request(streaming=streaming, max_tokens=500, temperature=0.5))
        entry = server.ledger.entries[0]
    text = "".join(pieces)
    assert len(text.split()) > 40
    assert (len(pieces) > 1) is streaming
    assert (end.finish_reason, end.locality) == ("stop", Locality.LOOPBACK)
    assert end.usage is not None
    assert end.usage.completion_tokens == len(tokenize(text))
    assert end.usage.prompt_tokens == entry.prompt_tokens
    assert (entry.outcome, entry.stream) == ("finished", streaming)


@kinds
@both
async def test_what_was_sent_before_arrives(kind: str, streaming: bool) -> None:
    talk = (
        Message(role="system", content="Be brief."),
        Message(role="user", content="One."),
        Message(role="assistant", content="First answer."),
        Message(role="user", content="Two."),
    )
    async with connected(kind) as (provider, server):
        await read(provider, request(*talk, streaming=streaming))
        sent = server.ledger.entries[0].messages
    roles = [message["role"] for message in sent]
    assert roles == ["system", "user", "assistant", "user"]
    assert "First answer." in json.dumps(sent[2])


@kinds
@both
async def test_an_answer_that_is_too_long_says_so(kind: str, streaming: bool) -> None:
    async with connected(kind) as (provider, _):
        pieces, end = await read(provider, request(streaming=streaming, max_tokens=12))
    assert end.finish_reason == "length"
    assert len(tokenize("".join(pieces))) == 12


@kinds
@both
async def test_a_tool_is_called_and_answered(kind: str, streaming: bool) -> None:
    ask = Message(role="user", content="Look up the word bridge.")
    async with connected(kind) as (provider, server):
        _, end = await read(provider, request(ask, streaming=streaming, tools=(TOOL,), tool_choice="auto"))
        assert end.finish_reason == "tool_calls"
        (call,) = end.tool_calls
        assert call.name == "look_up" and call.id
        assert set(json.loads(call.arguments)) == {"word"}
        talk = (
            ask,
            Message(role="assistant", tool_calls=end.tool_calls),
            Message(role="tool", tool_call_id=call.id, content='{"meaning": "a way across"}'),
        )
        pieces, end = await read(provider, request(*talk, streaming=streaming, tools=(TOOL,)))
        roles = [message["role"] for message in server.ledger.entries[1].messages]
    assert end.finish_reason == "stop" and "".join(pieces)
    assert roles == ["user", "assistant", "tool"]


@pytest.mark.parametrize("kind", [kind for kind in PATHS if kind != "cloudflare"])
async def test_a_demanded_tool_is_named(kind: str) -> None:
    other = Tool(name="other")
    async with connected(kind) as (provider, _):
        _, end = await read(provider, request(tools=(other, TOOL), tool_choice="look_up"))
        assert [call.name for call in end.tool_calls] == ["look_up"]
        _, end = await read(provider, request(tools=(other, TOOL), tool_choice="none"))
        assert end.tool_calls == ()


@kinds
@both
async def test_a_schema_is_kept_to(kind: str, streaming: bool) -> None:
    async with connected(kind) as (provider, _):
        pieces, _ = await read(provider, request(streaming=streaming, schema=SCHEMA))
    assert json.loads("".join(pieces)).keys() == {"title", "parts"}


@pytest.mark.parametrize("kind", ["anthropic", "gemini"])
@both
async def test_cached_and_reasoning_tokens_are_told_apart(kind: str, streaming: bool) -> None:
    rule = {"cached_tokens": 5, "cache_write_tokens": 3, "reasoning_tokens": 7}
    async with connected(kind, {"rule": [rule]}) as (provider, server):
        pieces, end = await read(provider, request(streaming=streaming))
        sent = server.ledger.entries[0].prompt_tokens
    assert end.usage is not None
    assert "Thinking" not in "".join(pieces)
    assert end.usage.prompt_tokens == sent
    assert end.usage.cached_tokens == 5
    assert end.usage.completion_tokens == len(tokenize("".join(pieces))) + 7
    if kind == "anthropic":
        assert (end.usage.cache_write_tokens, end.usage.reasoning_tokens) == (3, 0)
    else:
        assert (end.usage.cache_write_tokens, end.usage.reasoning_tokens) == (0, 7)


@kinds
async def test_pictures_in_messages_arrive(kind: str) -> None:
    parts = (
        ContentPart(text="What is this?"),
        ContentPart(type="image", image_url="data:image/png;base64,QUJD"),
        ContentPart(type="image", image_url="https://example.org/a.png"),
    )
    async with connected(kind) as (provider, server):
        await read(provider, request(Message(role="user", content=parts)))
        sent = json.dumps(server.ledger.entries[0].messages)
    assert "QUJD" in sent and "https://example.org/a.png" in sent and "What is this?" in sent


FAULTS: list[tuple[dict[str, Any], Trouble]] = [
    ({"status": 429, "retry_after": 7}, Trouble.OVERLOADED),
    ({"status": 500}, Trouble.BROKEN),
    ({"status": 503}, Trouble.OVERLOADED),
    ({"status": 403}, Trouble.FORBIDDEN),
    ({"status": 400, "error_message": "flagged by our content policy"}, Trouble.FILTERED),
    ({"status": 400, "error_message": "no such thing"}, Trouble.REFUSED),
    ({"reset": True}, Trouble.CUT),
    ({"hang": True}, Trouble.SILENT),
]


@kinds
@both
@pytest.mark.parametrize(("fault", "trouble"), FAULTS, ids=[str(fault) for fault, _ in FAULTS])
async def test_what_goes_wrong_before_an_answer(
    kind: str, streaming: bool, fault: dict[str, Any], trouble: Trouble
) -> None:
    wait = WAIT.model_copy(update={"first_token": 0.3})
    async with connected(kind, {"rule": [fault]}) as (provider, _):
        failed = await failure(
            provider,
            Request("scripted", (Message(role="user", content="Hello."),), wait, streaming=streaming),
        )
    assert failed.trouble is trouble
    assert failed.retry_after == fault.get("retry_after")


@kinds
async def test_a_prompt_that_is_too_long_is_known_as_such(kind: str) -> None:
    async with connected(kind, {"context_length": 32}) as (provider, _):
        failed = await failure(provider, request(Message(role="user", content="word " * 100)))
    assert failed.trouble is Trouble.TOO_LONG
    assert not failed.billed


BREAKS: list[tuple[dict[str, Any], Trouble]] = [
    ({"cut_after": 40, "words": 80}, Trouble.CUT),
    ({"hang_after": 40, "words": 80}, Trouble.SILENT),
    ({"malformed_chunk": True, "words": 80}, Trouble.GARBAGE),
]


@kinds
@pytest.mark.parametrize(("fault", "trouble"), BREAKS, ids=[str(fault) for fault, _ in BREAKS])
async def test_what_goes_wrong_within_an_answer(kind: str, fault: dict[str, Any], trouble: Trouble) -> None:
    patience = 0.3 if trouble is Trouble.SILENT else 60.0
    wait = WAIT.model_copy(update={"between_tokens": patience})
    asked = Request("scripted", (Message(role="user", content="Hello."),), wait)
    pieces: list[str] = []
    async with connected(kind, {"tokens_per_second": 2000, "rule": [fault]}) as (provider, _):
        with pytest.raises(AttemptFailed) as caught:
            async for piece in provider.answer(asked):
                assert isinstance(piece, str)
                pieces.append(piece)
    assert caught.value.trouble is trouble
    assert pieces


@pytest.mark.parametrize("kind", ["anthropic", "gemini", "cloudflare"])
async def test_a_stream_without_its_end_is_no_answer(kind: str) -> None:
    async with connected(kind, {"rule": [{"no_done": True}]}) as (provider, _):
        failed = await failure(provider, request())
    assert failed.trouble is Trouble.CUT


async def test_what_was_used_before_a_stream_broke_is_known() -> None:
    async with connected("anthropic", {"rule": [{"no_done": True}]}) as (provider, server):
        failed = await failure(provider, request())
        entry = server.ledger.entries[0]
    assert failed.usage is not None
    assert failed.usage.prompt_tokens == entry.prompt_tokens


@pytest.mark.parametrize("kind", ["openai_compatible", "anthropic", "gemini"])
@both
async def test_a_withheld_answer_is_a_failure(kind: str, streaming: bool) -> None:
    async with connected(kind, {"rule": [{"finish_reason": "content_filter"}]}) as (provider, _):
        failed = await failure(provider, request(streaming=streaming))
    assert failed.trouble is Trouble.FILTERED


@kinds
async def test_a_page_instead_of_an_answer_is_garbage(kind: str) -> None:
    async with connected(kind, {"rule": [{"garbage": True}]}) as (provider, _):
        failed = await failure(provider, request(streaming=False))
    assert failed.trouble is Trouble.GARBAGE


@kinds
async def test_a_wrong_key_is_known_and_never_repeated(kind: str) -> None:
    async with connected(kind, {"api_key": "right"}, api_key="wrong-canary") as (provider, _):
        failed = await failure(provider, request())
        with pytest.raises(AttemptFailed):
            await provider.offers(within=2)
    assert failed.trouble is Trouble.FORBIDDEN
    assert "canary" not in str(failed)
    async with connected(kind, {"api_key": "right"}, api_key="right") as (provider, _):
        pieces, _ = await read(provider, request())
    assert pieces


@kinds
async def test_models_are_listed_with_their_lengths(kind: str) -> None:
    script = {"models": ["scripted", "embedder"], "context_length": 4096}
    async with connected(kind, script) as (provider, _):
        offers = (await provider.describe(within=2)).offers
    assert [offer.name for offer in offers] == ["scripted", "embedder"]
    assert {offer.context_length for offer in offers} == {4096}
    if kind != "anthropic":
        assert [offer.embedding for offer in offers] == [False, True]


@pytest.mark.parametrize("kind", ["anthropic", "gemini"])
async def test_the_service_counts_tokens(kind: str) -> None:
    async with connected(kind) as (provider, server):
        counted = await provider.count_tokens("scripted", "Four words are here.")
        await server.stop()
        assert await provider.count_tokens("scripted", "Four words are here.") is None
    assert counted is not None and counted >= len(tokenize("Four words are here."))


async def test_a_geminis_call_keeps_its_signature_and_gets_one_where_it_is_lost() -> None:
    ask = Message(role="user", content="Look it up.")
    foreign = ToolCall(id="elsewhere", name="look_up", arguments='{"word": "x"}')
    lost = Message(role="assistant", tool_calls=(foreign,))
    result = Message(role="tool", tool_call_id="elsewhere", content="plain words")
    async with connected("gemini") as (provider, server):
        _, end = await read(provider, request(ask, tools=(TOOL,)))
        talk = (ask, Message(role="assistant", tool_calls=end.tool_calls))
        answered = Message(role="tool", tool_call_id=end.tool_calls[0].id, content="plain words")
        await read(provider, request(*talk, answered, tools=(TOOL,)))
        await read(provider, request(ask, lost, result, tools=(TOOL,)))
        sent = [json.dumps(entry.messages) for entry in server.ledger.entries]
    assert "signed-call" in sent[1]
    assert "skip_thought_signature_validator" in sent[2]


@kinds
async def test_a_server_that_is_not_there(kind: str) -> None:
    endpoint = Endpoint("it", "http://127.0.0.1:9/v1", Locality.LOOPBACK)
    provider = connect(kind, endpoint)
    assert (await failure(provider, request())).trouble is Trouble.UNREACHABLE
    await provider.close()
