"""Starts the converter's process, hands it a file, and takes back Markdown, or a reason why there is none."""

import asyncio
import logging
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson

from scrivano.references.conversion.refusal import Refused

_log = logging.getLogger(__name__)

MEMORY = 1_500_000_000
"""Bytes of address space that a conversion may take."""

PROCESSOR_SECONDS = 60
WALL_SECONDS = 180
MOST_ANSWER = 300_000_000

_REFUSED = 3
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class ConvertedPassage:
    """A passage as a piece of the text, with its headings and the page (from 1) that it begins on."""

    start: int
    end: int
    kind: str
    headings: list[str]
    page: int | None


@dataclass(frozen=True, slots=True)
class Converted:
    """A file as Markdown. `page_starts` has the offset at which each page begins, where there are pages; `declared`
    what the file says of itself: `title`, `author`, `language`, empty where it does not."""

    media_type: str
    title: str
    text: str
    words: int
    language: str
    page_starts: list[int]
    passages: list[ConvertedPassage]
    declared: dict[str, str]


async def convert(
    raw: bytes,
    name: str,
    *,
    memory: int = MEMORY,
    seconds: int = PROCESSOR_SECONDS,
    wall: float = WALL_SECONDS,
) -> Converted:
    """Read a file in a process of its own. Raises Refused with a reason; cancelling kills the process.

    Whatever the file does, it costs at most `memory` bytes, `seconds` of processor time and `wall` seconds.
    """
    child = await asyncio.create_subprocess_exec(
        # -I: neither the environment nor the working folder decides what the child imports.
        *(sys.executable, "-I", "-m", "scrivano.references.conversion.child"),
        *(name[-200:], str(memory), str(seconds), str(os.getpid())),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(wall):
            answer, errors = await _talk(child, raw)
            code = await child.wait()
    except TimeoutError:
        raise _too_slow(f"{wall:.0f} seconds") from None
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
    return _result(code, answer, errors, memory, seconds)


async def _talk(child: asyncio.subprocess.Process, raw: bytes) -> tuple[bytes, bytes]:
    assert child.stdin is not None and child.stdout is not None and child.stderr is not None
    reading = asyncio.ensure_future(_limited(child.stdout, MOST_ANSWER))
    complaining = asyncio.ensure_future(_limited(child.stderr, _PIECE))
    try:
        # A child that ends early breaks the pipe; why it ended is in its exit code.
        with suppress(BrokenPipeError, ConnectionResetError):
            for at in range(0, len(raw), _PIECE):
                child.stdin.write(raw[at : at + _PIECE])
                await child.stdin.drain()
            child.stdin.close()
        return await reading, await complaining
    finally:
        reading.cancel()
        complaining.cancel()


async def _limited(stream: asyncio.StreamReader, most: int) -> bytes:
    """All that comes, of which no more than `most` bytes are kept."""
    pieces: list[bytes] = []
    size = 0
    while piece := await stream.read(_PIECE):
        if size <= most:
            pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _result(code: int, answer: bytes, errors: bytes, memory: int, seconds: int) -> Converted:
    if code == 0 and len(answer) <= MOST_ANSWER:
        return _converted(orjson.loads(answer))
    if code == _REFUSED:
        told = orjson.loads(answer)
        raise Refused(told["reason"], told["remedy"]) if told["reason"] else _too_large(memory)
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise _too_slow(f"{seconds} seconds of processor time")
    tail = errors.decode(errors="replace").strip().splitlines()[-1:] or [""]
    if "MemoryError" in tail[0] or "bad_alloc" in tail[0]:
        raise _too_large(memory)
    _log.warning("The reader of a file ended with code %s: %s", code, tail[0][:500])
    raise Refused(
        "The file brought the program that reads it to a halt; it seems to be damaged.",
        "Open it in its own program and save it anew.",
    )


def _converted(told: dict[str, Any]) -> Converted:
    passages = [ConvertedPassage(*entry) for entry in told.pop("passages")]
    return Converted(**told, passages=passages)


def _too_slow(limit: str) -> Refused:
    return Refused(
        f"Reading the file takes more than {limit}.",
        "Split it, or save it in a simpler format.",
    )


def _too_large(memory: int) -> Refused:
    return Refused(
        f"Reading the file needs more than {memory // 1_000_000:,} MB of memory.",
        "Split it, or save it in a simpler format.",
    )
