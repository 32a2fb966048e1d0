"""How long the log keeps what: months that are dropped whole, projects that are erased, and a proof that the rest is
what was sent."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from scrivano.core.clock import now
from scrivano.core.errors import InvalidInput
from scrivano.core.ids import new_id
from scrivano.llm.log import repo
from scrivano.llm.log.chains import HASH_BYTES, Body, Recent, body_of, prefix_hashes
from scrivano.llm.log.months import bounds, first_id, month_of
from scrivano.llm.log.service import RequestLog
from scrivano.llm.pool import Connection, Pool

_BATCH = 2000
_REMEMBERED = 200_000


@dataclass(frozen=True, slots=True)
class Dropped:
    """The months (`202611`) whose texts, and whose rows, were dropped."""

    texts: tuple[int, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """How many requests a project had, and how many texts were taken out."""

    requests: int
    texts: int


@dataclass
class Verification:
    """What came of looking at every request: how many could be rebuilt byte for byte, how many have lost texts, as
    retention and erasure mean, and those whose texts are not what was sent."""

    requests: int = 0
    whole: int = 0
    without_text: int = 0
    broken: list[UUID] = field(default_factory=list[UUID])


class Keeping:
    """Retention, erasure and verification."""

    def __init__(self, pool: Pool, log: RequestLog) -> None:
        self._pool = pool
        self._log = log

    async def retain(self, *, text_months: int | None = None, row_months: int | None = None) -> Dropped:
        """Keep texts and rows of the current month and so many before it; None keeps all.

        Partitions are dropped whole. Sums of hours stay; a row without its text says so. Raises InvalidInput where
        texts would outlive their rows.
        """
        for name, months in (("text_months", text_months), ("row_months", row_months)):
            if months is not None and months < 0:
                raise InvalidInput("Months cannot be negative.", field=name, remedy="Give 0 or more.")
        if row_months is not None:
            text_months = row_months if text_months is None else min(text_months, row_months)
        async with self._pool.connection() as connection, connection.transaction():
            texts = await self._drop(connection, ("messages", "chains"), text_months)
            rows = await self._drop(connection, ("requests",), row_months)
            if texts:
                # Without its text an answer cannot be given again.
                await connection.execute(repo.FORGET_KEYS, [bounds(max(texts))[1]])
                await connection.execute(repo.NEXT_EPOCH)
        self._log.forget()
        return Dropped(tuple(texts), tuple(rows))

    async def _drop(self, connection: Connection, parts: Iterable[str], months: int | None) -> list[int]:
        if months is None:
            return []
        oldest = _months_before(months)
        dropped: set[int] = set()
        for part in parts:
            for month in await repo.months_of(connection, part):
                if month < oldest:
                    await repo.drop_partition(connection, part, month)
                    dropped.add(month)
        return sorted(dropped)

    async def erase_project(self, project_id: str) -> Erased:
        """Take out of the log all that a project's requests said and were told. Counts and costs stay."""
        async with self._pool.connection() as connection, connection.transaction():
            rows = await repo.fetch(connection, repo.OF_PROJECT, [project_id])
            gone = await _erase(connection, rows)
            await connection.execute(repo.ERASE_CACHED, [project_id])
        self._log.forget()
        return Erased(len(rows), gone)

    async def erase_person(self, person_id: str) -> Erased:
        """Take out of the log all that a person's requests said and were told, and the person's name. Counts and costs
        stay, under a name that tells nobody."""
        async with self._pool.connection() as connection, connection.transaction():
            rows = await repo.fetch(connection, repo.OF_PERSON, [person_id])
            gone = await _erase(connection, rows)
            await connection.execute(repo.RENAME, [f"erased {new_id()}", person_id])
        self._log.forget()
        return Erased(len(rows), gone)

    async def verify(self, *, since: dt.datetime | None = None) -> Verification:
        """Rebuild every request and compare it with the hashes under which it was sent."""
        found = Verification()
        known = Recent(_REMEMBERED)
        after = first_id(since) if since is not None else UUID(int=0)
        while True:
            async with self._pool.connection() as connection:
                rows = await repo.fetch(connection, repo.TO_VERIFY, [after, _BATCH])
                for month, some in _by_month(rows).items():
                    await _look_at(connection, month, some, known, found)
            if len(rows) < _BATCH:
                return found
            after = rows[-1]["id"]


