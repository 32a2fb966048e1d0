"""Jinja2 templates, filled in by a process of its own with limits on time, memory and output."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from pydantic import JsonValue

from scrivano.core.errors import InvalidInput, Unavailable
from scrivano.prompts.dto import MissingVariable, TemplateSyntax, TooMuch, WrongValue

RENDER_SECONDS = 0.1
CHECK_SECONDS = 1.0
_MOST_SENT = 32 * 1024 * 1024
_COMMAND = (sys.executable, "-I", "-m", "scrivano.prompts.sandbox_child")


class Sandbox:
    """Fills templates in that may be anybody's. The process is started when it is first needed.

    At most 100 ms of processor time, 192 MB of memory and 1 MB of output a call; no file, no socket, no process.
    """

    def __init__(self, command: Sequence[str] = _COMMAND) -> None:
        """`command` starts the process; another than the usual one is for those who look into it."""
        self._command = tuple(command)
        self._child: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def render(self, where: str, sources: Sequence[str], values: Mapping[str, JsonValue]) -> list[str]:
        """The text of each source. Raises MissingVariable, TemplateSyntax, WrongValue or TooMuch, naming `where`."""
        if not sources:
            return []
        request = {
            "op": "render",
            "sources": list(sources),
            "values": dict(values),
            "seconds": RENDER_SECONDS,
        }
        return (await self._ask(where, request))["texts"]

    async def check(self, where: str, sources: Sequence[str]) -> list[list[str]]:
        """The variables that each source reads. Raises TemplateSyntax or TooMuch."""
        if not sources:
            return []
        request = {"op": "check", "sources": list(sources), "seconds": CHECK_SECONDS}
        return (await self._ask(where, request))["names"]

    async def search(self, pattern: str, text: str) -> bool:
        """Whether a regular expression is found in a text. Raises InvalidInput for a malformed one, TooMuch for one
        that takes too long."""
        request = {"op": "search", "pattern": pattern, "text": text, "seconds": CHECK_SECONDS}
        return bool((await self._ask("the pattern", request))["found"])

    async def close(self) -> None:
        """End the process."""
        child, self._child = self._child, None
        if child is not None and child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()

    async def _ask(self, where: str, request: dict[str, Any]) -> dict[str, Any]:
        raw = json.dumps(request).encode()
        if len(raw) > _MOST_SENT:
            raise TooMuch(f"{where} and its values are longer than {_MOST_SENT:,} bytes.")
        async with self._turn:
            reply = await self._exchange(raw)
        if "error" in reply:
            raise _wrong(where, reply, request["seconds"])
        return reply

    async def _exchange(self, raw: bytes) -> dict[str, Any]:
        """One question, and its answer. A process that is gone is started anew, once."""
        for last in (False, True):
            child = await self._ready()
            assert child.stdin is not None and child.stdout is not None
            try:
                child.stdin.write(len(raw).to_bytes(4, "big") + raw)
                await child.stdin.drain()
                size = int.from_bytes(await child.stdout.readexactly(4), "big")
                return json.loads(await child.stdout.readexactly(size))
            except (OSError, asyncio.IncompleteReadError) as error:
                await self.close()
                if last:
                    raise Unavailable(
                        "The process that fills in Jinja2 templates does not answer."
                    ) from error
            except BaseException:
                # Half an answer may be on its way, which the next caller must not get.
                await asyncio.shield(self.close())
                raise
        raise AssertionError("the loop returns or raises")

    async def _ready(self) -> asyncio.subprocess.Process:
        if self._child is None or self._child.returncode is not None:
            self._child = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={},
                cwd="/",
            )
        return self._child


def _wrong(where: str, reply: dict[str, Any], seconds: float) -> InvalidInput:
    message, line = str(reply.get("message", "")), reply.get("line")
    match reply["error"]:
        case "undefined":
            return MissingVariable(f"{where}: {message}.", remedy="Give it a value, or test `is defined`.")
        case "syntax":
            at = f", line {line}" if line else ""
            return TemplateSyntax(f"{where}{at}: {message}")
        case "pattern":
            return InvalidInput(f"The regular expression is malformed: {message}.", field="pattern")
        case "time":
            return TooMuch(f"{where} takes longer than {seconds * 1000:.0f} ms.", remedy="Make it simpler.")
        case "output":
            return TooMuch(f"{where} becomes longer than 1 MB.", remedy="Make it shorter.")
        case "memory":
            return TooMuch(f"{where} needs too much memory.", remedy="Make it simpler.")
        case _:
            return WrongValue(f"{where}: {message}")
