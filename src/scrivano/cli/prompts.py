"""`scrivano prompts`: the templates behind every call to a model."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from scrivano.cli.output import out, print_json, table
from scrivano.cli.session import with_house
from scrivano.wiring import House

app = typer.Typer(help="The templates behind every call to a model.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
Name = Annotated[str, typer.Argument(help="The template's name.")]


@app.command("list")
def list_prompts(as_json: JSON = False) -> None:
    """List templates and parts."""

    async def body(house: House) -> None:
        templates, parts = await house.prompts.list_templates(), await house.prompts.list_parts()
        if as_json:
            print_json({"templates": templates, "parts": parts})
            return
        rows = [["template", t.name, str(t.version or ""), t.description] for t in templates]
        rows += [[p.kind, p.name, str(p.version or ""), p.description] for p in parts]
        table(["kind", "name", "version", ""], rows, empty="There are no prompts.")

    with_house(body)


@app.command()
def show(
    name: Name,
    version: Annotated[str, typer.Option(help="A number or a label.")] = "production",
    as_json: JSON = False,
) -> None:
    """Show a template with the texts of its parts."""

    async def body(house: House) -> None:
        shown = await house.prompts.show(name, int(version) if version.isdigit() else version)
        if as_json:
            print_json(shown)
            return
        out.print(f"[bold]{shown.name}[/], version {shown.info.number} ({shown.info.hash[:12]})")
        for message in shown.content.messages:
            out.print(f"\n[bold]{message.role}[/]")
            for item in message.content:
                text = item.text if item.text is not None else shown.parts[item.part or ""].content.text
                out.print(text.rstrip(), markup=False)

    with_house(body)


@app.command()
def versions(name: Name, as_json: JSON = False) -> None:
    """List the versions of a template."""

    async def body(house: House) -> None:
        found = await house.prompts.versions(name)
        if as_json:
            print_json(found)
            return
        rows = [
            [str(v.number), ", ".join(v.labels), v.author.kind, f"{v.created_at:%Y-%m-%d %H:%M}", v.note]
            for v in found
        ]
        table(["version", "labels", "by", "made", "note"], rows, empty="It has no version.")

    with_house(body)


@app.command()
def diff(
    name: Name,
    old: Annotated[str, typer.Argument(help="A number or a label.")],
    new: Annotated[str, typer.Argument(help="A number or a label.")] = "production",
) -> None:
    """Compare two versions of a template."""

    async def body(house: House) -> None:
        text = await house.prompts.diff(name, _version(old), _version(new))
        sys.stdout.write(text)

    with_house(body)


@app.command()
def label(
    name: Name,
    version: Annotated[int, typer.Argument(help="The version's number.")],
    label: Annotated[str, typer.Argument(help="The label to move there.")] = "production",
) -> None:
    """Point a label at a version; `production` is what runs use."""

    async def body(house: House) -> None:
        await house.prompts.set_label(name, label, version)
        out.print(f"{label} of {name} is version {version} now.", markup=False)

    with_house(body)


@app.command()
def edit(
    part: Annotated[str, typer.Argument(help="A part's name.")],
    file: Annotated[Path, typer.Argument(help="A text file with the new text.", exists=True, dir_okay=False)],
    note: Annotated[str, typer.Option(help="Why it was changed.")] = "",
) -> None:
    """Save a new text of a part, and new versions of the templates that are made of it."""

    async def body(house: House) -> None:
        current = await house.prompts.show_part(part)
        content = current.content.model_copy(update={"text": file.read_text("utf-8")})
        saved = await house.prompts.edit_part(part, content, note=note)
        out.print(f"{part} is version {saved.part.info.number} now.", markup=False)
        for template in saved.templates:
            out.print(f"  {template.name}: version {template.info.number}", markup=False)

    with_house(body)


def _version(text: str) -> int | str:
    return int(text) if text.isdigit() else text
