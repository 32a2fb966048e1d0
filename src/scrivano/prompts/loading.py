"""New versions that step on nobody's toes: the starter files, and parts that templates take up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.ids import new_id
from scrivano.prompts import compiled, finding, repo, repo_labels, repo_search, repo_starter, repo_usage, rows
from scrivano.prompts.canonical import part_hash
from scrivano.prompts.dto import (
    PRODUCTION,
    Author,
    PromptNotFound,
    StarterReport,
    TemplateContent,
    TemplateSyntax,
    TemplateVersion,
    VersionInfo,
)
from scrivano.prompts.models import Part, PartVersionRow, Template, TemplateVersionRow
from scrivano.prompts.sandbox import Sandbox
from scrivano.prompts.starter_files import PartFile, StarterSet, TemplateFile
from scrivano.prompts.words import searchable

_STARTER = Author(kind="starter")
_NOTE = "Came with Scrivano."

Pins = Sequence[tuple[str, PartVersionRow]]
Included = Sequence[tuple[str, TemplateVersionRow]]


async def load(database: Database, starter: StarterSet) -> StarterReport:
    """Load a starter set, once however many processes try. One transaction: all of it or nothing."""
    async with database.begin() as session:
        if await repo_starter.starter_digest(session) == starter.digest:
            return StarterReport(unchanged=True)
        await repo_starter.lock_starter(session)
        await repo.lock_edits(session)
        if await repo_starter.starter_digest(session) == starter.digest:
            return StarterReport(unchanged=True)
        report = _Report()
        parts = {file.name: await _load_part(session, file, report) for file in starter.parts()}
        for file in _inner_first(starter.templates()):
            await _load_template(session, file, parts, report)
        await repo_starter.set_starter_digest(session, starter.digest)
        return StarterReport(new_versions=tuple(report.new), kept_edited=tuple(report.kept))


@dataclass(frozen=True, slots=True)
class Making:
    """What a template's version is made of."""

    template: Template
    content: TemplateContent
    parts: Pins
    included: Included = ()

    @property
    def hash(self) -> str:
        """Its content hash."""
        return repo.hash_of(self.content, self.parts, self.included)


async def add_if_new(
    session: AsyncSession,
    making: Making,
    note: str,
    author: Author,
    existing: Sequence[TemplateVersionRow],
    sandbox: Sandbox | None = None,
) -> TemplateVersionRow:
    """The one of `existing` with this content, else a new version, checked. The caller holds the lock."""
    digest = making.hash
    for row in existing:
        if row.content_hash == digest:
            return row
    await check(session, making, sandbox)
    return await add(session, making, note, author)


async def add(session: AsyncSession, making: Making, note: str, author: Author) -> TemplateVersionRow:
    """A new version, unchecked. The caller holds the lock."""
    return await repo.add_template_version(
        session, making.template, making.content, making.parts, making.included, note, author
    )


async def take_up(
    session: AsyncSession,
    template: Template,
    author: Author,
    sandbox: Sandbox | None,
    *,
    part: tuple[str, PartVersionRow] | None = None,
    included: tuple[str, TemplateVersionRow] | None = None,
) -> TemplateVersionRow:
    """A new production version of `template`, the same but for the part or template given."""
    found = await repo_labels.labelled_versions(session, [template.name], PRODUCTION)
    before = await _version(session, found[0][1])
    pins = await repo.pinned_parts(session, before.id)
    others = await repo.included_templates(session, before.id)
    content = rows.template_version(template, before, pins, []).content
    making = Making(
        template,
        content,
        [(name, part[1] if part and name == part[0] else row) for name, row in pins],
        [(name, included[1] if included and name == included[0] else row) for name, row in others],
    )
    taken = part or included
    assert taken is not None
    note = f"Takes up version {taken[1].number} of {taken[0]}."
    await check(session, making, sandbox)
    after = await add(session, making, note, author)
    await point(session, template, PRODUCTION, after, author)
    return after


async def spread_part(
    session: AsyncSession, part: Part, row: PartVersionRow, author: Author, sandbox: Sandbox | None
) -> list[TemplateVersionRow]:
    """New production versions of every template that is made with a part, and of those that include them."""
    changed: list[TemplateVersionRow] = []
    for template in await repo_usage.templates_with_part(session, part.id):
        after = await take_up(session, template, author, sandbox, part=(part.name, row))
        changed += [after, *await spread_template(session, template, after, author, sandbox)]
    return changed


async def spread_template(
    session: AsyncSession,
    template: Template,
    row: TemplateVersionRow,
    author: Author,
    sandbox: Sandbox | None,
) -> list[TemplateVersionRow]:
    """New production versions of every template that includes this one, at any depth."""
    changed: list[TemplateVersionRow] = []
    for outer in await repo_usage.templates_including(session, template.id):
        after = await take_up(session, outer, author, sandbox, included=(template.name, row))
        changed += [after, *await spread_template(session, outer, after, author, sandbox)]
    return changed


