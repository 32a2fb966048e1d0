"""`scrivano compare`: the same chapter or book by two models or two prompt versions, chosen between blindly."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from scrivano.assessment.public import Choice, ComparisonOrder, ComparisonView, SideOrder
from scrivano.books.public import BookSide, load_brief
from scrivano.cli.book import run_here
from scrivano.cli.given import valid
from scrivano.cli.output import err, out, print_json, table
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.references.public import read_references
from scrivano.runs.public import raise_for_failure
from scrivano.training.public import Consent
from scrivano.wiring import House

app = typer.Typer(help="Compare two models or two prompt versions on the same chapter.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
Which = Annotated[str, typer.Argument(help="The comparison's id.")]


@app.command()
def write(
    chapter: Annotated[str, typer.Argument(help="The title of the chapter.")],
    model: Annotated[
        list[str] | None, typer.Option("--model", help="A model; give one for both, or two.")
    ] = None,
    prompt: Annotated[
        list[str] | None,
        typer.Option("--prompt", help="A version of write_chapter, by number or label; one, or two."),
    ] = None,
    points: Annotated[list[str] | None, typer.Option("--point", help="What it has to cover.")] = None,
    subject: Annotated[str, typer.Option("--subject", help="What the book is about.")] = "",
    audience: Annotated[str, typer.Option("--audience", help="Whom it is for.")] = "general readers",
    words: Annotated[int, typer.Option("--words", min=100, max=6_000)] = 800,
    judge: Annotated[bool, typer.Option("--judge", help="Also ask a model, in both orders.")] = False,
    as_json: JSON = False,
) -> None:
    """Have a chapter written twice and show both texts, without saying who wrote which."""
    models, prompts = _two(model, "--model"), _two(prompt, "--prompt")
    sides = tuple(SideOrder(model=m, prompt_version=p) for m, p in zip(models, prompts, strict=True))
    order = ComparisonOrder(
        chapter_title=chapter,
        points=points or [],
        subject=subject,
        audience=audience,
        words=words,
        sides=(sides[0], sides[1]),
        judge=judge,
    )

    async def body(house: House) -> None:
        ordered = await house.comparisons.order(order)
        raise_for_failure(await run_here(house, ordered.run_id, quiet=as_json))
        _show(await house.comparisons.get(ordered.id), as_json)

    with_house(body)


@app.command()
def books(
    brief: Annotated[Path, typer.Argument(help="The brief of the book, as for `scrivano book write`.")],
    model: Annotated[
        list[str] | None, typer.Option("--model", help="A model; give one for both, or two.")
    ] = None,
    first: Annotated[
        list[str] | None, typer.Option("--prompt-a", help="NAME=VERSION of a prompt for one book.")
    ] = None,
    second: Annotated[
        list[str] | None, typer.Option("--prompt-b", help="NAME=VERSION of a prompt for the other.")
    ] = None,
    max_cost: Annotated[float | None, typer.Option("--max-cost", help="US dollars, of each book.")] = None,
    as_json: JSON = False,
) -> None:
    """Have a whole book written twice and show both, without saying who wrote which."""
    models = _two(model, "--model")
    sides = [
        valid(BookSide, {"model": named, "prompts": _versions(prompts)})
        for named, prompts in zip(models, (first, second), strict=True)
    ]

    wanted = load_brief(brief)

    async def body(house: House) -> None:
        references = await read_references(wanted.references, brief.parent)
        ordered = await house.book_comparisons.order(
            wanted, sides, references, max_cost=max_cost, project_id=DEFAULT_PROJECT
        )
        for run_id in await house.book_comparisons.runs(ordered.id):
            raise_for_failure(await run_here(house, run_id, quiet=as_json))
        _show(await house.book_comparisons.get(ordered.id), as_json)

    with_house(body)


def _versions(given: list[str] | None) -> dict[str, str]:
    found = [text.partition("=") for text in given or []]
    wrong = next((name for name, equals, version in found if not (name and equals and version)), None)
    if wrong is not None:
        raise InvalidInput(f"{wrong!r} names no version.", field="--prompt-a", remedy="Write NAME=VERSION.")
    return {name: version for name, _, version in found}


def _two(given: list[str] | None, option: str) -> list[str | None]:
    if not given:
        return [None, None]
    if len(given) > 2:
        raise InvalidInput(
            f"{option} was given {len(given)} times.", field=option, remedy="Give it once or twice."
        )
    return [given[0], given[-1]]


@app.command("list")
def list_comparisons(as_json: JSON = False) -> None:
    """List comparisons, newest first."""

    async def body(house: House) -> None:
        found = await house.comparisons.list(DEFAULT_PROJECT)
        if as_json:
            print_json(found)
            return
        rows = [[str(c.id), c.name, c.chosen or ("open" if c.ready else "being written")] for c in found]
        table(["comparison", "name", "chosen"], rows, empty="No comparison yet.")

    with_house(body)


@app.command()
def show(comparison: Which, as_json: JSON = False) -> None:
    """Show both texts; after the choice also who wrote them, costs and measures."""

    async def body(house: House) -> None:
        _show(await house.book_comparisons.get(_id(comparison)), as_json)

    with_house(body)


@app.command()
def choose(
    comparison: Which,
    better: Annotated[str, typer.Argument(help="first, second or tie; `verdict` takes the judge's.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "",
    as_json: JSON = False,
) -> None:
    """Say which text is better, once, and see who wrote it."""
    if better not in ("first", "second", "tie", "verdict"):
        raise InvalidInput(
            f"{better!r} is no choice.", field="better", remedy="Say first, second, tie or verdict."
        )

    async def body(house: House) -> None:
        await house.book_comparisons.get(_id(comparison))
        if better == "verdict":
            chosen = await house.comparisons.take_verdict(_id(comparison))
        else:
            choice = Choice.model_validate({"better": better, "reason": reason})
            chosen = await house.comparisons.choose(_id(comparison), choice)
            sample = await house.training.from_choice(chosen)
            if sample is not None and not as_json:
                err.print("Kept as a training sample. See: scrivano compare samples")
        _show(chosen, as_json)

    with_house(body)


@app.command()
def consent(
    choices: Annotated[bool, typer.Option("--choices/--no-choices", help="Learn from choices.")] = False,
    edits: Annotated[bool, typer.Option("--edits/--no-edits", help="Learn from edits.")] = False,
) -> None:
    """Agree that choices or edits become training samples; without options, withdraw and delete them."""

    async def body(house: House) -> None:
        given = await house.training.give_consent(DEFAULT_PROJECT, Consent(choices=choices, edits=edits))
        out.print(f"choices: {'yes' if given.choices else 'no'}; edits: {'yes' if given.edits else 'no'}")

    with_house(body)


@app.command()
def samples(
    delete: Annotated[str, typer.Option("--delete", help="An id, or `all`.")] = "", as_json: JSON = False
) -> None:
    """List training samples, or delete one or all of them."""

    async def body(house: House) -> None:
        if delete == "all":
            out.print(f"Deleted: {await house.training.delete_all(DEFAULT_PROJECT)}")
            return
        if delete:
            await house.training.delete(_id(delete))
            out.print("Deleted.")
            return
        found = await house.training.samples(DEFAULT_PROJECT)
        if as_json:
            print_json(found)
            return
        rows = [[str(s.id), s.kind, f"{s.created_at:%Y-%m-%d %H:%M}", s.chosen[:60]] for s in found]
        table(["sample", "kind", "made", "chosen"], rows, empty="No sample yet.")

    with_house(body)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is no id.", remedy="See: scrivano compare list") from None


def _show(view: ComparisonView, as_json: bool) -> None:
    if as_json:
        print_json(view)
        return
    for side in view.sides:
        out.rule(side.place)
        out.print(side.text or "(being written)", markup=False)
        if side.facts is not None:
            score = f", score {side.scores.score:.0f}" if side.scores else ""
            seconds = side.facts.get("seconds", 0)
            out.print(
                f"{side.facts.get('model')}: ${side.facts.get('cost', 0):.4f}, {seconds:.1f} s{score}",
                markup=False,
            )
    if view.chosen is None and view.ready:
        out.print(f"Choose with: scrivano compare choose {view.id} first|second|tie", markup=False)
    elif view.chosen:
        out.print(f"Chosen: {view.chosen}, by {view.chosen_by}")
