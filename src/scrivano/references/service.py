"""Use-cases of uploaded references: bring, read, find, change, take away."""

import asyncio
import builtins
import hashlib
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import Conflict, InvalidInput, LimitReached
from scrivano.core.ids import new_id
from scrivano.events.public import EventLog
from scrivano.llm.public import CallContext, LLMService
from scrivano.references import repo
from scrivano.references.checks import (
    check_chapter,
    check_query,
    checked_language,
    checked_name,
    checked_title,
    too_large,
)
from scrivano.references.conversion.sniffing import MEDIA_TYPES, format_of_name
from scrivano.references.dto import (
    Found,
    Passage,
    Reference,
    ReferenceExists,
    ReferenceKind,
    ReferenceNotFound,
    ReferenceNotReady,
    ReferenceOrder,
    ReferenceSort,
    ReferenceStatus,
    ReferenceView,
    Use,
)
from scrivano.references.intake import get_file, tell
from scrivano.references.languages import configuration_of
from scrivano.references.models import FileRow
from scrivano.references.reading import MAX_BYTES
from scrivano.references.rows import SEARCHED_CHARACTERS, passage_of, reference_of, use_of, view_of
from scrivano.references.searching import Directions, Searching
from scrivano.runs.public import Runs

MAX_REFERENCES = 5000
"""References that one project may have."""

PIPELINE = "read_reference"


