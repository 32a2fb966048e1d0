"""`scrivano prompts eval`: a template over a dataset, scored; made for people and for CI."""

from pathlib import Path
from typing import Annotated
from uuid import UUID
from xml.etree import ElementTree

import typer

from scrivano.cli.given import valid, version_of, write_text, yaml_of
from scrivano.cli.output import err, print_json, table
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.runs.public import raise_for_failure
from scrivano.tasks.public import (
    DatasetChange,
    EvaluationView,
    Grid,
    NewDataset,
    NewEvaluation,
    TaskView,
    VariantScore,
)
from scrivano.wiring import House
from scrivano.worker import pipelines, worker

JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
_BELOW = 1


def evaluate(
    template: Annotated[str, typer.Argument(help="The template's name.")],
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
    junit: Annotated[
        Path | None, typer.Option("--junit", help="Also write what each answer met and missed as JUnit XML.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Run a template over a dataset and score the answers.

    Exit code 1: a variant scores below the threshold, or a call gave no answer. 2: it could not be run.
    """
    variants = [
        {"version": version_of(version) if version else None, "model": model}
        for version in (versions or [""])
        for model in (models or [None])
    ]
    wanted = valid(NewEvaluation, {"template": template, "variants": variants, "judge": judge})
    given = _read_dataset(Path(dataset)) if Path(dataset).is_file() else None

    async def body(house: House) -> tuple[EvaluationView, Grid]:
        if given is None:
            dataset_id = (await house.desk.evaluations.find(DEFAULT_PROJECT, dataset)).id
        else:
            dataset_id = await _stored(house, given)
        own = worker(house)
        await own.launch(pipelines(house))
        try:
            begun = await house.desk.evaluations.evaluate(dataset_id, wanted)
            raise_for_failure(await house.runs.wait(begun.run_id))
        finally:
            await own.stop()
        return await house.desk.evaluations.evaluation(begun.id), await house.desk.tasks.grid(begun.id)

    found, grid = with_house(body)
    scores = found.scores or []
    if junit is not None:
        write_text(junit, report(grid))
    if as_json:
        print_json(found)
    else:
        _say(scores, grid)
    if not scores or any(score.failed or score.score < threshold for score in scores):
        raise typer.Exit(_BELOW)


def _say(scores: list[VariantScore], grid: Grid) -> None:
    rows = [
        [s.label, f"{s.score:.3f}", f"{s.passed} of {s.items}", str(s.failed), f"${s.cost:.4f}"]
        for s in scores
    ]
    table(["variant", "score", "passed", "failed", "cost"], rows, empty="No scores.")
    for cell in grid.cells:
        for line in _missed(cell.task):
            err.print(f"{cell.task.name}, {cell.task.variant}: {line}", markup=False)


def _missed(task: TaskView) -> list[str]:
    if task.error is not None:
        return [f"no answer: {task.error.message}"]
    return [f"{check.kind}: {check.reason}" for check in task.checks if not check.passed]


def report(grid: Grid) -> str:
    """An evaluation as JUnit XML: a suite for each variant, a case for each item."""
    root = ElementTree.Element("testsuites")
    for number, label in enumerate(grid.variants):
        cells = [cell.task for cell in grid.cells if cell.variant == number]
        suite = ElementTree.SubElement(root, "testsuite", name=_clean(label), tests=str(len(cells)))
        failures = errors = 0
        for task in cells:
            case = ElementTree.SubElement(
                suite,
                "testcase",
                name=_clean(task.name),
                classname=_clean(label),
                time=f"{task.seconds or 0:.3f}",
            )
            missed = _missed(task)
            if missed:
                kind = "error" if task.error is not None else "failure"
                errors, failures = errors + (kind == "error"), failures + (kind == "failure")
                ElementTree.SubElement(case, kind, message=_clean(missed[0])).text = _clean("\n".join(missed))
        suite.set("failures", str(failures))
        suite.set("errors", str(errors))
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _clean(text: str) -> str:
    """The text without what XML has no way to write."""
    return "".join(
        c for c in text if c in "\t\n" or " " <= c < "\ud800" or "\ue000" <= c < "\ufffe" or c > "\uffff"
    )


def datasets(as_json: JSON = False) -> None:
    """List the datasets that templates can be run over."""

    async def body(house: House) -> None:
        found = await house.desk.evaluations.list(limit=500)
        if as_json:
            print_json(found)
            return
        rows = [[d.name, str(d.size), f"{d.created_at:%Y-%m-%d}", d.description] for d in found]
        table(
            ["dataset", "items", "made", ""],
            rows,
            empty="No dataset yet: scrivano prompts eval TEMPLATE FILE",
        )

    with_house(body)


def scores(
    dataset: Annotated[str, typer.Argument(help="The dataset's name.")],
    as_json: JSON = False,
) -> None:
    """List how templates scored on a dataset over time, newest first."""

    async def body(house: House) -> None:
        wanted = await house.desk.evaluations.find(DEFAULT_PROJECT, dataset)
        found = await house.desk.evaluations.evaluations(wanted.id, limit=100)
        if as_json:
            print_json(found)
            return
        rows = [
            [
                f"{e.created_at:%Y-%m-%d %H:%M}",
                e.template,
                s.label,
                f"{s.score:.3f}",
                f"{s.passed} of {s.items}",
            ]
            for e in found
            for s in e.scores or []
        ]
        table(["when", "template", "variant", "score", "passed"], rows, empty="It was not run yet.")

    with_house(body)


def _read_dataset(path: Path) -> NewDataset:
    whole = yaml_of(path, "dataset")
    if not isinstance(whole, dict):
        raise InvalidInput(f"{path} is no dataset.", field="dataset", remedy="It has a name and items.")
    return valid(NewDataset, {"name": path.stem, **whole})


async def _stored(house: House, new: NewDataset) -> UUID:
    """The id of a dataset that came as a file: made, or changed if its name is there."""
    known = [d for d in await house.desk.evaluations.list(limit=500) if d.name == new.name]
    if not known:
        return (await house.desk.evaluations.create(new)).id
    change = DatasetChange(description=new.description, items=new.items)
    return (await house.desk.evaluations.change(known[0].id, change)).id
