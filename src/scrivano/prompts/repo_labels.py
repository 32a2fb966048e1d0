"""SQL of labels: where they point, and who may move them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.prompts.dto import Author
from scrivano.prompts.models import (
    LabelRole,
    PartLabel,
    PartVersionRow,
    ProtectedLabel,
    Template,
    TemplateLabel,
    TemplateVersionRow,
)


async def part_labels(session: AsyncSession, part_id: UUID) -> Sequence[Row[PartLabel, int]]:
    """Its labels with the number of the version each points at."""
    query = (
        select(PartLabel, PartVersionRow.number)
        .join(PartVersionRow, PartVersionRow.id == PartLabel.version_id)
        .where(PartLabel.part_id == part_id)
        .order_by(PartLabel.label)
    )
    return (await session.execute(query)).all()


async def set_part_label(
    session: AsyncSession, part_id: UUID, label: str, version_id: UUID, author: Author
) -> None:
    """Point the label at the version, whatever it pointed at before."""
    values = {
        "version_id": version_id,
        "set_by_kind": author.kind,
        "set_by_id": author.id,
        "set_at": clock.now(),
    }
    statement = insert(PartLabel).values(part_id=part_id, label=label, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["part_id", "label"], set_=values))


async def labelled_versions(
    session: AsyncSession, names: Sequence[str], label: str
) -> Sequence[Row[str, UUID]]:
    """Template names with the id of the version under the label; templates without it are left out."""
    query = (
        select(Template.name, TemplateLabel.version_id)
        .join(TemplateLabel, TemplateLabel.template_id == Template.id)
        .where(Template.name.in_(names), TemplateLabel.label == label)
    )
    return (await session.execute(query)).all()


async def template_labels(session: AsyncSession, template_id: UUID) -> Sequence[Row[TemplateLabel, int]]:
    """Its labels with the number of the version each points at."""
    query = (
        select(TemplateLabel, TemplateVersionRow.number)
        .join(TemplateVersionRow, TemplateVersionRow.id == TemplateLabel.version_id)
        .where(TemplateLabel.template_id == template_id)
        .order_by(TemplateLabel.label)
    )
    return (await session.execute(query)).all()


async def set_template_label(
    session: AsyncSession, template_id: UUID, label: str, version_id: UUID, author: Author
) -> None:
    """Point the label at the version, whatever it pointed at before."""
    values = {
        "version_id": version_id,
        "set_by_kind": author.kind,
        "set_by_id": author.id,
        "set_at": clock.now(),
    }
    statement = insert(TemplateLabel).values(template_id=template_id, label=label, **values)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["template_id", "label"], set_=values)
    )


async def protected_labels(session: AsyncSession) -> Sequence[str]:
    """The labels that not everybody moves."""
    return (await session.scalars(select(ProtectedLabel.label).order_by(ProtectedLabel.label))).all()


async def protect_label(session: AsyncSession, label: str) -> None:
    """Add a label to them."""
    await session.execute(insert(ProtectedLabel).values(label=label).on_conflict_do_nothing())


async def unprotect_label(session: AsyncSession, label: str) -> None:
    """Take a label out of them."""
    await session.execute(delete(ProtectedLabel).where(ProtectedLabel.label == label))


async def remove_template_label(session: AsyncSession, template_id: UUID, label: str) -> bool:
    """Take a label off a template; whether it was there."""
    found = await session.execute(
        delete(TemplateLabel)
        .where(TemplateLabel.template_id == template_id, TemplateLabel.label == label)
        .returning(TemplateLabel.label)
    )
    return found.first() is not None


async def remove_part_label(session: AsyncSession, part_id: UUID, label: str) -> bool:
    """Take a label off a part; whether it was there."""
    found = await session.execute(
        delete(PartLabel)
        .where(PartLabel.part_id == part_id, PartLabel.label == label)
        .returning(PartLabel.label)
    )
    return found.first() is not None


async def label_roles(session: AsyncSession, label: str) -> Sequence[LabelRole]:
    """Which members of projects may move a protected label besides administrators."""
    query = select(LabelRole).where(LabelRole.label == label).order_by(LabelRole.project_id)
    return (await session.scalars(query)).all()


async def set_label_roles(session: AsyncSession, label: str, roles: Mapping[UUID, str]) -> None:
    """Replace them, by project."""
    await session.execute(delete(LabelRole).where(LabelRole.label == label))
    session.add_all(LabelRole(label=label, project_id=id, role=role) for id, role in roles.items())
    await session.flush()
