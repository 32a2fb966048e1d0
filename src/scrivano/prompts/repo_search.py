"""SQL of lists, and of what prompts are found by."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.prompts.dto import PRODUCTION
from scrivano.prompts.models import (
    Part,
    PartLabel,
    PartVersionRow,
    Template,
    TemplateLabel,
    TemplateVersionRow,
)
from scrivano.prompts.words import words_of


async def list_parts(
    session: AsyncSession, search: str, tag: str | None, *, archived: bool, limit: int, offset: int
) -> Sequence[tuple[Part, int | None]]:
    """Parts in their order, with the number under `production`; `search` looks in the text too."""
    query = (
        select(Part, PartVersionRow.number)
        .outerjoin(PartLabel, (PartLabel.part_id == Part.id) & (PartLabel.label == PRODUCTION))
        .outerjoin(PartVersionRow, PartVersionRow.id == PartLabel.version_id)
        .where(Part.archived_at.is_not(None) if archived else Part.archived_at.is_(None))
        .order_by(Part.sort_order, Part.name)
        .limit(limit)
        .offset(offset)
    )
    if search:
        query = query.where(Part.search.op("@@")(words_query(search)))
    if tag:
        query = query.where(Part.tags.contains([tag]))
    return (await session.execute(query)).all()


async def list_templates(
    session: AsyncSession, search: str, tag: str | None, *, archived: bool, limit: int, offset: int
) -> Sequence[tuple[Template, int | None]]:
    """Templates by name, with the number under `production`; `search` looks in the messages too."""
    query = (
        select(Template, TemplateVersionRow.number)
        .outerjoin(
            TemplateLabel, (TemplateLabel.template_id == Template.id) & (TemplateLabel.label == PRODUCTION)
        )
        .outerjoin(TemplateVersionRow, TemplateVersionRow.id == TemplateLabel.version_id)
        .where(Template.archived_at.is_not(None) if archived else Template.archived_at.is_(None))
        .order_by(Template.name)
        .limit(limit)
        .offset(offset)
    )
    if search:
        query = query.where(Template.search.op("@@")(words_query(search)))
    if tag:
        query = query.where(Template.tags.contains([tag]))
    return (await session.execute(query)).all()


async def set_part_words(session: AsyncSession, part_id: UUID, words: str) -> None:
    """What a part is found by."""
    await session.execute(
        update(Part)
        .where(Part.id == part_id)
        .values(search=func.to_tsvector("simple", words))
        .execution_options(synchronize_session=False)
    )


async def set_template_words(session: AsyncSession, template_id: UUID, words: str) -> None:
    """What a template is found by."""
    await session.execute(
        update(Template)
        .where(Template.id == template_id)
        .values(search=func.to_tsvector("simple", words))
        .execution_options(synchronize_session=False)
    )


def words_query(search: str) -> ColumnElement[str]:
    """The `tsquery` for texts that have a word beginning with each word of `search`."""
    words = words_of(search)
    return func.to_tsquery("simple", " & ".join(f"'{word}':*" for word in words[:20]))
