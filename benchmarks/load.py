"""A hundred people browse the studio while twenty books are being written: how long does a page wait, and does it get all?

    python -m benchmarks.load [--people N] [--runs N] [--seconds N] [--tokens-per-second N] [--seed N]

`scrivano serve` with its worker, sign-in on, over a database of its own; the model is the scripted one, which writes each of
its answers at 100 tokens a second, as many at once as it is asked for (with 0 it writes them at once, so that all books are
as much work for the machine as they can be). Each person has an API key, opens a page, makes the calls that the studio makes for it at once, thinks two to six seconds, and
opens the next. Printed are the times of single calls and of whole pages, by page, and everything that was not answered with
200. People and server share this machine's cores. How fast these are at the time is told beside it, as seconds for ten million
additions before and after: on a machine that is shared with others it changes by half from one hour to the next, and the
time that a call waits for the one before it changes more than that.
"""

import argparse
import asyncio
import gc
import os
import random
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter
from typing import Any
from uuid import UUID

import aiohttp

from benchmarks.databases import fresh_databases
from benchmarks.gateway import free_port
from scrivano.accounts.public import Caller
from scrivano.projects.public import NewProject
from tests.integration.accounts.guests import open_installation, set_up
from tests.workshop import small_brief

PAGES: dict[str, tuple[str, ...]] = {
    "home": (
        "/api/books?project_id={project}&limit=20",
        "/api/posts?project_id={project}&limit=20",
        "/api/music/arrangements?project_id={project}&limit=20",
        "/api/runs?project_id={project}&limit=20",
        "/api/notifications?project_id={project}",
        "/api/projects",
    ),
    "books": ("/api/books?project_id={project}&limit=50", "/api/domains", "/api/books/choices"),
    "book": (
        "/api/books/{book}",
        "/api/books/{book}/chapters",
        "/api/books/{book}/runs",
        "/api/books/{book}/covers",
        "/api/books/{book}/files",
        "/api/books/{book}/scores",
    ),
    "chapter": (
        "/api/books/{book}",
        "/api/books/{book}/chapters/1",
        "/api/books/{book}/chapters/1/versions",
        "/api/books/{book}/chapters/1/lineage?offset=0",
        "/api/documents/{document}/comments",
        "/api/documents/{document}/proposals",
    ),
    "references": (
        "/api/references?project_id={project}",
        "/api/references/search?project_id={project}&q=bench",
    ),
    "prompts": ("/api/prompt-templates", "/api/prompt-parts", "/api/models"),
    "usage": ("/api/usage?project_id={project}&since=2026-01-01T00:00:00Z",),
    "runs": ("/api/runs?project_id={project}&limit=50",),
}


@dataclass
class Times:
    """What was measured, in milliseconds, and what went wrong."""

    calls: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    pages: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    wrong: list[str] = field(default_factory=list[str])


@dataclass
class Place:
    """The server's address and what there is to look at."""

    address: str
    keys: list[str]
    ids: dict[str, str]


async def furnish(url: str, home: Path, model: str, people: int) -> tuple[list[str], dict[str, str]]:
    """A project with a finished book and references, and a key for each person."""
    async with open_installation(url, home, discover_urls=model, sign_in="always") as house:
        admin = await set_up(house)
        me = UUID(admin.person["id"])
        project = (await house.projects.create(NewProject(name="Load"), owner=me)).id
        keys: list[str] = []
        for number in range(people):
            async with house.database.begin() as session:
                person = await house.entrance.people.add(
                    session,
                    email=f"p{number}@example.org",
                    name=f"P {number}",
                    role="member",
                    password_hash=None,
                    by=Caller(),
                )
                person_id = person.id
            await house.projects.set_member(project, person_id, "editor", Caller())
            made = await house.accounts.create_key(
                "browser", scopes=("read", "write"), user_id=str(person_id)
            )
            keys.append(made.secret)
        for number in range(12):
            text = "\n\n".join(f"Passage {k} of file {number} speaks of benches." for k in range(40))
            added = await house.library.add(project, f"notes-{number}.md", text.encode(), queue=False)
            await house.intake.convert(added.id)
        book = await house.books.order(small_brief(words=900, chapters=3), model="small", project_id=project)
        return keys, {"project": str(project), "book": str(book.id), "run": book.run_id}


async def browse(place: Place, key: str, dice: random.Random, until: float, times: Times) -> None:
    """One person, until time is up."""
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(place.address, headers=headers, timeout=timeout) as session:
        await asyncio.sleep(dice.uniform(0, 4))
        while monotonic() < until:
            page = dice.choice(list(PAGES))
            begun = monotonic()
            await asyncio.gather(
                *(call(session, path.format(**place.ids), path, times) for path in PAGES[page])
            )
            times.pages.setdefault(page, []).append((monotonic() - begun) * 1000)
            await asyncio.sleep(dice.uniform(2, 6))


async def call(session: aiohttp.ClientSession, path: str, name: str, times: Times) -> None:
    """One call of a page."""
    begun = monotonic()
    try:
        async with session.get(path) as answer:
            body = await answer.read()
            if answer.status != 200:
                times.wrong.append(f"{answer.status} {path}: {body[:200]!r}")
    except (aiohttp.ClientError, TimeoutError) as error:
        times.wrong.append(f"{path}: {error!r}")
    times.calls.setdefault(name.split("?")[0], []).append((monotonic() - begun) * 1000)


