"""Rows of uploaded references as others see them, and what is read of a file as rows."""

from collections.abc import Iterator
from typing import Any

from scrivano.references.conversion.converter import Converted
from scrivano.references.dto import Passage, ReadingProblem, Reference, ReferenceView, Use
from scrivano.references.languages import spaced
from scrivano.references.meaning import BUILT_IN
from scrivano.references.models import FileRow, PassageRow, UseRow

SEARCHED_CHARACTERS = 200_000
"""Characters of a passage that are searched by words: PostgreSQL holds at most 1 MiB of terms for one."""

_BATCH = 2000
_BATCH_CHARACTERS = 4_000_000


def batches(read: Converted) -> Iterator[list[dict[str, Any]]]:
    """Rows of passages in pieces that are borne in memory twice."""
    batch: list[dict[str, Any]] = []
    size = 0
    for number, passage in enumerate(read.passages, 1):
        text = read.text[passage.start : passage.end]
        batch.append(
            {
                "number": number,
                "begins": passage.start,
                "ends": passage.end,
                "kind": passage.kind,
                "headings": passage.headings,
                "page": passage.page,
                "text": text,
                "title_terms": spaced(" ".join(passage.headings)),
                "terms": spaced(text[:SEARCHED_CHARACTERS]),
            }
        )
        size += len(text)
        if len(batch) >= _BATCH or size >= _BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def reference_of(row: FileRow, later: dict[int, int]) -> Reference:
    """A reference with its text; `later` says from which chapters on single passages may be told."""
    return Reference(
        id=row.id,
        name=row.name,
        title=row.title,
        media_type=row.media_type,
        sha256=row.sha256,
        words=row.words,
        text=row.text,
        kind=row.kind,  # type: ignore[arg-type]
        language=row.language,
        page_starts=row.page_starts,
        from_chapter=row.from_chapter,
        passages_from_chapter=later,
    )


def passage_of(file: FileRow, row: PassageRow) -> Passage:
    """A stored passage of `file`."""
    return Passage(
        id=f"{file.name}#{row.number}",
        source=file.name,
        source_title=file.title,
        headings=row.headings,
        text=row.text,
        start=row.begins,
        end=row.ends,
        kind=row.kind,  # type: ignore[arg-type]
        number=row.number,
        reference_id=file.id,
        page=row.page,
        from_chapter=row.from_chapter if row.from_chapter is not None else file.from_chapter,
    )


def use_of(row: UseRow) -> Use:
    """Where a passage was used."""
    return Use.model_validate(row, from_attributes=True)


def view_of(row: FileRow) -> ReferenceView:
    """A reference without its text."""
    return ReferenceView(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        title=row.title or row.name,
        kind=row.kind,  # type: ignore[arg-type]
        status=row.status,  # type: ignore[arg-type]
        problem=ReadingProblem.model_validate(row.problem) if row.problem else None,
        media_type=row.media_type,
        sha256=row.sha256,
        size=row.size,
        language=row.language,
        words=row.words,
        pages=len(row.page_starts) or None,
        passages=row.passages,
        from_chapter=row.from_chapter,
        embedding_model=None if row.embedding_model == BUILT_IN else row.embedding_model,
        run_id=row.run_id,
        created_by=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
