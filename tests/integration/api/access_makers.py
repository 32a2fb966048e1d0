"""One thing of each kind in a project, for the tests of who may reach it. A new kind of path parameter needs a line
in `MAKERS` (an id of something that a project or person has) or in `VALUES` (anything else)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from scrivano.accounts.public import Caller
from scrivano.assessment.public import ComparisonOrder
from scrivano.books.public import Brief
from scrivano.documents.public import Owner
from scrivano.llm.public import CallContext, Message
from scrivano.music.public import MusicRequest
from scrivano.wiring import House
from tests.integration.accounts.guests import Browser

CANARY = "canary-3b9e07"


@dataclass
class World:
    """A project of an administrator, and everybody who tries to get at it."""

    house: House
    admin: Browser
    project: UUID
    made: dict[str, str] = field(default_factory=dict[str, str])

    async def of(self, name: str) -> str:
        """The id of the thing that a path parameter of this name means; made at its first use."""
        if name not in self.made:
            self.made[name] = await MAKERS[name](self)
        return self.made[name]


async def _project(world: World) -> str:
    return str(world.project)


async def _book(world: World) -> str:
    brief = Brief.model_validate({"title": CANARY, "subject": CANARY, "words": 900, "chapters": 3})
    book = await world.house.books.order(brief, model="built-in writer", project_id=world.project)
    world.made["run_id"] = book.run_id
    return str(book.id)


async def _run(world: World) -> str:
    await world.of("book_id")
    return world.made["run_id"]


async def _song(world: World) -> str:
    request = MusicRequest.model_validate(
        {"description": f"simple jazz progression {CANARY}", "genre": "jazz"}
    )
    song = await world.house.music.order(request, title=CANARY, model="rules", project_id=world.project)
    return str(song.id)


async def _request(world: World) -> str:
    context = CallContext(feature="test", purpose="test", project_id=str(world.project))
    await world.house.llm.registry.discover()
    answer = await world.house.llm.generate_response([Message(role="user", content=CANARY)], context=context)
    return str(answer.request_id)


async def _session(world: World) -> str:
    return (await world.admin.ok("GET", "/api/sessions"))[0]["id"]


async def _key(world: World) -> str:
    return (await world.admin.ok("POST", "/api/keys", {"name": CANARY}))["key"]["id"]


async def _person(world: World) -> str:
    return world.admin.person["id"]


async def _invitation(world: World) -> str:
    made = await world.admin.ok("POST", "/api/invitations", {"email": f"{CANARY}@example.org"})
    return made["link"]["id"]


def _posted(path: str, body: Any, of: str = "id") -> Callable[[World], Awaitable[str]]:
    """A thing that is made by posting. `{…}` in the path are other things; `project` in the body is filled in."""

    async def make(world: World) -> str:
        where = path
        for name in MAKERS:
            if f"{{{name}}}" in where:
                where = where.replace(f"{{{name}}}", await world.of(name))
        filled = {k: str(world.project) if v == "project" else v for k, v in body.items()}
        made = await world.admin.ok("POST", where, filled)
        for key in of.split("."):
            made = made[key]
        return str(made)

    return make


async def _reference(world: World) -> str:
    answer = await world.admin.http.post(
        f"/api/references?project_id={world.project}&name={CANARY}.md",
        content=f"# {CANARY}\n\nText.".encode(),
        headers={
            "Content-Type": "application/octet-stream",
            "X-CSRF-Token": world.admin.http.cookies["scrivano-csrf"],
        },
    )
    assert answer.status_code < 300, answer.text
    return answer.json()["id"]


async def _document(world: World) -> str:
    owner = Owner(feature="books", id=await world.of("book_id"))
    made = await world.house.documents.create("chapter", CANARY, owner=owner)
    await world.admin.ok(
        "PUT", f"/api/documents/{made.id}/text", {"text": f"{CANARY} rained.", "expected_number": 0}
    )
    return str(made.id)


async def _notification(world: World) -> str:
    await world.house.notifications.tell(world.project, "canary", {"canary": CANARY})
    told = await world.house.notifications.list(Caller())
    return str(told[0].id)


def _row(table: str, **values: Any) -> Callable[[World], Awaitable[str]]:
    """A row of a table for what only a run makes: columns that must be there get a value of their type. `project` is
    filled in, `{…}` are other things."""

    async def make(world: World) -> str:
        given: dict[str, Any] = {"id": uuid4(), "project_id": world.project}
        for name, value in values.items():
            given[name] = await world.of(value[1:-1]) if str(value).startswith("{") else value
        async with await psycopg.AsyncConnection.connect(world.house.url, autocommit=True) as connection:
            found = await connection.execute(
                "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
                " AND table_schema = 'public' AND is_nullable = 'NO' AND column_default IS NULL"
                " AND is_generated = 'NEVER'",
                [table],
            )
            needed = {name: _OF_TYPE[kind] for name, kind in await found.fetchall()}
            row = {**needed, **given}
            await connection.execute(
                sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                    sql.Identifier(table),
                    sql.SQL(", ").join(map(sql.Identifier, row)),
                    sql.SQL(", ").join([sql.Placeholder()] * len(row)),
                ),
                list(row.values()),
            )
        return str(given["id"])

    return make


async def _workflow(world: World) -> str:
    there = await world.admin.ok("GET", f"/api/workflows?project_id={world.project}")
    path = f"/api/workflows/{there[0]['id']}/copies?project_id={world.project}"
    return (await world.admin.ok("POST", path, {"name": "mine"}))["id"]


_ASKED = {"messages": [{"role": "user", "content": CANARY}]}
_TASK: dict[str, Any] = {
    "status": "succeeded",
    "messages": Jsonb(_ASKED["messages"]),
    "model": "auto",
    "result": CANARY,
}


async def _group(world: World) -> str:
    group = str(uuid4())
    for variant in (0, 1):
        await _row("tasks", group_id=group, input_index=0, variant_index=variant, variant=CANARY, **_TASK)(
            world
        )
    return group


async def _comparison(world: World) -> str:
    """Two texts that wait for somebody's choice."""
    sides = [{"model": CANARY}, {"model": None}]
    order = ComparisonOrder.model_validate({"title": CANARY, "chapter_title": CANARY, "sides": sides})
    values = {"scope": "chapter", "order_given": Jsonb(order.model_dump(mode="json"))}
    made = await _row("comparisons", **values)(world)
    async with await psycopg.AsyncConnection.connect(world.house.url, autocommit=True) as connection:
        for side in "ab":
            await connection.execute(
                "INSERT INTO comparison_sides (comparison_id, side, model, prompts, text, facts)"
                " VALUES (%s, %s, %s, '{}', %s, '{}')",
                [made, side, CANARY, f"{CANARY} {side}"],
            )
    return made


