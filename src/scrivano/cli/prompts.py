"""`scrivano prompts`: the templates behind every call to a model."""

import sys
from pathlib import Path
from typing import Annotated, get_args
from uuid import UUID

import typer
import yaml
from pydantic import ValidationError

from scrivano.cli.output import err, out, print_json, table
from scrivano.cli.session import with_house
from scrivano.cli.given import parse_values
from scrivano.core.errors import InvalidInput
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.prompts.public import Format, PromptSettings, TemplateContent
from scrivano.runs.public import raise_for_failure
from scrivano.tasks.public import DatasetChange, EvaluationView, NewDataset, NewEvaluation, NewTask, Variant
from scrivano.wiring import House
from scrivano.worker import pipelines, worker

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
        shown = await house.prompts.show(name, int(version) if version.isdigit() else version)
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
    text = file.read_text("utf-8")

    async def body(house: House) -> None:
        if name in {t.name for t in await house.prompts.list_templates()}:
            saved = await house.prompts.edit(name, _content(text), note=note, label=label)
            out.print(f"{name} is version {saved.info.number} now.", markup=False)
            return
        current = await house.prompts.show_part(name)
        content = current.content.model_copy(update={"text": text.strip()})
        if dry_run:
            found = await house.desk.impacts.of_part(name, content)
            rows = [
                [each.name, str(each.version), f"{each.change:+}", each.broken or ""]
                for each in found.templates
            ]
            table(["template", "version", "tokens", "fault"], rows, empty="No template would change.")
            return
        done = await house.prompts.edit_part(name, content, note=note, label=label)
        out.print(f"{name} is version {done.part.info.number} now.", markup=False)
        for template in done.templates:
            out.print(f"  {template.name}: version {template.info.number}", markup=False)

    with_house(body)


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
    new = NewTask(
        template=name,
        version=_version(version),
        variables=parse_values(values or []),
        settings=PromptSettings(model=model),
    )

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
            to.write_text(text, "utf-8")
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
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{file} is not UTF-8.", field="file") from error

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


@app.command("eval")
def evaluate(
    template: Name,
    dataset: Annotated[str, typer.Argument(help="A dataset's name, or a YAML file with one.")],
    versions: Annotated[
        list[str] | None, typer.Option("--version", help="Versions to compare; may be given several times.")
    ] = None,
    models: Annotated[
        list[str] | None, typer.Option("--model", help="Models to compare; may be given several times.")
    ] = None,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="Fail (exit code 1) if a variant scores less.")
    ] = 0.0,
    judge: Annotated[str, typer.Option(help="The model that judges by rubrics.")] = "",
    as_json: JSON = False,
) -> None:
    """Run a template over a dataset and score the answers."""
    variants = tuple(
        Variant(version=_version(version) if version else None, model=model)
        for version in (versions or [""])
        for model in (models or [None])
    )

    given = _read_dataset(Path(dataset)) if Path(dataset).is_file() else None

    async def body(house: House) -> EvaluationView:
        if given is None:
            dataset_id = (await house.desk.evaluations.find(DEFAULT_PROJECT, dataset)).id
        else:
            dataset_id = await _stored(house, given)
        wanted = NewEvaluation(template=template, variants=variants, judge=judge)
        own = worker(house)
        await own.launch(pipelines(house))
        try:
            begun = await house.desk.evaluations.evaluate(dataset_id, wanted)
            raise_for_failure(await house.runs.wait(begun.run_id))
        finally:
            await own.stop()
        return await house.desk.evaluations.evaluation(begun.id)

    found = with_house(body)
    scores = found.scores or []
    if as_json:
        print_json(found)
    else:
        rows = [
            [s.label, f"{s.score:.3f}", f"{s.passed} of {s.items}", str(s.failed), f"${s.cost:.4f}"]
            for s in scores
        ]
        table(["variant", "score", "passed", "failed", "cost"], rows, empty="No scores.")
    if not scores or min(score.score for score in scores) < threshold:
        raise typer.Exit(1)


def _read_dataset(path: Path) -> NewDataset:
    try:
        return NewDataset.model_validate({"name": path.stem, **yaml.safe_load(path.read_text("utf-8"))})
    except (yaml.YAMLError, ValidationError, TypeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} is no dataset: {error}", field="dataset") from error


async def _stored(house: House, new: NewDataset) -> UUID:
    """The id of a dataset that came as a file: made, or changed if its name is there."""
    known = [d for d in await house.desk.evaluations.list(limit=500) if d.name == new.name]
    if not known:
        return (await house.desk.evaluations.create(new)).id
    change = DatasetChange(description=new.description, items=new.items)
    return (await house.desk.evaluations.change(known[0].id, change)).id


def _content(text: str) -> TemplateContent:
    try:
        whole = yaml.safe_load(text)
        return TemplateContent.model_validate(whole.get("content", whole))
    except (yaml.YAMLError, ValidationError, AttributeError) as error:
        raise InvalidInput(f"This is no template's content: {error}", field="file") from error


def _version(text: str) -> int | str:
    return int(text) if text.isdigit() else text
