"""The `scrivano` command: its groups, and what a person sees when something goes wrong."""

import sys
from typing import ClassVar, NoReturn

import typer

from scrivano import __version__
from scrivano.cli.late import Late, LateGroup
from scrivano.cli.output import err
from scrivano.core.errors import ScrivanoError


class Commands(LateGroup):
    """Everything that `scrivano` can do. A command is loaded when it is called."""

    late: ClassVar[tuple[Late, ...]] = (
        Late("serve", "scrivano.cli.serve:serve", "Serve the REST API, with a worker beside it."),
        Late(
            "worker",
            "scrivano.cli.serve:worker",
            "Carry out runs until stopped. Start as many as you like, on any machine that reaches the database.",
        ),
        Late(
            "gateway",
            "scrivano.cli.gateway:gateway",
            "Serve models to other programs under /v1, without the studio: a small process that starts at once.",
        ),
        Late("book", "scrivano.cli.books:app", "Write books and take their files."),
        Late("post", "scrivano.cli.post:app", "Posts: from an idea to a published page."),
        Late("music", "scrivano.cli.music:app", "Songs out of a request in words."),
        Late("prompts", "scrivano.cli.prompts:app", "The templates behind every call to a model."),
        Late("task", "scrivano.cli.tasks:app", "Calls of a prompt, with their history."),
        Late(
            "references", "scrivano.cli.references:app", "Your own files: characters, style guides, research."
        ),
        Late("packs", "scrivano.cli.packs:app", "Domain packs."),
        Late(
            "compare",
            "scrivano.cli.compare:app",
            "Compare two models or two prompt versions on the same chapter.",
        ),
        Late(
            "ask",
            "scrivano.cli.ask:ask",
            "Ask a model and print its answer as it is written. The request is in the log like any other.",
        ),
        Late(
            "complexity",
            "scrivano.cli.route:complexity",
            "Say how demanding a request is, from 1 to 10, which tier answers it, and why.",
        ),
        Late("models", "scrivano.cli.models:app", "Model servers and their models."),
        Late("route", "scrivano.cli.route:app", "The router: train it, judge it, look at it, ask it."),
        Late("requests", "scrivano.cli.requests:app", "What was asked of models, and what came of it."),
        Late("usage", "scrivano.cli.usage:app", "What models were asked, what it cost and what it saved."),
        Late("runs", "scrivano.cli.runs:app", "Look at runs and steer them."),
        Late("keys", "scrivano.cli.keys:app", "API keys for programs that ask models through Scrivano."),
        Late("people", "scrivano.cli.people:app", "Who has an account here: list, invite, reset, disable."),
        Late("projects", "scrivano.cli.projects:app", "Projects and their members."),
        Late(
            "backup",
            "scrivano.cli.backup:backup",
            "Write everything into one file. Nothing needs to be stopped for it.",
        ),
        Late(
            "restore", "scrivano.cli.backup:restore", "Put a backup into the database, which has to be empty."
        ),
        Late("db", "scrivano.cli.db:app", "The database."),
        Late("openapi", "scrivano.cli.openapi:openapi", "Print the OpenAPI document of the REST API."),
        Late(
            "scripted-model",
            "scrivano.cli.scripted_model:scripted_model",
            "Run a scripted model server, for trying things out and for tests. It holds no model.",
        ),
    )


app = typer.Typer(
    name="scrivano",
    cls=Commands,
    help="A self-hosted, local-first studio for long-form work made with language models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def root(version: bool = typer.Option(False, "--version", help="Show the version and exit.")) -> None:
    """What holds for every command."""
    if version:
        typer.echo(f"scrivano {__version__}")
        raise typer.Exit


def run() -> NoReturn:
    """Run the command line; never shows a traceback for something a person can act on."""
    try:
        app(standalone_mode=True)
    except ScrivanoError as error:
        err.print(f"[bold red]Error:[/] {_escaped(error.message)}")
        if error.field:
            err.print(f"  where: {_escaped(error.field)}")
        if error.remedy:
            err.print(f"  what to do: {_escaped(error.remedy)}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        err.print("Stopped.")
        sys.exit(130)
    sys.exit(0)


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")
