"""Use-cases of publishing: targets, dry runs, publishing once, and the record of what went where."""

from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from scrivano.core import clock
from scrivano.core.errors import ScrivanoError
from scrivano.core.ids import new_id
from scrivano.publishing import repo
from scrivano.publishing.adapters.atom import feed
from scrivano.publishing.adapters.base import Adapter, Entry, Known, Sent, Tools
from scrivano.publishing.adapters.kinds import KINDS
from scrivano.publishing.dto import (
    Article,
    BeingPublished,
    Preview,
    PublicationEvent,
    PublicationView,
    TargetNotFound,
    Unclear,
)
from scrivano.publishing.models import PublicationEventRow, PublicationRow, TargetRow
from scrivano.publishing.targets import Targets, kind_of, target_view

_LEASE = timedelta(minutes=5)


class Publishing(Targets):
    """Publishes texts to the targets of projects. A text has one copy at a place, however often it is published."""

    # --- publishing -------------------------------------------------------------------------------

    async def preview(self, target_id: UUID, article: Article) -> Preview:
        """Exactly what publishing would do now; nothing is changed anywhere. What is there is looked up."""
        target = await self._target(target_id)
        async with self._database.read() as session:
            row = await repo.get_publication(session, target_id, article.marker)
        if row is not None and _up_to_date(row, digest_of(target, article)):
            return Preview(target=target_view(target), action="nothing", steps=[], notes=[])
        adapter = self._adapter(target, row.id if row else None, dry=True)
        sent = await adapter.publish(article, _known(row))
        action = "create" if sent.how == "created" else "update"
        return Preview(target=target_view(target), action=action, steps=adapter.planned, notes=adapter.notes)

    async def publish(
        self, target_id: UUID, article: Article, *, claimant: str | None = None, force: bool = False
    ) -> PublicationView:
        """Bring the text to its place and note it. The same text again is left alone, unless `force`d.

        `claimant` names who publishes: after a crash the same one may go on at once, others after five
        minutes. Raises BeingPublished while somebody else is at it, Unclear where the place broke off and the text was
        not found there, and what the place's refusal is; the record has it in any case.
        """
        target = await self._target(target_id)
        row = await self._claimed(target, article, claimant or str(new_id()))
        digest = digest_of(target, article)
        if _up_to_date(row, digest) and not force:
            await self._note(row.id, "unchanged", {"version": article.version}, {})
            return await self._view(target_id, article.marker)
        adapter = self._adapter(target, row.id, dry=False)
        try:
            sent = await adapter.publish(article, _known(row))
        except ScrivanoError as error:
            unclear = isinstance(error, Unclear)
            status = "unclear" if unclear else "published" if row.status == "published" else "failed"
            told = {"message": error.message}
            await self._note(
                row.id, "unclear" if unclear else "failed", told, {"status": status, "error": error.message}
            )
            raise
        await self._note(row.id, sent.how, _detail(sent, adapter, article), _outcome(sent, article, digest))
        return await self._view(target_id, article.marker)

    async def publications(
        self,
        *,
        marker: str | None = None,
        target_id: UUID | None = None,
        limit: int = 500,
        offset: int = 0,
    ) -> list[PublicationView]:
        """What went where, the newest first: of a text, of a target, or of both."""
        async with self._database.read() as session:
            rows = await repo.publications(
                session, marker=marker, target_id=target_id, limit=limit, offset=offset
            )
        return [_publication_view(row, target) for row, target in rows]

    async def history(self, target_id: UUID, marker: str) -> list[PublicationEvent]:
        """What happened to a text at a place, the oldest first; empty if it never was to go there."""
        async with self._database.read() as session:
            row = await repo.get_publication(session, target_id, marker)
            found = list(await repo.events(session, row.id)) if row else list[PublicationEventRow]()
        return [PublicationEvent.model_validate(event, from_attributes=True) for event in found]

    async def feed(self, target_id: UUID) -> bytes:
        """The Atom document of a feed's target. Raises TargetNotFound for one of another kind."""
        row = await self._target(target_id)
        if row.kind != "atom":
            raise TargetNotFound(f"The target {row.name!r} is no feed.", field="target_id")
        view = target_view(row)
        return feed(view, await self._entries(target_id, view.settings.entries))

    # --- parts ------------------------------------------------------------------------------------

    async def _claimed(self, target: TargetRow, article: Article, claimant: str) -> PublicationRow:
        now = clock.now()
        values: dict[str, Any] = {
            "id": new_id(),
            "target_id": target.id,
            "marker": article.marker,
            "title": article.title,
            "status": "sending",
            "version": article.version,
            "facts": {},
            "created_at": now,
        }
        async with self._database.begin() as session:
            await repo.ensure_publication(session, values)
            row = await repo.claim(session, target.id, article.marker, claimant, now, now + _LEASE)
        if row is None:
            raise BeingPublished(
                f"“{article.title}” is being published to {target.name} at this moment.",
                remedy="Wait until that has ended.",
            )
        return row

    async def _note(
        self, publication_id: UUID, kind: str, detail: dict[str, Any], values: dict[str, Any]
    ) -> None:
        freed = {"claimed_by": None, "claimed_until": None}
        async with self._database.begin() as session:
            await repo.update_publication(session, publication_id, {**values, **freed})
            await repo.add_event(session, publication_id, kind, detail, clock.now())

    def _adapter(self, row: TargetRow, publication_id: UUID | None, *, dry: bool) -> Adapter:
        view = target_view(row)

        async def entries() -> list[Entry]:
            return await self._entries(row.id, view.settings.entries)

        async def delivered() -> dict[str, str]:
            if publication_id is None:
                return {}
            async with self._database.read() as session:
                return await repo.deliveries(session, publication_id)

        async def deliver(reader: str, status: str) -> bool:
            assert publication_id is not None
            async with self._database.begin() as session:
                if status == "sending":
                    return await repo.begin_delivery(session, publication_id, reader, clock.now())
                await repo.end_delivery(session, publication_id, reader, status, clock.now())
            return True

        tools = Tools(
            view,
            self._opened(row.id, row.secret),
            self._outbound,
            self._sites,
            dry,
            self._patience,
            self._pauses,
            entries,
            delivered,
            deliver,
        )
        return KINDS[kind_of(row)].open(tools)

    async def _entries(self, target_id: UUID, limit: int) -> list[Entry]:
        async with self._database.read() as session:
            rows = await repo.entries(session, target_id, limit)
        return [Entry(row.marker, row.entry) for row in rows if row.entry]

    async def _view(self, target_id: UUID, marker: str) -> PublicationView:
        return (await self.publications(marker=marker, target_id=target_id))[0]


