"""A workshop for posts: a scripted model that writes with citations, a search engine, scripted sites."""

from typing import Any

from scrivano.posts.public import PostRunResult, Started
from scrivano.publishing.public import NewTarget
from scrivano.publishing.scripted.ghost import KEY
from scrivano.publishing.scripted.server import ScriptedSites
from scrivano.runs.public import RunView, raise_for_failure
from scrivano.wiring import House
from scrivano.worker import pipelines, worker

PASSWORD = "abcd efgh ijkl mnop qrst uvwx"
PAGES = [
    {"url": "https://example.org/hide", "title": "Hide glue", "snippet": "Hide glue holds for a century."},
    {"url": "https://example.org/fish", "title": "Fish glue", "snippet": "Fish glue stays open for an hour."},
]
OUTLINE = {
    "outline": [
        {"heading": "What holds a table", "points": ["joints carry, glue keeps them shut"], "sources": [1]},
        {"heading": "Which glue to take", "points": ["hide glue for repairs"], "sources": [1, 2, 99]},
        {"heading": "How to go about it", "points": ["warm, spread, clamp"], "sources": []},
    ]
}
SENTENCE = "The joint is cleaned down to bare wood before anything new goes into it, and it is tried dry. "


def section(mark: str) -> str:
    """A section of about fifty words that points at a source."""
    return f"{SENTENCE}Old hide glue lets go when it is warmed.{mark} {SENTENCE}\n\n- one\n- two"


def script(*rules: dict[str, Any]) -> dict[str, Any]:
    """A model that writes the whole post, after `rules` that come first."""
    return {
        "rule": [
            *rules,
            {"match": {"path": "search"}, "json": PAGES},
            {
                "match": {"contains": "Make this idea ready"},
                "json": {
                    "audience": "people who mend furniture",
                    "angle": "Glue is a part like any other.",
                    "questions": ["which glue for old tables", "how long does hide glue hold"],
                },
            },
            {"match": {"contains": "Plan the sections"}, "json": OUTLINE},
            {"match": {"contains": "Write section 1"}, "text": section("[^1]")},
            {"match": {"contains": "Write section"}, "text": section("[^2]")},
            {"match": {"contains": "Find the statements"}, "json": {"findings": []}},
            {"match": {"pattern": r"Edit this section[\s\S]*"}, "text": section("[^1]")},
            {
                "match": {"contains": "title_variants"},
                "json": {
                    "title_variants": ["Mending tables", "Which glue?", "A table that holds"],
                    "summary": "Which glue holds an old table, and how to use it.",
                    "slug": "Glue for OLD tables!",
                    "tags": ["glue", "tables"],
                    "social": ["Which glue holds an old table?", "A longer text."],
                    "image_prompt": "A table upside down in a workshop.",
                    "image_alt": "A table upside down.",
                },
            },
        ]
    }


async def furnish(house: House, model_url: str, sites: ScriptedSites | None = None) -> list[str]:
    """A search engine and publishing targets; their names."""
    await house.llm.registry.add_provider("searxng", kind="searxng", base_url=model_url)
    targets: list[dict[str, Any]] = [{"name": "site", "kind": "hugo"}]
    if sites is not None:
        settings = {"url": sites.url, "username": "author"}
        targets.append({"name": "wp", "kind": "wordpress", "settings": settings, "secret": PASSWORD})
        targets.append({"name": "gh", "kind": "ghost", "settings": {"url": sites.url}, "secret": KEY})
    for target in targets:
        await house.publishing.add_target(NewTarget.model_validate(target))
    return [target["name"] for target in targets]


async def carry_out(house: House, started: Started) -> RunView:
    """The run as it ended or waits, carried out by a worker in this process."""
    own = worker(house)
    await own.launch(pipelines(house))
    try:
        return await house.runs.wait(started.run_id)
    finally:
        await own.stop()


async def result_of(house: House, started: Started) -> PostRunResult:
    """What the run gave. Raises what it failed of."""
    run = await carry_out(house, started)
    raise_for_failure(run)
    return PostRunResult.model_validate(run.output)
