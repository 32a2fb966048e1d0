"""`scrivano prompts`: the templates behind every call to a model."""

import sys
from pathlib import Path
from typing import Annotated, get_args

import typer

from scrivano.cli import prompt_eval, prompt_shelf
from scrivano.cli.given import parse_values, spelled, text_of, valid, version_of, write_text
from scrivano.cli.output import err, out, print_json, table
from scrivano.cli.prompt_shelf import content_of
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput
from scrivano.prompts.public import Format, LabelName, PartContent, TemplateContent
from scrivano.tasks.public import NewTask
from scrivano.wiring import House

app = typer.Typer(help="The templates behind every call to a model.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
Name = Annotated[str, typer.Argument(help="The template's name.")]


@app.command("list")
def list_prompts(
    search: Annotated[str, typer.Argument(help="Words that they have.")] = "",
    tag: Annotated[str | None, typer.Option(help="Only those with this tag.")] = None,
    archived: Annotated[bool, typer.Option("--archived", help="Those that are archived.")] = False,
    as_json: JSON = False,
) -> None:
    """List templates and parts."""

    async def body(house: House) -> None:
        templates = await house.prompts.list_templates(search, tag=tag, archived=archived)
        parts = await house.prompts.list_parts(search, tag=tag, archived=archived)
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
        shown = await house.prompts.show(name, version_of(version))
        if as_json:
            print_json(shown)
            return
        out.print(f"[bold]{shown.name}[/], version {shown.info.number} ({shown.info.hash[:12]})")
        for message in shown.content.messages:
            out.print(f"\n[bold]{message.role}[/]")
            for item in message.content:
                if item.template is not None:
                    out.print(f"[dim](template {item.template})[/]")
                    continue
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
        text = await house.prompts.diff(name, version_of(old), version_of(new))
        sys.stdout.write(text)

    with_house(body)


@app.command()
def label(
    name: Name,
    version: Annotated[int, typer.Argument(help="The version's number.")],
    label: Annotated[str, typer.Argument(help="The label to move there.")] = "production",
) -> None:
    """Point a label at a version; `production` is what runs use."""
    spelled(LabelName, label, "label")

    async def body(house: House) -> None:
        await house.prompts.set_label(name, label, version)
        out.print(f"{label} of {name} is version {version} now.", markup=False)

    with_house(body)


@app.command()
def edit(
    name: Annotated[str, typer.Argument(help="A part's or template's name.")],
    file: Annotated[
        Path,
        typer.Argument(
            help="A part's new text; or a template's new content as YAML, as `show --json` has it.",
            exists=True,
            dir_okay=False,
        ),
    ],
    note: Annotated[str, typer.Option(help="Why it was changed.")] = "",
    label: Annotated[str, typer.Option(help="The label that is to point at it.")] = "production",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what it would change.")] = False,
) -> None:
    """Save a new text of a part, and new versions of the templates that are made of it; or of a template."""
    text = text_of(file, "file")
    spelled(LabelName, label, "label")

    async def body(house: House) -> None:
        if await house.prompts.has_template(name):
            whole = valid(TemplateContent, content_of(file))
            if dry_run:
                await house.prompts.assemble(whole, name)
                current = await house.prompts.show(name)
                same = current.content == whole
                out.print(f"{name} would {'stay as it is' if same else 'get a new version'}.", markup=False)
                return
            saved = await house.prompts.edit(name, whole, note=note, label=label)
            out.print(f"{name} is version {saved.info.number} now.", markup=False)
            return
        current = await house.prompts.show_part(name)
        content = valid(PartContent, {**current.content.model_dump(), "text": text.strip()})
        if dry_run:
            await _foretold(house, name, content)
            return
        done = await house.prompts.edit_part(name, content, note=note, label=label)
        out.print(f"{name} is version {done.part.info.number} now.", markup=False)
        for template in done.templates:
            out.print(f"  {template.name}: version {template.info.number}", markup=False)

    with_house(body)


async def _foretold(house: House, name: str, content: PartContent) -> None:
    found = await house.desk.impacts.of_part(name, content)
    rows = [[each.name, str(each.version), f"{each.change:+}", each.broken or ""] for each in found.templates]
    table(["template", "version", "tokens", "fault"], rows, empty="No template would change.")


@app.command()
def preview(
    name: Name,
    values: Annotated[
        list[str] | None, typer.Option("--set", "-s", help="NAME=VALUE, NAME=@FILE or NAME:=JSON.")
    ] = None,
    version: Annotated[str, typer.Option(help="A number or a label.")] = "production",
    model: Annotated[str | None, typer.Option(help="One model by name.")] = None,
    as_json: JSON = False,
) -> None:
    """Show what would be sent, with tokens and cost. Sends nothing."""
    wanted = {
        "template": name,
        "version": version_of(version),
        "variables": parse_values(values or []),
        "settings": {"model": model},
    }
    new = valid(NewTask, wanted)

    async def body(house: House) -> None:
        found = await house.desk.tasks.preview(new)
        if as_json:
            print_json(found)
            return
        shown = found.preview
        for message in shown.messages:
            out.print(f"[bold]{message.role}[/] ({message.tokens} tokens)")
            out.print(message.text, markup=False)
            out.print()
        for warning in shown.warnings:
            err.print(f"Warning: {warning.message}", markup=False)
        about = "" if shown.exact else "at most "
        line = f"{about}{shown.prompt_tokens:,} tokens"
        if shown.model is not None:
            line += f"; {shown.model} of {shown.provider}; at most ${shown.high:.6f}"
        if found.forecast is not None:
            line += f", probably ${found.forecast.low:.6f} to ${found.forecast.high:.6f}"
        out.print(line, markup=False)
        out.print(f"hash {shown.hash or '(a value is missing)'}", markup=False)

    with_house(body)


@app.command("export")
def export_prompts(
    names: Annotated[list[str] | None, typer.Argument(help="Only these, with what they pin.")] = None,
    to: Annotated[Path | None, typer.Option("--out", "-o", help="A file; else standard output.")] = None,
) -> None:
    """Write prompts with every version and label as YAML."""

    async def body(house: House) -> None:
        text = await house.desk.files.export(names or ())
        if to is None:
            sys.stdout.write(text)
        else:
            write_text(to, text)
            err.print(f"Written: {to}", markup=False)

    with_house(body)


@app.command("import")
def import_prompts(
    file: Annotated[Path, typer.Argument(help="The file.", exists=True, dir_okay=False)],
    format: Annotated[str, typer.Option(help=f"One of {', '.join(get_args(Format))}.")] = "auto",
    as_json: JSON = False,
) -> None:
    """Import prompts: our own export, an llm template, promptfoo, CSV or JSON."""
    if format not in get_args(Format):
        raise InvalidInput(f"There is no format {format!r}.", field="--format")
    text = text_of(file, "file")

    async def body(house: House) -> None:
        report = await house.desk.files.take_in(text, file_name=file.name, format=format)  # type: ignore[arg-type]
        if as_json:
            print_json(report)
            return
        for note in report.notes:
            err.print(f"Note: {note}", markup=False)
        out.print(f"{len(report.new)} new or changed, {len(report.unchanged)} as they were.", markup=False)
        for each in report.new:
            out.print(f"  {each}", markup=False)

    with_house(body)


for command in (
    prompt_shelf.new,
    prompt_shelf.duplicate,
    prompt_shelf.archive,
    prompt_shelf.labels,
    prompt_shelf.unlabel,
    prompt_shelf.protect,
    prompt_eval.datasets,
    prompt_eval.scores,
):
    app.command()(command)
app.command("eval")(prompt_eval.evaluate)
