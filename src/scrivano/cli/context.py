"""`scrivano book context`: what the writer of a chapter was shown, what it was not, and why."""

from contextlib import suppress
from typing import Annotated, cast
from uuid import UUID

import typer

from scrivano.books.context.public import ChapterContext
from scrivano.cli.output import out, print_json, table
from scrivano.cli.session import with_house
from scrivano.core.errors import NotFound
from scrivano.wiring import House

_SHOWN = 60


def context(
    book: Annotated[
        str, typer.Argument(metavar="RUN", help="The book's run, or the book; the beginning will do.")
    ],
    chapter: Annotated[int, typer.Argument(min=1, help="The chapter's number.")],
    prompt: Annotated[
        str,
        typer.Option("--prompt", help="write_chapter, rewrite_chapter, or continue_chapter with --round."),
    ] = "write_chapter",
    round_: Annotated[int, typer.Option("--round", min=0, help="Which continuation, from 1.")] = 0,
    left_out: Annotated[
        int, typer.Option("--left-out", min=0, help="How many of what stayed out to list.")
    ] = 20,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document instead of prose.")
    ] = False,
) -> None:
    """Show what went into a chapter's prompt, what stayed out, and why."""

    async def body(house: House) -> None:
        book_id, run_id = await meant(house, book)
        account = await house.contexts.of(book_id, chapter, run_id=run_id, prompt=prompt, round_=round_)
        if as_json:
            print_json(account)
        else:
            say(account, left_out)

    with_house(body)


async def meant(house: House, book: str) -> tuple[UUID, str | None]:
    """A book and, where a run is named, that run: it is meant, whichever run wrote the chapter last."""
    try:
        found = await house.books.find(book)
    except NotFound:
        with suppress(NotFound, ValueError):
            # Books name their newest run. An earlier one, or one that wrote a chapter anew, names its book.
            run = await house.runs.get(book)
            given = cast("dict[str, object]", run.input or {})
            return UUID(str(given.get("book_id"))), run.id
        raise
    return found.id, found.run_id if found.run_id.startswith(book) else None


def say(account: ChapterContext, left_out: int) -> None:
    """Print an account, with the first `left_out` of what stayed out."""
    counted = f"by the tokenizer of {account.model}" if account.counted_exactly else "estimated"
    out.print(
        f"{account.prompt}, chapter {account.chapter}: {account.tokens:,} of {account.budget:,} tokens ({counted}), "
        f"{account.tokens_without:,} without what was chosen"
    )
    if account.budget_raised:
        out.print("The budget was raised: what has to be in the prompt is over it by itself.")
    table(
        ["in", "kind", "tokens", "score", "from", "because of"],
        [
            [
                part.id,
                part.kind,
                str(part.tokens) + (f" ({part.cut})" if part.cut else ""),
                "required" if part.required else f"{part.score:.2f}",
                part.source,
                _reasons(part.reasons),
            ]
            for part in account.parts
        ],
        empty="Nothing went in beside the task itself.",
    )
    in_all = ", ".join(f"{why}: {number}" for why, number in sorted(account.left_out_in_all.items()))
    out.print(f"\nStayed out: {in_all or 'nothing'}.")
    if account.left_out and left_out:
        table(
            ["out", "kind", "tokens", "score", "why", "because of"],
            [
                [
                    left.id,
                    left.kind,
                    str(left.tokens),
                    f"{left.score:.2f}",
                    left.why + (f" by {left.instead}" if left.instead else ""),
                    _reasons(left.reasons),
                ]
                for left in account.left_out[:left_out]
            ],
            empty="",
        )


def _reasons(reasons: dict[str, float]) -> str:
    """The parts of a score, the largest first."""
    parts = sorted(((x, name) for name, x in reasons.items() if name != "kind"), reverse=True)
    told = ", ".join(f"{name} {x:.2f}" for x, name in parts)
    return told if len(told) <= _SHOWN else told[: _SHOWN - 1] + "…"
