"""`scrivano db`: where the database is, and bringing it up to date."""

import asyncio

import typer

from scrivano.cli.output import out
from scrivano.core import migrate
from scrivano.core.settings import load_settings
from scrivano.gatehouse import database_url

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.command()
def url() -> None:
    """Print the database's URL, for psql and the like. Starts the embedded one if need be."""

    async def body() -> None:
        async with database_url(load_settings()) as found:
            print(found)  # noqa: T201 - an address must not be wrapped

    asyncio.run(body())


@app.command()
def upgrade() -> None:
    """Bring the tables to this version of Scrivano. Every other command does so by itself."""

    async def body() -> None:
        async with database_url(load_settings()) as found:
            await migrate.upgrade(found)
            out.print("The database is up to date.")

    asyncio.run(body())
