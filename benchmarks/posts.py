"""The starter workflow from the idea to a Hugo page, a WordPress post and a Ghost post: killed everywhere and resumed.

    python -m benchmarks.posts [--every N] [--lanes 4]

For each point that an undisturbed run reaches (begin, end and record of every step; every call before it is sent, in the
middle of its stream, when its answer is there, when its row is finished; each place that has the post before the record
does) a fresh post is published unattended, killed there with SIGKILL, and resumed in a new process. Then once more with
sites that break off after accepting, and once step by step, each action accepted by hand.

A resumed run waits for seconds until its dead worker's lock is free. So several lanes go at once, each in a process of its own with its
own database, sites and model; lane 2 of 4 takes every fourth occurrence of each point, beginning with the second.
"""

import argparse
import asyncio
import multiprocessing
import re
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from scrivano.core.postgres import EmbeddedPostgres
from scrivano.core.settings import Settings
from scrivano.posts.public import NewPost, PostRunResult, PostView, RunOrder, Started
from scrivano.publishing.scripted.server import ScriptedSites
from scrivano.runs.public import RunStatus, raise_for_failure
from scrivano.wiring import House, open_house
from scrivano.worker import pipelines, worker
from tests.acceptance.studio import Studio, serving, studio
from tests.integration.posts.post_room import furnish, script

POINTS = (
    "run.step_begin:*",
    "run.step_end:*",
    "run.step_recorded:*",
    "llm.before_send",
    "llm.mid_stream",
    "llm.answer_received",
    "llm.finished",
    "publish.accepted:*",
)
T = TypeVar("T")


@dataclass
class Outcome:
    """What the kills showed: points by what went wrong there."""

    kills: int = 0
    copies: list[str] = field(default_factory=list[str])
    uncited: list[str] = field(default_factory=list[str])
    different: list[str] = field(default_factory=list[str])
    again: list[str] = field(default_factory=list[str])
    wanted: str = ""

    @property
    def faults(self) -> int:
        """How many there are so far."""
        return sum(map(len, (self.copies, self.uncited, self.different, self.again)))


@dataclass
class Place:
    """A studio with scripted sites beside it."""

    studio: Studio
    sites: ScriptedSites
    targets: list[str]

    def inside(self, body: Callable[[House], Awaitable[T]]) -> T:
        """`body` over the services, in this process."""
        return asyncio.run(_inside(self.studio, body))

    def order(self, number: int) -> tuple[PostView, Started]:
        """A fresh post whose unattended run is queued."""

        async def body(house: House) -> tuple[PostView, Started]:
            return await _ordered(house, self.targets, number)

        return self.inside(body)

    def pages(self, post: PostView) -> dict[str, list[str]]:
        """The copies of a post by target."""
        mark = str(post.id)
        files = (self.studio.home / "sites" / "site").rglob("*.md")
        return {
            "hugo": [text for path in files if mark in (text := path.read_text())],
            "wordpress": [p["content"] for p in self.sites.wordpress.posts.values() if mark in p["content"]],
            "ghost": [p["html"] for p in self.sites.ghost.posts.values() if mark in str(p["tags"])],
        }


async def _inside(place: Studio, body: Callable[[House], Awaitable[T]]) -> T:
    url = place.environment.get("SCRIVANO_DATABASE_URL") or EmbeddedPostgres(place.home).url()
    discover = place.model.url if place.model else "off"
    async with open_house(Settings(home=place.home, database_url=url, discover_urls=discover)) as house:  # type: ignore[arg-type]
        return await body(house)


async def _ordered(house: House, targets: list[str], number: int) -> tuple[PostView, Started]:
    given: dict[str, Any] = {"topic": "Which glue holds an old table", "targets": targets}
    post = await house.posts.create(NewPost.model_validate({**given, "title": f"Glue {number}"}))
    return post, await house.posts.run(post.id, RunOrder(mode="unattended"))


def check(place: Place, post: PostView, started: Started, outcome: Outcome, point: str) -> None:
    """Look at one post, and say at once what is wrong with it."""
    before = outcome.faults
    _look(place, post, started, outcome, point)
    if outcome.faults > before:
        print(f"{point}: NOT AS IT SHOULD BE", flush=True)


def _look(place: Place, post: PostView, started: Started, outcome: Outcome, point: str) -> None:
    """One copy at each target, its sources cited, the same text as without a kill, and no call paid twice."""
    pages = place.pages(post)
    if any(len(copies) != 1 for copies in pages.values()):
        outcome.copies.append(f"{point}: " + ", ".join(f"{k} {len(v)}" for k, v in pages.items()))
    if not all("https://example.org/hide" in text for copies in pages.values() for text in copies):
        outcome.uncited.append(point)
    body = "".join(pages["hugo"]).split("---\n", 2)[-1]
    outcome.wanted = outcome.wanted or body
    if body != outcome.wanted:
        outcome.different.append(point)
    rows = place.studio.query(
        "SELECT r.status, r.key FROM llm_requests r JOIN llm_names n ON n.id = r.run WHERE n.name = %s",
        started.run_id,
    )
    finished = Counter(key for status, key in rows if status == "finished" and key)
    outcome.again += [f"{point}: {key}" for key, times in finished.items() if times > 1]


