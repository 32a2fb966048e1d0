import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from scrivano.core.errors import InvalidInput
from scrivano.llm.scripted.ledger import read_ledger
from scrivano.llm.scripted.prose import prose, words_asked
from scrivano.llm.scripted.script import read_script
from scrivano.llm.scripted.server import ScriptedServer
from scrivano.llm.scripted.tokens import tokenize

OUTLINE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "chapters": {"type": "array", "minItems": 2, "maxItems": 20, "items": {"$ref": "#/$defs/Chapter"}},
        "findings": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["title", "chapters"],
    "$defs": {
        "Chapter": {
            "type": "object",
            "properties": {
                "number": {"type": "integer"},
                "title": {"type": "string"},
                "words": {"type": "integer", "minimum": 100},
                "kind": {"enum": ["scene", "essay"]},
            },
            "required": ["number", "title", "words", "kind"],
        }
    },
}


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def ask(http: aiohttp.ClientSession, url: str, text: str, **more: Any) -> dict[str, Any]:
    body = {"model": "scripted", "messages": [{"role": "user", "content": text}], **more}
    async with http.post(f"{url}/v1/chat/completions", json=body) as response:
        return {"status": response.status, "headers": response.headers, **await response.json()}


async def read_stream(http: aiohttp.ClientSession, url: str, text: str, **more: Any) -> list[str]:
    body = {"model": "scripted", "messages": [{"role": "user", "content": text}], "stream": True, **more}
    async with http.post(f"{url}/v1/chat/completions", json=body) as response:
        return [line.decode()[6:].strip() async for line in response.content if line.startswith(b"data: ")]


def said(answer: dict[str, Any]) -> str:
    return answer["choices"][0]["message"]["content"]


async def test_the_same_request_gets_the_same_answer_from_another_server(http: aiohttp.ClientSession) -> None:
    async with ScriptedServer() as one, ScriptedServer() as other:
        first = await ask(http, one.url, "Write about 80 words on bridges.")
        second = await ask(http, other.url, "Write about 80 words on bridges.")
        third = await ask(http, other.url, "Write about 80 words on rivers.")
    assert said(first) == said(second) != said(third)
    assert abs(len(said(first).split()) - 80) <= 6


async def test_a_stream_says_what_the_whole_answer_says(http: aiohttp.ClientSession) -> None:
    async with ScriptedServer() as server:
        whole = await ask(http, server.url, "about 120 words")
        lines = await read_stream(http, server.url, "about 120 words", stream_options={"include_usage": True})
    assert lines[-1] == "[DONE]"
    events = [json.loads(line) for line in lines[:-1]]
    text = "".join(e["choices"][0]["delta"].get("content", "") for e in events if e["choices"])
    assert text == said(whole)
    assert events[-1]["usage"] == whole["usage"]
    assert whole["usage"]["completion_tokens"] == len(tokenize(text))


async def test_max_tokens_ends_the_answer_with_length(http: aiohttp.ClientSession) -> None:
    async with ScriptedServer() as server:
        answer = await ask(http, server.url, "about 500 words", max_tokens=20)
    assert answer["choices"][0]["finish_reason"] == "length"
    assert len(tokenize(said(answer))) == 20


async def test_json_fits_the_schema_and_the_count_in_the_prompt(http: aiohttp.ClientSession) -> None:
    shape = {"type": "json_schema", "json_schema": {"name": "Outline", "schema": OUTLINE}}
    async with ScriptedServer() as server:
        answer = await ask(
            http, server.url, "An outline of 12 chapters, about 24,000 words.", response_format=shape
        )
    outline = json.loads(said(answer))
    assert [chapter["number"] for chapter in outline["chapters"]] == list(range(1, 13))
    assert {chapter["words"] for chapter in outline["chapters"]} == {2000}
    assert len({chapter["title"] for chapter in outline["chapters"]}) == 12
    assert outline["findings"] == []


async def test_rules_are_used_up_in_order(http: aiohttp.ClientSession) -> None:
    script = {"rule": [{"times": 1, "text": "one"}, {"match": {"pattern": "b.d"}, "text": "two"}]}
    async with ScriptedServer(script) as server:
        answers = [said(await ask(http, server.url, "bed")) for _ in range(3)]
        other = said(await ask(http, server.url, "cot"))
    assert answers == ["one", "two", "two"]
    assert other not in {"one", "two"}


async def test_a_rule_once_per_distinct_request(http: aiohttp.ClientSession) -> None:
    script = {"rule": [{"times_per_request": 1, "status": 429, "retry_after": 0.5}]}
    async with ScriptedServer(script) as server:
        seen = [(await ask(http, server.url, text))["status"] for text in ("a", "b", "a", "b")]
    assert seen == [429, 429, 200, 200]
    assert [entry.outcome for entry in server.ledger.entries] == [
        "refused",
        "refused",
        "finished",
        "finished",
    ]


