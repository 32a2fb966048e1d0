import base64
import struct
from typing import Any

import orjson
import pytest

from scrivano.llm.public import ModelChange
from tests.integration.gateway.conftest import Gate, Open


async def test_embeddings_as_numbers_and_packed(gate: Gate) -> None:
    [model] = await gate.house.llm.registry.models()
    able = model.capabilities | {"embeddings"}
    await gate.house.llm.registry.change_model(model.id, ModelChange(capabilities=able))
    body: dict[str, Any] = {"model": "auto", "input": ["one", "two"]}
    plain = await gate.client.post("/v1/embeddings", json=body)
    assert plain.status_code == 200, plain.text
    packed = await gate.client.post("/v1/embeddings", json={**body, "encoding_format": "base64"})
    for one, other in zip(plain.json()["data"], packed.json()["data"], strict=True):
        raw = base64.b64decode(other["embedding"])
        assert struct.unpack(f"<{len(raw) // 4}f", raw) == pytest.approx(one["embedding"])
    assert plain.json()["usage"]["prompt_tokens"] > 0
    assert "x-scrivano-request-id" in plain.headers
    for wrong in ([], [[1, 2]], 3, [""]):
        assert (await gate.client.post("/v1/embeddings", json={**body, "input": wrong})).status_code == 400


async def test_without_an_image_model_that_is_said(gate: Gate) -> None:
    answer = await gate.client.post("/v1/images/generations", json={"prompt": "a boat"})
    assert (answer.status_code, answer.json()["error"]["message"][:29]) == (
        501,
        "No image model is registered.",
    )


async def test_a_response_whole_and_streamed(gate: Gate) -> None:
    body = {
        "model": "auto",
        "input": [{"role": "user", "content": "about 60 words"}],
        "instructions": "Be short.",
    }
    whole = (await gate.client.post("/v1/responses", json=body)).json()
    assert (whole["object"], whole["status"]) == ("response", "completed")
    text = whole["output"][0]["content"][0]["text"]
    streamed = await gate.client.post("/v1/responses", json={**body, "stream": True})
    frames = [orjson.loads(line[6:]) for line in streamed.text.splitlines() if line.startswith("data: ")]
    assert [frame["sequence_number"] for frame in frames] == list(range(len(frames)))
    assert "".join(f["delta"] for f in frames if f["type"] == "response.output_text.delta") == text
    assert frames[-1]["type"] == "response.completed"
    assert frames[-1]["response"]["usage"]["output_tokens"] == whole["usage"]["output_tokens"]


async def test_a_response_that_is_cut_by_its_length_is_incomplete(gate: Gate) -> None:
    body = {"model": "auto", "input": "about 300 words", "max_output_tokens": 20}
    whole = (await gate.client.post("/v1/responses", json=body)).json()
    assert (whole["status"], whole["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})


async def test_tools_of_responses_there_and_back(open_gate: Open) -> None:
    call = {"name": "weather", "arguments": {"city": "Turin"}}
    tool = {"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {}}}
    async with open_gate({"rule": [{"times": 2, "tool_calls": [call]}]}) as gate:
        body: dict[str, Any] = {"model": "auto", "input": "Turin?", "tools": [tool]}
        streamed = (await gate.client.post("/v1/responses", json={**body, "stream": True})).text
        assert "response.function_call_arguments.done" in streamed
        [item] = (await gate.client.post("/v1/responses", json=body)).json()["output"]
        assert orjson.loads(item["arguments"]) == {"city": "Turin"}
        output = {"type": "function_call_output", "call_id": item["call_id"], "output": "18 °C"}
        items = [{"role": "user", "content": "Turin?"}, item, output]
        again = await gate.client.post("/v1/responses", json={**body, "input": items})
        assert again.json()["status"] == "completed"
        assert [m["role"] for m in gate.model.ledger.entries[-1].messages] == ["user", "assistant", "tool"]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"input": 3}, "input"),
        ({"input": []}, "input"),
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"input": [{"type": "computer_call"}]}, "input.0.type"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort"),
        ({"text": {"format": {"type": "json_schema"}}}, "text.format.schema"),
    ],
)
async def test_bad_responses_name_the_field(gate: Gate, change: dict[str, Any], param: str) -> None:
    answer = await gate.client.post("/v1/responses", json={"model": "auto", "input": "hi", **change})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
