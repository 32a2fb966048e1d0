"""SQL of what is made with what."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, func, or_, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from scrivano.prompts.dto import PRODUCTION
from scrivano.prompts.models import (
    PartVersionRow,
    Template,
    TemplateLabel,
    TemplateVersionPart,
    TemplateVersionRow,
    TemplateVersionTemplate,
)


async def templates_including(session: AsyncSession, template_id: UUID) -> Sequence[Template]:
    """Templates whose version under `production` includes any version of the template; by name."""
    query = (
        select(Template)
        .join(TemplateLabel, (TemplateLabel.template_id == Template.id) & (TemplateLabel.label == PRODUCTION))
        .join(
            TemplateVersionTemplate, TemplateVersionTemplate.template_version_id == TemplateLabel.version_id
        )
        .join(TemplateVersionRow, TemplateVersionRow.id == TemplateVersionTemplate.included_version_id)
        .where(TemplateVersionRow.template_id == template_id)
        .order_by(Template.name)
    )
    return (await session.scalars(query)).all()


async def usage_of_part(session: AsyncSession, part_id: UUID) -> Sequence[Row[str, int, UUID, int, str]]:
    """Templates with the part in production, by name: name, number of that version, the part's version in it, how
    often it stands there, and the template's language."""
    query = (
        select(
            Template.name,
            TemplateVersionRow.number,
            PartVersionRow.id,
            TemplateVersionPart.uses,
            TemplateVersionRow.engine,
        )
        .join(TemplateLabel, (TemplateLabel.template_id == Template.id) & (TemplateLabel.label == PRODUCTION))
        .join(TemplateVersionRow, TemplateVersionRow.id == TemplateLabel.version_id)
        .join(TemplateVersionPart, TemplateVersionPart.template_version_id == TemplateLabel.version_id)
        .join(PartVersionRow, PartVersionRow.id == TemplateVersionPart.part_version_id)
        .where(PartVersionRow.part_id == part_id)
        .order_by(Template.name)
    )
    return (await session.execute(query)).all()


async def declared_beside_part(
    session: AsyncSession, part_id: UUID
) -> Sequence[Row[str, UUID, dict[str, Any]]]:
    """The same templates with the id of their version and the variables that it declares itself."""
    query = (
        select(Template.name, TemplateVersionRow.id, TemplateVersionRow.variables)
        .join(TemplateLabel, (TemplateLabel.template_id == Template.id) & (TemplateLabel.label == PRODUCTION))
        .join(TemplateVersionRow, TemplateVersionRow.id == TemplateLabel.version_id)
        .join(TemplateVersionPart, TemplateVersionPart.template_version_id == TemplateLabel.version_id)
        .join(PartVersionRow, PartVersionRow.id == TemplateVersionPart.part_version_id)
        .where(PartVersionRow.part_id == part_id)
        .order_by(Template.name)
    )
    return (await session.execute(query)).all()


async def variables_of_parts(
    session: AsyncSession, version_ids: Sequence[UUID], without: UUID
) -> Sequence[Row[UUID, dict[str, Any]]]:
    """Of these versions of templates: the variables of each part that they pin, but for one part."""
    query = (
        select(TemplateVersionPart.template_version_id, PartVersionRow.variables)
        .join(PartVersionRow, PartVersionRow.id == TemplateVersionPart.part_version_id)
        .where(TemplateVersionPart.template_version_id.in_(version_ids), PartVersionRow.part_id != without)
        .where(PartVersionRow.variables != sql_cast({}, JSONB))
    )
    return (await session.execute(query)).all()


async def including_others(session: AsyncSession, version_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these versions of templates that include other templates."""
    query = select(TemplateVersionTemplate.template_version_id).where(
        TemplateVersionTemplate.template_version_id.in_(version_ids)
    )
    return set((await session.scalars(query.distinct())).all())


async def mentioning(
    session: AsyncSession, version_ids: Sequence[UUID], words: Sequence[str], without: UUID
) -> set[UUID]:
    """Those of these versions of templates in whose messages or parts, but for one, any of the words stands."""
    own = select(TemplateVersionRow.id).where(
        TemplateVersionRow.id.in_(version_ids),
        or_(*(func.strpos(sql_cast(TemplateVersionRow.messages, Text), word) > 0 for word in words)),
    )
    parts = (
        select(TemplateVersionPart.template_version_id)
        .join(PartVersionRow, PartVersionRow.id == TemplateVersionPart.part_version_id)
        .where(TemplateVersionPart.template_version_id.in_(version_ids), PartVersionRow.part_id != without)
        .where(or_(*(func.strpos(PartVersionRow.text, word) > 0 for word in words)))
    )
    return {*(await session.scalars(own)).all(), *(await session.scalars(parts)).all()}


async def templates_having(session: AsyncSession, part_id: UUID) -> set[UUID]:
    """Ids of templates with the part in production which another one in production includes."""
    inner = aliased(TemplateVersionRow)
    query = (
        select(TemplateVersionRow.template_id)
        .join(TemplateLabel, TemplateLabel.version_id == TemplateVersionRow.id)
        .join(TemplateVersionPart, TemplateVersionPart.template_version_id == TemplateVersionRow.id)
        .join(PartVersionRow, PartVersionRow.id == TemplateVersionPart.part_version_id)
        .where(TemplateLabel.label == PRODUCTION, PartVersionRow.part_id == part_id)
        .where(
            TemplateVersionRow.template_id.in_(
                select(inner.template_id).join(
                    TemplateVersionTemplate, TemplateVersionTemplate.included_version_id == inner.id
                )
            )
        )
        .distinct()
    )
    return set((await session.scalars(query)).all())


async def part_contents(session: AsyncSession, version_ids: Sequence[UUID]) -> Sequence[PartVersionRow]:
    """These versions of parts."""
    return (await session.scalars(select(PartVersionRow).where(PartVersionRow.id.in_(version_ids)))).all()


async def templates_with_part(session: AsyncSession, part_id: UUID) -> Sequence[Template]:
    """Templates whose version under `production` is made with any version of the part; locked, by name."""
    query = (
        select(Template)
        .join(TemplateLabel, (TemplateLabel.template_id == Template.id) & (TemplateLabel.label == PRODUCTION))
        .join(TemplateVersionPart, TemplateVersionPart.template_version_id == TemplateLabel.version_id)
        .join(PartVersionRow, PartVersionRow.id == TemplateVersionPart.part_version_id)
        .where(PartVersionRow.part_id == part_id)
        .order_by(Template.name)
        .with_for_update(of=Template)
    )
    return (await session.scalars(query)).all()
