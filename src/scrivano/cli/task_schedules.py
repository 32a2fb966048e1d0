"""`scrivano task schedule`: tasks that a worker runs at the times of a cron expression."""

from typing import Annotated, Any
from uuid import UUID

import typer

from scrivano.cli.given import parse_values, place, valid, version_of
from scrivano.cli.output import out, print_json, table
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.tasks.public import NewSchedule, ScheduleChange, ScheduleView
from scrivano.wiring import House

app = typer.Typer(
    help="Tasks at the times of a cron expression; a worker has to be running.", no_args_is_help=True
)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
Which = Annotated[str, typer.Argument(help="The schedule's name or id.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    cron: Annotated[str, typer.Argument(help="Minute, hour, day, month, weekday, such as '0 7 * * 1'.")],
    template: Annotated[str | None, typer.Argument(help="The template's name; none for --message.")] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", "-s", help="NAME=VALUE, NAME=@FILE or NAME:=JSON.")
    ] = None,
    message: Annotated[str | None, typer.Option("--message", "-m", help="Ask this instead.")] = None,
    version: Annotated[str, typer.Option(help="A number or a label of the template.")] = "production",
    model: Annotated[str | None, typer.Option(help="One model by name; else it is chosen.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="KIND:ID or KIND:ID/FIELD for the result.")] = None,
    timezone: Annotated[str, typer.Option(help="Such as Europe/Vienna.")] = "UTC",
    as_json: JSON = False,
) -> None:
    """Run a task again and again."""
    task: dict[str, Any] = {
        "name": name,
        "template": template,
        "version": version_of(version),
        "messages": [{"content": message}] if message else [],
        "variables": parse_values(values or []),
        "model": model,
        "sink": place(to, "--to") if to else None,
    }
    new = valid(NewSchedule, {"name": name, "cron": cron, "timezone": timezone, "task": task})

    async def body(house: House) -> None:
        _say(await house.desk.schedules.create(new), as_json)

    with_house(body)


@app.command("list")
def list_schedules(as_json: JSON = False) -> None:
    """List schedules with their next times."""

    async def body(house: House) -> None:
        found = await house.desk.schedules.list(limit=500)
        if as_json:
            print_json(found)
            return
        rows = [
            [s.name, s.cron, f"{s.next_at:%Y-%m-%d %H:%M} UTC" if s.active else "paused", s.fault or ""]
            for s in found
        ]
        table(["schedule", "cron", "next", "fault"], rows, empty="No schedule yet.")

    with_house(body)


@app.command()
def pause(schedule: Which, as_json: JSON = False) -> None:
    """Let a schedule rest."""
    _set(schedule, {"active": False}, as_json)


@app.command()
def resume(schedule: Which, as_json: JSON = False) -> None:
    """Go on with a schedule at its next time."""
    _set(schedule, {"active": True}, as_json)


@app.command()
def change(
    schedule: Which,
    cron: Annotated[str | None, typer.Option(help="Other times.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Such as Europe/Vienna.")] = None,
    as_json: JSON = False,
) -> None:
    """Give a schedule other times."""
    _set(schedule, {"cron": cron, "timezone": timezone}, as_json)


@app.command()
def remove(schedule: Which) -> None:
    """Remove a schedule; its tasks stay in the history."""

    async def body(house: House) -> None:
        found = await _find(house, schedule)
        await house.desk.schedules.remove(found.id)
        out.print(f"{found.name}: removed", markup=False)

    with_house(body)


def _set(schedule: str, values: dict[str, Any], as_json: bool) -> None:
    wanted = valid(ScheduleChange, values)

    async def body(house: House) -> None:
        found = await _find(house, schedule)
        _say(await house.desk.schedules.change(found.id, wanted), as_json)

    with_house(body)


async def _find(house: House, schedule: str) -> ScheduleView:
    try:
        return await house.desk.schedules.get(UUID(schedule))
    except ValueError:
        pass
    found = [
        each for each in await house.desk.schedules.list(DEFAULT_PROJECT, limit=500) if each.name == schedule
    ]
    if len(found) != 1:
        raise InvalidInput(
            f"There {'are several schedules' if found else 'is no schedule'} called {schedule!r}.",
            field="schedule",
            remedy="Give its id: scrivano task schedule list --json",
        )
    return found[0]


def _say(schedule: ScheduleView, as_json: bool) -> None:
    if as_json:
        print_json(schedule)
        return
    when = f"next at {schedule.next_at:%Y-%m-%d %H:%M} UTC" if schedule.active else "paused"
    out.print(f"{schedule.name}: {when}", markup=False)
