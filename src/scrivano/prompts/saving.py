"""New prompts and new versions within somebody's transaction, which holds the lock on edits."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.prompts import finding, loading, repo, repo_labels, rows
from scrivano.prompts.dto import (
    PRODUCTION,
    Author,
    PartContent,
    PartEdit,
    PartKind,
    PromptChanged,
    TemplateContent,
    TemplateVersion,
)
from scrivano.prompts.models import Part, Template, TemplateVersionRow
from scrivano.prompts.sandbox import Sandbox

_TAKEN = "Edit it, or take another name."


async def new_template(session: AsyncSession, name: str, description: str, tags: Sequence[str]) -> Template:
    """A template without a version. Raises PromptChanged if the name is taken."""
    if await repo.get_template(session, name) is not None:
        raise PromptChanged(f"There is a prompt {name} already.", field="name", remedy=_TAKEN)
    await repo.add_template(session, name, description, tags)
    template = await finding.template(session, name, lock=True)
    await loading.index_template(session, template, None)
    return template


async def new_part(
    session: AsyncSession,
    name: str,
    kind: PartKind,
    description: str,
    tags: Sequence[str],
    order: int,
    language: str,
) -> Part:
    """A part without a version. Raises PromptChanged if the name is taken."""
    if await repo.get_part(session, name) is not None:
        raise PromptChanged(f"There is a part {name} already.", field="name", remedy=_TAKEN)
    await repo.add_part(session, name, kind, description, tags, order, language)
    part = await finding.part(session, name, lock=True)
    await loading.index_part(session, part, None)
    return part


async def save(
    session: AsyncSession,
    template: Template,
    content: TemplateContent,
    note: str,
    author: Author,
    label: str | None,
    sandbox: Sandbox | None,
    *,
    existing: Sequence[TemplateVersionRow] = (),
) -> TemplateVersion:
    """The one of `existing` with this content, else a new version, with `label` on it. Raises what `compile_version`
    raises."""
    parts = await finding.production_parts(session, content.part_names())
    included = await finding.production_templates(session, content.template_names())
    making = loading.Making(template, content, parts, included)
    row = await loading.add_if_new(session, making, note, author, existing, sandbox)
    if label is not None:
        await point(session, template, label, row, author, sandbox)
    return await finding.version(session, row.id)


async def point(
    session: AsyncSession,
    template: Template,
    label: str,
    row: TemplateVersionRow,
    author: Author,
    sandbox: Sandbox | None,
) -> None:
    """Point a label at a version; with `production`, templates that include this one take it up."""
    await loading.point(session, template, label, row, author)
    if label == PRODUCTION:
        await loading.spread_template(session, template, row, author, sandbox)


async def save_part(
    session: AsyncSession,
    part: Part,
    content: PartContent,
    note: str,
    author: Author,
    label: str | None,
    sandbox: Sandbox | None,
) -> PartEdit:
    """A new version of a part, with `label` on it; with `production`, templates that are made with it take it up."""
    row = await repo.add_part_version(session, part, content, note, author)
    changed: list[TemplateVersionRow] = []
    if label is not None:
        await loading.point_part(session, part, label, row, author)
    if label == PRODUCTION:
        changed = await loading.spread_part(session, part, row, author, sandbox)
    labels = rows.label_views(await repo_labels.part_labels(session, part.id))
    newest = {version.template_id: version.id for version in changed}
    templates = [await finding.version(session, version_id) for version_id in newest.values()]
    return PartEdit(part=rows.part_version(part, row, labels), templates=tuple(templates))
