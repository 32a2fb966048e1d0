"""The `openai` client: chat, stream, tools, JSON schema, responses, embeddings, errors."""

import json
import sys

import openai
from pydantic import BaseModel


class Book(BaseModel):
    title: str
    pages: int


base, key = sys.argv[1:]
client = openai.OpenAI(base_url=f"{base}/v1", api_key=key)
HELLO = [{"role": "user", "content": "about 60 words"}]
WEATHER = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}

assert "scripted" in [model.id for model in client.models.list()]
whole = client.chat.completions.create(model="auto", messages=HELLO)
assert whole.usage and whole.usage.completion_tokens > 0
text, usage = "", None
for chunk in client.chat.completions.create(
    model="auto", messages=HELLO, stream=True, stream_options={"include_usage": True}
):
    text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
    usage = chunk.usage or usage
assert text == whole.choices[0].message.content and usage is not None
with client.chat.completions.stream(model="auto", messages=HELLO) as stream:
    assert stream.get_final_completion().choices[0].message.content == text

tools = [{"type": "function", "function": WEATHER}]
asked = client.chat.completions.create(
    model="auto", messages=[{"role": "user", "content": "call a tool"}], tools=tools
)
[call] = asked.choices[0].message.tool_calls or []
assert json.loads(call.function.arguments) == {"city": "Turin"}
follow = [
    {"role": "user", "content": "hello"},
    asked.choices[0].message,
    {"role": "tool", "tool_call_id": call.id, "content": "18"},
]
assert client.chat.completions.create(model="auto", messages=follow, tools=tools).choices[0].message.content

parsed = client.chat.completions.parse(model="auto", messages=HELLO, response_format=Book)
assert isinstance(parsed.choices[0].message.parsed, Book)

answered = client.responses.create(model="auto", input="about 60 words", instructions="Be short.")
assert answered.output_text and answered.status == "completed"
events = [event.type for event in client.responses.create(model="auto", input="about 60 words", stream=True)]
assert events[0] == "response.created" and events[-1] == "response.completed"
with client.responses.stream(model="auto", input="about 60 words") as stream:
    assert stream.get_final_response().output_text
shaped = client.responses.parse(model="auto", input="about 60 words", text_format=Book)
assert isinstance(shaped.output_parsed, Book)
used = client.responses.create(
    model="auto", input="call a tool", tools=[{"type": "function", "strict": False, **WEATHER}]
)
assert used.output[0].type == "function_call" and json.loads(used.output[0].arguments) == {"city": "Turin"}

found = client.embeddings.create(model="auto", input=["one", "two"])
assert len(found.data) == 2 and len(found.data[0].embedding) > 10

try:
    client.chat.completions.create(model="nothing", messages=HELLO)
except openai.NotFoundError as error:
    assert error.code == "model_not_found" and error.param == "model"
else:
    raise AssertionError("an unknown model was accepted")
try:
    openai.OpenAI(base_url=f"{base}/v1", api_key="sk-scrivano-wrong").models.list()
except openai.AuthenticationError:
    pass
else:
    raise AssertionError("a wrong key was accepted")
print("fine")
