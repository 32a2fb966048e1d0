"""What the scripted model was asked and what it gave: the truth that a bill is compared with."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, Field

Outcome = Literal["open", "finished", "cut", "refused"]


class Entry(BaseModel):
    """One request. `seconds` is the time in a slot, `queued` the wait for one.

    `cut`: the model or its caller ended it before the last token; `refused`: an error status.
    `completion_tokens` are those written to the connection.
    """

    sequence: int
    time: float
    path: str = "chat"
    model: str
    request_hash: str
    messages: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    prompt_tokens: int = 0
    completion_tokens: int = 0
    outcome: Outcome = "open"
    status: int = 200
    finish_reason: str | None = None
    stream: bool = False
    queued: float = 0.0
    seconds: float = 0.0
    rule: int | None = None


class Ledger:
    """Entries in order of arrival; each is also appended to `path`, a JSON line at its end."""

    def __init__(self, path: Path | None = None) -> None:
        self.entries: list[Entry] = []
        self._path = path
        self._changed = asyncio.Event()

    def open(self, entry: Entry) -> None:
        """Note an arrival."""
        self.entries.append(entry)
        self._tell()

    def close(self, entry: Entry) -> None:
        """Note its end."""
        if self._path is not None:
            with self._path.open("ab") as file:
                file.write(orjson.dumps(entry.model_dump()) + b"\n")
        self._tell()

    async def until(self, holds: Callable[[list[Entry]], bool]) -> None:
        """Returns once `holds` says so of the entries; it is asked at each arrival and each end."""
        while not holds(self.entries):
            await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    @property
    def finished(self) -> list[Entry]:
        """Those that were answered whole."""
        return [entry for entry in self.entries if entry.outcome == "finished"]


def read_ledger(path: Path) -> list[Entry]:
    """The entries of a ledger file, in order of their ends."""
    return [Entry.model_validate_json(line) for line in path.read_bytes().splitlines() if line]
