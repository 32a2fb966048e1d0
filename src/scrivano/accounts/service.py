"""Use-cases of `accounts`."""

import datetime as dt
import hashlib
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.accounts import repo, repo_people
from scrivano.accounts.audit import Audit
from scrivano.accounts.dto import (
    SCOPES,
    ApiKeyNotFound,
    ApiKeyView,
    Caller,
    NewApiKey,
    NotAuthenticated,
    Visitor,
)
from scrivano.accounts.models import ApiKey
from scrivano.core.clock import now
from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput
from scrivano.core.flights import Flights
from scrivano.core.ids import new_id

SECRET_START = "sk-scrivano-"
_FRESH = 3.0
"""Seconds for which what was read of a key and its person is not read again, so that a revoked one works no longer than
that."""

_INCLUDED = {"read": frozenset(("read", "write", "admin")), "write": frozenset(("write", "admin"))}
"""What of a key's scopes is good for a scope, where it is not that one alone."""

_USE_NOTED = dt.timedelta(minutes=1)
_MACHINE = Visitor(address="this machine")
_MOST_CACHED = 10_000
_SHOWN = len(SECRET_START) + 6


@dataclass(frozen=True)
class _Known:
    """A key as it was read, and whom it acts for."""

    key: ApiKeyView
    person_id: UUID | None = None
    name: str = ""
    role: str = ""
    shut_out: bool = False