def kill_and_resume(place: Place, point: str, number: int, outcome: Outcome) -> bool:
    """One kill. False if the run never came to the point."""
    post, started = place.order(number)
    code = place.studio.run(
        "runs", "resume", started.run_id, crash_at=f"kill:{point}", check=False
    ).returncode
    assert code in (0, -9), f"{point}: the process ended with {code}"
    if code == -9:
        place.studio.run("runs", "resume", started.run_id)
        outcome.kills += 1
    check(place, post, started, outcome, point)
    print(f"{point}: {'killed and resumed' if code else 'not reached'}", flush=True)
    return code != 0


def breaking_off(place: Place, outcome: Outcome) -> None:
    """WordPress and Ghost take the post, and break off without an answer."""
    place.sites.wordpress.accept_then_hang = place.sites.ghost.accept_then_hang = 1
    post, started = place.order(9000)
    place.studio.run("runs", "resume", started.run_id)
    check(place, post, started, outcome, "sites that break off after accepting")
    assert place.sites.wordpress.accept_then_hang == place.sites.ghost.accept_then_hang == 0


def step_by_step(place: Place) -> dict[str, int]:
    """Each action by itself, accepted, the post moved on by hand; the number of copies by target."""

    async def body(house: House) -> PostView:
        given = {"topic": "Which glue holds an old table", "title": "By hand", "targets": place.targets}
        post = await house.posts.create(NewPost.model_validate(given))
        content = (await house.posts.workflows.get(post.workflow_id)).content
        own = worker(house)
        await own.launch(pipelines(house))
        try:
            for number, stage in enumerate(content.stages):
                for action in stage.actions:
                    await _by_hand(house, post, action.name)
                if number + 1 < len(content.stages):
                    await house.posts.move(post.id)
        finally:
            await own.stop()
        return post

    return {kind: len(copies) for kind, copies in place.pages(place.inside(body)).items()}


async def _by_hand(house: House, post: PostView, action: str) -> None:
    run = await house.runs.wait((await house.posts.automate(post.id, action)).run_id)
    raise_for_failure(run)
    assert run.status is RunStatus.SUCCEEDED
    PostRunResult.model_validate(run.output)
    for proposal in await house.posts.proposals.list(post.id, status="open"):
        await house.posts.proposals.accept(post.id, proposal.id)
    for source in await house.posts.sources(post.id):
        if not source.kept:
            await house.posts.keep_source(post.id, source.number, kept=True)


def measure(
    every: int,
    points: tuple[str, ...] = POINTS,
    offset: int = 1,
    most: int = 1000,
    *,
    url: str | None = None,
    whole: bool = True,
) -> tuple[Outcome, dict[str, int]]:
    """Kill at every `every`-th occurrence of each point, beginning with number `offset`, `most` times a point.

    `url` is a migrated database; without one a PostgreSQL is started. Unless `whole`, nothing is done step by step.
    """
    outcome = Outcome()
    by_hand: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="scrivano-posts-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        sites = ScriptedSites()
        with studio(folder / "home", script(), url=url) as opened, serving(sites):  # type: ignore[arg-type]
            place = Place(opened, sites, [])
            model = opened.model
            assert model is not None

            async def prepare(house: House) -> None:
                place.targets += await furnish(house, model.url, sites)

            place.inside(prepare)
            # The post that no worker was killed under is the one that others are compared with.
            breaking_off(place, outcome)
            number = 0
            for point in points:
                for nth in range(offset, offset + every * most, every):
                    number += 1
                    if not kill_and_resume(place, f"{point}#{nth}", number, outcome):
                        break
            if whole:
                by_hand = step_by_step(place)
            assert re.search(r"\[\^1\]: \[Hide glue\]", outcome.wanted)
    return outcome, by_hand


def in_lanes(every: int, lanes: int) -> tuple[Outcome, dict[str, int]]:
    """The same in several processes at once."""
    together, by_hand = Outcome(), dict[str, int]()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(lanes, mp_context=context) as pool:
        going = [
            pool.submit(measure, every * lanes, offset=1 + every * lane, whole=lane == 0)
            for lane in range(lanes)
        ]
        for each in going:
            outcome, found = each.result()
            by_hand |= found
            together.kills += outcome.kills
            together.copies += outcome.copies
            together.uncited += outcome.uncited
            together.different += outcome.different
            together.again += outcome.again
            together.wanted = together.wanted or outcome.wanted
            if outcome.wanted != together.wanted:
                together.different.append("the undisturbed posts of two lanes")
    return together, by_hand


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--every", type=int, default=1, help="kill at every N-th occurrence of each point")
    parser.add_argument("--lanes", type=int, default=4, help="how many go at once")
    chosen = parser.parse_args()
    begun = time.monotonic()
    outcome, by_hand = in_lanes(chosen.every, chosen.lanes)
    print(f"kills: {outcome.kills} in {time.monotonic() - begun:.0f} s")
    print(f"posts with other than one copy at a target: {len(outcome.copies)} {outcome.copies[:5]}")
    print(f"posts without their sources: {len(outcome.uncited)} {outcome.uncited[:5]}")
    print(f"posts with another text: {len(outcome.different)} {outcome.different[:5]}")
    print(f"finished calls made again: {len(outcome.again)} {outcome.again[:5]}")
    print(f"step by step, copies by target: {by_hand}")


if __name__ == "__main__":
    main()
