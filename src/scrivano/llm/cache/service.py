"""Whether an answer may be given again, and finding it.

Nothing crosses a project's border, or a person's where there is no project. What counts as the same question is all
that was asked: messages, settings, tools, schema, and the models that may answer.
"""

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal
from uuid import UUID

import orjson
import psycopg
from pydantic import BaseModel, ConfigDict, Field

from scrivano.core.errors import InvalidInput
from scrivano.llm.cache import repo
from scrivano.llm.dto import CallContext, Message, Options
from scrivano.llm.pool import Pool
from scrivano.llm.providers.base import Schema

FRESH = 1.0
_TIDY_EVERY = 256
_ANSWERING = (
    "model",
    "temperature",
    "top_p",
    "max_tokens",
    "seed",
    "stop",
    "tool_choice",
    "effort",
)
"""The options that an answer depends on."""

Mode = Literal["off", "exact", "semantic"]


class CachePolicy(BaseModel):
    """Whether a feature's answers are given again, and for how long. `semantic` also answers questions whose last
    message is at least so much alike (cosine of the embeddings) and that are the same in all else."""

    model_config = ConfigDict(frozen=True)

    feature: str = Field(min_length=1, max_length=200)
    mode: Mode = "off"
    seconds: int = Field(default=86_400, gt=0)
    likeness: float = Field(default=0.95, gt=0, le=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's addresses: `hash` of all of it, `around` of all but the last message, whose text is `last` (None
    where likeness would mean nothing, as with tools or images)."""

    hash: bytes
    around: bytes
    last: str | None
    project: str


@dataclass(frozen=True, slots=True)
class Embedded:
    """What the last message means, to one model."""

    embedder: str
    vector: list[float]


class Cache:
    """Policies, answers and flights. Only calls of this process share a flight."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._policies: dict[str, CachePolicy] = {}
        self._read_at = float("-inf")
        self._flights: dict[bytes, asyncio.Future[None]] = {}
        self._stored = 0

    async def policy(self, feature: str, options: Options) -> CachePolicy:
        """What applies to a call: its own wish, else its feature's policy, else nothing is kept."""
        if options.cache == "off":
            return CachePolicy(feature=feature)
        if time.monotonic() - self._read_at > FRESH:
            began = time.monotonic()
            self._policies = {policy.feature: policy for policy in await self.policies()}
            self._read_at = began
        found = self._policies.get(feature, CachePolicy(feature=feature))
        return found if options.cache == "policy" else found.model_copy(update={"mode": options.cache})

    async def policies(self) -> list[CachePolicy]:
        """All features' policies."""
        async with self._pool.connection() as connection:
            return [CachePolicy(**row) for row in await repo.fetch(connection, repo.POLICIES)]

    async def set_policy(self, policy: CachePolicy) -> CachePolicy:
        """Set a feature's policy. Raises InvalidInput for `semantic` where the database has no vectors."""
        async with self._pool.connection() as connection:
            if policy.mode == "semantic":
                try:
                    await repo.run(connection, repo.VECTORS)
                except psycopg.Error as error:
                    raise InvalidInput(
                        "This database has no vectors.",
                        field="mode",
                        remedy="Install pgvector for its PostgreSQL, or choose `exact`.",
                    ) from error
            values = [policy.feature, policy.mode, policy.seconds, policy.likeness]
            await repo.run(connection, repo.SET_POLICY, values)
        self._read_at = float("-inf")
        return policy

    async def clear(self, feature: str | None = None) -> int:
        """Forget all answers, or a feature's; gives how many."""
        async with self._pool.connection() as connection:
            return await repo.run(connection, repo.CLEAR, {"feature": feature})

    async def find(self, asked: Asked) -> UUID | None:
        """The request that answered the very same question."""
        async with self._pool.connection() as connection:
            rows = await repo.fetch(connection, repo.FIND, [asked.hash])
        return rows[0]["request_id"] if rows else None

    async def nearest(self, asked: Asked, embedded: Embedded, likeness: float) -> UUID | None:
        """The request that answered the question most alike, if it is alike enough."""
        wanted = {"around": asked.around, "embedder": embedded.embedder, "embedding": embedded.vector}
        async with self._pool.connection() as connection:
            rows = await repo.fetch(connection, repo.NEAREST, wanted)
        return rows[0]["request_id"] if rows and rows[0]["likeness"] >= likeness else None

    async def store(
        self, asked: Asked, policy: CachePolicy, request: UUID, embedded: Embedded | None
    ) -> None:
        """Remember which request answered."""
        row = {
            "hash": asked.hash,
            "feature": policy.feature,
            "project": asked.project,
            "request": request,
            "seconds": policy.seconds,
            "around": asked.around if embedded else None,
            "embedder": embedded.embedder if embedded else None,
            "embedding": embedded.vector if embedded else None,
        }
        async with self._pool.connection() as connection:
            await repo.run(connection, repo.STORE, row)
            self._stored += 1
            if self._stored % _TIDY_EVERY == 0:
                await repo.run(connection, repo.EXPIRED)

    async def landed(self, asked: Asked) -> bool:
        """Waits for a call that asks the very same at this moment; gives whether there was one."""
        flight = self._flights.get(asked.hash)
        if flight is None:
            return False
        await asyncio.shield(flight)
        return True

    @contextmanager
    def flight(self, asked: Asked) -> Generator[None]:
        """For the block, others who ask the same wait."""
        flight: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._flights[asked.hash] = flight
        try:
            yield
        finally:
            del self._flights[asked.hash]
            flight.set_result(None)


def read_question(
    messages: tuple[Message, ...], options: Options, context: CallContext, schema: Schema | None
) -> Asked:
    """The addresses of a question."""
    project = f"project {context.project_id}" if context.project_id else f"user {context.user_id or ''}"
    settings = [
        project,
        context.feature,
        {name: getattr(options, name) for name in _ANSWERING},
        [tool.model_dump() for tool in options.tools],
        schema.schema if schema else None,
        context.chain,
        context.tier,
    ]
    base = blake2b(orjson.dumps(settings, option=orjson.OPT_SORT_KEYS), digest_size=32)
    for message in messages[:-1]:
        base.update(blake2b(message.canonical(), digest_size=16).digest())
    around = base.digest()
    base.update(blake2b(messages[-1].canonical(), digest_size=16).digest())
    last = messages[-1]
    plain = last.role == "user" and isinstance(last.content, str) and not options.tools
    return Asked(base.digest(), around, last.text if plain else None, context.project_id or "")
