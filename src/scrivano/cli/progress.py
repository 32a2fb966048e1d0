"""The live display of a run: stage, chapters, words, tokens and cost, fed by its events."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from scrivano.cli.output import err
from scrivano.events.public import Event
from scrivano.runs.public import RunView
from scrivano.wiring import House


@dataclass
class Picture:
    """What is known of a run at this moment."""

    started: float = field(default_factory=monotonic)
    stage: str = "starting"
    active: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    words: dict[str, int] = field(default_factory=dict[str, int])
    steps: int = 0
    tokens: int = 0
    cost: str = "0"

    def take(self, event: Event) -> None:
        """Let an event change the picture."""
        data = event.data
        name, item = str(data.get("step", "")), str(data.get("item") or "")
        if event.kind == "step_started":
            self.stage = name.replace("_", " ")
            self.active[(name, item)] = name
        elif event.kind == "step_finished":
            self.active.pop((name, item), None)
            self.steps += 1
        elif event.kind in ("chapter_text", "chapter_done"):
            self.words[str(data.get("chapter", ""))] = int(data.get("words", 0))

    def render(self) -> Group:
        """As Rich shows it."""
        head = Table.grid(padding=(0, 2))
        head.add_row(
            Text(self.stage, style="bold"),
            f"{sum(self.words.values()):,} words",
            f"{self.tokens:,} tokens",
            f"${self.cost}",
            f"{monotonic() - self.started:0.0f} s",
        )
        busy = sorted({item for _, item in self.active if item}, key=lambda i: (len(i), i))
        line = Text(f"working on chapters {', '.join(busy)}" if busy else "", style="dim")
        return Group(head, line, ProgressBar(total=None, width=40))


async def follow(house: House, run_id: str, *, quiet: bool) -> RunView:
    """Show the run until it ends or waits for a person; without a terminal, a line a step."""
    waiter = asyncio.ensure_future(house.runs.wait(run_id))
    picture = Picture()
    if quiet:
        return await waiter
    watcher = asyncio.ensure_future(_watch(house, run_id, picture))
    try:
        return await waiter
    finally:
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher


async def _watch(house: House, run_id: str, picture: Picture) -> None:
    if not err.is_terminal:
        await _lines(house, run_id, picture)
        return
    with Live(console=err, refresh_per_second=8, transient=True, get_renderable=picture.render):
        totals = asyncio.ensure_future(_totals(house, run_id, picture))
        try:
            async for event in house.events.follow(f"run:{run_id}"):
                picture.take(event)
        finally:
            totals.cancel()


async def _lines(house: House, run_id: str, picture: Picture) -> None:
    async for event in house.events.follow(f"run:{run_id}"):
        picture.take(event)
        if event.kind == "step_finished":
            item = event.data.get("item")
            what = str(event.data.get("step", "")).replace("_", " ")
            err.print(f"{what}{f' {item}' if item else ''}: {float(event.data.get('seconds', 0)):.1f} s")


async def _totals(house: House, run_id: str, picture: Picture) -> None:
    """Tokens and cost come from the request log, which is asked once a second while somebody watches."""
    while True:
        totals = await house.llm.run_totals(run_id)
        picture.tokens = totals.prompt_tokens + totals.completion_tokens
        picture.cost = f"{totals.cost:.4f}".rstrip("0").rstrip(".")
        await asyncio.sleep(1)
