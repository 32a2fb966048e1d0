"""All SQL of `prompts`. Functions take the session of the caller's transaction and return rows."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, func, literal_column, select, update
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
    ProtectedLabel,
    StarterLoad,
    Template,
    TemplateLabel,
    TemplateVersionPart,
    TemplateVersionRow,
    TemplateVersionTemplate,
)
from scrivano.prompts.words import words_of

_STARTER_LOCK = 0x5C21_0005
_EDIT_LOCK = 0x5C21_0006


# --- parts ----------------------------------------------------------------------------------------


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


# --- templates ------------------------------------------------------------------------------------


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
    session.add_all(
        TemplateVersionPart(template_version_id=row.id, part_name=name, part_version_id=part.id)
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


async def part_names(session: AsyncSession) -> Sequence[str]:
    """The names of all parts, those archived too."""
    return (await session.scalars(select(Part.name).order_by(Part.name))).all()


async def template_names(session: AsyncSession) -> Sequence[str]:
    """The names of all templates, those archived too."""
    return (await session.scalars(select(Template.name).order_by(Template.name))).all()


async def part_texts(session: AsyncSession, version_ids: Sequence[UUID]) -> Sequence[Row[UUID, str]]:
    """The texts of these versions of parts."""
    query = select(PartVersionRow.id, PartVersionRow.text).where(PartVersionRow.id.in_(version_ids))
    return (await session.execute(query)).all()


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


# --- labels, search, order of changes -------------------------------------------------------------


async def lock_edits(session: AsyncSession) -> None:
    """Let one change at a time be made to prompts, until the transaction ends: a change may reach many templates."""
    await session.execute(select(func.pg_advisory_xact_lock(_EDIT_LOCK)))


async def protected_labels(session: AsyncSession) -> Sequence[str]:
    """The labels that only administrators move."""
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


# --- starter files --------------------------------------------------------------------------------


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