async def _schedule(world: World) -> str:
    task = Jsonb({"project_id": str(world.project), **_ASKED})
    return await _row("task_schedules", cron="0 7 * * 1", timezone="UTC", task=task)(world)


_OF_TYPE: dict[str, Any] = {
    "text": CANARY,
    "uuid": UUID("0190163d-8694-739b-aea5-966c26f8ad91"),
    "integer": 1,
    "bigint": 1,
    "double precision": 0.5,
    "numeric": 1,
    "boolean": False,
    "jsonb": "{}",
    "ARRAY": [],
    "bytea": b"canary",
    "timestamp with time zone": datetime(2026, 1, 15, tzinfo=UTC),
}

MAKERS: dict[str, Callable[[World], Awaitable[str]]] = {
    "project_id": _project,
    "book_id": _book,
    "run_id": _run,
    "song_id": _song,
    "request_id": _request,
    "session_id": _session,
    "key_id": _key,
    "person_id": _person,
    "invitation_id": _invitation,
    "reference_id": _reference,
    "document_id": _document,
    "proposal_id": _posted(
        "/api/documents/{document_id}/proposals", {"text": f"{CANARY} poured.", "base_number": 1}
    ),
    "comment_id": _posted("/api/documents/{document_id}/comments", {"quote": "rained", "body": CANARY}),
    "webhook_id": _posted(
        "/api/webhooks", {"url": "https://example.org/hook", "project_id": "project"}, of="webhook.id"
    ),
    "delivery_id": _posted("/api/webhooks/{webhook_id}/ping", {}),
    "notification_id": _notification,
    "post_id": _posted("/api/posts?project_id={project_id}", {"topic": CANARY}),
    "workflow_id": _workflow,
    "target_id": _posted("/api/publishing-targets?project_id={project_id}", {"name": "feed", "kind": "atom"}),
    "dataset_id": _posted("/api/datasets", {"name": CANARY, "project_id": "project"}),
    "task_id": _row("tasks", **_TASK),
    "group_id": _group,
    "evaluation_id": _row(
        "task_evaluations",
        dataset_id="{dataset_id}",
        status="succeeded",
        variants=Jsonb([{}]),
        items=Jsonb([]),
    ),
    "schedule_id": _schedule,
    "score_id": _row("scores", findings=Jsonb([])),
    "sample_id": _row("training_samples", kind="edit"),
    "comparison_id": _comparison,
    "cover_id": _posted("/api/books/{book_id}/covers/drawn", {"style": "minimalist"}),
}
VALUES: dict[str, str] = {
    "number": "1",
    "version": "1",
    "page": "1",
    "name": "book.pdf",
    "gate": "outline",
    "feature": "books",
    "scope": "project",
    "scope_id": "any",
    "label": "production",
    "action": "write",
    "slug": "mystery",
    "pack": "ai_automation",
    "niche": "no_code_ai_tools",
    "sample_kind": "outline",
    "sample_name": "none-such",
    "sha256": "0" * 64,
    "reaction_id": "0190163d-8694-739b-aea5-966c26f8ad91",
    "choice_id": "0190163d-8694-739b-aea5-966c26f8ad91",
    "post_proposal_id": "0190163d-8694-739b-aea5-966c26f8ad91",
    "id": "0190163d-8694-739b-aea5-966c26f8ad91",
}
