"""`scrivano book` on what is written: chapters, versions, proposals, lineage, files made again, manuscripts."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from scrivano.books.public import BUILT_IN, BookView, load_brief, manuscript_of
from scrivano.cli.book import JSON, app, run_here
from scrivano.cli.output import err, out, print_json, table
from scrivano.cli.runs import read_json
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput
from scrivano.documents.public import DiffUnit
from scrivano.references.public import read_references
from scrivano.runs.public import RunView, raise_for_failure
from scrivano.wiring import House

Book = Annotated[str, typer.Argument(help="The book's id or its run's, or the beginning of either.")]
Number = Annotated[int, typer.Argument(min=1, max=100_000, help="The chapter's number.")]
Detach = Annotated[bool, typer.Option("--detach", help="Leave the work to a running worker.")]
Model = Annotated[str | None, typer.Option("--model", help=f"One model by name, or '{BUILT_IN}'.")]
MaxCost = Annotated[float | None, typer.Option("--max-cost", help="Ceiling in US dollars.")]


async def _chapter_document(house: House, book: str, number: int) -> tuple[BookView, UUID]:
    found = await house.books.find(book)
    return found, (await house.books.editing.place(found.id, number)).document_id


async def _carry_on(house: House, run_id: str, detach: bool, as_json: bool) -> RunView:
    view = await house.runs.get(run_id) if detach else await run_here(house, run_id, quiet=as_json)
    if as_json:
        print_json(view)
    else:
        out.print(f"{view.id}: {view.status}")
    raise_for_failure(view)
    return view


@app.command()
def chapters(book: Book, as_json: JSON = False) -> None:
    """List a book's chapters with length, version, whose it is, and what waits beside it."""

    async def body(house: House) -> None:
        found = await house.books.chapters((await house.books.find(book)).id)
        if as_json:
            print_json([c.model_dump(mode="json", exclude={"text"}) for c in found])
            return
        rows = [
            [
                str(c.number),
                c.title,
                f"{c.words:,}",
                str(c.version),
                c.last_change_by,
                str(c.open_proposals or ""),
            ]
            for c in found
        ]
        columns = ["", "chapter", "words", "version", "by", "proposals"]
        table(columns, rows, empty="No chapter is written yet.")

    with_house(body)


@app.command()
def chapter(
    book: Book,
    number: Number,
    version: Annotated[int | None, typer.Option("--version", min=1, help="An older version.")] = None,
    as_json: JSON = False,
) -> None:
    """Print a chapter's text."""

    async def body(house: House) -> None:
        found = await house.books.find(book)
        view = (
            await house.books.editing.chapter(found.id, number)
            if version is None
            else await house.books.editing.version(found.id, number, version)
        )
        print_json(view) if as_json else typer.echo(view.text)

    with_house(body)