class Library:
    """The references that people uploaded, by project."""

    def __init__(self, database: Database, events: EventLog, runs: Runs, llm: LLMService) -> None:
        self._database = database
        self._events = events
        self._runs = runs
        self._searching = Searching(database, llm)

    async def add(
        self,
        project_id: UUID,
        name: str,
        content: bytes,
        *,
        kind: ReferenceKind = "other",
        language: str = "",
        from_chapter: int | None = None,
        created_by: UUID | None = None,
        queue: bool = True,
    ) -> ReferenceView:
        """Keep a file and start the run that reads it; returns while that is `converting`.

        Without `queue` no run is started: the caller reads it by `Intake.convert`.

        The same file under the same name is given back as it is. Raises ReferenceExists for another one of this
        name, ReferenceTooLarge over 50 MB, InvalidInput for a bad name, language or chapter.
        """
        name = checked_name(name)
        check_chapter(from_chapter)
        language = checked_language(language)
        if len(content) > MAX_BYTES:
            raise too_large()
        if not content:
            raise InvalidInput("The file is empty.", field="body", remedy="Upload one with words in it.")
        moment, reference_id = clock.now(), new_id()
        form = format_of_name(name)
        row = FileRow(
            id=reference_id,
            project_id=project_id,
            name=name,
            title="",
            kind=kind,
            status="converting",
            problem=None,
            media_type=MEDIA_TYPES[form] if form else "application/octet-stream",
            sha256=await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest()),
            size=len(content),
            language=language,
            configuration=configuration_of(language),
            words=0,
            passages=0,
            page_starts=[],
            text="",
            from_chapter=from_chapter,
            embedding_model=None,
            run_id=str(new_id()) if queue else None,
            created_by=created_by,
            created_at=moment,
            updated_at=moment,
        )
        kept = await self._kept(row, content)
        if kept.status == "converting" and queue:
            await self._start(kept)
        return view_of(kept)

    async def _kept(self, row: FileRow, content: bytes) -> FileRow:
        async with self._database.begin() as session:
            await repo.lock_content(session, f"{row.project_id} {row.name}")
            await repo.lock_content(session, row.sha256)
            there = await repo.file_named(session, row.project_id, row.name)
            if there is not None and there.sha256 == row.sha256:
                return there
            if there is not None:
                raise _exists(row.name)
            count, _ = await repo.sizes(session, row.project_id)
            if count >= MAX_REFERENCES:
                raise LimitReached(
                    f"The project has {count:,} references, which is the most.",
                    remedy="Remove some that are not needed.",
                )
            await repo.add_original(session, row.sha256, content)
            await repo.add_file(session, row)
            await tell(self._events, session, row, "reference_added")
        return row

    async def _start(self, row: FileRow) -> None:
        if row.run_id is None:
            return
        order = ReferenceOrder(reference_id=row.id)
        await self._runs.start(PIPELINE, order, run_id=row.run_id, project_id=row.project_id)

    async def get(self, reference_id: UUID) -> ReferenceView:
        """One reference. Raises ReferenceNotFound."""
        async with self._database.read() as session:
            return view_of(await get_file(session, reference_id))

    async def project_of(self, reference_id: UUID) -> UUID | None:
        """The project of a reference; None where there is no such reference."""
        async with self._database.read() as session:
            return await repo.project_of(session, reference_id)

    async def find(self, project_id: UUID, said: str) -> ReferenceView:
        """The reference of this name, or whose id begins so. Raises ReferenceNotFound, or Conflict for several."""
        async with self._database.read() as session:
            rows = await repo.files_beginning(session, project_id, said)
        exact = [row for row in rows if row.name == said] or rows
        if not exact:
            raise ReferenceNotFound(
                f"There is no reference {said!r}.", remedy="See: scrivano references list"
            )
        if len(exact) > 1:
            raise Conflict(f"Several references begin with {said!r}.", remedy="Give more of the id.")
        return view_of(exact[0])

    async def list(
        self,
        project_id: UUID,
        *,
        kind: ReferenceKind | None = None,
        status: ReferenceStatus | None = None,
        words: str = "",
        sort: ReferenceSort = "name",
        limit: int = 50,
        offset: int = 0,
    ) -> builtins.list[ReferenceView]:
        """A project's references by name, or as `sort` says; with `words` only those whose name or title has them."""
        async with self._database.read() as session:
            rows = await repo.list_files(
                session,
                project_id,
                kind=kind,
                status=status,
                words=words,
                sort=sort,
                limit=limit,
                offset=offset,
            )
        return [view_of(row) for row in rows]

    async def get_many(self, project_id: UUID, ids: Sequence[UUID]) -> builtins.list[Reference]:
        """References with their texts, in the order of `ids`, each once.

        Raises ReferenceNotFound where one is not the project's, ReferenceNotReady where one was not read (yet).
        """
        wanted = builtins.list(dict.fromkeys(ids))
        async with self._database.read() as session:
            rows = {row.id: row for row in await repo.files_of(session, project_id, wanted)}
            later = await repo.revealed_later(session, wanted)
        for reference_id in wanted:
            if reference_id not in rows:
                raise ReferenceNotFound(f"The project has no reference {reference_id}.", field="references")
            if rows[reference_id].status != "ready":
                raise _not_ready(rows[reference_id])
        own = {i: {n: chapter for r, n, chapter in later if r == i} for i in wanted}
        return [reference_of(rows[i], own[i]) for i in wanted]

    async def search(
        self,
        project_id: UUID,
        query: str,
        limit: int = 10,
        *,
        kinds: Collection[ReferenceKind] | None = None,
        up_to_chapter: int | None = None,
    ) -> builtins.list[Found]:
        """The passages of a project that fit `query` best: by their words in the language of each, and by meaning
        where an embedding model has made vectors, or the built-in ones stand in for it.

        With quotation marks or a minus the query is read as search engines do. With `up_to_chapter`, what the
        story tells later is left out. Raises InvalidInput for an empty or endless query.
        """
        check_query(query)
        check_chapter(up_to_chapter, "up_to_chapter")
        return await self._searching.search(project_id, query, limit, kinds, up_to_chapter)

    async def directions(self, project_id: UUID, query: str, context: CallContext) -> Directions | None:
        """The vector of `query` with those of all passages of a project, by the model that made most of these.

        None where no model made any, or it is away; built-in vectors are no model's.
        """
        return await self._searching.directions(project_id, query, context)

    async def text(self, reference_id: UUID) -> str:
        """What was read, as Markdown. Raises ReferenceNotFound, ReferenceNotReady."""
        async with self._database.read() as session:
            row = await repo.get_file(session, reference_id, with_text=True)
        if row is None:
            raise _no(reference_id)
        if row.status != "ready":
            raise _not_ready(row)
        return row.text

    async def original(self, reference_id: UUID) -> tuple[ReferenceView, bytes]:
        """The file as it was uploaded. Raises ReferenceNotFound."""
        async with self._database.read() as session:
            row = await get_file(session, reference_id)
            content = await repo.get_original(session, row.sha256)
        if content is None:
            raise _no(reference_id)
        return view_of(row), content

    async def passages(
        self, reference_id: UUID, *, limit: int = 50, offset: int = 0
    ) -> builtins.list[Passage]:
        """A reference's passages in the order of its text. Raises ReferenceNotFound."""
        async with self._database.read() as session:
            file = await get_file(session, reference_id)
            rows = await repo.passages(session, reference_id, limit=limit, offset=offset)
        return [passage_of(file, row) for row in rows]

    async def change(self, reference_id: UUID, **changes: Any) -> ReferenceView:
        """Change `name`, `title`, `kind`, `language` or `from_chapter`; what is not given stays.

        Raises ReferenceNotFound, ReferenceExists where another one has the name, InvalidInput.
        """
        async with self._database.begin() as session:
            row = await get_file(session, reference_id, lock=True)
            if "name" in changes:
                name = changes["name"] = checked_name(changes["name"])
                await repo.lock_content(session, f"{row.project_id} {name}")
                there = await repo.file_named(session, row.project_id, name)
                if there is not None and there.id != row.id:
                    raise _exists(name)
            if "title" in changes:
                changes["title"] = checked_title(changes["title"])
            check_chapter(changes.get("from_chapter"))
            if "language" in changes:
                changes["language"] = checked_language(changes["language"])
                changes["configuration"] = configuration_of(changes["language"])
                if changes["configuration"] != row.configuration:
                    await repo.index_anew(session, row.id, changes["configuration"], SEARCHED_CHARACTERS)
            await repo.set_converted(session, row, clock.now(), **changes)
            await tell(self._events, session, row, "reference_changed")
            return view_of(row)

    async def change_passage(self, reference_id: UUID, number: int, from_chapter: int | None) -> Passage:
        """Say from which chapter on a passage may be told; None leaves it to the reference.

        Raises ReferenceNotFound for a reference or passage that is not there, InvalidInput.
        """
        check_chapter(from_chapter)
        async with self._database.begin() as session:
            file = await get_file(session, reference_id, lock=True)
            row = await repo.get_passage(session, reference_id, number) if number < 2**31 else None
            if row is None:
                raise ReferenceNotFound(f"{file.name} has no passage {number}.", field="number")
            row.from_chapter = from_chapter
            return passage_of(file, row)

    async def remove(self, reference_id: UUID) -> None:
        """Forget a reference: its file, its passages and where they were used. What was written with it stays.

        Raises ReferenceNotFound.
        """
        async with self._database.begin() as session:
            row = await get_file(session, reference_id)
            await repo.lock_content(session, row.sha256)
            await repo.delete_file(session, reference_id)
            await repo.drop_unused_original(session, row.sha256)
            await tell(self._events, session, row, "reference_removed")

    async def forget_project(self, project_id: UUID) -> None:
        """Remove all references of a project."""
        while rows := await self.list(project_id, limit=500):
            for row in rows:
                await self.remove(row.id)

    async def note_uses(
        self,
        project_id: UUID,
        passages: Sequence[tuple[UUID, int]],
        *,
        feature: str,
        item_id: str,
        place: str = "",
        request_id: UUID | None = None,
    ) -> None:
        """Remember that passages (reference and number) were used in a place, such as `chapter 3` of a book.

        What is not the project's is passed over. The same place twice counts once.
        """
        async with self._database.begin() as session:
            known = await repo.existing(session, project_id, {reference for reference, _ in passages})
            moment = clock.now()
            rows = [
                {
                    "reference_id": reference,
                    "passage": number,
                    "feature": feature,
                    "item_id": item_id,
                    "place": place,
                    "request_id": request_id,
                    "used_at": moment,
                }
                for reference, number in sorted(set(passages))
                if reference in known
            ]
            await repo.add_uses(session, rows)

    async def uses(self, reference_id: UUID, *, limit: int = 50, offset: int = 0) -> builtins.list[Use]:
        """What was written with a reference's passages, newest first. Raises ReferenceNotFound."""
        async with self._database.read() as session:
            await get_file(session, reference_id)
            rows = await repo.uses_of(session, reference_id, limit=limit, offset=offset)
        return [use_of(row) for row in rows]

    async def read_again(self, reference_id: UUID) -> ReferenceView:
        """Read a file anew: one that failed, one whose run was lost, or with what Scrivano has learnt since.

        Raises ReferenceNotFound.
        """
        async with self._database.begin() as session:
            row = await get_file(session, reference_id, lock=True)
            if row.status != "converting" or row.run_id is None:
                changes = {"status": "converting", "problem": None, "run_id": str(new_id())}
                await repo.set_converted(session, row, clock.now(), **changes)
        await self._start(row)
        return view_of(row)


def _no(reference_id: UUID) -> ReferenceNotFound:
    return ReferenceNotFound(f"There is no reference {reference_id}.")


def _exists(name: str) -> ReferenceExists:
    return ReferenceExists(
        f"There is another reference named {name}.",
        field="name",
        remedy="Give this one another name, or remove the other first.",
    )


def _not_ready(row: FileRow) -> ReferenceNotReady:
    if row.status == "failed":
        reason = (row.problem or {}).get("reason", "")
        return ReferenceNotReady(
            f"{row.name} could not be read: {reason}", field="references", remedy="Leave it out."
        )
    return ReferenceNotReady(
        f"{row.name} is still being read.", field="references", remedy="Wait until it is ready."
    )
