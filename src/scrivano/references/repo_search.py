"""SQL of the search over passages."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Integer, Text, Uuid

_READY = """
    f.project_id = :project_id AND f.status = 'ready'
    AND (CAST(:kinds AS text[]) IS NULL OR f.kind = ANY (:kinds))
    AND (CAST(:chapter AS integer) IS NULL OR coalesce(p.from_chapter, f.from_chapter, 0) <= :chapter)
"""
_PLACES = text(
    """
    SELECT f.configuration, f.embedding_model, sum(f.passages) AS passages
    FROM reference_files f WHERE f.project_id = :project_id AND f.status = 'ready' GROUP BY 1, 2
    """
)
# All words are wanted, but some are enough: how many, and how near to each other, decides the rank.
_BY_WORDS = text(
    f"""
    WITH q AS MATERIALIZED (
        SELECT websearch_to_tsquery(CAST(CAST(:configuration AS text) AS regconfig), :query) AS every,
            CAST(replace(CAST(plainto_tsquery(CAST(CAST(:configuration AS text) AS regconfig), :query) AS text),
                '&', '|') AS tsquery) AS some
    )
    SELECT p.reference_id, p.number,
        ts_rank_cd(p.search, q.some, 1) + CAST(p.search @@ q.every AS integer) AS rank
    FROM q, reference_passages p JOIN reference_files f ON f.id = p.reference_id
    WHERE {_READY} AND f.configuration = :configuration AND (p.search @@ q.some OR p.search @@ q.every)
    ORDER BY rank DESC, p.reference_id, p.number LIMIT :limit
    """
).bindparams(bindparam("kinds", type_=ARRAY(Text)))
# One row a reference: many rows of bytes cost more to fetch than to compare.
_VECTORS = text(
    f"""
    SELECT p.reference_id, array_agg(p.number ORDER BY p.number) AS numbers,
        string_agg(p.vector, CAST('' AS bytea) ORDER BY p.number) AS vectors
    FROM reference_passages p JOIN reference_files f ON f.id = p.reference_id
    WHERE {_READY} AND f.embedding_model = :model AND p.vector IS NOT NULL
    GROUP BY p.reference_id ORDER BY p.reference_id
    """
).bindparams(bindparam("kinds", type_=ARRAY(Text)))
_SHOWN = text(
    """
    SELECT p.reference_id, p.number, p.begins, p.ends, p.kind, p.headings, p.page, p.text,
        coalesce(p.from_chapter, f.from_chapter) AS from_chapter, f.name, f.title, f.kind AS reference_kind
    FROM unnest(:ids, :numbers) AS wanted (reference_id, number)
    JOIN reference_passages p USING (reference_id, number) JOIN reference_files f ON f.id = p.reference_id
    """
).bindparams(bindparam("ids", type_=ARRAY(Uuid)), bindparam("numbers", type_=ARRAY(Integer)))


async def places(session: AsyncSession, project_id: UUID) -> Sequence[RowMapping]:
    """Configuration, embedding model and number of passages of a project's references, grouped by the first two."""
    return (await session.execute(_PLACES, {"project_id": project_id})).mappings().all()


async def by_words(
    session: AsyncSession, configuration: str, query: str, limit: int, narrowed: dict[str, Any]
) -> Sequence[tuple[UUID, int, float]]:
    """Reference, number and rank of the passages that share a word with the query, best first."""
    values = {**narrowed, "configuration": configuration, "query": query, "limit": limit}
    return [(row[0], row[1], float(row[2])) for row in (await session.execute(_BY_WORDS, values)).all()]


async def vectors(
    session: AsyncSession, model: str, narrowed: dict[str, Any]
) -> Sequence[tuple[UUID, list[int], bytes]]:
    """Of each reference the numbers of its passages that have a vector of this model, and these in a row."""
    found = (await session.execute(_VECTORS, {**narrowed, "model": model})).all()
    return [(row[0], row[1], row[2]) for row in found]


async def shown(session: AsyncSession, keys: Sequence[tuple[UUID, int]]) -> Sequence[RowMapping]:
    """The passages with these references and numbers, with what is known of their references."""
    values = {"ids": [key[0] for key in keys], "numbers": [key[1] for key in keys]}
    return (await session.execute(_SHOWN, values)).mappings().all()
