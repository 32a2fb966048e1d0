"""`scrivano scripted-model`: the model server that does as its script says."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer


def scripted_model(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one and prints it.")] = 8081,
    script: Annotated[
        Path | None, typer.Option(help="TOML file; without one every request is answered.")
    ] = None,
    ledger: Annotated[Path | None, typer.Option(help="File for one JSON line a request.")] = None,
) -> None:
    """Run a scripted model server, for trying things out and for tests. It holds no model."""
    from scrivano.llm.scripted.server import run

    asyncio.run(run(port=port, script=script, ledger=ledger))
