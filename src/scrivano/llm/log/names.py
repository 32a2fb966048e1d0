"""What many attempts have in common, stored once and referred to by number."""

from collections.abc import Collection
from hashlib import blake2b
from typing import NamedTuple

import orjson

from scrivano.llm.dto import CallContext, Locality
from scrivano.llm.log import repo
from scrivano.llm.pool import Connection

_MOST = 50_000


class Profile(NamedTuple):
    """What an attempt was for and where it went."""

    kind: str
    feature: str
    purpose: str
    prompt_name: str | None
    prompt_version: str | None
    provider: str
    model: str
    locality: Locality
    route: str
    tier: str | None = None

    def row(self) -> repo.Row:
        """Its columns, with the hash by which it is found."""
        fields = {name: clean(value) for name, value in self._asdict().items()}
        digest = blake2b(orjson.dumps(list(fields.values())), digest_size=16)
        return {"hash": "\\x" + digest.hexdigest(), **fields}


GENRE = "genre"
"""The label by which statistics tell genres apart."""


def genre_of(context: CallContext) -> str | None:
    """The genre that the caller's labels name."""
    return clean(context.labels.get(GENRE))


def names_of(context: CallContext) -> dict[str, str | None]:
    """The names that a row refers to, by column."""
    return {
        "run": clean(context.run_id),
        "person": clean(context.user_id),
        "project": clean(context.project_id),
        "api_key": clean(context.api_key_id),
    }


class Numbers:
    """The numbers of names and profiles; those in use are kept in memory."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._profiles: dict[Profile, int] = {}

    async def learn(
        self, connection: Connection, names: Collection[str], profiles: Collection[Profile]
    ) -> None:
        """Make sure that these are known."""
        if len(self._names) > _MOST:
            self._names.clear()
        if len(self._profiles) > _MOST:
            self._profiles.clear()
        while missing := sorted({name for name in names if name not in self._names}):
            self._names |= await repo.number_names(connection, missing)
        while unknown := {profile for profile in profiles if profile not in self._profiles}:
            rows = {profile: profile.row() for profile in unknown}
            numbers = await repo.number_profiles(connection, list(rows.values()))
            for profile, row in rows.items():
                number = numbers.get(bytes.fromhex(row["hash"][2:]))
                if number is not None:
                    self._profiles[profile] = number

    def name(self, name: str | None) -> int | None:
        """The number of a name that was learnt."""
        return None if name is None else self._names[name]

    def profile(self, profile: Profile) -> int:
        """The number of a profile that was learnt."""
        return self._profiles[profile]


def clean(text: str | None) -> str | None:
    """PostgreSQL's text holds no NUL; a provider's message may. Empty is as good as none."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}") if text else None
