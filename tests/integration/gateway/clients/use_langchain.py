"""`langchain-openai`: chat, stream, tools, JSON schema, embeddings."""

import sys

from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel


class Book(BaseModel):
    """A book."""

    title: str
    pages: int


class Weather(BaseModel):
    """The weather of a city."""

    city: str


base, key = sys.argv[1:]
model = ChatOpenAI(model="auto", base_url=f"{base}/v1", api_key=key)
whole = model.invoke("about 60 words")
assert whole.content and whole.usage_metadata["output_tokens"] > 0
assert "".join(chunk.content for chunk in model.stream("about 60 words")) == whole.content
[call] = model.bind_tools([Weather]).invoke("call a tool").tool_calls
assert call["args"] == {"city": "Turin"}
assert isinstance(model.with_structured_output(Book).invoke("about 60 words"), Book)
vectors = OpenAIEmbeddings(model="auto", base_url=f"{base}/v1", api_key=key, check_embedding_ctx_length=False)
assert len(vectors.embed_documents(["one", "two"])) == 2
print("fine")