async def order_books(place: Place, number: int, key: str) -> list[str]:
    """Order so many books over the API; gives their runs."""
    headers = {"Authorization": f"Bearer {key}"}
    brief = small_brief(words=4000, chapters=8).model_dump(mode="json")
    runs: list[str] = []
    async with aiohttp.ClientSession(place.address, headers=headers) as session:
        for _ in range(number):
            body = {"brief": brief, "model": "small", "project_id": place.ids["project"]}
            async with session.post("/api/books", json=body) as answer:
                given: Any = await answer.json()
                if answer.status != 202:
                    raise SystemExit(f"A book could not be ordered: {given}")
                runs.append(given["run_id"])
    return runs


async def wait_for(place: Place, path: str, done: Any) -> Any:
    """Ask until `done` of the answer's body."""
    headers = {"Authorization": f"Bearer {place.keys[0]}"}
    async with aiohttp.ClientSession(place.address, headers=headers) as session:
        while True:
            try:
                async with session.get(path) as answer:
                    body = await answer.json() if answer.status == 200 else None
                    if body is not None and done(body):
                        return body
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.5)


def additions() -> float:
    """Seconds that this machine takes for ten million of them, one after the other, right now."""
    begun, total = perf_counter(), 0
    for number in range(10_000_000):
        total += number
    return perf_counter() - begun


def _succeeded(run: dict[str, Any]) -> bool:
    return run["status"] == "succeeded"


@asynccontextmanager
async def scripted_model(home: Path, tokens_per_second: float) -> AsyncGenerator[str]:
    """The model's address. A process of its own: what it computes must not stand in the people's times."""
    port, script = free_port(), home / "model.toml"
    script.write_text(f'models = ["small"]\ntokens_per_second = {tokens_per_second}\n')
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scrivano", "scripted-model", "--port", str(port), "--script", str(script)
    )
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            while True:
                try:
                    async with session.get("/ledger"):
                        break
                except aiohttp.ClientError:
                    await asyncio.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        await child.wait()


async def measure(
    url: str, home: Path, people: int, runs: int, seconds: float, tokens_per_second: float, seed: int
) -> int:
    """The whole benchmark; 0 if nothing went wrong."""
    async with scripted_model(home, tokens_per_second) as model:
        keys, ids = await furnish(url, home, model, people)
        port = free_port()
        environment = {
            **os.environ,
            "SCRIVANO_HOME": str(home),
            "SCRIVANO_DATABASE_URL": url,
            "SCRIVANO_DISCOVER_URLS": model,
            "SCRIVANO_SIGN_IN": "always",
        }
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "scrivano", "serve", "--port", str(port), env=environment
        )
        place = Place(f"http://127.0.0.1:{port}", keys, ids)
        try:
            await wait_for(place, f"/api/runs/{ids['run']}", _succeeded)
            chapters = await wait_for(place, f"/api/books/{ids['book']}/chapters", bool)
            ids["document"] = chapters[0]["document_id"]
            times = Times()
            ordered = await order_books(place, runs, keys[0])
            # What furnished the place is looked through no more: that stopped the people's clocks for 0.3 s at a time.
            gc.collect()
            gc.freeze()
            before = additions()
            until = monotonic() + seconds
            await asyncio.gather(
                *(
                    browse(place, key, random.Random(seed * 1000 + n), until, times)
                    for n, key in enumerate(keys)
                )
            )
            states = [(await wait_for(place, f"/api/runs/{run}", bool))["status"] for run in ordered]
        finally:
            server.terminate()
            await server.wait()
    print(f"ten million additions: {before:.2f} s before, {additions():.2f} s after")
    report(times, people, states, seconds)
    return 1 if times.wrong or "failed" in states else 0


def report(times: Times, people: int, states: list[str], seconds: float) -> None:
    """Print the figures."""
    told = ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))
    print(f"{people} people for {seconds:.0f} s, {len(states)} runs ({told}), load {os.getloadavg()[0]:.0f}")
    for title, found in (("call", times.calls), ("page", times.pages)):
        everything = sorted(t for each in found.values() for t in each)
        for name, each in sorted(found.items(), key=lambda item: -_at(item[1], 0.95)):
            print(
                f"  {title} {name}: {len(each)} times, p50 {_at(each, 0.5):.0f} ms, p95 {_at(each, 0.95):.0f} ms"
            )
        print(
            f"every {title}: {len(everything)} times, p50 {_at(everything, 0.5):.0f} ms, "
            f"p95 {_at(everything, 0.95):.0f} ms, p99 {_at(everything, 0.99):.0f} ms"
        )
    print(f"not answered with 200: {len(times.wrong)}")
    for line in times.wrong[:10]:
        print(f"  {line}")


def _at(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


async def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--tokens-per-second", type=float, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with TemporaryDirectory(prefix="scrivano-load-") as folder:
        async with fresh_databases(1) as (url,):
            return await measure(
                url,
                Path(folder),
                given.people,
                given.runs,
                given.seconds,
                given.tokens_per_second,
                given.seed,
            )


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