class Accounts:
    """API keys of this installation."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._audit = Audit(database)
        self._known: dict[bytes, tuple[float, _Known | None]] = {}
        self._any: tuple[float, bool] = (0.0, False)
        self._loads: Flights[bytes, _Known | None] = Flights()

    async def create_key(
        self,
        name: str,
        *,
        scopes: Collection[str] = ("llm",),
        project_id: str | None = None,
        user_id: str | None = None,
        expires_at: dt.datetime | None = None,
        by: Caller | None = None,
    ) -> NewApiKey:
        """A new key. Its secret is returned here and cannot be had again. Raises InvalidInput."""
        if not name.strip() or len(name) > 200 or "\x00" in name:
            raise InvalidInput("A key needs a name of at most 200 characters.", field="name")
        unknown = sorted(set(scopes) - set(SCOPES))
        if unknown or not scopes:
            raise InvalidInput(
                f"Unknown scopes: {', '.join(unknown)}." if unknown else "A key needs a scope.",
                field="scopes",
                remedy=f"Choose from: {', '.join(SCOPES)}.",
            )
        if expires_at is not None and expires_at <= now():
            raise InvalidInput("The key would have expired already.", field="expires_at")
        secret = SECRET_START + secrets.token_urlsafe(32)
        row = ApiKey(
            id=new_id(),
            name=name.strip(),
            prefix=secret[:_SHOWN],
            hash=_digest(secret),
            scopes=sorted(set(scopes)),
            project_id=project_id,
            user_id=user_id,
            created_at=now(),
            expires_at=expires_at,
        )
        async with self._database.begin() as session:
            await repo.add(session, row)
            view = _view(row)
            await self._audit.note(
                session, "key_made", by or _MACHINE, subject=row.prefix, key_id=row.id, scopes=row.scopes
            )
        self.forget()
        return NewApiKey(key=view, secret=secret)

    async def list_keys(self, *, revoked: bool = False) -> list[ApiKeyView]:
        """The keys, oldest first; with `revoked` those too that were taken back."""
        async with self._database.read() as session:
            return [_view(row) for row in await repo.all_keys(session, revoked=revoked)]

    async def keys_of(self, person_id: UUID, *, revoked: bool = False) -> list[ApiKeyView]:
        """The keys that act for a person, oldest first."""
        async with self._database.read() as session:
            rows = await repo.of_person(session, str(person_id), revoked=revoked)
            return [_view(row) for row in rows]

    async def get_key(self, id: UUID) -> ApiKeyView:
        """One key. Raises ApiKeyNotFound."""
        async with self._database.read() as session:
            row = await repo.get(session, id)
        if row is None:
            raise ApiKeyNotFound(f"There is no API key {id}.", field="key_id")
        return _view(row)

    async def caller(self, secret: str, scope: str, address: str) -> Caller:
        """On whose behalf a program with this key asks under `/api`. Raises NotAuthenticated.

        A key is good for `read` where it is for `write` or `admin`, for `write` where it is for `admin`. What its
        person may not do, it may not either; it ends to work while they are shut out.
        """
        known = await self._authenticate(secret, scope)
        key = known.key
        admin = "admin" in key.scopes and (known.person_id is None or known.role == "administrator")
        # Written by hand on the command line, or of before there were projects: one that is no project leads nowhere.
        held = None if key.project_id is None else _uuid(key.project_id) or UUID(int=0)
        return Caller(
            person_id=known.person_id,
            name=key.name if known.person_id is None else known.name,
            role="administrator" if admin else "member",
            key_id=key.id,
            scopes=key.scopes,
            project_id=held,
            address=address,
        )

    async def revoke_key(self, id: UUID, *, by: Caller | None = None) -> ApiKeyView:
        """Take a key back. It ends to work at once here, and within three seconds in other processes.

        Raises ApiKeyNotFound. Revoking twice does no harm.
        """
        async with self._database.begin() as session:
            row = await repo.revoke(session, id, now())
            if row is None:
                raise ApiKeyNotFound(f"There is no API key {id}.", field="id")
            view = _view(row)
            await self._audit.note(session, "key_revoked", by or _MACHINE, subject=row.prefix, key_id=id)
        self.forget()
        return view

    async def forget_project(self, project_id: UUID) -> None:
        """Remove the keys that were held to a project."""
        async with self._database.begin() as session:
            await repo.drop_of_project(session, str(project_id))
        self.forget()

    async def authenticate(self, secret: str, scope: str) -> ApiKeyView:
        """The key that `secret` is. Raises NotAuthenticated where it is unknown, revoked, expired or lacks `scope`."""
        return (await self._authenticate(secret, scope)).key

    async def _authenticate(self, secret: str, scope: str) -> _Known:
        digest = _digest(secret)
        kept = self._known.get(digest)
        if kept is None or kept[0] < time.monotonic():
            known = await self._loads.share(digest, lambda: self._load(digest))
        else:
            known = kept[1]
        if known is None or known.shut_out or known.key.revoked_at is not None:
            raise NotAuthenticated(
                "The API key is not valid.",
                field="api_key",
                remedy="Make one with: scrivano keys create NAME",
            )
        key = known.key
        if key.expires_at is not None and key.expires_at <= now():
            raise NotAuthenticated(f"The API key {key.prefix}… has expired.", field="api_key")
        if not _INCLUDED.get(scope, frozenset((scope,))) & set(key.scopes):
            raise NotAuthenticated(
                f"The API key {key.prefix}… is not made for this.",
                field="api_key",
                remedy=f"Make one with: scrivano keys create NAME --scope {scope}",
            )
        return known

    async def any_key(self) -> bool:
        """Whether a key was ever made; at most three seconds old."""
        until, found = self._any
        # One that was made stays made.
        if not found and until < time.monotonic():
            async with self._database.read() as session:
                found = await repo.any_key(session)
            self._any = (time.monotonic() + _FRESH, found)
        return found

    async def _load(self, digest: bytes) -> _Known | None:
        async with self._database.read() as session:
            row = await repo.by_hash(session, digest)
            known = None if row is None else await _known(session, _view(row))
        if known is not None and not known.shut_out:
            used = known.key.last_used_at
            if used is None or now() - used > _USE_NOTED:
                async with self._database.begin() as session:
                    await repo.note_use(session, known.key.id, now())
        if len(self._known) >= _MOST_CACHED:
            self._known.clear()
        self._known[digest] = (time.monotonic() + _FRESH, known)
        return known

    def forget(self) -> None:
        """Read keys, and whom they act for, anew from the database at their next use, in this process."""
        self._known.clear()
        self._any = (0.0, False)
        self._loads.forget()


async def _known(session: AsyncSession, key: ApiKeyView) -> _Known:
    id = _uuid(key.user_id)
    person = None if id is None else await repo_people.get(session, id)
    if person is None:
        return _Known(key)
    return _Known(key, person.id, person.name, person.role, person.disabled_at is not None)


def _uuid(text: str | None) -> UUID | None:
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


def _view(row: ApiKey) -> ApiKeyView:
    return ApiKeyView.model_validate(row, from_attributes=True)
