"""One thing of each kind in a project, for the tests of who may reach it. A new kind of path parameter needs a line
in `MAKERS` (an id of something that a project or person has) or in `VALUES` (anything else)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from scrivano.accounts.public import Caller
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
}
VALUES: dict[str, str] = {
    "number": "1",
    "version": "1",
    "name": "book.pdf",
    "gate": "outline",
    "feature": "books",
    "scope": "project",
    "scope_id": "any",
    "id": "0190163d-8694-739b-aea5-966c26f8ad91",
}
