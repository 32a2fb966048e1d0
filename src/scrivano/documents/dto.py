"""What `documents` takes and gives."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from scrivano.core.errors import Conflict, NotFound

AuthorKind = Literal["person", "run", "import"]
ProposalStatus = Literal["open", "accepted", "partly", "rejected", "superseded"]
DiffUnit = Literal["lines", "words"]


class DocumentNotFound(NotFound):
    """There is no such document, version, proposal or comment."""


class DocumentChanged(Conflict):
    """Somebody else saved this text in the meantime."""

    def __init__(self, title: str, *, expected: int, newest: int) -> None:
        """`expected` is the version that the caller knew, `newest` the one that is there."""
        self.versions = {"expected": expected, "newest": newest}
        super().__init__(
            f"“{title}” is at version {newest} by now; this text was made from version {expected}.",
            field="expected_number",
            remedy="Compare the two, then save again, or propose your text beside the newest.",
        )


class ProposalDecided(Conflict):
    """This proposal is decided already."""


class ProposalConflict(Conflict):
    """The newest version changed the same lines as this proposal."""


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
    open_proposals: int = 0
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
    """A version. `sources` say where its passages come from, in the words of the feature that wrote it.

    `proposal_id` is set in the answer to a run that met a person's text: the version is then the person's, as it
    stands, and what the run wrote waits as that proposal.
    """

    text: str
    request_ids: tuple[UUID, ...] = ()
    sources: tuple[dict[str, Any], ...] = ()
    proposal_id: UUID | None = None


class DiffLine(_Frozen):
    """One line of a comparison."""

    kind: Literal["same", "added", "removed"]
    text: str


class Diff(_Frozen):
    """What changed from one version to another, line by line or word by word.

    `lines` in order give the old text without what was added, and the new one without what was removed: line by
    line joined by line breaks, word by word as they are. `unified` is the same as a patch.
    """

    old: int
    new: int
    unit: DiffUnit = "lines"
    lines: tuple[DiffLine, ...]
    unified: str


class Hunk(_Frozen):
    """One place that a proposal changes, in lines of its base version. `index` counts from 0.

    `applies` says whether those lines still stand in the newest version as they did in the base.
    """

    index: int
    line: int = Field(description="Number of the first line concerned in the base version, from 1.")
    removed: tuple[str, ...]
    added: tuple[str, ...]
    applies: bool


class ProposalInfo(_Frozen):
    """A proposal without its text. `base_number` is the version that it was made from, 0 for none."""

    id: UUID
    document_id: UUID
    base_number: int
    author: Author
    note: str
    status: ProposalStatus
    result_number: int | None = Field(description="The version that it became, wholly or in part.")
    decided_by: str | None
    decided_at: datetime | None
    created_at: datetime


class ProposalView(ProposalInfo):
    """A proposal with its text and what it changes. `newest_number` is what it was compared with."""

    text: str
    newest_number: int
    hunks: tuple[Hunk, ...]
    request_ids: tuple[UUID, ...] = ()
    sources: tuple[dict[str, Any], ...] = ()


class CommentView(_Frozen):
    """A remark on a passage, with where that passage stands in the newest version.

    `start` and `end` count characters from 0; both are None where the passage is gone (`quote` still has it as it
    was). `changed` says that its words were altered: the place is then told by what stands around it. A reply has
    its first remark's place.
    """

    id: UUID
    document_id: UUID
    parent_id: UUID | None
    version_number: int
    quote: str
    start: int | None
    end: int | None
    changed: bool
    body: str
    author: Author
    resolved_at: datetime | None
    resolved_by: str | None
    created_at: datetime
    edited_at: datetime | None
