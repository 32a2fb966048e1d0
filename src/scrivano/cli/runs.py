"""`scrivano runs`: look at runs and steer them."""

import json
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from scrivano.cli.book import run_here
from scrivano.cli.output import err, out, print_json, table
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput
from scrivano.runs.public import RunView, raise_for_failure
from scrivano.wiring import House

app = typer.Typer(help="Look at runs and steer them.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
Run = Annotated[str, typer.Argument(help="The run's id.")]
Detach = Annotated[bool, typer.Option("--detach", help="Leave the work to a running worker.")]


@app.command("list")
def list_runs(
    status: Annotated[str | None, typer.Option(help="Only runs in this state.")] = None, as_json: JSON = False
) -> None:
    """List runs, newest first."""

    async def body(house: House) -> None:
        runs = await house.runs.list(limit=100, offset=0, status=status)
        if as_json:
            print_json(runs)
            return
        rows = [[r.id, r.pipeline, r.status, f"{r.created_at:%Y-%m-%d %H:%M}", _why(r)] for r in runs]
        table(["run", "pipeline", "status", "started", ""], rows, empty="No run yet.")

    with_house(body)


def _why(run: RunView) -> str:
    if run.waiting_for:
        return f"waits for approval: {run.waiting_for}"
    return run.error.message if run.error else ""


@app.command()
def show(run: Run, as_json: JSON = False) -> None:
    """Show a run and its steps."""

    async def body(house: House) -> None:
        view = await house.runs.get(run)
        steps = await house.runs.steps(run)
        if as_json:
            print_json({"run": view, "steps": steps})
            return
        out.print(f"[bold]{view.pipeline}[/] {view.id}: {view.status} {_why(view)}")
        rows = [
            [s.step, s.item or "", s.status, f"{s.seconds:.2f} s" if s.seconds is not None else ""]
            for s in steps
        ]
        table(["step", "item", "status", "time"], rows, empty="No step has been taken yet.")

    with_house(body)


@app.command()
def approve(
    run: Run,
    gate: Annotated[str, typer.Argument(help="What waits, such as outline.")] = "outline",
    reject: Annotated[bool, typer.Option("--reject", help="Say no instead.")] = False,
    edit: Annotated[
        Path | None, typer.Option("--edit", help="A JSON file with the changed version, such as an outline.")
    ] = None,
    detach: Detach = False,
    as_json: JSON = False,
) -> None:
    """Answer a run that waits for a person, and go on with it."""
    data = read_json(edit)

    async def body(house: House) -> None:
        await house.runs.approve(run, gate, approved=not reject, data=data)
        await _go_on(house, run, detach, as_json)

    with_house(body)


def read_json(path: Path | None) -> dict[str, object] | None:
    """The object that a file given with --edit holds; None without one. Raises InvalidInput."""
    if path is None:
        return None
    try:
        data: Any = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", field="--edit") from error
    except ValueError as error:
        raise InvalidInput(
            f"{path} is not JSON: {error}.", field="--edit", remedy="Mend it and try again."
        ) from error
    if not isinstance(data, dict):
        raise InvalidInput(f"{path} is not a JSON object.", field="--edit")
    return cast("dict[str, object]", data)


@app.command()
def cancel(run: Run, as_json: JSON = False) -> None:
    """Stop a run, also in the middle of an answer. It can be resumed."""

    async def body(house: House) -> None:
        await house.runs.cancel(run)
        _report(await house.runs.get(run), as_json)

    with_house(body)


@app.command()
def resume(
    run: Run,
    max_cost: Annotated[float | None, typer.Option("--max-cost", help="A new ceiling in US dollars.")] = None,
    detach: Detach = False,
    as_json: JSON = False,
) -> None:
    """Go on with a run that was stopped, cut off, cancelled or failed, from its last finished step."""

    async def body(house: House) -> None:
        if max_cost is not None:
            await house.llm.set_budget("run", run, max_cost)
        await house.runs.resume(run)
        await _go_on(house, run, detach, as_json)

    with_house(body)


@app.command()
def retry(run: Run, detach: Detach = False, as_json: JSON = False) -> None:
    """Start the same work again from the beginning, as a new run."""

    async def body(house: House) -> None:
        await _go_on(house, await house.runs.retry(run), detach, as_json)

    with_house(body)


@app.command()
def fork(
    run: Run,
    from_step: Annotated[str, typer.Option("--from", help="The step to begin anew from.")],
    detach: Detach = False,
    as_json: JSON = False,
) -> None:
    """Start a new run that keeps the results before a step and does the rest again."""

    async def body(house: House) -> None:
        await _go_on(house, await house.runs.fork(run, from_step), detach, as_json)

    with_house(body)


async def _go_on(house: House, run_id: str, detach: bool, as_json: bool) -> None:
    view = await house.runs.get(run_id) if detach else await run_here(house, run_id, quiet=as_json)
    _report(view, as_json)
    raise_for_failure(view)


def _report(view: RunView, as_json: bool) -> None:
    if as_json:
        print_json(view)
    else:
        out.print(f"{view.id}: {view.status}")
        if view.status == "succeeded":
            err.print(f"Take the files with: scrivano book export {view.id}")
