"""Searching a project's passages: by their words, by their meaning where there are vectors, and both.

Vectors are a model's, or the built-in ones where none was in reach; a question is compared with each by its own."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from scrivano.core.database import Database
from scrivano.llm.public import CallContext, LLMError, LLMService, ModelView, Options
from scrivano.references import repo_search as repo
from scrivano.references.dto import Found, Passage, ReferenceKind
from scrivano.references.languages import spaced
from scrivano.references.meaning import BUILT_IN, meanings
from scrivano.references.ranking import (
    NEAR,
    NEAR_BUILT_IN,
    by_direction,
    by_telling_words,
    fused,
    snippet_of,
    unpacked,
)

_log = logging.getLogger(__name__)
_CANDIDATES = 200
_MEANING_WEIGHT = 1.0
_WORDS_WEIGHT = 1.0
_ENGINE_WEIGHT = 0.5

_Key = tuple[UUID, int]


async def embedding_model(llm: LLMService) -> ModelView | None:
    """The model that makes vectors of references: one on this machine or in its network, never one in the cloud,
    as whole files of a person's would go there."""
    for model in await llm.reachable_models():
        if "embeddings" in model.capabilities and model.locality != "cloud":
            return model
    return None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as a direction among the vectors of `model`, and the cosine from which on a passage is near it."""

    model: str
    direction: tuple[float, ...]
    near: float


@dataclass(frozen=True, slots=True)
class Directions:
    """Where a text points, and where a project's passages do, by reference and number, by the same model."""

    asked: tuple[float, ...]
    passages: dict[tuple[UUID, int], tuple[float, ...]]


class Searching:
    """The search over what a project's references hold."""

    def __init__(self, database: Database, llm: LLMService) -> None:
        self._database = database
        self._llm = llm

    async def search(
        self,
        project_id: UUID,
        query: str,
        limit: int,
        kinds: Collection[ReferenceKind] | None,
        up_to_chapter: int | None,
    ) -> list[Found]:
        """See `Library.search`."""
        narrowed: dict[str, Any] = {
            "project_id": project_id,
            "kinds": list(kinds) if kinds is not None else None,
            "chapter": up_to_chapter,
        }
        async with self._database.read() as session:
            places = await repo.places(session, project_id)
            ranked: list[tuple[UUID, int, float]] = []
            for configuration in sorted({row["configuration"] for row in places}):
                ranked += await repo.by_words(session, configuration, spaced(query), _CANDIDATES, narrowed)
        ranked.sort(key=lambda entry: -entry[2])
        by_engine = [(entry[0], entry[1]) for entry in ranked[:_CANDIDATES]]
        by_meaning = [
            await self._nearest(asked, narrowed) for asked in await self._asked(project_id, query, places)
        ]
        words, meaning = set(by_engine), {key for nearest in by_meaning for key in nearest}
        async with self._database.read() as session:
            rows = await repo.shown(session, list(words | meaning))
        by_key = {(row["reference_id"], row["number"]): row for row in rows}
        total = sum(int(row["passages"]) for row in places)
        texts = {key: (by_key[key]["text"], by_key[key]["headings"]) for key in by_engine if key in by_key}
        by_words = await asyncio.to_thread(by_telling_words, query, texts, total)
        scores = fused(
            (_WORDS_WEIGHT, by_words),
            (_ENGINE_WEIGHT, by_engine),
            *((_MEANING_WEIGHT, nearest) for nearest in by_meaning),
        )
        best = sorted((key for key in scores if key in by_key), key=lambda k: (-scores[k], str(k[0]), k[1]))
        return [
            _found(by_key[key], scores[key], query, by_words=key in words, by_meaning=key in meaning)
            for key in best[:limit]
        ]

    async def _asked(self, project_id: UUID, query: str, places: Sequence[RowMapping]) -> list[_Asked]:
        """Where the question points, for the vectors of the model that made most of them, unless it is away, and for
        the built-in ones."""
        asked: list[_Asked] = []
        context = CallContext(feature="references", purpose="search_references", project_id=str(project_id))
        if model := _most_used(places):
            direction = await self._direction(query, model, context)
            if direction is not None:
                asked.append(_Asked(model, direction, NEAR))
        if any(row["embedding_model"] == BUILT_IN for row in places):
            [row] = await asyncio.to_thread(meanings, [query])
            asked.append(_Asked(BUILT_IN, tuple(row.tolist()), NEAR_BUILT_IN))
        return asked

    async def _nearest(self, asked: _Asked, narrowed: dict[str, Any]) -> list[_Key]:
        async with self._database.read() as session:
            stored = await repo.vectors(session, asked.model, narrowed)
        return await asyncio.to_thread(by_direction, asked.direction, stored, _CANDIDATES // 2, asked.near)

    async def directions(self, project_id: UUID, query: str, context: CallContext) -> Directions | None:
        """See `Library.directions`."""
        async with self._database.read() as session:
            places = await repo.places(session, project_id)
        model = _most_used(places)
        direction = await self._direction(query, model, context) if model else None
        if model is None or direction is None:
            return None
        narrowed: dict[str, Any] = {"project_id": project_id, "kinds": None, "chapter": None}
        async with self._database.read() as session:
            stored = await repo.vectors(session, model, narrowed)
        found: dict[_Key, tuple[float, ...]] = {}
        for reference, numbers, raw in stored:
            vectors = await asyncio.to_thread(unpacked, numbers, raw)
            found |= {(reference, number): vector for number, vector in vectors.items()}
        return Directions(direction, found)

    async def _direction(self, query: str, model: str, context: CallContext) -> tuple[float, ...] | None:
        try:
            asked = await self._llm.embed([query], options=Options(model=model, retries=0), context=context)
        except LLMError as error:
            _log.info("References are looked through by words alone: %s", error)
            return None
        return tuple(asked.vectors[0])


def _most_used(places: Sequence[RowMapping]) -> str | None:
    """The model that made most of a project's vectors; None where none did, built-in ones left out."""
    counts: dict[str, int] = {}
    for row in places:
        if row["embedding_model"] not in (None, BUILT_IN):
            counts[row["embedding_model"]] = counts.get(row["embedding_model"], 0) + int(row["passages"])
    return max(counts, key=lambda name: counts[name]) if counts else None


def passage_of(row: RowMapping) -> Passage:
    """A stored passage as others use it."""
    return Passage(
        id=f"{row['name']}#{row['number']}",
        source=row["name"],
        source_title=row["title"],
        headings=row["headings"],
        text=row["text"],
        start=row["begins"],
        end=row["ends"],
        kind=row["kind"],
        number=row["number"],
        reference_id=row["reference_id"],
        page=row["page"],
        from_chapter=row["from_chapter"],
    )


def _found(row: RowMapping, score: float, query: str, *, by_words: bool, by_meaning: bool) -> Found:
    start, end, marks = snippet_of(row["text"], query)
    return Found(
        reference_id=row["reference_id"],
        kind=row["reference_kind"],
        passage=passage_of(row),
        score=score,
        snippet=row["text"][start:end],
        snippet_start=row["begins"] + start,
        snippet_end=row["begins"] + end,
        marks=marks,
        by_words=by_words,
        by_meaning=by_meaning,
    )