@app.command()
def edit(
    book: Book,
    number: Number,
    file: Annotated[Path, typer.Argument(help="The chapter's new text, Markdown in UTF-8.")],
    title: Annotated[str | None, typer.Option("--title", help="Another title.")] = None,
    note: Annotated[str, typer.Option("--note", help="What was changed, in a few words.")] = "",
    base: Annotated[
        int | None, typer.Option("--base", min=0, help="The version that was changed; else the newest.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Save a chapter as you changed it. With --base it is refused where a newer version is there."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"{file} cannot be read as UTF-8 text: {error}.", field="file", remedy="Check path and encoding."
        ) from None

    async def body(house: House) -> None:
        found = await house.books.find(book)
        newest = (await house.books.editing.chapter(found.id, number)).version
        saved = await house.books.editing.edit(
            found.id, number, text, expected_number=newest if base is None else base, title=title, note=note
        )
        if as_json:
            print_json(saved)
        else:
            out.print(
                f"Saved as version {saved.version}. Make the files again with: scrivano book rebuild {book}"
            )

    with_house(body)


@app.command()
def regenerate(
    book: Book,
    number: Number,
    instructions: Annotated[str, typer.Option("--instructions", "-i", help="What should be different.")] = "",
    model: Model = None,
    max_cost: MaxCost = None,
    detach: Detach = False,
    as_json: JSON = False,
) -> None:
    """Write a chapter anew. Where you edited it, the new text becomes a proposal beside yours."""

    async def body(house: House) -> None:
        found = await house.books.find(book)
        run = await house.books.rewrite(
            found.id, number, instructions=instructions, model=model, max_cost=max_cost
        )
        view = await _carry_on(house, run, detach, as_json)
        if view.output and view.output.get("proposal_id") and not as_json:
            err.print(f"Your own text stands. See the new one with: scrivano book proposals {book} {number}")

    with_house(body)


@app.command()
def check(
    book: Book,
    chapter: Annotated[
        int | None, typer.Option("--chapter", min=1, help="This one alone; without it all.")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="One model by name.")] = None,
    max_cost: MaxCost = None,
    detach: Detach = False,
    as_json: JSON = False,
) -> None:
    """Have a model read a book against its references: what contradicts them becomes remarks on the passages."""

    async def body(house: House) -> None:
        found = await house.books.find(book)
        run = await house.books.proofread(found.id, chapter, model=model, max_cost=max_cost)
        view = await _carry_on(house, run, detach, as_json)
        if detach or as_json or not view.output:
            return
        if not view.output["findings"]:
            out.print("Nothing contradicts the references, the brief or another chapter.")
        for place in await house.books.editing.places(found.id):
            for remark in await house.documents.comments.list(place.document_id, resolved=False):
                if remark.author.kind == "run" and chapter in (None, place.number):
                    out.print(f"\nChapter {place.number}: “{remark.quote}”\n{remark.body}", markup=False)

    with_house(body)


@app.command()
def versions(book: Book, number: Number, as_json: JSON = False) -> None:
    """List a chapter's versions, newest first."""

    async def body(house: House) -> None:
        found = await house.books.editing.versions((await house.books.find(book)).id, number)
        if as_json:
            print_json(found)
            return
        rows = [[str(v.number), v.author.kind, f"{v.created_at:%Y-%m-%d %H:%M}", v.note] for v in found]
        table(["version", "by", "saved", "note"], rows, empty="There is none.")

    with_house(body)


@app.command()
def diff(
    book: Book,
    number: Number,
    old: Annotated[int, typer.Argument(min=1)],
    new: Annotated[int, typer.Argument(min=1)],
    words: Annotated[bool, typer.Option("--words", help="Word by word: [-taken out-] {+put in+}.")] = False,
    as_json: JSON = False,
) -> None:
    """Compare two versions of a chapter."""
    unit: DiffUnit = "words" if words else "lines"
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}

    async def body(house: House) -> None:
        found = await house.books.find(book)
        compared = await house.books.editing.diff(found.id, number, old, new, unit=unit)
        if as_json:
            print_json(compared)
        elif words:
            typer.echo("".join(marks[line.kind].format(line.text) for line in compared.lines))
        else:
            typer.echo(compared.unified)

    with_house(body)


@app.command()
def restore(
    book: Book, number: Number, version: Annotated[int, typer.Argument(min=1)], as_json: JSON = False
) -> None:
    """Bring an older version of a chapter back as the newest."""

    async def body(house: House) -> None:
        found = await house.books.find(book)
        newest = (await house.books.editing.chapter(found.id, number)).version
        saved = await house.books.editing.restore(found.id, number, version, expected_number=newest)
        print_json(saved) if as_json else out.print(f"Saved as version {saved.version}.")

    with_house(body)


@app.command()
def proposals(book: Book, number: Number, as_json: JSON = False) -> None:
    """Show what waits beside a chapter, with the places that it changes."""

    async def body(house: House) -> None:
        _, document = await _chapter_document(house, book, number)
        waiting = await house.documents.proposals.list(document, status="open")
        shown = [await house.documents.proposals.get(document, p.id) for p in waiting]
        if as_json:
            print_json(shown)
            return
        if not shown:
            err.print("Nothing waits.")
        for proposal in shown:
            out.print(
                f"[bold]{proposal.id}[/] by {proposal.author.kind}, made from version {proposal.base_number}"
            )
            for hunk in proposal.hunks:
                typer.echo(f"#{hunk.index}{'' if hunk.applies else ' (these lines were changed since)'}")
                typer.echo("\n".join([*(f"-{x}" for x in hunk.removed), *(f"+{x}" for x in hunk.added)]))

    with_house(body)


@app.command()
def accept(
    book: Book,
    number: Number,
    proposal: UUID,
    hunks: Annotated[
        list[int] | None, typer.Option("--hunk", help="Only these places; several times.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Take its text as it is.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Decide against it.")] = False,
    as_json: JSON = False,
) -> None:
    """Take a proposal over, in whole or in part, or reject it."""

    async def body(house: House) -> None:
        _, document = await _chapter_document(house, book, number)
        if reject:
            decided = await house.documents.proposals.reject(document, proposal)
            print_json(decided) if as_json else out.print("Rejected.")
            return
        newest = (await house.documents.get(document)).number
        saved = await house.documents.proposals.accept(
            document, proposal, expected_number=newest, hunks=hunks, replace=replace
        )
        print_json(saved) if as_json else out.print(f"Saved as version {saved.number}.")

    with_house(body)


