"""`instructor`: instances of a Pydantic model by tools and by JSON schema."""

import sys

import instructor
import openai
from pydantic import BaseModel


class Weather(BaseModel):
    """The weather of a city."""

    city: str


class Book(BaseModel):
    title: str
    pages: int


base, key = sys.argv[1:]
plain = openai.OpenAI(base_url=f"{base}/v1", api_key=key)
by_tools = instructor.from_openai(plain, mode=instructor.Mode.TOOLS)
asked = by_tools.chat.completions.create(
    model="auto", messages=[{"role": "user", "content": "call a tool"}], response_model=Weather
)
assert asked.city == "Turin"
by_schema = instructor.from_openai(plain, mode=instructor.Mode.JSON_SCHEMA)
book = by_schema.chat.completions.create(
    model="auto", messages=[{"role": "user", "content": "about 60 words"}], response_model=Book
)
assert book.title
print("fine")
