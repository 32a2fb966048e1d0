"""What `documents` takes and gives."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from scrivano.core.errors import Conflict, NotFound

AuthorKind = Literal["person", "run", "import"]


class DocumentNotFound(NotFound):
    """There is no such document or version."""


class DocumentChanged(Conflict):
    """Somebody else saved this text in the meantime."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Author(_Frozen):
    """Who wrote a version: a person, a run or an import, with its id where there is one."""

    kind: AuthorKind = "person"
    id: str | None = None


class Owner(_Frozen):
    """What a document belongs to: a feature, and the feature's own id for it (`books`, a book's id)."""

    feature: str
    id: str


class DocumentView(_Frozen):
    """A document without its text. `number` is the newest version's, 0 when it has none yet."""

    id: UUID
    kind: str
    owner: Owner | None
    title: str
    number: int
    created_at: datetime


class VersionInfo(_Frozen):
    """A version without its text."""

    id: UUID
    document_id: UUID
    number: int
    author: Author
    note: str
    created_at: datetime


class VersionView(VersionInfo):
    """A version. `sources` say where its passages come from, in the words of the feature that wrote it."""

    text: str
    request_ids: tuple[UUID, ...] = ()
    sources: tuple[dict[str, Any], ...] = ()


class DiffLine(_Frozen):
    """One line of a comparison."""

    kind: Literal["same", "added", "removed"]
    text: str


class Diff(_Frozen):
    """What changed from one version to another, line by line. `unified` is the same as a patch."""

    old: int
    new: int
    lines: tuple[DiffLine, ...]
    unified: str
