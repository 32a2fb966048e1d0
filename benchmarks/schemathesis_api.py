"""Schemathesis over the whole API: all checks, every phase, stateful too, against a real server.

    python -m benchmarks.schemathesis_api [--examples N] [--phases LIST] [--seed N] [--workers N]
        [--path REGEX | --slice K/N]

An installation with sign-in on is furnished with one thing of each kind; an administrator's API key calls every operation
that the OpenAPI document names, with values that fit it and with values that do not. Half of the ids are those of things
that are there. A scripted model answers; no worker carries out what is ordered. Needs `make clients`. Prints what schemathesis
prints and ends with its exit code.

The whole takes longer than an hour. `--slice 2/8` is the second of eight pieces that together are the whole: each room of the API
(`/api/books` with all below it) is in one piece, so that the stateful phase follows its links; each piece has an
installation of its own. `--only` lists the paths of a piece without trying them.
"""

import argparse
import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import uvicorn

from benchmarks.databases import fresh_databases
from scrivano.api.app import make_app
from scrivano.llm.scripted.server import ScriptedServer
from tests.integration.accounts.guests import open_installation, set_up
from tests.integration.api.access_makers import MAKERS, World

SCHEMATHESIS = Path(sys.prefix) / "clients" / "bin" / "schemathesis"
PUT_AWAY = ("/api/prompt-templates/{name}", "/api/prompt-parts/{name}")
"""Whose DELETE puts them away, as its description says: they can still be read by name, since runs rest on them."""
ENOUGH = 120.0
"""Seconds that one answer may take at most on a busy machine."""


@asynccontextmanager
async def served(url: str, home: Path) -> AsyncIterator[tuple[str, str, dict[str, str]]]:
    """A furnished installation on a port of its own: its address, an administrator's key, and ids by name."""
    async with ScriptedServer({}) as model, open_installation(url, home, discover_urls=model.url) as house:
        admin = await set_up(house)
        project = (await admin.ok("POST", "/api/projects", {"name": "Schemathesis"}))["id"]
        world = World(house, admin, UUID(project))
        ids = {name: await world.of(name) for name in sorted(MAKERS)}
        scopes = ["read", "write", "admin"]
        key = (await admin.ok("POST", "/api/keys", {"name": "schemathesis", "scopes": scopes}))["secret"]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        app = make_app(None, house=house)
        app.openapi()  # made once, which takes longer on a busy machine than schemathesis waits
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=port,
            log_level="error",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{port}", key, ids
        finally:
            server.should_exit = True
            await serving


def settings(ids: dict[str, str]) -> str:
    """Schemathesis's configuration: half of the ids in paths are real ones."""
    lines = ["[generation]", "codec = 'utf-8'", ""]
    for name, value in ids.items():
        lines += [f"[dictionaries.{name}]", f"values = [{json.dumps(value)}]", ""]
    lines.append("[parameters]")
    lines += [f'"path.{name}" = {{ dictionary = "{name}", probability = 0.5 }}' for name in ids]
    for path in PUT_AWAY:
        lines += ["", "[[operations]]", f'include-path = "{path}"', "checks.use_after_free.enabled = false"]
    return "\n".join(lines) + "\n"


def rooms(paths: dict[str, dict[str, object]], pieces: int) -> list[list[str]]:
    """The paths of the OpenAPI document in so many pieces of about the same number of operations, rooms kept whole."""
    by_room: dict[str, list[str]] = {}
    for path in sorted(paths):
        by_room.setdefault("/".join(path.split("/")[:3]), []).append(path)
    sizes = {room: sum(len(paths[path]) for path in inside) for room, inside in by_room.items()}
    filled: list[list[str]] = [[] for _ in range(pieces)]
    load = [0] * pieces
    for room in sorted(by_room, key=lambda room: (-sizes[room], room)):
        lightest = load.index(min(load))
        filled[lightest] += by_room[room]
        load[lightest] += sizes[room]
    return filled


def piece(given: str) -> list[str]:
    """The paths of the piece `K/N`."""
    number, pieces = map(int, given.split("/"))
    document = json.loads((Path(__file__).resolve().parents[1] / "openapi.json").read_text("utf-8"))
    return rooms(document["paths"], pieces)[number - 1]


async def run(url: str, home: Path, more: list[str]) -> int:
    """One run of schemathesis over a furnished installation; its exit code."""
    home.mkdir(parents=True, exist_ok=True)
    async with served(url, home / "home") as (address, key, ids):
        hooks = Path(__file__).with_name("schemathesis_hooks.py")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SCRIVANO_")}
        environment |= {"SCHEMATHESIS_HOOKS": hooks.stem, "PYTHONPATH": str(hooks.parent)}
        config = home / "schemathesis.toml"
        config.write_text(settings(ids))
        process = await asyncio.create_subprocess_exec(
            SCHEMATHESIS,
            f"--config-file={config}",
            "run",
            f"{address}/openapi.json",
            "--checks=all",
            # What a rule between values refuses, no schema can say: the check of schemathesis_hooks.py stands in.
            "--exclude-checks=positive_data_acceptance",
            f"--header=Authorization: Bearer {key}",
            "--header=Accept: application/json",
            f"--request-timeout={ENOUGH}",
            f"--max-response-time={ENOUGH}",
            "--suppress-health-check=all",
            "--warnings=off",
            *more,
            cwd=home,
            env=environment,
        )
        return await process.wait()


async def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=30)
    parser.add_argument("--phases", default="examples,coverage,fuzzing,stateful")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--path", default="", help="Only operations whose path fits this.")
    parser.add_argument("--slice", default="1/1", help="The K-th of N pieces of the whole, as K/N.")
    parser.add_argument("--only", action="store_true", help="List the paths of the piece and end.")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--report", default="", help="Where to put the report as lines of JSON.")
    given = parser.parse_args()
    paths = piece(given.slice) if given.slice != "1/1" else []
    if given.only:
        print("\n".join(paths))
        return 0
    more = [
        f"--max-examples={given.examples}",
        f"--phases={given.phases}",
        f"--seed={given.seed}",
        f"--workers={given.workers}",
        "--continue-on-failure",
        *([f"--include-path-regex={given.path}"] if given.path else []),
        *(f"--include-path={path}" for path in paths),
        *([f"--report-ndjson-path={given.report}", "--report=ndjson"] if given.report else []),
    ]
    with TemporaryDirectory(prefix="scrivano-schemathesis-") as folder:
        async with fresh_databases(1) as (url,):
            return await run(url, Path(folder), more)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
