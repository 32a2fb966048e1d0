"""Reading uploaded files: conversion to passages, and vectors of these."""

import asyncio
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock, crashpoints
from scrivano.core.database import Database
from scrivano.events.public import EventLog
from scrivano.llm.public import CallContext, LLMError, LLMService, Options
from scrivano.references import repo
from scrivano.references.conversion.converter import Converted, convert
from scrivano.references.conversion.refusal import Refused
from scrivano.references.dto import ReadingProblem, ReferenceNotFound, ReferenceView
from scrivano.references.languages import configuration_of
from scrivano.references.meaning import BUILT_IN, meanings, understood
from scrivano.references.models import FileRow, PassageRow
from scrivano.references.ranking import packed
from scrivano.references.rows import batches, view_of
from scrivano.references.searching import embedding_model

_AT_ONCE = 2
_EMBEDDED_AT_ONCE = 32
_EMBEDDED_AT_ONCE_HERE = 1000
_EMBEDDED_CHARACTERS = 6000


class Intake:
    """What the worker does with an uploaded file. At most two are converted at once in a process."""

    def __init__(self, database: Database, events: EventLog, llm: LLMService) -> None:
        self._database = database
        self._events = events
        self._llm = llm
        self._converting = asyncio.Semaphore(_AT_ONCE)

    async def convert(self, reference_id: UUID) -> ReferenceView:
        """Read a file that waits for it, in a process of its own; a file that was read already stays as it is.

        Ends in `ready` or `failed`. Raises ReferenceNotFound.
        """
        async with self._database.read() as session:
            row = await get_file(session, reference_id)
            content = await repo.get_original(session, row.sha256) if row.status == "converting" else None
        if content is None:
            return view_of(row)
        try:
            async with self._converting:
                read = await convert(content, row.name)
        except Refused as refused:
            return await self._failed(reference_id, refused)
        crashpoints.reach("references.converted")
        return await self._ready(reference_id, read)

    async def _failed(self, reference_id: UUID, refused: Refused) -> ReferenceView:
        problem = ReadingProblem(reason=refused.reason, remedy=refused.remedy)
        async with self._database.begin() as session:
            row = await get_file(session, reference_id, lock=True)
            if row.status == "converting":
                changes = {"status": "failed", "problem": problem.model_dump()}
                await repo.set_converted(session, row, clock.now(), **changes)
                await tell(self._events, session, row, "reference_failed")
            return view_of(row)

    async def _ready(self, reference_id: UUID, read: Converted) -> ReferenceView:
        rows = list(batches(read))
        async with self._database.begin() as session:
            row = await get_file(session, reference_id, lock=True)
            if row.status != "converting":
                return view_of(row)
            language = row.language or read.language
            configuration = configuration_of(language)
            await repo.replace_passages(session, reference_id, configuration, rows)
            await repo.set_converted(
                session,
                row,
                clock.now(),
                status="ready",
                title=row.title or read.title,
                media_type=read.media_type,
                language=language,
                configuration=configuration,
                words=read.words,
                passages=len(read.passages),
                page_starts=read.page_starts,
                text=read.text,
                embedding_model=None,
            )
            await tell(self._events, session, row, "reference_ready")
            return view_of(row)

    async def embed(self, reference_id: UUID) -> ReferenceView:
        """Make vectors of a reference's passages: by a local embedding model if one is in reach, which also takes
        the place of built-in vectors, else those. What was made before a crash is not made again.

        Raises ReferenceNotFound.
        """
        async with self._database.read() as session:
            row = await get_file(session, reference_id)
            file, built_in = view_of(row), row.embedding_model == BUILT_IN
        if file.status != "ready" or file.embedding_model is not None:
            return file
        await self._llm.registry.discover()
        model = await embedding_model(self._llm)
        if model is None:
            return await self._embed_here(reference_id)
        if built_in:
            async with self._database.begin() as session:
                row = await get_file(session, reference_id, lock=True)
                await repo.forget_vectors(session, reference_id)
                await repo.set_converted(session, row, clock.now(), embedding_model=None)
        options = Options(model=f"{model.provider}/{model.name}")
        while True:
            async with self._database.read() as session:
                rows = await repo.without_vectors(session, reference_id, _EMBEDDED_AT_ONCE)
            if not rows:
                break
            context = CallContext(
                feature="references",
                purpose="embed_passages",
                run_id=file.run_id,
                project_id=str(file.project_id),
                key=f"{file.run_id or file.id} embed {model.name} {rows[0].number}",
            )
            texts = [_embedded_text(file, row) for row in rows]
            try:
                made = await self._llm.embed(texts, options=options, context=context)
            except LLMError:
                return await self._embed_here(reference_id)
            vectors = {row.number: packed(v) for row, v in zip(rows, made.vectors, strict=True)}
            async with self._database.begin() as session:
                await repo.set_vectors(session, reference_id, vectors)
        async with self._database.begin() as session:
            row = await get_file(session, reference_id, lock=True)
            await repo.set_converted(session, row, clock.now(), embedding_model=options.model)
            return view_of(row)

    async def _embed_here(self, reference_id: UUID) -> ReferenceView:
        """Make built-in vectors of the passages that have none of these yet. A text that they know too little of
        stays as it is."""
        async with self._database.begin() as session:
            row = await get_file(session, reference_id, lock=True, with_text=True)
            file = view_of(row)
            if row.embedding_model != BUILT_IN:
                if not understood(row.language, row.text):
                    return file
                # Named first: whatever comes in between, there are never vectors of two kinds in one file.
                await repo.forget_vectors(session, reference_id)
                await repo.set_converted(session, row, clock.now(), embedding_model=BUILT_IN)
        while True:
            async with self._database.read() as session:
                rows = await repo.without_vectors(session, reference_id, _EMBEDDED_AT_ONCE_HERE)
            if not rows:
                return file
            made = await asyncio.to_thread(meanings, [row.text[:_EMBEDDED_CHARACTERS] for row in rows])
            vectors = {row.number: packed(v) for row, v in zip(rows, made, strict=True)}
            async with self._database.begin() as session:
                row = await get_file(session, reference_id, lock=True)
                if row.embedding_model != BUILT_IN:
                    return view_of(row)  # It is being read again.
                await repo.set_vectors(session, reference_id, vectors)


async def tell(events: EventLog, session: AsyncSession, row: FileRow, kind: str) -> None:
    """An event for those who look at the project, in the transaction of `session`."""
    told = {"reference_id": str(row.id), "name": row.name, "status": row.status}
    await events.append(f"project:{row.project_id}", kind, told, session=session)


async def get_file(
    session: AsyncSession, reference_id: UUID, *, lock: bool = False, with_text: bool = False
) -> FileRow:
    """A reference's row. Raises ReferenceNotFound."""
    row = await repo.get_file(session, reference_id, lock=lock, with_text=with_text)
    if row is None:
        raise ReferenceNotFound(f"There is no reference {reference_id}.")
    return row


def _embedded_text(file: ReferenceView, row: PassageRow) -> str:
    """A passage as it is made a vector of: under its headings, as alone it often does not say what it is about."""
    return "\n".join([" > ".join([file.title, *row.headings]), row.text[:_EMBEDDED_CHARACTERS]])
