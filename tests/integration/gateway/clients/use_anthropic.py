"""The `anthropic` client: chat, stream, tools, JSON schema, counting, errors."""

import json
import sys

import anthropic

base, key = sys.argv[1:]
client = anthropic.Anthropic(base_url=base, api_key=key)
HELLO = [{"role": "user", "content": "about 60 words"}]
WEATHER = {"name": "weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}
SHAPE = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "pages": {"type": "integer"}},
    "required": ["title", "pages"],
    "additionalProperties": False,
}

assert "scripted" in [model.id for model in client.models.list()]
whole = client.messages.create(model="auto", max_tokens=500, messages=HELLO, system="Be short.")
assert whole.content[0].type == "text" and whole.stop_reason == "end_turn"
with client.messages.stream(model="auto", max_tokens=500, messages=HELLO, system="Be short.") as stream:
    assert "".join(stream.text_stream) == whole.content[0].text
    final = stream.get_final_message()
assert final.usage.output_tokens == whole.usage.output_tokens and final.stop_reason == "end_turn"

used = client.messages.create(
    model="auto", max_tokens=500, messages=[{"role": "user", "content": "call a tool"}], tools=[WEATHER]
)
[call] = used.content
assert call.type == "tool_use" and call.input == {"city": "Turin"} and used.stop_reason == "tool_use"
with client.messages.stream(
    model="auto", max_tokens=500, messages=[{"role": "user", "content": "call a tool"}], tools=[WEATHER]
) as stream:
    assert stream.get_final_message().content[0].input == {"city": "Turin"}
result = {"type": "tool_result", "tool_use_id": call.id, "content": "18"}
again = client.messages.create(
    model="auto",
    max_tokens=500,
    tools=[WEATHER],
    messages=[
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": used.content},
        {"role": "user", "content": [result]},
    ],
)
assert again.content[0].type == "text"
shaped = client.messages.create(
    model="auto",
    max_tokens=500,
    messages=HELLO,
    extra_body={"output_config": {"format": {"type": "json_schema", "schema": SHAPE}}},
)
assert set(json.loads(shaped.content[0].text)) == {"title", "pages"}
assert client.messages.count_tokens(model="auto", messages=HELLO).input_tokens > 0
try:
    client.messages.create(model="nothing", max_tokens=5, messages=HELLO)
except anthropic.NotFoundError as error:
    assert "nothing" in str(error)
else:
    raise AssertionError("an unknown model was accepted")
print("fine")
