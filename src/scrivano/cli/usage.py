"""`scrivano usage`: what was asked of models, what it cost, and what was saved."""

import datetime as dt
from typing import Annotated

import typer

from scrivano.cli.output import out, print_json, table
from scrivano.cli.session import with_gatehouse
from scrivano.core.clock import now
from scrivano.gatehouse import Gatehouse
from scrivano.llm.public import GroupBy, Statistics, Step, TallyView, UsageRow

app = typer.Typer(help="What models were asked, what it cost and what it saved.")
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
Feature = Annotated[str | None, typer.Option(help="Only this feature: music, books …")]
_SUMS = ["requests", "answered", "from cache", "tokens in / out", "cost", "saved"]


@app.callback(invoke_without_command=True)
def usage(context: typer.Context) -> None:
    """What models were asked, what it cost and what it saved: the last 30 days by model, or as a command says."""
    if context.invoked_subcommand is None:
        show_usage()


@app.command("show")
def show_usage(
    days: Annotated[int, typer.Option(min=1, max=3660, help="The last so many days.")] = 30,
    step: Annotated[Step, typer.Option(help="hour, day, month or all.")] = "day",
    by: Annotated[
        GroupBy, typer.Option(help="model, tier, feature, genre, kind, user, project, key or none.")
    ] = "model",
    user: Annotated[str | None, typer.Option(help="Only this person's.")] = None,
    project: Annotated[str | None, typer.Option(help="Only this project's.")] = None,
    as_json: JSON = False,
) -> None:
    """Show requests, tokens, cost and savings by time and group. Days are those of UTC."""

    async def body(house: Gatehouse) -> None:
        since = now() - dt.timedelta(days=days)
        rows = await house.llm.statistics.usage(
            since=since, step=step, by=by, user_id=user, project_id=project
        )
        if as_json:
            print_json(rows)
            return
        table(["from", by, *_SUMS], [_row(row) for row in rows], empty="Nothing was asked in this time.")

    with_gatehouse(body)


@app.command()
def statistics(feature: Feature = None, as_json: JSON = False) -> None:
    """Show counts, costs and savings by tier, and by genre, since the last new start."""

    async def body(house: Gatehouse) -> None:
        found = await house.llm.statistics.statistics(feature)
        if as_json:
            print_json(found)
            return
        since = found.since.strftime("%Y-%m-%d %H:%M UTC") if found.since else "ever"
        out.print(f"Since {since}:")
        table(["tier", "genre", *_SUMS], _tiers(found), empty="Nothing was asked yet.")

    with_gatehouse(body)


@app.command()
def reset(feature: Feature = None) -> None:
    """Count statistics from zero from now on. Nothing is deleted."""

    async def body(house: Gatehouse) -> None:
        await house.llm.statistics.start_anew(feature)
        out.print("Statistics count from now on. Usage keeps what was before.")

    with_gatehouse(body)


def _row(row: UsageRow) -> list[str]:
    start = row.start.strftime("%Y-%m-%d %H:%M") if row.start else "all"
    return [start, row.group or "–", *_sums(row)]


def _tiers(found: Statistics) -> list[list[str]]:
    rows = [[tier, "all", *_sums(tally)] for tier, tally in sorted(found.by_tier.items())]
    for genre, tiers in sorted(found.by_genre.items()):
        rows += [[tier, genre, *_sums(tally)] for tier, tally in sorted(tiers.items())]
    return [*rows, ["all", "all", *_sums(found.total)]] if rows else []


def _sums(tally: TallyView) -> list[str]:
    return [
        f"{tally.attempts:,}",
        f"{tally.finished:,}",
        f"{tally.hits:,}",
        f"{tally.prompt_tokens:,} / {tally.completion_tokens:,}",
        f"${tally.cost:.4f}",
        f"${tally.saved_usd:.4f}",
    ]
