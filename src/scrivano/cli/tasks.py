"""`scrivano task`: calls of a prompt, run now or later."""

import asyncio
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from scrivano.cli import task_grids, task_schedules
from scrivano.cli.given import parse_values, place, valid, version_of, write_text
from scrivano.cli.output import err, out, print_json, table
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput, OperationalError
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.tasks.public import Again, NewTask, SinkRef, TaskFilter, TaskStatus, TaskView, Verdict
from scrivano.wiring import House
from scrivano.worker import pipelines, worker

app = typer.Typer(help="Calls of a prompt, with their history.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
TaskId = Annotated[UUID, typer.Argument(help="The task's id.")]
Project = Annotated[UUID, typer.Option("--project", help="The project's id.")]
Model = Annotated[str | None, typer.Option("--model", help="One model by name; else it is chosen.")]
Detach = Annotated[bool, typer.Option("--detach", help="Leave the work to a running worker.")]
Version = Annotated[str, typer.Option("--version", help="A number or a label of the template.")]
Values = Annotated[
    list[str] | None,
    typer.Option(
        "--set", "-s", help="NAME=VALUE for a variable; NAME=@FILE reads a file, NAME:=JSON takes JSON."
    ),
]
To = Annotated[
    str | None,
    typer.Option("--to", help="KIND:ID or KIND:ID/FIELD where the result is to go, such as post:ID/summary."),
]
OutFile = Annotated[Path | None, typer.Option("--out", "-o", help="Also write the result to this file.")]


@app.command()
def run(
    template: Annotated[str | None, typer.Argument(help="The template's name; none for --message.")] = None,
    values: Values = None,
    message: Annotated[str | None, typer.Option("--message", "-m", help="Ask this instead.")] = None,
    system: Annotated[str | None, typer.Option("--system", help="With --message: how to answer.")] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--from", help="NAME=KIND:ID for a variable that is read from there, such as a chapter."
        ),
    ] = None,
    model: Model = None,
    version: Version = "production",
    expected_hash: Annotated[
        str | None, typer.Option("--hash", help="The hash of a preview: send exactly that, or nothing.")
    ] = None,
    name: Annotated[str, typer.Option(help="What to call it.")] = "",
    project: Project = DEFAULT_PROJECT,
    to: To = None,
    file: OutFile = None,
    detach: Detach = False,
    as_json: JSON = False,
) -> None:
    """Fill a prompt in, ask, and print the answer while it is written."""
    asked = [{"role": "system", "content": system}] if system else []
    asked += [{"role": "user", "content": message}] if message else []
    new = valid(
        NewTask,
        {
            "project_id": project,
            "name": name,
            "template": template,
            "version": version_of(version),
            "messages": [] if template else asked,
            "variables": parse_values(values or []),
            "inputs": _sources(source or []),
            "model": model,
            "sink": place(to, "--to") if to else None,
            "expected_hash": expected_hash,
        },
    )

    async def body(house: House) -> None:
        made = await house.desk.tasks.create(new)
        await _carried(house, made, detach, as_json, file)

    with_house(body)


