"""All SQL of `prompts`. Functions take the session of the caller's transaction and return rows."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.core.ids import new_id
from scrivano.prompts.canonical import part_hash, template_hash
from scrivano.prompts.dto import PRODUCTION, Author, PartContent, PartKind, TemplateContent
from scrivano.prompts.models import (
    Part,
    PartLabel,
    PartVersionRow,
    Template,
    TemplateLabel,
    TemplateVersionPart,
    TemplateVersionRow,
    TemplateVersionTemplate,
)

_STARTER_LOCK = 0x5C21_0005
_EDIT_LOCK = 0x5C21_0006


# --- parts ----------------------------------------------------------------------------------------


async def get_part(session: AsyncSession, name: str, *, lock: bool = False) -> Part | None:
    """A part by name; `lock` keeps others from adding versions until the transaction ends."""
    query = select(Part).where(Part.name == name)
    return await session.scalar(query.with_for_update() if lock else query)


async def add_part(
    session: AsyncSession,
    name: str,
    kind: PartKind,
    description: str,
    tags: Sequence[str],
    order: int,
    language: str,
) -> None:
    """Add a part without a version, unless there is one of this name."""
    await session.execute(
        insert(Part)
        .values(
            id=new_id(),
            name=name,
            kind=kind,
            description=description,
            tags=list(tags),
            sort_order=order,
            language=language,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["name"])
    )


async def add_part_version(
    session: AsyncSession, part: Part, content: PartContent, note: str, author: Author
) -> PartVersionRow:
    """Add the next version. The caller holds the part's lock."""
    last = await session.scalar(
        select(func.max(PartVersionRow.number)).where(PartVersionRow.part_id == part.id)
    )
    row = PartVersionRow(
        id=new_id(),
        part_id=part.id,
        number=(last or 0) + 1,
        text=content.text,
        variables=content.model_dump(mode="json")["variables"],
        content_hash=part_hash(content),
        note=note,
        author_kind=author.kind,
        author_id=author.id,
        created_at=clock.now(),
    )
    session.add(row)
    await session.flush()
    return row


async def part_versions(session: AsyncSession, part_id: UUID) -> Sequence[PartVersionRow]:
    """All versions, newest first."""
    query = select(PartVersionRow).where(PartVersionRow.part_id == part_id)
    return (await session.scalars(query.order_by(PartVersionRow.number.desc()))).all()


async def production_parts(session: AsyncSession, names: Sequence[str]) -> Sequence[Row[str, PartVersionRow]]:
    """The versions under `production` of the parts named; parts without one are left out.

    The parts are held as they are until the transaction ends, so that what is built on them is not outdated
    when it is committed. They are locked in a statement of their own: what a lock waited for is only seen by
    the next one.
    """
    held = select(Part.id).where(Part.name.in_(names)).order_by(Part.name).with_for_update(read=True)
    await session.execute(held)
    query = (
        select(Part.name, PartVersionRow)
        .join(PartLabel, (PartLabel.part_id == Part.id) & (PartLabel.label == PRODUCTION))
        .join(PartVersionRow, PartVersionRow.id == PartLabel.version_id)
        .where(Part.name.in_(names))
    )
    return (await session.execute(query)).all()


# --- templates ------------------------------------------------------------------------------------


async def get_template(session: AsyncSession, name: str, *, lock: bool = False) -> Template | None:
    """A template by name; `lock` keeps others from adding versions until the transaction ends."""
    query = select(Template).where(Template.name == name)
    return await session.scalar(query.with_for_update() if lock else query)


async def add_template(session: AsyncSession, name: str, description: str, tags: Sequence[str]) -> None:
    """Add a template without a version, unless there is one of this name."""
    await session.execute(
        insert(Template)
        .values(id=new_id(), name=name, description=description, tags=list(tags), created_at=clock.now())
        .on_conflict_do_nothing(index_elements=["name"])
    )


async def add_template_version(
    session: AsyncSession,
    template: Template,
    content: TemplateContent,
    parts: Sequence[tuple[str, PartVersionRow]],
    included: Sequence[tuple[str, TemplateVersionRow]],
    note: str,
    author: Author,
) -> TemplateVersionRow:
    """Add the next version with the versions of parts and templates it pins. The caller holds the template's lock."""
    last = await session.scalar(
        select(func.max(TemplateVersionRow.number)).where(TemplateVersionRow.template_id == template.id)
    )
    stored = content.model_dump(mode="json")
    row = TemplateVersionRow(
        id=new_id(),
        template_id=template.id,
        number=(last or 0) + 1,
        variables=stored["variables"],
        settings=stored["settings"],
        answer=content.answer,
        messages=stored["messages"],
        engine=content.engine,
        content_hash=hash_of(content, parts, included),
        note=note,
        author_kind=author.kind,
        author_id=author.id,
        created_at=clock.now(),
    )
    session.add(row)
    await session.flush()
    uses = Counter(item.part for message in content.messages for item in message.content)
    session.add_all(
        TemplateVersionPart(
            template_version_id=row.id, part_name=name, part_version_id=part.id, uses=uses[name]
        )
        for name, part in parts
    )
    session.add_all(
        TemplateVersionTemplate(template_version_id=row.id, template_name=name, included_version_id=other.id)
        for name, other in included
    )
    await session.flush()
    return row