async def test_refusals_bear_retry_after(http: aiohttp.ClientSession) -> None:
    async with ScriptedServer({"rule": [{"status": 503, "retry_after": 2}]}) as server:
        answer = await ask(http, server.url, "hello")
    assert answer["status"] == 503
    assert answer["headers"]["Retry-After"] == "2"


async def test_a_cut_stream_is_a_reset_after_so_many_tokens(http: aiohttp.ClientSession) -> None:
    async with ScriptedServer({"tokens_per_second": 2000, "rule": [{"cut_after": 7}]}) as server:
        with pytest.raises(aiohttp.ClientError):
            await read_stream(http, server.url, "about 100 words")
        entry = server.ledger.entries[0]
    assert entry.outcome == "cut"
    assert entry.completion_tokens == 7


@pytest.mark.parametrize("stream", [True, False])
async def test_a_reset_before_the_headers(http: aiohttp.ClientSession, stream: bool) -> None:
    async with ScriptedServer({"rule": [{"reset": True}]}) as server:
        with pytest.raises(aiohttp.ClientError):
            await ask(http, server.url, "hello", stream=stream)


async def test_a_caller_that_leaves_frees_the_slot(http: aiohttp.ClientSession) -> None:
    async with ScriptedServer({"slots": 1, "rule": [{"times": 1, "hang": True}]}) as server:
        leaves = asyncio.create_task(ask(http, server.url, "hello"))
        async with asyncio.timeout(30):
            await server.ledger.until(lambda entries: len(entries) == 1)
        leaves.cancel()
        async with asyncio.timeout(30):
            answer = await ask(http, server.url, "hello")
    assert answer["status"] == 200
    assert [entry.outcome for entry in server.ledger.entries] == ["cut", "finished"]


async def test_slots_and_speed_set_the_pace(http: aiohttp.ClientSession) -> None:
    script = {"slots": 2, "tokens_per_second": 400, "rule": [{"text": "a " * 40, "hold_after": 1}]}
    async with ScriptedServer(script) as server:
        tokens = len(tokenize("a " * 40))
        began = time.monotonic()
        asked = [asyncio.create_task(ask(http, server.url, str(n))) for n in range(4)]
        async with asyncio.timeout(30):
            await server.ledger.until(lambda entries: len(entries) == 4)
        early = [entry.sequence for entry in server.ledger.entries if entry.completion_tokens]
        server.engine.release("all")
        await asyncio.gather(*asked)
        took = time.monotonic() - began
    assert took >= 2 * tokens / 400
    assert set(early) <= {entry.sequence for entry in server.ledger.entries[:2]}


async def test_faults_of_the_text(http: aiohttp.ClientSession) -> None:
    script = {
        "rule": [
            {"match": {"contains": "fence"}, "json": {"a": 1}, "wrap_json": True},
            {"match": {"contains": "leak"}, "prose": True, "leak": True},
            {"match": {"contains": "short"}, "prose": True, "length_factor": 0.2},
            {"match": {"contains": "false stop"}, "prose": True, "early_stop": 0.3},
        ]
    }
    async with ScriptedServer(script) as server:
        fenced = said(await ask(http, server.url, "fence"))
        leaked = said(await ask(http, server.url, "leak, about 50 words"))
        short = said(await ask(http, server.url, "short, about 500 words"))
        stopped = await ask(http, server.url, "false stop, about 500 words")
    assert '```json\n{"a":1}\n```' in fenced
    assert len(leaked.split("\n\n")) >= 3
    assert abs(len(short.split()) - 100) <= 6
    assert len(said(stopped).split()) < 200
    assert stopped["choices"][0]["finish_reason"] == "stop"


async def test_stream_without_done_and_with_a_broken_event(http: aiohttp.ClientSession) -> None:
    script = {"rule": [{"times": 1, "no_done": True}, {"malformed_chunk": True}]}
    async with ScriptedServer(script) as server:
        without = await read_stream(http, server.url, "about 80 words")
        body = {"messages": [{"role": "user", "content": "about 80 words"}], "stream": True}
        async with http.post(f"{server.url}/v1/chat/completions", json=body) as response:
            raw = await response.read()
    assert "[DONE]" not in without
    assert b"\xff\xfe" in raw


async def test_a_tool_is_called_until_it_has_answered(http: aiohttp.ClientSession) -> None:
    tool = {"name": "find", "parameters": {"type": "object", "properties": {"n": {"type": "integer"}}}}
    tools = [{"type": "function", "function": tool}]
    async with ScriptedServer() as server:
        first = await ask(http, server.url, "find it", tools=tools)
        call = first["choices"][0]["message"]["tool_calls"][0]
        messages = [
            {"role": "user", "content": "find it"},
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": call["id"], "content": "found"},
        ]
        second = await ask(http, server.url, "", messages=messages, tools=tools)
    assert first["choices"][0]["finish_reason"] == "tool_calls"
    assert isinstance(json.loads(call["function"]["arguments"])["n"], int)
    assert said(second)


