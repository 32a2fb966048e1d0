"""The log of requests: what is about to be sent, how it ended, and all that can be asked about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

import psycopg

from scrivano.core.errors import NotFound
from scrivano.llm.dto import (
    Locality,
    Message,
    RequestStatus,
    RequestView,
    Response,
    RunTotals,
    Totals,
)
from scrivano.llm.log import repo
from scrivano.llm.log.chains import HASH_BYTES, Body, Chain, Recent, bodies_of, body_of, link, prefix_hashes
from scrivano.llm.log.instance import Instance, Release
from scrivano.llm.log.months import month_of
from scrivano.llm.log.names import Numbers, Profile, genre_of, names_of
from scrivano.llm.log.rows import (
    Closing,
    Opening,
    bytea,
    closing_row,
    message_of,
    opening_row,
    profile_of,
    response_of,
    view_of,
)
from scrivano.llm.log.writer import GroupWriter, Written
from scrivano.llm.money import dollars
from scrivano.llm.pool import Connection, Pool

SLOTS = 64
"""Rows of an hour's sums that processes share out among themselves."""

_ASK_FOR_PREFIXES_FROM = 4
"""Shorter conversations are stored whole rather than asked for."""


@dataclass(slots=True)
class _Open:
    row: repo.Row
    names: dict[str, str | None]
    profile: Profile
    month: int
    bodies: list[Body]
    chain: Chain


@dataclass(slots=True)
class _Close:
    row: repo.Row
    profile: Profile
    month: int
    answer: Body | None
    key: str | None
    genre: str | None


@dataclass(frozen=True, slots=True)
class Closed:
    """How a row stands after its end was written. `winner` is the row whose answer the key stands for."""

    status: RequestStatus
    winner: UUID | None