def hash_of(
    content: TemplateContent,
    parts: Sequence[tuple[str, PartVersionRow]],
    included: Sequence[tuple[str, TemplateVersionRow]],
) -> str:
    """The content hash of a template made with these."""
    return template_hash(
        content,
        {name: part.content_hash for name, part in parts},
        {name: other.content_hash for name, other in included},
    )


async def included_templates(
    session: AsyncSession, template_version_id: UUID
) -> Sequence[Row[str, TemplateVersionRow]]:
    """The versions of templates that a template version includes, with the names it knows them by."""
    query = (
        select(TemplateVersionTemplate.template_name, TemplateVersionRow)
        .join(TemplateVersionRow, TemplateVersionRow.id == TemplateVersionTemplate.included_version_id)
        .where(TemplateVersionTemplate.template_version_id == template_version_id)
        .order_by(TemplateVersionTemplate.template_name)
    )
    return (await session.execute(query)).all()


async def production_templates(
    session: AsyncSession, names: Sequence[str]
) -> Sequence[Row[str, TemplateVersionRow]]:
    """The versions under `production` of the templates named; templates without one are left out."""
    query = (
        select(Template.name, TemplateVersionRow)
        .join(TemplateLabel, (TemplateLabel.template_id == Template.id) & (TemplateLabel.label == PRODUCTION))
        .join(TemplateVersionRow, TemplateVersionRow.id == TemplateLabel.version_id)
        .where(Template.name.in_(names))
    )
    return (await session.execute(query)).all()


async def part_names(session: AsyncSession) -> Sequence[str]:
    """The names of all parts, those archived too."""
    return (await session.scalars(select(Part.name).order_by(Part.name))).all()


async def template_names(session: AsyncSession) -> Sequence[str]:
    """The names of all templates, those archived too."""
    return (await session.scalars(select(Template.name).order_by(Template.name))).all()


async def template_versions(session: AsyncSession, template_id: UUID) -> Sequence[TemplateVersionRow]:
    """All versions, newest first."""
    query = select(TemplateVersionRow).where(TemplateVersionRow.template_id == template_id)
    return (await session.scalars(query.order_by(TemplateVersionRow.number.desc()))).all()


async def pinned_parts(
    session: AsyncSession, template_version_id: UUID
) -> Sequence[Row[str, PartVersionRow]]:
    """The part versions that a template version is made of, with the names it knows them by."""
    query = (
        select(TemplateVersionPart.part_name, PartVersionRow)
        .join(PartVersionRow, PartVersionRow.id == TemplateVersionPart.part_version_id)
        .where(TemplateVersionPart.template_version_id == template_version_id)
        .order_by(TemplateVersionPart.part_name)
    )
    return (await session.execute(query)).all()


async def version_id(
    session: AsyncSession, name: str, number: int | None, label: str | None
) -> Row[UUID, int] | None:
    """Id and number of a template's version, by number or by label."""
    query = (
        select(TemplateVersionRow.id, TemplateVersionRow.number)
        .join(Template, Template.id == TemplateVersionRow.template_id)
        .where(Template.name == name)
    )
    if label is None:
        query = query.where(TemplateVersionRow.number == number)
    else:
        query = query.join(TemplateLabel, TemplateLabel.version_id == TemplateVersionRow.id).where(
            TemplateLabel.label == label
        )
    return (await session.execute(query)).one_or_none()


async def template_of_version(
    session: AsyncSession, version_id: UUID
) -> Row[Template, TemplateVersionRow] | None:
    """A template version by id, with its template."""
    query = (
        select(Template, TemplateVersionRow)
        .join(Template, Template.id == TemplateVersionRow.template_id)
        .where(TemplateVersionRow.id == version_id)
    )
    return (await session.execute(query)).one_or_none()


# --- order of changes ------------------------------------------------------------------------------


async def lock_edits(session: AsyncSession) -> None:
    """Let one change at a time be made to prompts, until the transaction ends: a change may reach many templates."""
    await session.execute(select(func.pg_advisory_xact_lock(_EDIT_LOCK)))