@app.command()
def lineage(
    book: Book,
    number: Number,
    offset: Annotated[int, typer.Argument(min=0, help="A character of the paragraph, from 0.")],
    as_json: JSON = False,
) -> None:
    """Show which request, prompt and sources stand behind a paragraph."""

    async def body(house: House) -> None:
        found = await house.books.editing.lineage((await house.books.find(book)).id, number, offset)
        if as_json:
            print_json(found)
            return
        typer.echo(found.paragraph)
        out.print(f"Reads so since version {found.since_version}, by {found.author.kind}.")
        for r in found.requests:
            out.print(f"  {r.prompt_name or r.purpose}  {r.provider}/{r.model}  ${r.cost}  request {r.id}")
        for s in found.sources:
            out.print(f"  {s.use}: {s.title or s.source}")

    with_house(body)


@app.command()
def approve(
    book: Book,
    outline: Annotated[
        Path | None, typer.Option("--edit", help="A JSON file with the outline as you changed it.")
    ] = None,
    reject: Annotated[bool, typer.Option("--reject", help="Say no instead.")] = False,
    detach: Detach = False,
    as_json: JSON = False,
) -> None:
    """Answer a book that waits with its outline, and go on with it."""
    data = read_json(outline)

    async def body(house: House) -> None:
        found = await house.books.find(book)
        if data is not None:
            house.books.check_outline(found, data)
        await house.runs.approve(found.run_id, "outline", approved=not reject, data=data)
        await _carry_on(house, found.run_id, detach, as_json)

    with_house(body)


@app.command()
def rebuild(book: Book, detach: Detach = False, as_json: JSON = False) -> None:
    """Make a book's files again out of its chapters as they stand."""

    async def body(house: House) -> None:
        run = await house.books.rebind((await house.books.find(book)).id)
        await _carry_on(house, run, detach, as_json)

    with_house(body)


@app.command("import")
def bring_in(
    file: Annotated[Path, typer.Argument(help="The manuscript: DOCX, EPUB, HTML, Markdown or text.")],
    title: Annotated[str | None, typer.Option("--title", help="Else that of the manuscript.")] = None,
    author: Annotated[str, typer.Option("--author", help="Else whom the file names.")] = "",
    language: Annotated[
        str, typer.Option("--language", help="Such as en or de-CH; else that of its words.")
    ] = "",
    detach: Detach = False,
    as_json: JSON = False,
) -> None:
    """Bring in a manuscript as a book with editable chapters, and make its files."""

    async def body(house: House) -> None:
        read = await read_references([], Path.cwd(), named=[file])
        manuscript = manuscript_of(read[0], file.stem)
        if title:
            manuscript = manuscript.model_copy(update={"title": title})
        book = await house.books.bring_in(
            manuscript, author=author or manuscript.author, language=language or manuscript.language or "en"
        )
        if not detach:
            raise_for_failure(await run_here(house, book.run_id, quiet=as_json))
        if as_json:
            print_json(book)
        else:
            out.print(f"[bold]{book.title}[/]: {len(manuscript.chapters)} chapters, book {book.id}")

    with_house(body)


@app.command()
def estimate(
    brief: Annotated[Path, typer.Argument(help="The brief, a TOML or JSON file.")],
    model: Model = None,
    max_cost: MaxCost = None,
    as_json: JSON = False,
) -> None:
    """Say what a book will take, before anything is asked of a model."""
    wanted = load_brief(brief)

    async def body(house: House) -> None:
        found = await house.estimating.estimate(wanted, model=model, max_cost=max_cost)
        if as_json:
            print_json(found)
            return
        out.print(f"{found.words:,} words in {found.chapters} chapters, by {found.writer}")
        cost = found.cost_usd
        out.print(f"cost:   ${cost.expected:.4f}, at least ${cost.low:.4f}, at most ${cost.high:.4f}")
        out.print(f"tokens: {found.tokens.expected:,.0f}, at most {found.tokens.high:,.0f}")
        if found.minutes:
            out.print(f"time:   {found.minutes.expected:.1f} minutes")
        for note in found.notes:
            err.print(note)

    with_house(body)


@app.command()
def delete(
    book: Book,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JSON = False,
) -> None:
    """Remove a book with its texts, versions, files and covers. It cannot be brought back."""

    async def body(house: House) -> None:
        found = await house.books.find(book)
        if not yes and not typer.confirm(f"Remove “{found.title}” with everything in it?"):
            return
        await house.books.delete(found.id)
        await house.assessments.forget_book(found.id)
        print_json({"deleted": str(found.id)}) if as_json else out.print("Removed.")

    with_house(body)
