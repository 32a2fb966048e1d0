"""New versions that step on nobody's toes: the starter files, and parts that templates take up."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.ids import new_id
from scrivano.prompts import compiled, repo, rows
from scrivano.prompts.canonical import part_hash, template_hash
from scrivano.prompts.dto import (
    PRODUCTION,
    Author,
    PromptNotFound,
    StarterReport,
    TemplateContent,
    TemplateVersion,
    VersionInfo,
)
from scrivano.prompts.models import PartVersionRow, Template, TemplateVersionRow
from scrivano.prompts.starter_files import PartFile, StarterSet, TemplateFile

_STARTER = Author(kind="starter")
_NOTE = "Came with Scrivano."

Pins = Sequence[tuple[str, PartVersionRow]]


async def load(database: Database, starter: StarterSet) -> StarterReport:
    """Load a starter set, once however many processes try. One transaction: all of it or nothing."""
    async with database.begin() as session:
        if await repo.starter_digest(session) == starter.digest:
            return StarterReport(unchanged=True)
        await repo.lock_starter(session)
        if await repo.starter_digest(session) == starter.digest:
            return StarterReport(unchanged=True)
        report = _Report()
        parts = {file.name: await _load_part(session, file, report) for file in starter.parts()}
        for file in starter.templates():
            await _load_template(session, file, parts, report)
        await repo.set_starter_digest(session, starter.digest)
        return StarterReport(new_versions=tuple(report.new), kept_edited=tuple(report.kept))


async def add_if_new(
    session: AsyncSession,
    template: Template,
    content: TemplateContent,
    parts: Pins,
    note: str,
    author: Author,
    existing: Sequence[TemplateVersionRow],
) -> TemplateVersionRow:
    """The one of `existing` with this content, else a new version, checked. The caller holds the lock."""
    digest = template_hash(content, {name: part.content_hash for name, part in parts})
    for row in existing:
        if row.content_hash == digest:
            return row
    check(template, content, parts)
    return await repo.add_template_version(session, template, content, parts, note, author)


async def take_up_part(
    session: AsyncSession, template: Template, name: str, row: PartVersionRow, author: Author
) -> TemplateVersionRow:
    """A new production version of `template`, the same but for the part `name`. The caller holds the lock."""
    found = await repo.labelled_versions(session, [template.name], PRODUCTION)
    before = await _version(session, found[0][1])
    pins = await repo.pinned_parts(session, before.id)
    parts = [(part, row if part == name else pinned) for part, pinned in pins]
    content = rows.template_version(template, before, pins, []).content
    check(template, content, parts)
    note = f"Takes up version {row.number} of {name}."
    after = await repo.add_template_version(session, template, content, parts, note, author)
    await repo.set_template_label(session, template.id, PRODUCTION, after.id, author)
    return after


def check(template: Template, content: TemplateContent, parts: Pins) -> None:
    """Raise what `compile_version` raises if this would not hold together."""
    info = VersionInfo(id=new_id(), number=0, hash="", note="", author=_STARTER, created_at=clock.now())
    pinned = {name: rows.pinned_part(name, row) for name, row in parts}
    compiled.compile_version(
        TemplateVersion(
            name=template.name, description=template.description, info=info, content=content, parts=pinned
        )
    )


class _Report:
    def __init__(self) -> None:
        self.new: list[str] = []
        self.kept: list[str] = []


async def _load_part(session: AsyncSession, file: PartFile, report: _Report) -> PartVersionRow:
    await repo.add_part(session, file.name, file.kind, file.description, file.tags, file.order, file.language)
    part = await repo.get_part(session, file.name, lock=True)
    assert part is not None
    content = file.content()
    row = await repo.starter_part_version(session, file.name, part_hash(content))
    if row is None:
        row = await repo.add_part_version(session, part, content, _NOTE, _STARTER)
        report.new.append(file.name)
    labels = rows.label_views(await repo.part_labels(session, part.id))
    now = next((view for view in labels if view.label == PRODUCTION), None)
    if now is not None and now.set_by.kind != "starter":
        report.kept.append(file.name)
    elif now is None or now.version_id != row.id:
        await repo.set_part_label(session, part.id, PRODUCTION, row.id, _STARTER)
    return row


async def _load_template(
    session: AsyncSession, file: TemplateFile, starter_parts: Mapping[str, PartVersionRow], report: _Report
) -> None:
    await repo.add_template(session, file.name, file.description, file.tags)
    template = await repo.get_template(session, file.name, lock=True)
    assert template is not None
    content = file.content()
    for name in content.part_names():
        if name not in starter_parts:
            raise PromptNotFound(f"The starter prompt {file.name} uses the part {name}, which is not there.")
    parts = [(name, starter_parts[name]) for name in content.part_names()]
    digest = template_hash(content, {name: part.content_hash for name, part in parts})
    known = await repo.starter_template_version(session, template.id, digest)
    row = await add_if_new(session, template, content, parts, _NOTE, _STARTER, [known] if known else [])
    if known is None:
        report.new.append(file.name)
    await _label_starter(session, template, row, parts, report)


async def _label_starter(
    session: AsyncSession, template: Template, row: TemplateVersionRow, parts: Pins, report: _Report
) -> None:
    """Point production at the starter version unless a person has had a hand in it."""
    labels = rows.label_views(await repo.template_labels(session, template.id))
    now = next((view for view in labels if view.label == PRODUCTION), None)
    if now is not None and now.set_by.kind != "starter":
        report.kept.append(template.name)
        return
    if now is None or now.version_id != row.id:
        await repo.set_template_label(session, template.id, PRODUCTION, row.id, _STARTER)
    if now is None:
        await _take_up_edited_parts(session, template, parts)


async def _take_up_edited_parts(session: AsyncSession, template: Template, parts: Pins) -> None:
    """A template that is new in this release uses a person's own version of a shared part from the start."""
    names = [name for name, _ in parts]
    edited = dict(await repo.production_parts(session, names))
    for name, part in parts:
        if name in edited and edited[name].id != part.id:
            await take_up_part(session, template, name, edited[name], Author())


async def _version(session: AsyncSession, version_id: UUID) -> TemplateVersionRow:
    found = await repo.template_of_version(session, version_id)
    assert found is not None
    return found[1]
