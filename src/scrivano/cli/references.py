"""`scrivano references`: your own files, which books and posts are written with."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from scrivano.cli.output import err, out, print_json, table
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.references.public import MAX_BYTES, ReferenceKind, ReferenceView, too_large
from scrivano.wiring import House

app = typer.Typer(help="Your own files: characters, style guides, research.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
Project = Annotated[UUID, typer.Option("--project", help="The project, by its id.")]
Said = Annotated[str, typer.Argument(help="A reference by name, or the beginning of its id.")]
KINDS = ("character", "style guide", "world-building", "timeline", "research", "glossary", "other")


@app.command()
def add(
    files: Annotated[list[Path], typer.Argument(help="Markdown, text, HTML, DOCX, PDF or EPUB files.")],
    kind: Annotated[str, typer.Option(help=f"What they are: {', '.join(KINDS)}.")] = "other",
    from_chapter: Annotated[
        int | None, typer.Option(help="The chapter from which on the story has told what stands in them.")
    ] = None,
    project: Project = DEFAULT_PROJECT,
    as_json: JSON = False,
) -> None:
    """Upload files and read them. Exit code 2 if one cannot be read."""
    wanted = _kind(kind)

    async def body(house: House) -> bool:
        views: list[ReferenceView] = []
        for path in files:
            content = _bytes(path)
            added = await house.library.add(
                project, path.name, content, kind=wanted, from_chapter=from_chapter, queue=False
            )
            read = await house.intake.convert(added.id)
            views.append(await house.intake.embed(read.id))
        if as_json:
            print_json(views)
        else:
            for view in views:
                _say(view)
        return any(view.status == "failed" for view in views)

    if with_house(body):
        raise typer.Exit(2)


def _kind(said: str) -> ReferenceKind:
    if said not in KINDS:
        raise InvalidInput(
            f"There is no kind {said!r}.", field="--kind", remedy=f"Choose from: {', '.join(KINDS)}."
        )
    return said  # type: ignore[return-value]


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise too_large()
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", field="files") from None


def _say(view: ReferenceView) -> None:
    if view.problem is not None:
        err.print(f"{view.name}: {view.problem.reason} {view.problem.remedy}", markup=False)
        return
    pages = f", {view.pages:,} pages" if view.pages else ""
    out.print(f"{view.name}: {view.words:,} words in {view.passages:,} passages{pages}", markup=False)


@app.command("list")
def list_references(project: Project = DEFAULT_PROJECT, as_json: JSON = False) -> None:
    """List a project's references."""

    async def body(house: House) -> None:
        views = await house.library.list(project, limit=5000)
        if as_json:
            print_json(views)
            return
        rows = [[v.name, v.kind, v.status, f"{v.words:,}", str(v.id)] for v in views]
        table(["name", "kind", "status", "words", "id"], rows, empty="There is no reference yet.")

    with_house(body)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="Words, or a question.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.")] = 10,
    up_to_chapter: Annotated[
        int | None, typer.Option(help="Leave out what the story tells after this chapter.")
    ] = None,
    project: Project = DEFAULT_PROJECT,
    as_json: JSON = False,
) -> None:
    """Find passages."""

    async def body(house: House) -> None:
        found = await house.library.search(project, query, limit, up_to_chapter=up_to_chapter)
        if as_json:
            print_json(found)
            return
        for hit in found:
            where = " > ".join([hit.passage.id, *hit.passage.headings])
            page = f" (page {hit.passage.page})" if hit.passage.page else ""
            out.print(f"{where}{page}\n  {' '.join(hit.snippet.split())}", markup=False)
        if not found:
            err.print("Nothing was found.")

    with_house(body)


@app.command()
def show(reference: Said, project: Project = DEFAULT_PROJECT, as_json: JSON = False) -> None:
    """Show one reference as it was read."""

    async def body(house: House) -> None:
        view = await house.library.find(project, reference)
        text = await house.library.text(view.id) if view.status == "ready" else ""
        if as_json:
            print_json({"reference": view, "text": text})
            return
        _say(view)
        out.print(text, markup=False)

    with_house(body)


@app.command()
def remove(reference: Said, project: Project = DEFAULT_PROJECT) -> None:
    """Forget a reference. What was written with it stays."""

    async def body(house: House) -> None:
        view = await house.library.find(project, reference)
        await house.library.remove(view.id)
        out.print(f"Removed {view.name}.", markup=False)

    with_house(body)
