"""The `scrivano` command: its groups, and what a person sees when something goes wrong."""

import sys
from typing import NoReturn

import typer

from scrivano import __version__
from scrivano.cli import (
    ask,
    assess,
    backup,
    book,
    chapters,
    compare,
    context,
    db,
    keys,
    models,
    music,
    openapi,
    packs,
    people,
    post,
    projects,
    prompts,
    references,
    requests,
    route,
    runs,
    scripted_model,
    serve,
    tasks,
    usage,
)
from scrivano.cli.output import err
from scrivano.core.errors import ScrivanoError

app = typer.Typer(
    name="scrivano",
    help="A self-hosted, local-first studio for long-form work made with language models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
chapters.app.command("assess")(assess.assess)
app.add_typer(chapters.app, name="book")
app.add_typer(compare.app, name="compare")
app.add_typer(post.app, name="post")
app.add_typer(music.app, name="music")
app.add_typer(runs.app, name="runs")
app.add_typer(models.app, name="models")
app.add_typer(keys.app, name="keys")
app.add_typer(people.app, name="people")
app.add_typer(projects.app, name="projects")
app.add_typer(requests.app, name="requests")
app.add_typer(usage.app, name="usage")
app.add_typer(packs.app, name="packs")
app.add_typer(prompts.app, name="prompts")
app.add_typer(tasks.app, name="task")
app.add_typer(references.app, name="references")
app.add_typer(route.app, name="route")
app.add_typer(db.app, name="db")
book.app.command("context")(context.context)
app.command("complexity")(route.complexity)
app.command("ask")(ask.ask)
app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("scripted-model")(scripted_model.scripted_model)
app.command("openapi")(openapi.openapi)


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
