"""Use-cases of publishing: targets, dry runs, publishing once, and the record of what went where."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import ScrivanoError
from scrivano.core.ids import new_id
from scrivano.core.outbound import OWN_MACHINE, Outbound
from scrivano.core.secrets import Resealing, SecretBox
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.publishing import repo
from scrivano.publishing.adapters.atom import feed
from scrivano.publishing.adapters.base import Adapter, Entry, Known, Sent, Tools
from scrivano.publishing.adapters.kinds import KINDS
from scrivano.publishing.checking import check_target
from scrivano.publishing.dto import (
    Article,
    BeingPublished,
    Kind,
    KindView,
    NewTarget,
    Preview,
    PublicationEvent,
    PublicationView,
    TargetChange,
    TargetNotFound,
    TargetSettings,
    TargetTaken,
    TargetView,
    Unclear,
)
from scrivano.publishing.models import PublicationEventRow, PublicationRow, TargetRow
from scrivano.publishing.wire import PATIENCE

_LEASE = timedelta(minutes=5)
_PAUSES = (1.0, 3.0)


class Publishing:
    """Publishes texts to the targets of projects. A text has one copy at a place, however often it is published."""

    def __init__(
        self,
        database: Database,
        *,
        secret_box: Callable[[], SecretBox],
        sites: Path,
        private_hosts: str = "",
        patience: float = PATIENCE,
        pauses: tuple[float, ...] = _PAUSES,
    ) -> None:
        """`sites` is the folder below which sites' files are; `private_hosts` as in the settings. `patience` is how
        many seconds a server has for an answer, `pauses` are those between looks for what it may have taken."""
        self._database = database
        self._secret_box = secret_box
        self._sites = sites
        self._outbound = Outbound((*OWN_MACHINE, *private_hosts.split(",")))
        self._patience = patience
        self._pauses = pauses

    # --- targets ----------------------------------------------------------------------------------

    def kinds(self) -> list[KindView]:
        """The kinds of places there are, with the settings that each uses and needs."""
        return [
            KindView(
                kind=kind,
                title=spec.title,
                settings=list(spec.settings),
                required=list(spec.required),
                secret=spec.secret,
            )
            for kind, spec in KINDS.items()
        ]

    async def add_target(
        self, target: NewTarget, *, project_id: UUID = DEFAULT_PROJECT, private: bool = True
    ) -> TargetView:
        """Store a place to publish to. Nothing is sent there yet.

        Raises InvalidInput, NotAllowed for an address that may not be reached (with `private` false any of this
        machine and of private networks), TargetTaken.
        """
        await check_target(target.kind, target.settings, target.secret, self._outbound, private=private)
        target_id = new_id()
        values = {
            "id": target_id,
            "project_id": project_id,
            "name": target.name,
            "kind": target.kind,
            "settings": target.settings.model_dump(mode="json"),
            "secret": self._sealed(target_id, target.secret),
            "created_at": clock.now(),
        }
        async with self._database.begin() as session:
            row = await repo.add_target(session, values)
        if row is None:
            raise TargetTaken(
                f"There is a target {target.name!r} already.", field="name", remedy="Take another name."
            )
        return _target_view(row)

    async def change_target(
        self, target_id: UUID, change: TargetChange, *, private: bool = True
    ) -> TargetView:
        """Change settings or secret. A changed address, host or user needs the secret again, so that it can't be
        sent elsewhere by somebody who doesn't know it. Raises as `add_target` does."""
        row = await self._target(target_id)
        before = TargetSettings.model_validate(row.settings)
        after = change.settings or before
        moved = any(
            getattr(before, n) != getattr(after, n) for n in ("url", "host", "port", "security", "username")
        )
        kept = None if moved and change.secret is None else row.secret
        secret = change.secret if change.secret is not None else self._opened(row.id, kept)
        await check_target(_kind(row), after, secret, self._outbound, private=private)
        async with self._database.begin() as session:
            stored = await repo.get_target(session, target_id)
            if stored is None:
                raise _no_target(target_id)
            stored.settings = after.model_dump(mode="json")
            stored.secret = self._sealed(target_id, secret)
            await session.flush()
            return _target_view(stored)

    async def get_target(self, target_id: UUID) -> TargetView:
        """One target. Raises TargetNotFound."""
        return _target_view(await self._target(target_id))

    async def targets(
        self, project_id: UUID = DEFAULT_PROJECT, *, limit: int = 500, offset: int = 0
    ) -> list[TargetView]:
        """A project's targets, by name."""
        async with self._database.begin() as session:
            rows = await repo.list_targets(session, project_id, limit=limit, offset=offset)
        return [_target_view(row) for row in rows]

    async def named(self, names: Sequence[str], project_id: UUID) -> list[TargetView]:
        """A project's targets of these names, in this order. Raises TargetNotFound naming what is not there."""
        async with self._database.begin() as session:
            rows = {row.name: row for row in await repo.named_targets(session, project_id, names)}
        for name in names:
            if name not in rows:
                raise TargetNotFound(
                    f"There is no publishing target {name!r} in this project.",
                    field="targets",
                    remedy="Add it, or name another one.",
                )
        return [_target_view(rows[name]) for name in names]

    async def remove_target(self, target_id: UUID) -> None:
        """Forget a target and the record of what went there; what is there stays. Raises TargetNotFound."""
        await self._target(target_id)
        async with self._database.begin() as session:
            await repo.delete_target(session, target_id)

    async def forget_project(self, project_id: UUID) -> None:
        """Forget a project's targets and the record of what went there; what is there stays."""
        async with self._database.begin() as session:
            await repo.forget_project(session, project_id)

    async def project_of(self, target_id: UUID) -> UUID | None:
        """The project that a target belongs to; None if there is no such target."""
        async with self._database.begin() as session:
            row = await repo.get_target(session, target_id)
        return row.project_id if row else None

    # --- publishing -------------------------------------------------------------------------------

    async def preview(self, target_id: UUID, article: Article) -> Preview:
        """Exactly what publishing would do now; nothing is changed anywhere. What is there is looked up."""
        target = await self._target(target_id)
        async with self._database.begin() as session:
            row = await repo.get_publication(session, target_id, article.marker)
        if row is not None and _up_to_date(row, digest_of(target, article)):
            return Preview(target=_target_view(target), action="nothing", steps=[], notes=[])
        adapter = self._adapter(target, row.id if row else None, dry=True)
        sent = await adapter.publish(article, _known(row))
        action = "create" if sent.how == "created" else "update"
        return Preview(target=_target_view(target), action=action, steps=adapter.planned, notes=adapter.notes)

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
        async with self._database.begin() as session:
            rows = await repo.publications(
                session, marker=marker, target_id=target_id, limit=limit, offset=offset
            )
        return [_publication_view(row, target) for row, target in rows]

    async def history(self, target_id: UUID, marker: str) -> list[PublicationEvent]:
        """What happened to a text at a place, the oldest first; empty if it never was to go there."""
        async with self._database.begin() as session:
            row = await repo.get_publication(session, target_id, marker)
            found = list(await repo.events(session, row.id)) if row else list[PublicationEventRow]()
        return [PublicationEvent.model_validate(event, from_attributes=True) for event in found]

    async def feed(self, target_id: UUID) -> bytes:
        """The Atom document of a feed's target. Raises TargetNotFound for one of another kind."""
        row = await self._target(target_id)
        if row.kind != "atom":
            raise TargetNotFound(f"The target {row.name!r} is no feed.", field="target_id")
        view = _target_view(row)
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
        view = _target_view(row)

        async def entries() -> list[Entry]:
            return await self._entries(row.id, view.settings.entries)

        async def delivered() -> dict[str, str]:
            if publication_id is None:
                return {}
            async with self._database.begin() as session:
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
        return KINDS[_kind(row)].open(tools)

    async def _entries(self, target_id: UUID, limit: int) -> list[Entry]:
        async with self._database.begin() as session:
            rows = await repo.entries(session, target_id, limit)
        return [Entry(row.marker, row.entry) for row in rows if row.entry]

    async def _target(self, target_id: UUID) -> TargetRow:
        async with self._database.begin() as session:
            row = await repo.get_target(session, target_id)
        if row is None:
            raise _no_target(target_id)
        return row

    async def _view(self, target_id: UUID, marker: str) -> PublicationView:
        return (await self.publications(marker=marker, target_id=target_id))[0]

    async def reseal(self, resealing: Resealing) -> None:
        """Encrypt all targets' secrets with the newest key of this installation."""
        async with self._database.begin() as session:
            for row in await repo.sealed_targets(session):
                if row.secret is not None:
                    name = f"the secret of the place to publish {row.name}"
                    row.secret = resealing.again(row.secret, _place(row.id), name)

    def _sealed(self, target_id: UUID, secret: str | None) -> bytes | None:
        return self._secret_box().seal(secret, _place(target_id)) if secret else None

    def _opened(self, target_id: UUID, sealed: bytes | None) -> str | None:
        return self._secret_box().open(sealed, _place(target_id)) if sealed else None


def _place(target_id: UUID) -> str:
    return f"publishing target {target_id}"


def _no_target(target_id: UUID) -> TargetNotFound:
    return TargetNotFound(f"There is no publishing target {target_id}.", remedy="See: scrivano post targets")


def _kind(row: TargetRow) -> Kind:
    return next(kind for kind in KINDS if kind == row.kind)


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


def _target_view(row: TargetRow) -> TargetView:
    return TargetView(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        kind=_kind(row),
        settings=TargetSettings.model_validate(row.settings),
        has_secret=row.secret is not None,
        created_at=row.created_at,
    )


def _publication_view(row: PublicationRow, target: TargetRow) -> PublicationView:
    return PublicationView.model_validate(
        {
            **{name: getattr(row, name) for name in PublicationView.model_fields if hasattr(row, name)},
            "target": target.name,
            "kind": target.kind,
        }
    )
