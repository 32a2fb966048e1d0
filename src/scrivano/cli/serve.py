"""`scrivano serve` and `scrivano worker`."""

import asyncio
import os
import signal
import sys
from typing import Annotated

import typer

from scrivano.api.gateway.app import ShortWay, settle
from scrivano.cli.listening import run_over_database, server_of
from scrivano.cli.output import err
from scrivano.cli.session import with_house
from scrivano.core.settings import Settings, load_settings
from scrivano.wiring import House
from scrivano.worker import pipelines
from scrivano.worker import worker as make_worker

_POLITE = 5
"""How far the worker steps back behind the server that it runs beside: who reads a page waits, a run does not mind."""


def worker(
    beside: Annotated[bool, typer.Option("--beside", hidden=True, help="End with standard input.")] = False,
) -> None:
    """Carry out runs until stopped. Start as many as you like, on any machine that reaches the database."""

    if beside:
        os.nice(_POLITE)

    async def body(house: House) -> None:
        own = make_worker(house)
        await own.launch(pipelines(house))
        err.print("The worker is ready.")
        try:
            async with house.courier.running(), house.desk.schedules.running(), house.bin.running():
                await _told_to_stop(beside)
        finally:
            await own.stop()

    with_house(body)


async def _told_to_stop(beside: bool) -> None:
    """Return at SIGTERM or Ctrl-C, and, beside a server, when that one is gone however it went."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    if beside:
        loop.add_reader(sys.stdin.fileno(), told.set)
    await told.wait()
    if beside:
        loop.remove_reader(sys.stdin.fileno())


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1 by default.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 8020 by default.")] = None,
    workers: Annotated[bool, typer.Option("--worker/--no-worker", help="Start a worker beside it.")] = True,
) -> None:
    """Serve the REST API, with a worker beside it."""
    settings = load_settings()
    settings = settings.model_copy(update={"host": host or settings.host, "port": port or settings.port})
    run_over_database(settings, lambda given: _serve(given, workers))


async def _serve(settings: Settings, with_worker: bool) -> None:
    from scrivano.api.app import make_app

    app = make_app(settings, opened=_opened)
    server = server_of(ShortWay(app), settings)
    child = (
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "scrivano", "worker", "--beside", stdin=asyncio.subprocess.PIPE
        )
        if with_worker
        else None
    )
    try:
        err.print(
            f"Scrivano listens on http://{settings.host}:{settings.port} (API documentation at /docs). "
            "Stop it with Ctrl-C."
        )
        await server.serve()
    finally:
        if child is not None and child.returncode is None:
            child.terminate()
            await child.wait()


async def _opened(house: House) -> None:
    settle()
    await _show_set_up_link(house)


async def _show_set_up_link(house: House) -> None:
    """Where people sign in and nobody can yet, whoever reads this terminal becomes the first administrator."""
    from scrivano.api.callers import always_signs_in

    if not always_signs_in(house.settings):
        return
    made = await house.entrance.links.set_up()
    if made is not None:
        err.print("Nobody has an account yet. Open this link within a day to make yours; it works once:")
        err.print(made.url, markup=False, soft_wrap=True)
