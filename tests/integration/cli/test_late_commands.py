"""Commands that are loaded when they are called."""

import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from scrivano.cli.app import Commands, app
from scrivano.cli.late import Late


@pytest.mark.parametrize("late", Commands.late, ids=lambda late: late.name)
def test_the_list_says_of_a_command_what_the_command_says_of_itself(late: Late) -> None:
    command = late.load()
    assert command.name == late.name
    assert (command.help or "").split("\n\n")[0].replace("\n", " ").startswith(late.help)


def test_a_command_that_there_is_not_is_told_with_the_nearest_one() -> None:
    told = CliRunner().invoke(app, ["modles"])
    assert told.exit_code == 2
    assert "models" in told.output


def test_every_command_is_in_the_list() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    assert all(f"\n  {late.name} " in shown for late in Commands.late)


def test_output_that_nobody_reads_any_more_ends_a_command_without_a_word() -> None:
    code = (
        "import asyncio, sys, typer\n"
        "from scrivano.cli import session\n"
        "from scrivano.cli.output import out\n"
        "async def body(_):\n"
        "    for _ in range(100_000):\n"
        "        out.print('a line that is long enough to fill the pipe')\n"
        "class Nothing:\n"
        "    async def __aenter__(self): return None\n"
        "    async def __aexit__(self, *_): print('closed', file=sys.stderr)\n"
        "app = typer.Typer(pretty_exceptions_enable=False)\n"
        "@app.command()\n"
        "def much() -> None: asyncio.run(session._guarded(Nothing, body))\n"
        "app()\n"
    )
    made = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert made.stdout is not None and made.stderr is not None
    made.stdout.readline()
    made.stdout.close()
    said = made.stderr.read().decode()
    made.stderr.close()
    assert (made.wait(), said) == (1, "closed\n")


def test_groups_take_no_options_of_their_own() -> None:
    assert "--install-completion" not in CliRunner().invoke(app, ["usage", "--help"]).output
    assert isinstance(typer.main.get_command(app), Commands)


@pytest.mark.parametrize(
    ("module", "without"),
    [
        ("scrivano.cli.app", {"scrivano.wiring", "sqlalchemy", "numpy", "aiohttp"}),
        ("scrivano.cli.ask", {"scrivano.wiring", "numpy", "aiohttp", "fastapi", "dbos"}),
        ("scrivano.cli.gateway", {"scrivano.wiring", "numpy", "fastapi", "dbos", "alembic", "genai_prices"}),
    ],
)
def test_what_a_command_does_not_need_is_not_loaded(module: str, without: set[str]) -> None:
    code = f"import sys, {module}; print(*({without!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
