import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest

from scrivano.llm.public import ModelChange, RequestStatus
from tests.integration.gateway.conftest import Gate, Open

HELLO: dict[str, Any] = {"model": "auto", "messages": [{"role": "user", "content": "about 60 words"}]}
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


async def chat(gate: Gate, body: dict[str, Any], **headers: str) -> httpx.Response:
    return await gate.client.post("/v1/chat/completions", json=body, headers=headers)


def events(text: str) -> list[dict[str, Any]]:
    lines = [line[6:] for line in text.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    return [orjson.loads(line) for line in lines[:-1]]


async def test_an_answer_with_its_headers_and_its_row(gate: Gate) -> None:
    [model] = await gate.house.llm.registry.models()
    await gate.house.llm.registry.change_model(
        model.id, ModelChange(input_mtok=Decimal(1), output_mtok=Decimal(3))
    )
    answer = await chat(gate, {**HELLO, "user": "eve", "metadata": {"a": "b"}})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["object"] == "chat.completion"
    assert body["model"] == "scripted"
    [choice] = body["choices"]
    assert choice["finish_reason"] == "stop"
    row = await gate.house.llm.get_request(UUID(answer.headers["x-scrivano-request-id"]))
    assert row.status is RequestStatus.FINISHED
    assert row.answer is not None and row.answer.text == choice["message"]["content"]
    assert row.labels == {"a": "b", "user": "eve"}
    assert Decimal(answer.headers["x-scrivano-cost"]) == row.cost > 0
    assert body["usage"]["cost"] == float(row.cost)
    assert answer.headers["x-scrivano-model"] == f"{model.provider}/scripted"
    assert answer.headers["x-scrivano-route"] == row.route


async def test_a_stream_with_usage(gate: Gate) -> None:
    answer = await chat(gate, {**HELLO, "stream": True, "stream_options": {"include_usage": True}})
    chunks = events(answer.text)
    row = await gate.house.llm.get_request(UUID(answer.headers["x-scrivano-request-id"]))
    text = "".join(c["choices"][0]["delta"].get("content", "") for c in chunks if c["choices"])
    assert row.answer is not None and text == row.answer.text
    assert row.status is RequestStatus.FINISHED
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["completion_tokens"] == row.usage.completion_tokens
    assert all(chunk["usage"] is None for chunk in chunks[:-1])
    assert len({chunk["id"] for chunk in chunks}) == 1


@pytest.mark.parametrize("stream", [True, False])
async def test_tools_there_and_back(open_gate: Open, stream: bool) -> None:
    call = {"name": "weather", "arguments": {"city": "Turin"}}
    script = {"rule": [{"times": 1, "match": {"contains": "Turin"}, "tool_calls": [call]}]}
    async with open_gate(script) as gate:
        body = {
            **HELLO,
            "messages": [{"role": "user", "content": "Turin?"}],
            "tools": [WEATHER],
            "stream": stream,
        }
        answer = await chat(gate, body)
        assert answer.status_code == 200, answer.text
        if stream:
            deltas = [c["choices"][0] for c in events(answer.text)]
            [tool] = next(d["delta"]["tool_calls"] for d in deltas if "tool_calls" in d["delta"])
            assert deltas[-1]["finish_reason"] == "tool_calls"
        else:
            [tool] = answer.json()["choices"][0]["message"]["tool_calls"]
            assert answer.json()["choices"][0]["message"]["content"] is None
        assert tool["function"]["name"] == "weather"
        assert orjson.loads(tool["function"]["arguments"]) == {"city": "Turin"}
        tool.pop("index", None)
        body["messages"] += [
            {"role": "assistant", "content": None, "tool_calls": [tool]},
            {"role": "tool", "tool_call_id": tool["id"], "content": "18 °C"},
        ]
        assert (await chat(gate, {**body, "stream": False})).json()["choices"][0]["finish_reason"] == "stop"
        assert gate.model.ledger.entries[-1].messages[-1]["content"] == "18 °C"


SHAPE: dict[str, Any] = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "pages": {"type": "integer"}},
    "required": ["title", "pages"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("rule", [{}, {"wrap_json": True}])
async def test_a_schema_is_kept_even_by_a_model_that_wraps_its_json(
    open_gate: Open, rule: dict[str, Any]
) -> None:
    shape = {"type": "json_schema", "json_schema": {"name": "Book", "schema": SHAPE}}
    async with open_gate({"rule": [rule]} if rule else {}) as gate:
        answer = await chat(gate, {**HELLO, "response_format": shape})
        value = orjson.loads(answer.json()["choices"][0]["message"]["content"])
        assert set(value) == {"title", "pages"}
        answer = await chat(gate, {**HELLO, "stream": True, "response_format": shape})
        text = "".join(c["choices"][0]["delta"].get("content", "") for c in events(answer.text))
        if not rule:
            assert set(orjson.loads(text)) == {"title", "pages"}


async def test_an_answer_that_never_fits_its_schema_is_an_error(open_gate: Open) -> None:
    shape = {"type": "json_schema", "json_schema": {"name": "Book", "schema": SHAPE}}
    async with open_gate({"rule": [{"json": {"title": "x"}}]}) as gate:
        await gate.house.prompts.load_starter()
        answer = await chat(gate, {**HELLO, "response_format": shape})
    assert answer.status_code == 503
    assert "pages" in answer.json()["error"]["message"]


async def test_images_reach_the_model(gate: Gate) -> None:
    [model] = await gate.house.llm.registry.models()
    seeing = model.capabilities | {"vision"}
    await gate.house.llm.registry.change_model(model.id, ModelChange(capabilities=seeing))
    url = "data:image/png;base64,iVBORw0KGgo="
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": url}}]
    answer = await chat(gate, {"model": "scripted", "messages": [{"role": "user", "content": parts}]})
    assert answer.status_code == 200, answer.text
    assert gate.model.ledger.entries[-1].messages[0]["content"][1]["image_url"]["url"] == url


async def test_a_template_is_used_like_a_model(gate: Gate) -> None:
    await gate.house.prompts.load_starter()
    body = {"model": "llm_continue", "messages": HELLO["messages"]}
    missing = await chat(gate, body)
    assert missing.status_code in (400, 422), missing.text
    answer = await chat(gate, {**body, "variables": {"tail": "Once upon", "anchor": "upon"}})
    assert answer.status_code == 200, answer.text
    row = await gate.house.llm.get_request(UUID(answer.headers["x-scrivano-request-id"]))
    assert row.prompt_name == "llm_continue"
    assert row.messages is not None and row.messages[-1].text == "about 60 words"
    assert "Once upon" in row.messages[0].text + row.messages[-2].text


async def test_whoever_leaves_ends_the_request(open_gate: Open) -> None:
    async with open_gate({"tokens_per_second": 100}) as gate:
        body = {**HELLO, "messages": [{"role": "user", "content": "about 900 words"}]}
        async with gate.client.stream(
            "POST", "/v1/chat/completions", json={**body, "stream": True}
        ) as stream:
            async for _ in stream.aiter_lines():
                break
        async with asyncio.timeout(30):
            await gate.model.ledger.until(lambda entries: entries[0].outcome == "cut")
        asking = asyncio.create_task(chat(gate, body))
        async with asyncio.timeout(30):
            await gate.model.ledger.until(lambda entries: len(entries) == 2)
        asking.cancel()
        async with asyncio.timeout(30):
            await gate.model.ledger.until(lambda entries: entries[1].outcome == "cut")
        async with asyncio.timeout(30):
            # The model sees that the caller is gone before the log does.
            while any(r.status is RequestStatus.STARTED for r in await gate.house.llm.latest_requests()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        rows = await gate.house.llm.latest_requests()
        assert [row.status for row in rows] == [RequestStatus.CANCELLED] * 2


async def test_the_model_and_usage_told_are_those_of_whoever_answered(open_gate: Open) -> None:
    async with open_gate({"models": ["a", "b"], "rule": [{"match": {"model": "a"}, "status": 503}]}) as gate:
        answer = await chat(gate, HELLO)
        assert answer.json()["model"] == "b"
        assert answer.headers["x-scrivano-model"].endswith("/b")


async def test_a_stream_that_breaks_off_ends_in_an_error(open_gate: Open) -> None:
    async with open_gate({"rule": [{"cut_after": 40}]}) as gate:
        answer = await chat(gate, {**HELLO, "stream": True})
    lines = [line[6:] for line in answer.text.splitlines() if line.startswith("data: ")]
    assert "[DONE]" not in lines
    assert orjson.loads(lines[-1])["error"]["type"] == "server_error"


@pytest.mark.parametrize(
    ("change", "status", "param"),
    [
        ({"model": "nothing"}, 404, "model"),
        ({"model": 3}, 400, "model"),
        ({"messages": []}, 400, "messages"),
        ({"messages": "hi"}, 400, "messages"),
        ({"messages": [{"role": "king", "content": "x"}]}, 400, "messages.0.role"),
        ({"messages": [{"role": "user", "content": 7}]}, 400, "messages.0.content"),
        ({"messages": [{"role": "user", "content": [{"type": "x"}]}]}, 400, "messages.0.content.0.type"),
        ({"temperature": 9}, 400, "temperature"),
        ({"max_tokens": -1}, 400, "max_tokens"),
        ({"max_tokens": "many"}, 400, "max_tokens"),
        ({"n": 2}, 400, "n"),
        ({"tools": [{"type": "web"}]}, 400, "tools.0"),
        ({"response_format": {"type": "json_schema"}}, 400, "response_format.json_schema.schema"),
        ({"messages": [{"role": "user", "content": "\ud800"}]}, 400, "body"),
        ({"model": "a\x00b"}, 404, "model"),
        ({"stream": "yes"}, 400, "stream"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "objet"}}}},
            400,
            "response_format.json_schema.schema",
        ),
    ],
)
async def test_bad_requests_are_told_in_openais_form(
    gate: Gate, change: dict[str, Any], status: int, param: str
) -> None:
    raw = httpx._content.json_dumps({**HELLO, **change}).encode()  # type: ignore[attr-defined]
    answer = await gate.client.post("/v1/chat/completions", content=raw)
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["param"] == param
    assert set(error) == {"message", "type", "param", "code"}
    assert gate.model.ledger.entries == []


async def test_large_bodies_and_wrong_methods_are_refused(gate: Gate) -> None:
    answer = await gate.client.post("/v1/chat/completions", content=b"x" * (20 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")

    async def endless() -> Any:
        for _ in range(21):
            yield b"x" * 1024 * 1024

    answer = await gate.client.post("/v1/chat/completions", content=endless())
    assert answer.status_code == 413
    assert (await gate.client.get("/v1/chat/completions")).status_code == 405
    nowhere = await gate.client.post("/v1/audio/speech", json={})
    assert (nowhere.status_code, nowhere.json()["error"]["code"]) == (404, "not_found")


async def test_models_are_listed_and_metrics_counted(gate: Gate) -> None:
    names = [row["id"] for row in (await gate.client.get("/v1/models")).json()["data"]]
    assert names == ["auto", "scripted"]
    assert (await gate.client.get("/v1/models/scripted")).json()["id"] == "scripted"
    assert (await gate.client.get("/v1/models/none")).status_code == 404
    await chat(gate, HELLO)
    text = (await gate.client.get("/metrics")).text
    assert 'scrivano_http_requests_total{endpoint="/v1/chat/completions",status="200"} 1.0' in text
    assert 'scrivano_llm_breaker_state{model="scripted"' in text
