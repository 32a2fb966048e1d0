"""`scrivano packs`: domain packs, the files that domains, niches and training samples come from."""

from pathlib import Path
from typing import Annotated

import typer

from scrivano.cli.output import err, out, print_json, table
from scrivano.cli.session import with_house
from scrivano.wiring import House

app = typer.Typer(help="Domain packs.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
Folder = Annotated[Path, typer.Argument(help="The pack's folder, the one that holds pack.toml.")]


@app.command("list")
def list_packs(as_json: JSON = False) -> None:
    """List the installed domains and their niches."""

    async def body(house: House) -> None:
        domains = [(d, await house.packs.niches(d.slug)) for d in await house.packs.domains()]
        if as_json:
            print_json([{**d.model_dump(mode="json"), "niches": niches} for d, niches in domains])
            return
        rows = [[d.slug, n.slug, n.name] for d, niches in domains for n in niches]
        table(["domain", "niche", "name"], rows, empty="No pack is installed.")

    with_house(body)


@app.command()
def check(folder: Folder, as_json: JSON = False) -> None:
    """Check a pack without installing it. Exit code 2 if something has to be mended first."""

    async def body(house: House) -> bool:
        findings = await house.packs.check(folder)
        if as_json:
            print_json(findings)
        else:
            for finding in findings:
                out.print(f"{finding.severity}: {finding.where}: {finding.message}", markup=False)
            if not findings:
                out.print("The pack is in order.")
        return any(f.severity == "error" for f in findings)

    if with_house(body):
        raise typer.Exit(2)


@app.command()
def install(folder: Folder) -> None:
    """Install a pack, or bring an installed one to the folder's version."""

    async def body(house: House) -> None:
        installed = await house.packs.install(folder)
        out.print(f"Installed {installed.slug}.")

    with_house(body)


@app.command()
def remove(slug: Annotated[str, typer.Argument(help="The domain's slug.")]) -> None:
    """Remove a pack. Books that were written with it stay."""

    async def body(house: House) -> None:
        await house.packs.remove(slug)
        out.print(f"Removed {slug}.")

    with_house(body)


@app.command()
def export(
    slug: Annotated[str, typer.Argument(help="The domain's slug.")],
    folder: Annotated[Path, typer.Argument(help="Where to write the pack's folder.")],
) -> None:
    """Write an installed pack as files."""

    async def body(house: House) -> None:
        written = await house.packs.export(slug, folder)
        err.print(f"Exported {slug} to {written}.")

    with_house(body)
