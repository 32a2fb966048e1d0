"""From names, numbers and labels to versions, and the errors where there is none."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.prompts import repo, repo_labels, rows
from scrivano.prompts.dto import LabelView, PromptChanged, PromptNotFound, TemplateVersion
from scrivano.prompts.models import Part, PartVersionRow, Template, TemplateVersionRow

RowT = TypeVar("RowT", PartVersionRow, TemplateVersionRow)


async def template(session: AsyncSession, name: str, *, lock: bool = False) -> Template:
    """A template by name. Raises PromptNotFound."""
    found = await repo.get_template(session, name, lock=lock)
    if found is None:
        raise PromptNotFound(f"There is no prompt {name!r}.", remedy="`scrivano prompts list` shows them.")
    return found


async def part(session: AsyncSession, name: str, *, lock: bool = False) -> Part:
    """A part by name. Raises PromptNotFound."""
    found = await repo.get_part(session, name, lock=lock)
    if found is None:
        raise PromptNotFound(
            f"There is no prompt part {name!r}.", remedy="`scrivano prompts list` shows them."
        )
    return found


async def production_parts(session: AsyncSession, names: Sequence[str]) -> list[tuple[str, PartVersionRow]]:
    """The versions of parts in production, in the order of their names given. Raises PromptNotFound."""
    found = dict((await repo.production_parts(session, names)) if names else ())
    for name in names:
        if name not in found:
            raise PromptNotFound(f"There is no prompt part {name!r}.", field="messages")
    return [(name, found[name]) for name in names]


async def production_templates(
    session: AsyncSession, names: Sequence[str]
) -> list[tuple[str, TemplateVersionRow]]:
    """The versions of templates in production, in the order of their names given. Raises PromptNotFound."""
    found = dict((await repo.production_templates(session, names)) if names else ())
    for name in names:
        if name not in found:
            raise PromptNotFound(f"There is no prompt {name!r} in production to include.", field="messages")
    return [(name, found[name]) for name in names]


async def version(session: AsyncSession, version_id: UUID) -> TemplateVersion:
    """A version of a template by id, with all that it pins. Raises PromptNotFound."""
    found = await repo.template_of_version(session, version_id)
    if found is None:
        raise PromptNotFound(f"There is no prompt version {version_id}.")
    owner, row = found
    labels = rows.label_views(await repo_labels.template_labels(session, owner.id))
    parts = await repo.pinned_parts(session, row.id)
    return rows.template_version(owner, row, parts, labels, await included(session, row))


async def included(session: AsyncSession, row: TemplateVersionRow) -> dict[str, TemplateVersion]:
    """The templates that a version includes, by name."""
    pins = await repo.included_templates(session, row.id)
    return {name: await version(session, other.id) for name, other in pins}


async def show(session: AsyncSession, owner: Template, wanted: int | str) -> TemplateVersion:
    """A template's version by number or label. Raises PromptNotFound."""
    labels = rows.label_views(await repo_labels.template_labels(session, owner.id))
    row = pick(owner.name, await repo.template_versions(session, owner.id), labels, wanted)
    return await version(session, row.id)


def pick(name: str, versions: Sequence[RowT], labels: Sequence[LabelView], wanted: int | str) -> RowT:
    """The one of `versions` with this number, or under this label. Raises PromptNotFound."""
    if isinstance(wanted, str) and not wanted.isdecimal():
        pointed = {view.label: view.number for view in labels}
        if wanted not in pointed:
            raise no_label(name, wanted)
        wanted = pointed[wanted]
    for row in versions:
        if row.number == int(wanted):
            return row
    raise PromptNotFound(f"{name} has no version {wanted}.", field="version")


def check_expected(name: str, versions: Sequence[RowT], expected: int | None) -> None:
    """Raise PromptChanged if there is a newer version than the one that an edit was made from."""
    newest = versions[0].number if versions else 0
    if expected is not None and newest != expected:
        raise PromptChanged(
            f"{name} is at version {newest} by now; this edit was made from version {expected}.",
            field="expected",
            remedy="Compare the two, then save again.",
        )


def check_label(name: str, label: str, before: Sequence[LabelView], expected: int | None) -> None:
    """Raise PromptChanged if a label points elsewhere than where it was seen; 0 means that it was not there."""
    now = next((view.number for view in before if view.label == label), 0)
    if expected is not None and now != expected:
        raise PromptChanged(
            f"The label {label} of {name} was moved to version {now} in the meantime.",
            field="label",
            remedy="Look at that version first.",
        )


def no_label(name: str, label: str) -> PromptNotFound:
    """What to say where there is no such label."""
    return PromptNotFound(
        f"The prompt {name!r} has no version labelled {label}.", remedy="`scrivano prompts list` shows them."
    )


def as_id(version_id: str) -> UUID:
    """A version's id. Raises PromptNotFound for what is none."""
    try:
        return UUID(version_id)
    except ValueError as error:
        raise PromptNotFound(f"{version_id!r} is not the id of a prompt version.") from error
