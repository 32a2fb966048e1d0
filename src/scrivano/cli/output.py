"""How commands speak: results on standard output, everything else on standard error."""

import errno
import sys
from typing import Any

import orjson
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table


class Output(Console):
    """Standard output. Where whoever reads it has read enough (`| head`), the command ends without a word."""

    def on_broken_pipe(self) -> None:
        """Raises BrokenPipeError, which a running event loop passes on; rich's SystemExit would break out of it."""
        self.quiet = True
        raise BrokenPipeError(errno.EPIPE, "Nobody reads this any more.")


out = Output(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False)


def print_json(value: Any) -> None:
    """One JSON document on standard output, indented, and nothing else."""
    sys.stdout.buffer.write(orjson.dumps(value, default=_plain, option=orjson.OPT_INDENT_2))
    sys.stdout.buffer.write(b"\n")
    sys.stdout.flush()


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return str(value)


def table(columns: list[str], rows: list[list[str]], *, empty: str) -> None:
    """A plain table, or the sentence `empty` when there is nothing to show."""
    if not rows:
        err.print(empty)
        return
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in rows:
        grid.add_row(*row)
    out.print(grid)
