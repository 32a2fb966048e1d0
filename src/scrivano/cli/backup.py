"""`scrivano backup` and `scrivano restore`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from scrivano.cli.output import out
from scrivano.core import backup as archive
from scrivano.core.settings import load_settings
from scrivano.gatehouse import database_url

# Tables that only a person's work fills: a database in which they are empty may be overwritten.
WORK = ("runs", "documents", "llm_requests", "people", "reference_files", "posts")


def backup(file: Annotated[Path, typer.Argument(help="Where to write the archive.")]) -> None:
    """Write everything into one file. Nothing needs to be stopped for it."""

    async def body() -> None:
        async with database_url(load_settings()) as url:
            written = await archive.backup(url, file)
            out.print(f"{written}: {written.stat().st_size:,} bytes")
            out.print(
                "Keep secret.key of the data folder as well, in another place: it unlocks the provider keys."
            )

    asyncio.run(body())


def restore(
    file: Annotated[Path, typer.Argument(help="An archive that `scrivano backup` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Lose what is in the database now.")] = False,
) -> None:
    """Put a backup into the database, which has to be empty."""

    async def body() -> None:
        async with database_url(load_settings()) as url:
            await archive.restore(url, file, work=WORK, replace=replace)
            out.print("Restored.")

    asyncio.run(body())
