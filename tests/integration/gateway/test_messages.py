from typing import Any
from uuid import UUID

import orjson
import pytest

from tests.integration.gateway.conftest import Gate, Open

HELLO: dict[str, Any] = {
    "model": "auto",
    "max_tokens": 400,
    "system": [{"type": "text", "text": "Be short."}],
    "messages": [{"role": "user", "content": [{"type": "text", "text": "about 60 words"}]}],
}
WEATHER = {"name": "weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}


def events(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for frame in text.strip().split("\n\n"):
        name, data = frame.split("\n")
        found.append(orjson.loads(data.removeprefix("data: ")))
        assert found[-1]["type"] == name.removeprefix("event: ")
    return found


async def test_a_message_whole_and_streamed(gate: Gate) -> None:
    answer = await gate.client.post("/v1/messages", json=HELLO)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["type"], body["role"], body["stop_reason"]) == ("message", "assistant", "end_turn")
    row = await gate.house.llm.get_request(UUID(answer.headers["x-scrivano-request-id"]))
    assert row.messages is not None and [m.role for m in row.messages] == ["system", "user"]
    assert row.answer is not None and body["content"] == [{"type": "text", "text": row.answer.text}]
    assert body["usage"]["output_tokens"] == row.usage.completion_tokens

    streamed = events((await gate.client.post("/v1/messages", json={**HELLO, "stream": True})).text)
    kinds = [event["type"] for event in streamed if event["type"] != "content_block_delta"]
    assert kinds == [
        "message_start",
        "content_block_start",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    text = "".join(e["delta"]["text"] for e in streamed if e["type"] == "content_block_delta")
    assert text == row.answer.text


@pytest.mark.parametrize("stream", [True, False])
async def test_tools_there_and_back(open_gate: Open, stream: bool) -> None:
    call = {"name": "weather", "arguments": {"city": "Turin"}}
    async with open_gate({"rule": [{"times": 1, "tool_calls": [call]}]}) as gate:
        body: dict[str, Any] = {**HELLO, "tools": [WEATHER], "tool_choice": {"type": "any"}, "stream": stream}
        answer = await gate.client.post("/v1/messages", json=body)
        assert answer.status_code == 200, answer.text
        if stream:
            streamed = events(answer.text)
            [use] = [e["content_block"] for e in streamed if e["type"] == "content_block_start"]
            [delta] = [e["delta"] for e in streamed if e["type"] == "content_block_delta"]
            use["input"] = orjson.loads(delta["partial_json"])
            assert streamed[-2]["delta"]["stop_reason"] == "tool_use"
        else:
            [use] = answer.json()["content"]
        assert (use["type"], use["name"], use["input"]) == ("tool_use", "weather", {"city": "Turin"})
        result = {"type": "tool_result", "tool_use_id": use["id"], "content": "18 °C"}
        messages = [
            *HELLO["messages"],
            {"role": "assistant", "content": [use]},
            {"role": "user", "content": [result, {"type": "text", "text": "So?"}]},
        ]
        again = await gate.client.post(
            "/v1/messages", json={**HELLO, "messages": messages, "tools": [WEATHER]}
        )
        assert again.status_code == 200, again.text
        roles = [m["role"] for m in gate.model.ledger.entries[-1].messages]
        assert roles == ["system", "user", "assistant", "tool", "user"]


async def test_tokens_are_counted(gate: Gate) -> None:
    body = {"model": "auto", "messages": [{"role": "user", "content": "hello"}]}
    answer = await gate.client.post("/v1/messages/count_tokens", json=body)
    assert answer.json()["input_tokens"] > 0
    assert gate.model.ledger.entries == []


async def test_errors_have_anthropics_form(open_gate: Open) -> None:
    script = {"rule": [{"cut_after": 40, "match": {"contains": "break"}}, {"status": 400}]}
    async with open_gate(script) as gate:
        missing = await gate.client.post("/v1/messages", json={**HELLO, "max_tokens": None})
        assert missing.status_code == 400
        assert missing.json()["type"] == "error"
        assert missing.json()["error"]["type"] == "invalid_request_error"
        unknown = await gate.client.post("/v1/messages", json={**HELLO, "model": "nothing"})
        assert (unknown.status_code, unknown.json()["error"]["type"]) == (404, "not_found_error")
        refused = await gate.client.post("/v1/messages", json=HELLO)
        assert refused.status_code == 400
        body = {**HELLO, "stream": True, "messages": [{"role": "user", "content": "break"}]}
        broken = events((await gate.client.post("/v1/messages", json=body)).text)
        assert broken[-1]["error"]["type"] == "overloaded_error"
        listed = await gate.client.get("/v1/models", headers={"anthropic-version": "2023-06-01"})
        assert [row["type"] for row in listed.json()["data"]] == ["model", "model"]
