"""The places that texts go to: kept with their settings and secrets."""

from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.ids import new_id
from scrivano.core.outbound import OWN_MACHINE, Outbound
from scrivano.core.secrets import Resealing, SecretBox
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.publishing import repo
from scrivano.publishing.adapters.kinds import KINDS
from scrivano.publishing.checking import check_target
from scrivano.publishing.dto import (
    Kind,
    KindView,
    NewTarget,
    TargetChange,
    TargetNotFound,
    TargetSettings,
    TargetTaken,
    TargetView,
)
from scrivano.publishing.models import TargetRow
from scrivano.publishing.wire import PATIENCE

_PAUSES = (1.0, 3.0)


class Targets:
    """The targets of projects."""

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
        return target_view(row)

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
        await check_target(kind_of(row), after, secret, self._outbound, private=private)
        async with self._database.begin() as session:
            stored = await repo.get_target(session, target_id)
            if stored is None:
                raise _no_target(target_id)
            stored.settings = after.model_dump(mode="json")
            stored.secret = self._sealed(target_id, secret)
            await session.flush()
            return target_view(stored)

    async def get_target(self, target_id: UUID) -> TargetView:
        """One target. Raises TargetNotFound."""
        return target_view(await self._target(target_id))

    async def targets(
        self, project_id: UUID = DEFAULT_PROJECT, *, limit: int = 500, offset: int = 0
    ) -> list[TargetView]:
        """A project's targets, by name."""
        async with self._database.read() as session:
            rows = await repo.list_targets(session, project_id, limit=limit, offset=offset)
        return [target_view(row) for row in rows]

    async def named(self, names: Sequence[str], project_id: UUID) -> list[TargetView]:
        """A project's targets of these names, in this order. Raises TargetNotFound naming what is not there."""
        async with self._database.read() as session:
            rows = {row.name: row for row in await repo.named_targets(session, project_id, names)}
        for name in names:
            if name not in rows:
                raise TargetNotFound(
                    f"There is no publishing target {name!r} in this project.",
                    field="targets",
                    remedy="Add it, or name another one.",
                )
        return [target_view(rows[name]) for name in names]

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
        async with self._database.read() as session:
            row = await repo.get_target(session, target_id)
        return row.project_id if row else None

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

    async def _target(self, target_id: UUID) -> TargetRow:
        async with self._database.read() as session:
            row = await repo.get_target(session, target_id)
        if row is None:
            raise _no_target(target_id)
        return row


def _place(target_id: UUID) -> str:
    return f"publishing target {target_id}"


def _no_target(target_id: UUID) -> TargetNotFound:
    return TargetNotFound(f"There is no publishing target {target_id}.", remedy="See: scrivano post targets")


def kind_of(row: TargetRow) -> Kind:
    """What kind of place it is."""
    return next(kind for kind in KINDS if kind == row.kind)


def target_view(row: TargetRow) -> TargetView:
    """A target as people see it: without its secret."""
    return TargetView(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        kind=kind_of(row),
        settings=TargetSettings.model_validate(row.settings),
        has_secret=row.secret is not None,
        created_at=row.created_at,
    )
