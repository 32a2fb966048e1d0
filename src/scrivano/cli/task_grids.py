"""Comparing models and versions: inputs down, variants across."""

import asyncio
from pathlib import Path
from typing import Annotated, Any, cast
from uuid import UUID

import typer

from scrivano.cli.given import parse_values, valid, version_of, yaml_of
from scrivano.cli.output import out, print_json, table
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.tasks.public import Comparison, Grid, TaskStatus, TaskView
from scrivano.wiring import House
from scrivano.worker import pipelines, worker

JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]


def compare(
    template: Annotated[str, typer.Argument(help="The template's name.")],
    values: Annotated[
        list[str] | None,
        typer.Option("--set", "-s", help="NAME=VALUE, NAME=@FILE or NAME:=JSON, for every input."),
    ] = None,
    inputs: Annotated[
        Path | None,
        typer.Option(
            "--inputs", help="A YAML or JSON file with a list of tables: the variables of each input."
        ),
    ] = None,
    versions: Annotated[
        list[str] | None, typer.Option("--version", help="Versions to compare; may be given several times.")
    ] = None,
    models: Annotated[
        list[str] | None, typer.Option("--model", help="Models to compare; may be given several times.")
    ] = None,
    project: Annotated[UUID, typer.Option("--project", help="The project's id.")] = DEFAULT_PROJECT,
    detach: Annotated[bool, typer.Option("--detach", help="Leave the work to a running worker.")] = False,
    as_json: JSON = False,
) -> None:
    """Run a template in several versions and with several models for each of several inputs, side by side."""
    variants = [
        {"version": version_of(version) if version else None, "model": model}
        for version in (versions or [""])
        for model in (models or [None])
    ]
    task = {"project_id": project, "template": template, "variables": parse_values(values or [])}
    wanted = valid(Comparison, {"task": task, "variants": variants, "inputs": _inputs(inputs)})

    async def body(house: House) -> None:
        begun = await house.desk.tasks.compare(wanted)
        if detach:
            print_json(begun) if as_json else out.print(f"Queued: {begun.group_id}", markup=False)
            return
        own = worker(house)
        await own.launch(pipelines(house))
        try:
            await asyncio.gather(*(house.runs.wait(str(cell.task.run_id)) for cell in begun.cells))
        finally:
            await own.stop()
        _show(await house.desk.tasks.grid(begun.group_id), as_json)

    with_house(body)


def _inputs(path: Path | None) -> list[dict[str, Any]]:
    if path is None:
        return [{}]
    found = yaml_of(path, "--inputs")
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in cast("list[Any]", found)):
        raise InvalidInput(
            f"{path} is no list of tables.", field="--inputs", remedy="Such as - {subject: tides}"
        )
    return cast("list[dict[str, Any]]", found)


def grid(
    group: Annotated[UUID, typer.Argument(help="The id of a comparison or evaluation.")],
    as_json: JSON = False,
) -> None:
    """Show a comparison as it stands."""

    async def body(house: House) -> None:
        _show(await house.desk.tasks.grid(group), as_json)

    with_house(body)


def _show(found: Grid, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    cells = {(cell.input, cell.variant): cell.task for cell in found.cells}
    numbers = range(len(found.variants))
    rows = [
        [", ".join(f"{name}={value}" for name, value in given.items())[:80] or "-"]
        + [_cell(cells[index, number]) for number in numbers]
        for index, given in enumerate(found.inputs)
    ]
    total = [f"${sum(cells[i, n].cost or 0 for i in range(len(found.inputs))):.4f}" for n in numbers]
    table(["input", *found.variants], [*rows, ["cost", *total]], empty="Nothing was compared.")
    out.print(f"comparison {found.group_id}", markup=False)


def _cell(task: TaskView) -> str:
    if task.status is TaskStatus.SUCCEEDED:
        return (task.text or "").replace("[", r"\[")
    return f"({task.status}{': ' + task.error.message if task.error else ''})".replace("[", r"\[")