async def point(
    session: AsyncSession, template: Template, label: str, row: TemplateVersionRow, author: Author
) -> None:
    """Point a template's label at a version; what is in production is what searches find."""
    await repo_labels.set_template_label(session, template.id, label, row.id, author)
    if label == PRODUCTION:
        await index_template(session, template, row)


async def point_part(
    session: AsyncSession, part: Part, label: str, row: PartVersionRow, author: Author
) -> None:
    """The same for a part."""
    await repo_labels.set_part_label(session, part.id, label, row.id, author)
    if label == PRODUCTION:
        await index_part(session, part, row)


async def index_template(session: AsyncSession, template: Template, row: TemplateVersionRow | None) -> None:
    """Let a template be found by its name, description and texts."""
    content = rows.template_version(template, row, (), []).content if row else None
    texts = [item.text or "" for message in content.messages for item in message.content] if content else []
    words = searchable(template.name, template.description, *texts)
    await repo_search.set_template_words(session, template.id, words)


async def index_part(session: AsyncSession, part: Part, row: PartVersionRow | None) -> None:
    """Let a part be found by its name, description and text."""
    words = searchable(part.name, part.description, row.text if row else "")
    await repo_search.set_part_words(session, part.id, words)


async def check(session: AsyncSession, making: Making, sandbox: Sandbox | None) -> compiled.Compiled:
    """What is made so, ready to be filled in. Raises what `compile_version` raises if it does not hold together, its
    Jinja2 texts included."""
    info = VersionInfo(id=new_id(), number=0, hash="", note="", author=_STARTER, created_at=clock.now())
    whole = compiled.compile_version(
        TemplateVersion(
            name=making.template.name,
            description=making.template.description,
            info=info,
            content=making.content,
            parts={name: rows.pinned_part(name, row) for name, row in making.parts},
            templates={name: await finding.version(session, row.id) for name, row in making.included},
        )
    )
    pieces = whole.jinja_pieces
    if not pieces:
        return whole
    if sandbox is None:
        raise TemplateSyntax("Jinja2 templates cannot be checked here.", field="engine")
    found = await sandbox.check(making.template.name, [piece.source or "" for piece in pieces])
    for piece, names in zip(pieces, found, strict=True):
        compiled.declared(names, whole.variables, piece.where)
    return whole


def _inner_first(files: Sequence[TemplateFile]) -> list[TemplateFile]:
    """Templates in an order in which each comes after those that it includes."""
    waiting = {file.name: file for file in files}
    ordered: list[TemplateFile] = []

    def place(file: TemplateFile) -> None:
        for name in file.content().template_names():
            if name in waiting:
                place(waiting.pop(name))
        ordered.append(file)

    while waiting:
        place(waiting.pop(next(iter(waiting))))
    return ordered


class _Report:
    def __init__(self) -> None:
        self.new: list[str] = []
        self.kept: list[str] = []


async def _load_part(session: AsyncSession, file: PartFile, report: _Report) -> PartVersionRow:
    await repo.add_part(session, file.name, file.kind, file.description, file.tags, file.order, file.language)
    part = await repo.get_part(session, file.name, lock=True)
    assert part is not None
    content = file.content()
    row = await repo_starter.starter_part_version(session, file.name, part_hash(content))
    if row is None:
        row = await repo.add_part_version(session, part, content, _NOTE, _STARTER)
        report.new.append(file.name)
    labels = rows.label_views(await repo_labels.part_labels(session, part.id))
    now = next((view for view in labels if view.label == PRODUCTION), None)
    if now is not None and now.set_by.kind != "starter":
        report.kept.append(file.name)
    elif now is None or now.version_id != row.id:
        await point_part(session, part, PRODUCTION, row, _STARTER)
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
    included = await finding.production_templates(session, content.template_names())
    making = Making(template, content, parts, included)
    known = await repo_starter.starter_template_version(session, template.id, making.hash)
    row = await add_if_new(session, making, _NOTE, _STARTER, [known] if known else [])
    if known is None:
        report.new.append(file.name)
    await _label_starter(session, template, row, parts, report)


async def _label_starter(
    session: AsyncSession, template: Template, row: TemplateVersionRow, parts: Pins, report: _Report
) -> None:
    """Point production at the starter version unless a person has had a hand in it."""
    labels = rows.label_views(await repo_labels.template_labels(session, template.id))
    now = next((view for view in labels if view.label == PRODUCTION), None)
    if now is not None and now.set_by.kind != "starter":
        report.kept.append(template.name)
        return
    if now is None or now.version_id != row.id:
        await point(session, template, PRODUCTION, row, _STARTER)
    if now is None:
        await _take_up_edited_parts(session, template, parts)


async def _take_up_edited_parts(session: AsyncSession, template: Template, parts: Pins) -> None:
    """A template that is new in this release uses a person's own version of a shared part from the start."""
    names = [name for name, _ in parts]
    edited = dict(await repo.production_parts(session, names))
    for name, part in parts:
        if name in edited and edited[name].id != part.id:
            await take_up(session, template, Author(), None, part=(name, edited[name]))


async def _version(session: AsyncSession, version_id: UUID) -> TemplateVersionRow:
    found = await repo.template_of_version(session, version_id)
    assert found is not None
    return found[1]
