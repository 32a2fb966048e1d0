"""`scrivano book`: write one, list them, show one, take its files."""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from scrivano.books.public import BookResult, BookView, load_brief, reserved_paths
from scrivano.cli.output import err, out, print_json, table
from scrivano.cli.progress import follow
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput, OperationalError
from scrivano.references.public import read_references
from scrivano.runs.public import RunView, raise_for_failure
from scrivano.wiring import House
from scrivano.worker import pipelines, worker

app = typer.Typer(help="Write books and take their files.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
Out = Annotated[Path, typer.Option("--out", help="Folder for the finished files.")]


@app.command()
def write(
    brief: Annotated[Path, typer.Argument(help="The brief, a TOML or JSON file; see examples/.")],
    references: Annotated[
        list[Path] | None,
        typer.Option("--references", help="A file or folder of your own notes; may be given several times."),
    ] = None,
    out_dir: Out = Path("out"),
    model: Annotated[
        str | None, typer.Option("--model", help="One model by name, or 'built-in writer' for none at all.")
    ] = None,
    max_cost: Annotated[
        float | None, typer.Option("--max-cost", help="Ceiling in US dollars; it is never crossed.")
    ] = None,
    detach: Annotated[
        bool,
        typer.Option("--detach", help="Only order it: a running worker writes it, and you export it later."),
    ] = False,
    as_json: JSON = False,
) -> None:
    """Write the book that a brief describes, with its files, into a folder."""
    wanted = load_brief(brief)

    async def body(house: House) -> None:
        read = await read_references(wanted.references, brief.parent, named=references or [])
        writable(out_dir)
        book = await house.books.order(wanted, read, model=model, max_cost=max_cost)
        if detach:
            _say_ordered(book, as_json)
        else:
            await _carry_out(house, book, out_dir, as_json)

    with_house(body)


def _say_waiting(run: RunView, as_json: bool) -> None:
    if as_json:
        print_json({"run": run, "book": None, "paths": []})
        return
    out.print(f"The run waits for you to approve: {run.waiting_for}.")
    out.print(f"See it with:   scrivano runs show {run.id} --json")
    out.print(f"Approve with:  scrivano runs approve {run.id} {run.waiting_for}")


def _say_ordered(book: BookView, as_json: bool) -> None:
    if as_json:
        print_json(book)
    else:
        out.print(f"Ordered. Look at it with: scrivano runs show {book.run_id}")


async def _carry_out(house: House, book: BookView, out_dir: Path, as_json: bool) -> None:
    run = await run_here(house, book.run_id, quiet=as_json)
    raise_for_failure(run)
    if run.waiting_for:
        _say_waiting(run, as_json)
        return
    result = BookResult.model_validate(run.output)
    paths = await export_to(house, book, out_dir)
    if as_json:
        print_json({"run": run, "book": result, "paths": [str(p) for p in paths]})
        return
    for note in result.notes:
        err.print(f"[yellow]Note:[/] {note}", highlight=False)
    out.print(
        f"[bold]{result.title}[/]: {result.words:,} words in {result.chapters} chapters, by {result.generated_with}"
    )
    for path in paths:
        out.print(f"  {path}")


async def run_here(house: House, run_id: str, *, quiet: bool) -> RunView:
    """Work in this process until the run has ended or waits for a person, and show how it goes.

    On Ctrl-C the worker stops cleanly and the run stays as it is, ready to be resumed.
    """
    own = worker(house)
    await own.launch(pipelines(house))
    try:
        return await follow(house, run_id, quiet=quiet)
    except asyncio.CancelledError:
        err.print(f"Stopped. Nothing that was written is lost; go on with: scrivano runs resume {run_id}")
        raise
    finally:
        await own.stop()


async def export_to(house: House, book: BookView, folder: Path) -> list[Path]:
    """Write every finished file below `folder`, each whole or not at all. Raises OperationalError if it cannot."""
    writable(folder)
    stored = await house.books.files(book.id)
    current = await house.books.get(book.id)
    paths = reserved_paths(folder, current.title, [f.name for f in stored])
    for name, path in paths.items():
        _, content = await house.books.file(book.id, name)
        await asyncio.to_thread(replace_file, path, content)
    return list(paths.values())


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def writable(folder: Path) -> None:
    """Make the folder if need be; raises InvalidInput or OperationalError if it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InvalidInput(f"{folder} is not a folder.", field="--out", remedy="Name a folder.") from None
    except OSError as error:
        raise OperationalError(
            f"The folder {folder} cannot be made: {error.strerror}.",
            field="--out",
            remedy="Name another one.",
        ) from error


@app.command("list")
def list_books(as_json: JSON = False) -> None:
    """List the books, newest first."""

    async def body(house: House) -> None:
        books = await house.books.list()
        if as_json:
            print_json(books)
            return
        rows = [
            [
                str(b.id)[-8:],
                b.title,
                f"{b.created_at:%Y-%m-%d %H:%M}",
                "finished" if b.finished_at else "open",
                b.run_id,
            ]
            for b in books
        ]
        table(
            ["book", "title", "ordered", "state", "run"],
            rows,
            empty="No book yet. Write one: scrivano book write examples/no-code-ai-tools.toml",
        )

    with_house(body)


@app.command()
def show(
    book: Annotated[str, typer.Argument(help="The book's id, the beginning or end of it, or its run's.")],
    as_json: JSON = False,
) -> None:
    """Show a book: its outline, chapters, files and what wrote it."""

    async def body(house: House) -> None:
        found = await house.books.find(book)
        chapters = await house.books.chapters(found.id)
        files = await house.books.files(found.id)
        if as_json:
            print_json({"book": found, "chapters": chapters, "files": files})
            return
        out.print(f"[bold]{found.title}[/]  (run {found.run_id})")
        if found.provenance:
            account = found.provenance
            cloud = account["external_api_calls"]
            out.print(f"{account['words']} words by {account['generated_with']}; calls to the cloud: {cloud}")
        for chapter in chapters:
            out.print(
                f"  {chapter.number:>2}  {chapter.title}  ({chapter.words} words, version {chapter.version})"
            )
        for file in files:
            out.print(f"  {file.name}  {file.size:,} bytes  sha256 {file.sha256[:12]}…")
        if any(file.outdated for file in files):
            out.print(
                f"Chapters were changed since. Make the files again with: scrivano book rebuild {found.id}"
            )

    with_house(body)


@app.command()
def export(
    book: Annotated[str, typer.Argument(help="The book's id or its run's.")],
    out_dir: Out = Path("out"),
    as_json: JSON = False,
) -> None:
    """Write a book's finished files into a folder."""

    async def body(house: House) -> None:
        found = await house.books.find(book)
        paths = await export_to(house, found, out_dir)
        if as_json:
            print_json({"paths": [str(p) for p in paths]})
        elif paths:
            for path in paths:
                out.print(str(path))
        else:
            err.print(f"The book has no files yet. Go on with: scrivano runs resume {found.run_id}")

    with_house(body)
