"""SQL of what is made with what."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

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


async def usage_of_part(
    session: AsyncSession, part_id: UUID
) -> Sequence[Row[UUID, str, int, UUID, UUID, int]]:
    """Templates with the part in production: id, name, number and id of that version, the part's version in it, and how
    often it stands there."""
    times = func.jsonb_array_length(
        func.jsonb_path_query_array(
            TemplateVersionRow.messages,
            literal_column("'$[*].content[*] ? (@.part == $name)'::jsonpath"),
            func.jsonb_build_object("name", TemplateVersionPart.part_name),
        )
    )
    query = (
        select(
            Template.id,
            Template.name,
            TemplateVersionRow.number,
            TemplateVersionRow.id,
            PartVersionRow.id,
            times,
        )
        .join(TemplateLabel, (TemplateLabel.template_id == Template.id) & (TemplateLabel.label == PRODUCTION))
        .join(TemplateVersionRow, TemplateVersionRow.id == TemplateLabel.version_id)
        .join(TemplateVersionPart, TemplateVersionPart.template_version_id == TemplateLabel.version_id)
        .join(PartVersionRow, PartVersionRow.id == TemplateVersionPart.part_version_id)
        .where(PartVersionRow.part_id == part_id)
        .order_by(Template.name)
    )
    return (await session.execute(query)).all()


async def included_anywhere(session: AsyncSession) -> set[UUID]:
    """The ids of templates that another one's version under `production` includes."""
    query = (
        select(TemplateVersionRow.template_id)
        .join(TemplateVersionTemplate, TemplateVersionTemplate.included_version_id == TemplateVersionRow.id)
        .join(TemplateLabel, TemplateLabel.version_id == TemplateVersionTemplate.template_version_id)
        .where(TemplateLabel.label == PRODUCTION)
        .distinct()
    )
    return set((await session.scalars(query)).all())


async def part_texts(session: AsyncSession, version_ids: Sequence[UUID]) -> Sequence[Row[UUID, str]]:
    """The texts of these versions of parts."""
    query = select(PartVersionRow.id, PartVersionRow.text).where(PartVersionRow.id.in_(version_ids))
    return (await session.execute(query)).all()


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