def digest_of(target: TargetRow, article: Article) -> str:
    """SHA-256 of all that a copy depends on: the text with its fields, and the target's settings."""
    parts = article.model_dump(mode="json", exclude={"version", "updated"})
    return sha256(orjson.dumps([parts, target.settings], option=orjson.OPT_SORT_KEYS)).hexdigest()


def _up_to_date(row: PublicationRow, digest: str) -> bool:
    return row.status == "published" and row.digest == digest


def _known(row: PublicationRow | None) -> Known:
    return Known(row.remote_id, row.url, dict(row.facts)) if row is not None else Known()


def _outcome(sent: Sent, article: Article, digest: str) -> dict[str, Any]:
    return {
        "status": "published",
        "title": article.title,
        "version": article.version,
        "remote_id": sent.remote_id,
        "url": sent.url,
        "facts": sent.facts,
        "entry": sent.entry,
        "digest": digest,
        "error": None,
        "published_at": clock.now(),
    }


def _detail(sent: Sent, adapter: Adapter, article: Article) -> dict[str, Any]:
    steps = [step.summary for step in adapter.planned[:200]]
    return {
        **sent.detail,
        "version": article.version,
        "remote_id": sent.remote_id,
        "url": sent.url,
        "steps": steps,
        "notes": adapter.notes,
    }


def _publication_view(row: PublicationRow, target: TargetRow) -> PublicationView:
    return PublicationView.model_validate(
        {
            **{name: getattr(row, name) for name in PublicationView.model_fields if hasattr(row, name)},
            "target": target.name,
            "kind": target.kind,
        }
    )