@app.command("list")
def list_tasks(
    template: Annotated[str | None, typer.Option(help="Only those of this template.")] = None,
    status: Annotated[TaskStatus | None, typer.Option(help="Only those in this state.")] = None,
    search: Annotated[str | None, typer.Option(help="Words of input or result.")] = None,
    before: Annotated[UUID | None, typer.Option(help="Go on before this task.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    project: Project = DEFAULT_PROJECT,
    as_json: JSON = False,
) -> None:
    """List tasks, newest first."""

    async def body(house: House) -> None:
        wanted = TaskFilter(project_id=project, template=template, status=status, text=search)
        page = await house.desk.tasks.page(wanted, before=before, limit=limit)
        if as_json:
            print_json(page)
            return
        rows = [
            [
                str(t.id),
                f"{t.created_at:%Y-%m-%d %H:%M}",
                t.status,
                t.template or "",
                t.used_model or t.model,
                f"${t.cost:.4f}" if t.cost is not None else "",
                t.begins[:60].replace("\n", " "),
            ]
            for t in page.items
        ]
        table(["task", "when", "status", "template", "model", "cost", ""], rows, empty="No task yet.")

    with_house(body)


@app.command()
def show(task: TaskId, as_json: JSON = False) -> None:
    """Show a task with its result."""

    async def body(house: House) -> None:
        found = await house.desk.tasks.get(task)
        if as_json:
            print_json(found)
            return
        _say(found)

    with_house(body)


@app.command()
def retry(
    task: TaskId,
    model: Model = None,
    version: Annotated[str | None, typer.Option("--version", help="A number or a label.")] = None,
    detach: Detach = False,
    as_json: JSON = False,
) -> None:
    """Do a task again, with another model or version if given."""
    again = valid(Again, {"model": model, "version": version_of(version) if version else None})

    async def body(house: House) -> None:
        made = await house.desk.tasks.retry(task, again)
        await _carried(house, made, detach, as_json)

    with_house(body)


@app.command()
def save(task: TaskId, to: To = None, file: OutFile = None, as_json: JSON = False) -> None:
    """Bring the result of a finished task to a post, chapter or document, or into a file."""
    if to is None and file is None:
        raise InvalidInput(
            "Say where to.", field="--to", remedy="Such as --to post:ID/summary, or --out FILE."
        )
    sink = valid(SinkRef, place(to, "--to")) if to else None

    async def body(house: House) -> None:
        found = await (house.desk.tasks.save(task, sink) if sink else house.desk.tasks.get(task))
        if file is not None:
            if found.status is not TaskStatus.SUCCEEDED:
                raise OperationalError(f"The task is {found.status}: there is no result to save.")
            write_text(file, found.text or "")
        if as_json:
            print_json(found)
            return
        if found.receipt is not None and sink is not None:
            out.print(f"{found.receipt.kind} {found.receipt.id}: {found.receipt.note}", markup=False)
        if file is not None:
            err.print(f"Written: {file}", markup=False)

    with_house(body)


@app.command()
def rate(
    task: TaskId,
    rating: Annotated[int, typer.Argument(min=1, max=5, help="1 (useless) to 5 (as wanted).")],
    comment: Annotated[str, typer.Option(help="Why.")] = "",
    as_json: JSON = False,
) -> None:
    """Say what you think of a result."""
    verdict = valid(Verdict, {"rating": rating, "comment": comment})

    async def body(house: House) -> None:
        found = await house.desk.tasks.judge(task, verdict)
        print_json(found) if as_json else out.print(f"{found.id}: {found.rating} of 5", markup=False)

    with_house(body)


@app.command()
def cancel(task: TaskId) -> None:
    """Stop a task."""

    async def body(house: House) -> None:
        found = await house.desk.tasks.cancel(task)
        out.print(f"{found.id}: {found.status}", markup=False)

    with_house(body)


def _sources(given: list[str]) -> dict[str, dict[str, str | None]]:
    found: dict[str, dict[str, str | None]] = {}
    for each in given:
        name, sign, where = each.partition("=")
        if not sign or not name:
            raise InvalidInput(f"{each!r} is no NAME=KIND:ID.", field="--from")
        found[name] = place(where, "--from")
    return found


async def _carried(
    house: House, made: TaskView, detach: bool, as_json: bool, file: Path | None = None
) -> None:
    if detach:
        print_json(made) if as_json else out.print(f"Queued: {made.id}", markup=False)
        return
    own = worker(house)
    await own.launch(pipelines(house))
    try:
        if not as_json:
            await _follow(house, made)
        await house.runs.wait(str(made.run_id))
    finally:
        await own.stop()
    done = await house.desk.tasks.get(made.id)
    if file is not None and done.status is TaskStatus.SUCCEEDED:
        write_text(file, done.text or "")
    if as_json:
        print_json(done)
    elif done.status is TaskStatus.SUCCEEDED:
        cost = f"${done.cost:.4f}" if done.cost else "nothing"
        err.print(f"{done.used_model}, {done.completion_tokens} tokens, {cost}; task {done.id}", markup=False)
        if done.receipt is not None:
            err.print(f"Kept in {done.receipt.kind} {done.receipt.id}: {done.receipt.note}", markup=False)
    if done.status is not TaskStatus.SUCCEEDED:
        told = done.error
        raise OperationalError(
            told.message if told else f"The task was {done.status}.",
            field=told.field if told else None,
            remedy=told.remedy if told else None,
        )


async def _follow(house: House, made: TaskView) -> None:
    """Print the answer while it is written."""
    shown = 0
    async for event in house.events.follow(f"run:{made.run_id}"):
        if event.kind == "task_text" and event.data.get("task") == str(made.id):
            text, start = str(event.data["text"]), int(event.data["from"])
            if start < shown:
                out.print("\n… once more:")
            out.file.write(text)
            out.file.flush()
            shown = start + len(text)
        if event.kind in ("run_succeeded", "run_failed", "run_cancelled"):
            out.print()
            return
        await asyncio.sleep(0)


def _say(task: TaskView) -> None:
    what = f"{task.template}, version {task.version}" if task.template else "messages of its own"
    out.print(f"[bold]{task.status}[/] {task.id}: {what}")
    for name, value in {**task.variables, **(task.resolved or {})}.items():
        out.print(f"  {name}: {str(value)[:200]}", markup=False)
    if task.error:
        out.print(f"  error: {task.error.message}", markup=False)
    if task.text:
        out.print()
        out.print(task.text, markup=False)
    if task.used_model:
        out.print(
            f"\n{task.used_model}, {task.prompt_tokens} + {task.completion_tokens} tokens, ${task.cost or 0:.6f}",
            markup=False,
        )


app.command()(task_grids.compare)
app.command()(task_grids.grid)
app.add_typer(task_schedules.app, name="schedule")
