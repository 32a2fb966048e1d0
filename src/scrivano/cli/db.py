"""`scrivano db`: where the database is, and bringing it up to date."""

import asyncio
from typing import TYPE_CHECKING

import typer

from scrivano.cli.output import err, out
from scrivano.cli.session import with_house
from scrivano.core import migrate
from scrivano.core.settings import load_settings
from scrivano.gatehouse import database_url

if TYPE_CHECKING:
    from scrivano.wiring import House

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


@app.command()
def reseal() -> None:
    """Encrypt all stored secrets with the newest secret key, after it was put in front of the old one.

    Providers' keys, second factors, webhooks' secrets and those of places to publish. With both keys in
    SCRIVANO_SECRET_KEY (or in secret.key, one a line), nothing needs to be stopped for it. Afterwards the old key may
    go, unless something could not be read: that is named, and the command ends with an error.
    """

    async def body(house: "House") -> list[str]:
        resealing = await house.reseal()
        out.print(f"{resealing.changed} secrets were under an older secret key.")
        return resealing.lost

    lost = with_house(body)
    for name in lost:
        err.print(f"No key at hand opens {name}: enter it again.")
    if lost:
        raise typer.Exit(1)
