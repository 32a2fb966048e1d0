"""`scrivano requests`: what was asked of models."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

from scrivano.cli.output import out, print_json, table
from scrivano.cli.session import with_gatehouse
from scrivano.core.clock import now
from scrivano.core.errors import InvalidInput
from scrivano.gatehouse import Gatehouse
from scrivano.llm.public import RequestView

app = typer.Typer(help="What was asked of models, and what came of it.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]


@app.command("list")
def list_requests(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 50,
    offset: Annotated[int, typer.Option(min=0, help="How many to skip.")] = 0,
    user: Annotated[str | None, typer.Option(help="Only this person's.")] = None,
    run: Annotated[str | None, typer.Option(help="Only this run's, oldest first.")] = None,
    as_json: JSON = False,
) -> None:
    """List requests, newest first. Each attempt is a row of its own."""

    async def body(house: Gatehouse) -> None:
        if run is not None:
            found = (await house.llm.run_requests(run))[offset : offset + limit]
        elif user is not None:
            found = await house.llm.get_user_requests(user, limit, offset)
        else:
            found = await house.llm.latest_requests(limit, offset)
        if as_json:
            print_json(found)
            return
        columns = ["id", "when", "status", "what for", "model", "tokens in / out", "cost", "s"]
        table(columns, [_row(request) for request in found], empty="Nothing was asked yet.")

    with_gatehouse(body)


@app.command()
def show(
    id: Annotated[str, typer.Argument(help="A request's id, as answers' x-scrivano-request-id tells it.")],
    as_json: JSON = False,
) -> None:
    """Show one request with its messages and its answer."""
    try:
        wanted = UUID(id)
    except ValueError as error:
        raise InvalidInput(f"{id!r} is no id.", field="id", remedy="scrivano requests list") from error

    async def body(house: Gatehouse) -> None:
        request = await house.llm.get_request(wanted)
        if as_json:
            print_json(request)
            return
        for name, value in request.model_dump(exclude={"messages", "answer"}, exclude_none=True).items():
            out.print(f"{name}: {value}", markup=False)
        for message in (*(request.messages or ()), *([request.answer] if request.answer else [])):
            out.print(f"\n[{message.role}]\n{message.text}", markup=False)
            for call in message.tool_calls:
                out.print(f"calls {call.name}({call.arguments})", markup=False)

    with_gatehouse(body)


def _row(request: RequestView) -> list[str]:
    return [
        str(request.id),
        request.started_at.strftime("%Y-%m-%d %H:%M:%S"),
        request.status,
        f"{request.feature}/{request.purpose}",
        f"{request.provider}/{request.model}",
        f"{request.usage.prompt_tokens:,} / {request.usage.completion_tokens:,}",
        f"{request.cost:f}",
        "" if request.seconds is None else f"{request.seconds:.1f}",
    ]


@app.command()
def verify(
    days: Annotated[int | None, typer.Option(min=1, help="Only the last so many days.")] = None,
    as_json: JSON = False,
) -> None:
    """Rebuild every request and compare it with the hashes under which it was sent.

    Exit code 1 where a text is not what was sent. Texts that retention or erasure took are counted apart.
    """

    async def body(house: Gatehouse) -> bool:
        since = None if days is None else now() - timedelta(days=days)
        found = await house.llm.keeping.verify(since=since)
        if as_json:
            print_json(asdict(found))
        else:
            out.print(
                f"{found.requests} requests: {found.whole} whole, {found.without_text} without their text."
            )
            for id in found.broken:
                out.print(f"{id}: what is stored is not what was sent.")
        return not found.broken

    if not with_gatehouse(body):
        raise typer.Exit(1)