class RequestLog:
    """Reads and writes the log. `start` before use, `stop` after."""

    def __init__(self, pool: Pool, release: Release) -> None:
        """`release` settles what a dead process had reserved, in the transaction that cuts its rows."""
        self._pool = pool
        self._recent = Recent()
        self.numbers = Numbers()
        self._settle = release
        self.instance = Instance(pool.url, self._release, self.forget)
        self._opens: GroupWriter[_Open, None] = GroupWriter(pool.url, self._write_opens)
        self._closes: GroupWriter[_Close, Closed] = GroupWriter(
            pool.url, self._write_closes, apart=lambda close: close.key
        )

    async def start(self) -> None:
        """Take part: rows of dead processes are closed as `cut` now and from now on."""
        await self.instance.start()
        self._opens.start()
        self._closes.start()

    async def stop(self) -> None:
        """Write what waits, then end."""
        await self._opens.stop()
        await self._closes.stop()
        await self.instance.stop()

    def forget(self) -> None:
        """Texts were taken out of the log: none is taken for stored any more without looking."""
        self._recent.clear()

    async def open(self, opening: Opening, messages: Sequence[Message], more: Sequence[Body] = ()) -> None:
        """Returns when the attempt is safe in the log; only then may it be sent.

        `more` are texts that the settings refer to by hash (`hex`): a schema, tools.
        """
        month = month_of(opening.id)
        bodies = bodies_of(messages, opening.context.project_id)
        chain = await self._chain(month, bodies)
        self.instance.opened(opening.id)
        row = opening_row(opening, self.instance.number, chain.hash)
        names = names_of(opening.context)
        await self._opens.submit(_Open(row, names, profile_of(opening), month, [*bodies, *more], chain))

    def closing(self, closing: Closing) -> Written[Closed]:
        """Begin to write an end. Once it is `committed`, the caller may have the last of the answer.

        A key's first finished row wins: a later one is closed as `superseded`, and `winner` names the first.
        """
        opening = closing.opening
        answer = None
        if closing.answer is not None:
            answer = body_of(closing.answer.canonical(), opening.context.project_id)
        row = closing_row(closing, answer.hash if answer else None)
        profile = profile_of(opening)
        if closing.locality is not None:
            profile = profile._replace(locality=closing.locality)
        return self._closes.put(
            _Close(row, profile, month_of(opening.id), answer, opening.context.key, genre_of(opening.context))
        )

    async def close(self, closing: Closing) -> Closed:
        """Returns when the end is safe. See `closing`."""
        return await self.closing(closing).committed()

    async def find_answer(self, key: str) -> Response | None:
        """The finished answer under `key`, if there is one and its text is still held."""
        async with self._pool.connection() as connection:
            rows = await repo.fetch(connection, repo.BY_KEY, [key])
            if not rows:
                return None
            bodies = await self._bodies(connection, month_of(rows[0]["id"]), [rows[0]["answer"]])
        return response_of(rows[0], message_of(bodies[rows[0]["answer"]])) if bodies else None

    async def get(self, id: UUID) -> RequestView:
        """One attempt with its texts. Raises NotFound."""
        async with self._pool.connection() as connection:
            rows = await repo.fetch(connection, repo.BY_ID, [id])
            if not rows:
                raise NotFound(f"There is no request {id}.", field="id")
            messages = await self._conversation(connection, month_of(id), rows[0]["head"])
            answers = await self._bodies(connection, month_of(id), [rows[0]["answer"]])
        answer = message_of(next(iter(answers.values()))) if answers else None
        return view_of(rows[0], messages, answer)

    async def of_user(self, user_id: str, limit: int, offset: int) -> list[RequestView]:
        """A person's attempts, newest first, without texts."""
        return await self._views(repo.BY_USER, [user_id, limit, offset])

    async def latest(self, limit: int, offset: int) -> list[RequestView]:
        """Everybody's attempts, newest first, without texts."""
        return await self._views(repo.LATEST, [limit, offset])

    async def of_run(self, run_id: str) -> list[RequestView]:
        """A run's attempts, oldest first, without texts."""
        return await self._views(repo.BY_RUN, [run_id])

    async def run_totals(self, run_id: str) -> RunTotals:
        """A run's sums; what is open or was cut counts with the most it may have cost."""
        async with self._pool.connection() as connection:
            rows = await repo.fetch(connection, repo.RUN_TOTALS, [run_id])
        parts = [(Locality(row["locality"]), str(row["kind"]), _totals(row)) for row in rows]
        localities = {
            locality: _sum(t for where, _, t in parts if where == locality) for locality, _, _ in parts
        }
        kinds = {kind: _sum(t for _, k, t in parts if k == kind) for _, kind, _ in parts}
        return RunTotals(
            **_sum(totals for _, _, totals in parts).model_dump(),
            by_locality=localities,
            by_kind=kinds,
            by_locality_and_kind={f"{locality}/{kind}": totals for locality, kind, totals in parts},
        )

    async def _views(self, statement: LiteralString, parameters: list[object]) -> list[RequestView]:
        async with self._pool.connection() as connection:
            return [view_of(row) for row in await repo.fetch(connection, statement, parameters)]

    async def _chain(self, month: int, bodies: Sequence[Body]) -> Chain:
        hashes = prefix_hashes(bodies)
        known = {hash for hash in hashes if (month, hash) in self._recent}
        if not known and len(hashes) >= _ASK_FOR_PREFIXES_FROM:
            async with self._pool.connection() as connection:
                rows = await repo.fetch(connection, repo.STORED_CHAINS, [month, hashes])
            known = {bytes(row["hash"]) for row in rows}
        return link(bodies, known)

    async def _write_opens(self, connection: Connection, batch: Sequence[_Open]) -> Sequence[None]:
        bodies = {(o.month, body.hash): body.text for o in batch for body in o.bodies}
        chains = {(o.month, o.chain.hash): o.chain for o in batch}
        new_bodies = _body_rows({key: text for key, text in bodies.items() if key not in self._recent})
        new_chains = [
            {
                "month": month,
                "hash": bytea(chain.hash),
                "parent": bytea(chain.parent) if chain.parent else None,
                "tail": bytea(chain.tail),
            }
            for (month, _), chain in chains.items()
            if (month, chain.hash) not in self._recent
        ]
        named = {name for o in batch for name in o.names.values() if name is not None}
        await self.numbers.learn(connection, named, {o.profile for o in batch})
        rows = [
            {
                **o.row,
                "profile": self.numbers.profile(o.profile),
                **{column: self.numbers.name(name) for column, name in o.names.items()},
            }
            for o in batch
        ]
        try:
            await repo.open_rows(connection, rows, new_bodies, new_chains)
        except psycopg.errors.CheckViolation:
            await self._make_partitions(connection, {o.month for o in batch})
            await repo.open_rows(connection, rows, new_bodies, new_chains)
        self._recent.add([*bodies, *chains])
        return [None] * len(batch)

    async def _write_closes(self, connection: Connection, batch: Sequence[_Close]) -> Sequence[Closed]:
        bodies = {(c.month, c.answer.hash): c.answer.text for c in batch if c.answer is not None}
        genres = {c.genre for c in batch if c.genre is not None}
        await self.numbers.learn(connection, genres, {c.profile for c in batch})
        ends = [
            {**c.row, "profile": self.numbers.profile(c.profile), "genre": self.numbers.name(c.genre)}
            for c in batch
        ]
        rows = await repo.close_rows(connection, ends, _body_rows(bodies), self.slot)
        self._recent.add(list(bodies))
        for close in batch:
            self.instance.closed(close.row["id"])
        found = {id: Closed(RequestStatus(status), winner) for id, status, winner in rows}
        # A row that retention or erasure took away meanwhile has nothing left to close.
        return [found.get(c.row["id"], Closed(RequestStatus(c.row["status"]), None)) for c in batch]

    @property
    def slot(self) -> int:
        """This process's rows among the sums of an hour."""
        return self.instance.number % SLOTS

    async def _make_partitions(self, connection: Connection, months: set[int]) -> None:
        for month in sorted(months):
            await repo.make_partitions(connection, month)

    async def _release(self, connection: Connection, instance: int, oldest: UUID) -> None:
        error = "The process ended before the answer did."
        cut = {"instance": instance, "oldest": oldest, "error": error, "slot": self.slot}
        await connection.execute(repo.CUT_ROWS, cut)
        await self._settle(connection, instance, oldest)

    async def _conversation(
        self, connection: Connection, month: int, head: bytes | None
    ) -> tuple[Message, ...] | None:
        if head is None:
            return None
        chain = await repo.fetch(connection, repo.CHAIN, {"month": month, "head": head})
        if not chain or chain[0]["parent"] is not None:
            return None
        tail = b"".join(bytes(row["tail"]) for row in chain)
        hashes = [tail[at : at + HASH_BYTES] for at in range(0, len(tail), HASH_BYTES)]
        bodies = await self._bodies(connection, month, hashes)
        if any(hash not in bodies for hash in hashes):
            return None
        return tuple(message_of(bodies[hash]) for hash in hashes)

    async def _bodies(
        self, connection: Connection, month: int, hashes: Sequence[bytes | None]
    ) -> dict[bytes, str]:
        wanted = [hash for hash in hashes if hash is not None]
        if not wanted:
            return {}
        rows = await repo.fetch(connection, repo.BODIES, [month, wanted])
        return {bytes(row["hash"]): row["body"] for row in rows}


def _body_rows(bodies: dict[tuple[int, bytes], str]) -> list[repo.Row]:
    return [{"month": month, "hash": bytea(hash), "body": text} for (month, hash), text in bodies.items()]


def _totals(row: repo.Row) -> Totals:
    return Totals(
        attempts=row["attempts"],
        finished=row["finished"],
        prompt_tokens=row["prompt_tokens"],
        completion_tokens=row["completion_tokens"],
        cost=dollars(int(row["cost"])),
        seconds=float(row["ms"]) / 1000,
    )


def _sum(parts: Iterable[Totals]) -> Totals:
    parts = list(parts)
    return Totals(
        attempts=sum(part.attempts for part in parts),
        finished=sum(part.finished for part in parts),
        prompt_tokens=sum(part.prompt_tokens for part in parts),
        completion_tokens=sum(part.completion_tokens for part in parts),
        cost=sum((part.cost for part in parts), dollars(0)),
        seconds=sum(part.seconds for part in parts),
    )