async def test_embeddings_of_likes_are_alike(http: aiohttp.ClientSession) -> None:
    async with ScriptedServer() as server:
        body = {"model": "scripted", "input": ["red apples and pears", "red apples and plums", "tax law"]}
        async with http.post(f"{server.url}/v1/embeddings", json=body) as response:
            vectors = [row["embedding"] for row in (await response.json())["data"]]

    def likeness(a: list[float], b: list[float]) -> float:
        return sum(x * y for x, y in zip(a, b, strict=True))

    assert likeness(vectors[0], vectors[1]) > 0.5 > likeness(vectors[0], vectors[2])


async def test_the_ledger_file_holds_what_the_server_says(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    path = tmp_path / "ledger.jsonl"
    async with ScriptedServer(ledger=path) as server:
        await ask(http, server.url, "one")
        await ask(http, server.url, "two")
        async with http.get(f"{server.url}/ledger") as response:
            served = await response.json()
    assert [entry.model_dump() for entry in read_ledger(path)] == served
    assert [entry["messages"][0]["content"] for entry in served] == ["one", "two"]


async def test_too_long_and_unknown_are_refused_as_openai_does(http: aiohttp.ClientSession) -> None:
    async with ScriptedServer({"context_length": 50}) as server:
        long = await ask(http, server.url, "word " * 200)
        unknown = await ask(http, server.url, "hello", model="nobody")
    assert (long["status"], long["error"]["code"]) == (400, "context_length_exceeded")
    assert (unknown["status"], unknown["error"]["code"]) == (404, "model_not_found")


def test_prose_never_says_a_sentence_twice_in_a_book() -> None:
    chapters = [prose(f"chapter {number}", 2500) for number in range(16)]
    sentences = [s for chapter in chapters for s in re.split(r"(?<=\.)\s+", chapter) if s.endswith(".")]
    assert len(sentences) > 2000
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("words", [20, 77, 400, 1300])
def test_prose_has_the_length_asked(words: int) -> None:
    for key in range(20):
        text = prose(f"key {key}", words).replace("## ", "")
        assert abs(len(text.split()) - words) <= 6


def test_the_last_length_named_counts() -> None:
    assert words_asked("A book of about 20,000 words. Write about 1,500 words now.") == 1500
    assert words_asked("Go on with 250 more words") == 250
    assert words_asked("Go on") is None


def test_a_script_with_an_unknown_field_is_named(tmp_path: Path) -> None:
    path = tmp_path / "script.toml"
    path.write_text("[[rule]]\nstattus = 500\n")
    with pytest.raises(InvalidInput, match="stattus"):
        read_script(path)
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_script(tmp_path / "missing.toml")


async def test_a_held_answer_waits_where_it_is_until_it_is_released(http: aiohttp.ClientSession) -> None:
    rules = [{"match": {"contains": "slow"}, "text": "one two three four", "hold_after": 3, "hold": "reader"}]
    held = "".join(tokenize("one two three four")[:3])
    async with ScriptedServer({"rule": rules, "tokens_per_second": 100_000}) as server:
        body = {"model": "scripted", "messages": [{"role": "user", "content": "slow"}], "stream": True}
        async with http.post(f"{server.url}/v1/chat/completions", json=body) as response:
            lines = (line.decode()[6:] async for line in response.content if line.startswith(b"data: {"))
            seen = ""
            async for line in lines:
                seen += json.loads(line)["choices"][0]["delta"].get("content") or ""
                if seen == held:
                    break
            assert server.ledger.entries[0].outcome == "open"
            assert said(await ask(http, server.url, "others are served"))
            async with http.post(f"{server.url}/release/another"), http.post(f"{server.url}/release/reader"):
                pass
            async for line in lines:
                choices = json.loads(line)["choices"]
                seen += (choices[0]["delta"].get("content") or "") if choices else ""
        assert seen == "one two three four"
        assert said(await ask(http, server.url, "slow, again")) == "one two three four"


async def test_a_held_answer_shows_that_it_is_not_forgotten(
    http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scrivano.llm.scripted.engine._SIGN_OF_LIFE", 0.001)
    async with ScriptedServer({"rule": [{"text": "one two three four", "hold_after": 3}]}) as server:
        body = {"model": "scripted", "messages": [{"role": "user", "content": "slow"}], "stream": True}
        seen: list[str] = []
        async with http.post(f"{server.url}/v1/chat/completions", json=body) as response:
            async for line in response.content:
                if line.startswith(b"data: {"):
                    choices = json.loads(line[6:])["choices"]
                    seen += [choices[0]["delta"].get("content")] if choices else []
                if seen[-3:] == ["", "", ""]:
                    async with http.post(f"{server.url}/release/all"):
                        pass
        assert "".join(piece or "" for piece in seen) == "one two three four"


async def test_a_stalled_answer_goes_on(http: aiohttp.ClientSession) -> None:
    script = {"rule": [{"text": "one two three four", "stall_after": 2, "stall": 0.001}]}
    async with ScriptedServer(script) as server:
        assert said(await ask(http, server.url, "anything")) == "one two three four"
