"""`scrivano gateway`: models for other programs, and nothing else."""

from typing import Annotated

import typer

from scrivano.api.gateway.app import ShortWay, make_gateway
from scrivano.cli.listening import run_over_database, server_of
from scrivano.cli.output import err
from scrivano.core.settings import Settings, load_settings


def gateway(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1 by default.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 8021 by default.")] = None,
) -> None:
    """Serve models to other programs under /v1, without the studio: a small process that starts at once.

    It uses the same database, keys, budgets and log as `scrivano serve`; start as many as you like.
    """
    settings = load_settings()
    given = {"host": host or settings.host, "port": port or settings.gateway_port}
    run_over_database(settings.model_copy(update=given), _serve)


async def _serve(settings: Settings) -> None:
    # No WebSocket leads here; without their library the process is smaller. Whom a proxy speaks for, the gateway does
    # not ask: what came through one is from elsewhere.
    server = server_of(ShortWay(make_gateway(settings)), settings, ws="none", proxy_headers=False)
    err.print(f"The gateway listens on http://{settings.host}:{settings.port}/v1. Stop it with Ctrl-C.")
    await server.serve()
