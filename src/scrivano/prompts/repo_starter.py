"""SQL of the prompts that come with Scrivano."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.prompts.models import (
    Part,
    PartVersionRow,
    StarterLoad,
    TemplateVersionRow,
)

_STARTER_LOCK = 0x5C21_0005


async def starter_part_version(session: AsyncSession, name: str, digest: str) -> PartVersionRow | None:
    """The version that came with the starter files and has this content hash."""
    query = (
        select(PartVersionRow)
        .join(Part, Part.id == PartVersionRow.part_id)
        .where(
            Part.name == name,
            PartVersionRow.content_hash == digest,
            PartVersionRow.author_kind == "starter",
        )
        .order_by(PartVersionRow.number.desc())
        .limit(1)
    )
    return await session.scalar(query)


async def starter_template_version(
    session: AsyncSession, template_id: UUID, digest: str
) -> TemplateVersionRow | None:
    """The version that came with the starter files and has this content hash."""
    query = (
        select(TemplateVersionRow)
        .where(
            TemplateVersionRow.template_id == template_id,
            TemplateVersionRow.content_hash == digest,
            TemplateVersionRow.author_kind == "starter",
        )
        .order_by(TemplateVersionRow.number.desc())
        .limit(1)
    )
    return await session.scalar(query)


async def lock_starter(session: AsyncSession) -> None:
    """Let one process at a time load the starter files."""
    await session.execute(select(func.pg_advisory_xact_lock(_STARTER_LOCK)))


async def starter_digest(session: AsyncSession) -> str | None:
    """The digest of the starter files that were loaded last."""
    return await session.scalar(select(StarterLoad.digest).where(StarterLoad.id == 1))


async def set_starter_digest(session: AsyncSession, digest: str) -> None:
    """Remember which starter files are loaded."""
    values = {"digest": digest, "loaded_at": clock.now()}
    statement = insert(StarterLoad).values(id=1, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
