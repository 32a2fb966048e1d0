"""All prompts with their versions and labels in one document, and the way back into the database."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.core.errors import InvalidInput
from scrivano.prompts import finding, loading, repo, repo_labels, rows
from scrivano.prompts.canonical import part_hash
from scrivano.prompts.dto import (
    Author,
    LabelName,
    LabelProtected,
    Line,
    Name,
    PartContent,
    PartKind,
    PromptNotFound,
    Tag,
    TemplateContent,
)
from scrivano.prompts.models import PartVersionRow, TemplateVersionRow
from scrivano.prompts.sandbox import Sandbox


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PartVersionFile(_File):
    """A version of a part in a file. `hash` is what template versions name it by."""

    hash: str
    note: str = ""
    content: PartContent


class PartHistory(_File):
    """A part with its versions, oldest first. `labels` point at the hashes of versions."""

    name: Name
    kind: PartKind
    description: Line
    tags: list[Tag] = []
    order: int = 0
    language: Line = "en"
    archived: bool = False
    labels: dict[LabelName, str] = {}
    versions: list[PartVersionFile]


class TemplateVersionFile(_File):
    """A version of a template in a file, with the hashes of the versions that it pins."""

    hash: str
    note: str = ""
    content: TemplateContent
    parts: dict[Name, str] = {}
    templates: dict[Name, str] = {}


class TemplateHistory(_File):
    """A template with its versions, oldest first."""

    name: Name
    description: Line
    tags: list[Tag] = []
    archived: bool = False
    labels: dict[LabelName, str] = {}
    versions: list[TemplateVersionFile]


class Archive(_File):
    """A file of prompts."""

    scrivano_prompts: Literal[1] = 1
    parts: list[PartHistory] = []
    templates: list[TemplateHistory] = []


async def closure(session: AsyncSession, names: Sequence[str]) -> tuple[set[str], set[str]]:
    """The names of the parts and templates that an export of `names` holds."""
    if not names:
        return set(await repo.part_names(session)), set(await repo.template_names(session))
    parts: set[str] = set()
    templates: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in templates:
            continue
        template = await repo.get_template(session, name)
        if template is None:
            if await repo.get_part(session, name) is None:
                raise PromptNotFound(f"There is no prompt and no part {name!r}.", field="names")
            parts.add(name)
            continue
        templates.add(name)
        for row in await repo.template_versions(session, template.id):
            parts |= {name for name, _ in await repo.pinned_parts(session, row.id)}
            waiting += [name for name, _ in await repo.included_templates(session, row.id)]
    return parts, templates


async def part_out(session: AsyncSession, name: str) -> PartHistory:
    part = await finding.part(session, name)
    versions = list(reversed(await repo.part_versions(session, part.id)))
    hashes = {row.id: row.content_hash for row in versions}
    return PartHistory.model_validate(
        {
            **rows.part_info(part, None).model_dump(exclude={"version"}),
            "labels": {
                v.label: hashes[v.version_id]
                for v in rows.label_views(await repo_labels.part_labels(session, part.id))
            },
            "versions": [
                {"hash": row.content_hash, "note": row.note, "content": rows.part_content(row)}
                for row in versions
            ],
        }
    )


async def template_out(session: AsyncSession, name: str) -> TemplateHistory:
    template = await finding.template(session, name)
    versions = list(reversed(await repo.template_versions(session, template.id)))
    hashes = {row.id: row.content_hash for row in versions}
    listed: list[dict[str, Any]] = []
    for row in versions:
        pins = await repo.pinned_parts(session, row.id)
        inner = await repo.included_templates(session, row.id)
        listed.append(
            {
                "hash": row.content_hash,
                "note": row.note,
                "content": rows.template_version(template, row, (), []).content,
                "parts": {name: part.content_hash for name, part in pins},
                "templates": {name: other.content_hash for name, other in inner},
            }
        )
    labels = rows.label_views(await repo_labels.template_labels(session, template.id))
    return TemplateHistory.model_validate(
        {
            **rows.template_info(template, None).model_dump(exclude={"version"}),
            "labels": {view.label: hashes[view.version_id] for view in labels},
            "versions": listed,
        }
    )


class Taking:
    """An archive on its way into the database, in one transaction."""

    def __init__(
        self,
        session: AsyncSession,
        author: Author,
        trusted: bool,
        protected: Sequence[str],
        sandbox: Sandbox | None,
    ) -> None:
        self._session = session
        self._sandbox = sandbox
        self._author = author
        self._protected = frozenset() if trusted else frozenset(protected)
        self._parts: dict[tuple[str, str], PartVersionRow] = {}
        self._templates: dict[tuple[str, str], TemplateVersionRow] = {}
        self.new: list[str] = []
        self.same: list[str] = []

    async def part(self, given: PartHistory) -> None:
        """A part with its versions and labels."""
        await repo.add_part(
            self._session, given.name, given.kind, given.description, given.tags, given.order, given.language
        )
        part = await finding.part(self._session, given.name, lock=True)
        known = {row.content_hash: row for row in await repo.part_versions(self._session, part.id)}
        part.archived_at = clock.now() if given.archived else None
        fresh = False
        for version in given.versions:
            digest = part_hash(version.content)
            if digest not in known:
                known[digest] = await repo.add_part_version(
                    self._session, part, version.content, version.note, self._author
                )
                fresh = True
            self._parts[given.name, version.hash] = known[digest]
        for label, digest in given.labels.items():
            self._may_move(label)
            row = self._labelled(self._parts, given.name, digest)
            await loading.point_part(self._session, part, label, row, self._author)
        (self.new if fresh else self.same).append(given.name)

    async def templates(self, given: Sequence[TemplateHistory]) -> None:
        """Templates with their versions, each once all that it pins is there; then their labels."""
        waiting = [(history, version) for history in given for version in history.versions]
        fresh: set[str] = set()
        while waiting:
            left = [(h, v) for h, v in waiting if not await self._version(h, v, fresh)]
            if len(left) == len(waiting):
                name, version = left[0][0].name, left[0][1]
                raise InvalidInput(
                    f"A version of {name} pins what is not in the file: {_listed(version)}.",
                    field="templates",
                    remedy="Export it together with its parts and templates.",
                )
            waiting = left
        for history in given:
            template = await finding.template(self._session, history.name, lock=True)
            template.archived_at = clock.now() if history.archived else None
            for label, digest in history.labels.items():
                self._may_move(label)
                row = self._labelled(self._templates, history.name, digest)
                await loading.point(self._session, template, label, row, self._author)
            (self.new if history.name in fresh else self.same).append(history.name)

    async def _version(self, history: TemplateHistory, version: TemplateVersionFile, fresh: set[str]) -> bool:
        """Whether the version could be placed; all of its own earlier ones have to come first."""
        parts = [(name, self._parts.get((name, digest))) for name, digest in sorted(version.parts.items())]
        inner = [(n, self._templates.get((n, digest))) for n, digest in sorted(version.templates.items())]
        pinned = [(name, row) for name, row in parts if row is not None]
        included = [(name, row) for name, row in inner if row is not None]
        if len(pinned) < len(parts) or len(included) < len(inner):
            return False
        earlier = history.versions[: history.versions.index(version)]
        if any((history.name, each.hash) not in self._templates for each in earlier):
            return False
        await repo.add_template(self._session, history.name, history.description, history.tags)
        template = await finding.template(self._session, history.name, lock=True)
        making = loading.Making(template, version.content, pinned, included)
        digest = making.hash
        found = [
            row
            for row in await repo.template_versions(self._session, template.id)
            if row.content_hash == digest
        ]
        if not found:
            if version.hash in history.labels.values():
                await loading.check(self._session, making, self._sandbox)
            found = [await loading.add(self._session, making, version.note, self._author)]
            fresh.add(history.name)
        self._templates[history.name, version.hash] = found[0]
        return True

    def _may_move(self, label: str) -> None:
        if label in self._protected:
            raise LabelProtected(f"The label {label} is protected.", field="labels")

    def _labelled(self, known: Mapping[tuple[str, str], Any], name: str, digest: str) -> Any:
        if (name, digest) not in known:
            raise InvalidInput(
                f"A label of {name} points at a version that the file does not have.", field="labels"
            )
        return known[name, digest]


def _listed(version: TemplateVersionFile) -> str:
    return ", ".join([*version.parts, *version.templates])