def _by_month(rows: Sequence[repo.Row]) -> dict[int, list[repo.Row]]:
    months: dict[int, list[repo.Row]] = {}
    for row in rows:
        months.setdefault(month_of(row["id"]), []).append(row)
    return months


async def _look_at(
    connection: Connection, month: int, rows: Sequence[repo.Row], known: Recent, found: Verification
) -> None:
    """Take rows of a month into the account: two queries for all of them."""
    heads = {bytes(row["head"]) for row in rows if row["head"] is not None}
    parts: dict[bytes, list[repo.Row]] = {}
    for part in await repo.fetch(connection, repo.CHAINS, [month, list(heads)]):
        parts.setdefault(bytes(part["head"]), []).append(part)
    chains = {head: _split(b"".join(bytes(p["tail"]) for p in some)) for head, some in parts.items()}
    wanted = {row["id"]: _addresses(row, chains) for row in rows}
    owners = {
        hash: row["project"] for row in rows for hash in wanted[row["id"]] if (month, hash) not in known
    }
    right: set[bytes] = set()
    wrong: set[bytes] = set()
    for body in await repo.fetch(connection, repo.BODIES, [month, list(owners)]):
        hash = bytes(body["hash"])
        (right if body_of(body["body"].encode(), owners[hash]).hash == hash else wrong).add(hash)
    for row in rows:
        head = bytes(row["head"]) if row["head"] is not None else None
        found.requests += 1
        unknown = wanted[row["id"]] & owners.keys()
        if head is None or head not in parts or parts[head][0]["parent"] is not None:
            found.without_text += 1
        elif prefix_hashes([Body(hash, "") for hash in chains[head]])[-1] != head or unknown & wrong:
            found.broken.append(row["id"])
        elif unknown - right:
            found.without_text += 1
        else:
            found.whole += 1
    known.add([(month, hash) for hash in right])


def _addresses(row: repo.Row, chains: dict[bytes, list[bytes]]) -> set[bytes]:
    """Of everything that a request was sent with and told."""
    wanted = _hashes_in(row["settings"])
    if row["head"] is not None:
        wanted.update(chains.get(bytes(row["head"]), ()))
    if row["answer"] is not None:
        wanted.add(bytes(row["answer"]))
    return wanted


def _split(tail: bytes) -> list[bytes]:
    return [tail[at : at + HASH_BYTES] for at in range(0, len(tail), HASH_BYTES)]


def _hashes_in(settings: str | None) -> set[bytes]:
    """The addresses of a schema and of tools that a request was sent with."""
    fields: dict[str, Any] = orjson.loads(settings) if settings else {}
    return {bytes.fromhex(fields[name]) for name in ("schema", "tools") if name in fields}


def _months_before(months: int) -> int:
    today = now()
    number = today.year * 12 + today.month - 1 - months
    return number // 12 * 100 + number % 12 + 1


async def _erase(connection: Connection, rows: Sequence[repo.Row]) -> int:
    """Remove the texts of requests; returns how many messages went."""
    heads = {bytes(row["head"]) for row in rows if row["head"] is not None}
    hashes = {bytes(row["answer"]) for row in rows if row["answer"] is not None}
    for row in rows:
        hashes |= _hashes_in(row["settings"])
    for row in await repo.fetch(connection, repo.ERASE_CHAINS, [list(heads)]):
        hashes |= set(_split(bytes(row["tail"])))
    gone = await repo.fetch(connection, repo.ERASE_BODIES, [list(hashes)])
    ids = [row["id"] for row in rows]
    await connection.execute(repo.ERASE_KEYS, [ids])
    await connection.execute(repo.ERASE_DETAILS, [ids])
    await connection.execute(repo.NEXT_EPOCH)
    return len(gone)
