"""llama.cpp in this process, with a model that is made here: one layer of random weights."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from scrivano.llm.dto import Locality, Message, Timeouts
from scrivano.llm.providers.base import AttemptFailed, End, Endpoint, Provider, Request, Schema, Trouble
from scrivano.llm.providers.kinds import connect
from scrivano.llm.tokens import count_prompt
from tests.tiny_gguf import write_tiny_gguf

pytest.importorskip("xllamacpp", reason="the extra scrivano[llama] is not installed")

WAIT = Timeouts(connect=2, first_token=20, between_tokens=5, total=60)
SCHEMA = Schema(
    "Card",
    {
        "type": "object",
        "properties": {
            "name": {"type": "string", "maxLength": 12},
            "count": {"type": "integer", "minimum": 0, "maximum": 99},
            "kind": {"enum": ["scene", "essay"]},
            "done": {"type": "boolean"},
        },
        "required": ["name", "count", "kind", "done"],
    },
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture
async def provider(model: Path) -> AsyncIterator[Provider]:
    settings = {"context_length": 512, "slots": 2, "threads": 1}
    provider = connect("llama_cpp", Endpoint("own", str(model), Locality.LOOPBACK, settings=settings))
    yield provider
    await provider.close()


def request(text: str = "Hello.", **more: Any) -> Request:
    return Request("tiny", (Message(role="user", content=text),), WAIT, seed=7, **more)


async def read(provider: Provider, asked: Request) -> tuple[list[str], End]:
    pieces = [piece async for piece in provider.answer(asked)]
    assert isinstance(pieces[-1], End)
    return [piece for piece in pieces if isinstance(piece, str)], pieces[-1]


async def test_tokens_stream(provider: Provider) -> None:
    pieces, end = await read(provider, request(max_tokens=24))
    assert len(pieces) > 12
    assert (end.finish_reason, end.locality) == ("length", Locality.LOOPBACK)
    assert end.usage is not None and end.usage.completion_tokens == 24
    assert end.usage.prompt_tokens > len("Hello.")


async def test_a_whole_answer_is_what_the_stream_says(provider: Provider) -> None:
    streamed, _ = await read(provider, request(max_tokens=24, temperature=0.0))
    whole, end = await read(provider, request(max_tokens=24, temperature=0.0, streaming=False))
    assert len(whole) == 1 and "".join(streamed) == whole[0]
    assert end.usage is not None and end.usage.completion_tokens == 24


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("streaming", [True, False], ids=["streamed", "whole"])
async def test_a_schema_gives_json_that_fits(provider: Provider, seed: int, streaming: bool) -> None:
    asked = Request(
        "tiny",
        (Message(role="user", content="A card."),),
        WAIT,
        streaming=streaming,
        seed=seed,
        max_tokens=400,
        schema=SCHEMA,
    )
    pieces, end = await read(provider, asked)
    card = json.loads("".join(pieces))
    assert end.finish_reason == "stop"
    assert card.keys() == {"name", "count", "kind", "done"}
    assert 0 <= card["count"] <= 99 and card["kind"] in ("scene", "essay") and len(card["name"]) <= 12


async def test_two_are_answered_at_once(provider: Provider) -> None:
    answers = await asyncio.gather(*(read(provider, request(f"No. {n}", max_tokens=16)) for n in range(4)))
    assert all(end.usage and end.usage.completion_tokens == 16 for _, end in answers)


async def test_an_answer_that_nobody_waits_for_any_more_is_ended(provider: Provider) -> None:
    pieces = provider.answer(request(max_tokens=400))
    assert isinstance(await anext(pieces), str)
    await pieces.aclose()
    _, end = await read(provider, request(max_tokens=8))
    assert end.usage is not None and end.usage.completion_tokens == 8


async def test_a_prompt_that_is_too_long_is_known_as_such(provider: Provider) -> None:
    with pytest.raises(AttemptFailed) as caught:
        await read(provider, request("word " * 400))
    assert caught.value.trouble is Trouble.TOO_LONG


TEXTS = ["Hello.", "wörld 🙂", "two\n\nlines\tand <s> signs", "第三章 " * 20, "word " * 60]


@pytest.mark.parametrize("number", range(len(TEXTS)))
async def test_a_prompt_is_counted_by_the_files_own_tokenizer_and_never_too_low(
    provider: Provider, number: int
) -> None:
    text = TEXTS[number]
    counted = await provider.count_tokens("tiny", text)
    assert counted is not None and counted >= len(text.encode()) * 0.5
    message = (Message(role="user", content=text),)
    promised = await count_prompt("server", message, "tiny", provider)
    _, end = await read(provider, request(text, max_tokens=1))
    assert end.usage is not None and promised.exact
    assert end.usage.prompt_tokens <= promised.tokens <= end.usage.prompt_tokens + 40


async def test_without_a_file_nothing_is_counted() -> None:
    missing = connect("llama_cpp", Endpoint("own", "/nowhere/m.gguf", Locality.LOOPBACK))
    assert await missing.count_tokens("m", "Hello.") is None
    await missing.close()


async def test_the_file_is_the_model(provider: Provider) -> None:
    (offer,) = await provider.offers(within=1)
    assert (offer.name, offer.context_length, offer.slots) == ("tiny", 512, 2)
    assert offer.tokenizes
    missing = connect("llama_cpp", Endpoint("own", "/nowhere/m.gguf", Locality.LOOPBACK))
    with pytest.raises(AttemptFailed) as caught:
        await read(missing, request())
    assert caught.value.trouble is Trouble.MISSING


async def test_what_is_no_model_is_said(tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF" + b"\0" * 64)
    broken = connect("llama_cpp", Endpoint("own", str(path), Locality.LOOPBACK))
    with pytest.raises(AttemptFailed) as caught:
        await read(broken, request())
    assert caught.value.trouble is Trouble.MISSING
