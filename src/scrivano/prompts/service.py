"""Use-cases of `prompts`: render, pin, list, show, edit, compare, label."""

import difflib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TypeVar
from uuid import UUID

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core.database import Database
from scrivano.llm.public import Message
from scrivano.prompts import compiled, loading, repo, rows
from scrivano.prompts.compiled import Compiled
from scrivano.prompts.dto import (
    PRODUCTION,
    Author,
    LabelView,
    PartContent,
    PartEdit,
    PartInfo,
    PartKind,
    PartVersion,
    PromptChanged,
    PromptNotFound,
    RenderedPrompt,
    StarterReport,
    TemplateContent,
    TemplateInfo,
    TemplateVersion,
    VersionInfo,
)
from scrivano.prompts.models import Part, PartVersionRow, Template, TemplateVersionRow
from scrivano.prompts.starter_files import STARTER, StarterSet, read_starter

_KEPT = 256
_TAKEN = "Edit it, or take another name."
_PERSON = Author()
RowT = TypeVar("RowT", PartVersionRow, TemplateVersionRow)


class Prompts:
    """The prompts of this installation. Versions never change, so those in use stay in memory, compiled."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._compiled: OrderedDict[UUID, Compiled] = OrderedDict()

    # --- using them -------------------------------------------------------------------------------

    async def render(
        self,
        name: str,
        variables: Mapping[str, object],
        *,
        version_id: str | None = None,
        label: str = PRODUCTION,
    ) -> RenderedPrompt:
        """The exact messages of a template with these values, by pinned version or by label.

        Values are JSON, Pydantic models or tuples; None counts as not given. A value is never read as a
        template. Raises PromptNotFound, MissingVariable, UnknownVariable, WrongValue.
        """
        wanted = _uuid(version_id) if version_id is not None else await self._labelled(name, label)
        template = await self._compiled_version(wanted)
        if template.name != name:
            raise PromptNotFound(f"Version {wanted} belongs to the prompt {template.name}, not to {name}.")
        return compiled.render(template, variables)

    async def source(self, name: str, variables: Mapping[str, object]) -> tuple[list[Message], str]:
        """Messages and version id under `production`: the port through which `llm` gets its own prompts."""
        prompt = await self.render(name, variables)
        return prompt.messages, prompt.version_id

    async def pin(self, names: Sequence[str], *, label: str = PRODUCTION) -> dict[str, str]:
        """Version ids of these templates, for a run that is to use the same ones to its end.

        Raises PromptNotFound if one has no version under the label.
        """
        async with self._database.begin() as session:
            found = dict(await repo.labelled_versions(session, names, label))
        for name in names:
            if name not in found:
                raise _no_label(name, label)
        return {name: str(found[name]) for name in names}

    async def load_starter(self, starter: StarterSet | None = None) -> StarterReport:
        """Bring the prompts that come with Scrivano into the database.

        Costs one query when nothing changed. New starter versions are added beside what is there; a label
        that a person moved stays where it is.
        """
        return await loading.load(self._database, starter or read_starter(STARTER))

    # --- reading them -----------------------------------------------------------------------------

    async def list_templates(
        self, search: str = "", *, tag: str | None = None, archived: bool = False
    ) -> list[TemplateInfo]:
        """Templates by name; `search` looks in name, description and the text in production."""
        async with self._database.begin() as session:
            found = await repo.list_templates(session, search, tag, archived=archived)
        return [rows.template_info(*row) for row in found]

    async def list_parts(
        self, search: str = "", *, tag: str | None = None, archived: bool = False
    ) -> list[PartInfo]:
        """Parts in their order; `search` looks in name, description and the text in production."""
        async with self._database.begin() as session:
            found = await repo.list_parts(session, search, tag, archived=archived)
        return [rows.part_info(*row) for row in found]

    async def show(self, name: str, version: int | str = PRODUCTION) -> TemplateVersion:
        """A template's version, by number or label. Raises PromptNotFound."""
        async with self._database.begin() as session:
            template = await _template(session, name)
            return await _show(session, template, version)

    async def show_part(self, name: str, version: int | str = PRODUCTION) -> PartVersion:
        """A part's version, by number or label. Raises PromptNotFound."""
        async with self._database.begin() as session:
            part = await _part(session, name)
            labels = rows.label_views(await repo.part_labels(session, part.id))
            versions = await repo.part_versions(session, part.id)
            return rows.part_version(part, _pick(name, versions, labels, version), labels)

    async def show_version(self, version_id: str) -> TemplateVersion:
        """A template's version by id, as a run recorded it. Raises PromptNotFound."""
        async with self._database.begin() as session:
            return await _version(session, _uuid(version_id))

    async def versions(self, name: str) -> list[VersionInfo]:
        """Every version of a template, newest first. Raises PromptNotFound."""
        async with self._database.begin() as session:
            template = await _template(session, name)
            labels = rows.label_views(await repo.template_labels(session, template.id))
            found = await repo.template_versions(session, template.id)
        return [rows.version_info(row, labels) for row in found]

    async def part_versions(self, name: str) -> list[VersionInfo]:
        """Every version of a part, newest first. Raises PromptNotFound."""
        async with self._database.begin() as session:
            part = await _part(session, name)
            labels = rows.label_views(await repo.part_labels(session, part.id))
            found = await repo.part_versions(session, part.id)
        return [rows.version_info(row, labels) for row in found]

    async def labels(self, name: str) -> list[LabelView]:
        """The labels of a template. Raises PromptNotFound."""
        async with self._database.begin() as session:
            template = await _template(session, name)
            return rows.label_views(await repo.template_labels(session, template.id))

    async def diff(self, name: str, old: int | str, new: int | str = PRODUCTION) -> str:
        """What changed between two versions, the texts of their parts included, as a unified diff.

        Empty if nothing did. Raises PromptNotFound.
        """
        async with self._database.begin() as session:
            template = await _template(session, name)
            before = await _show(session, template, old)
            after = await _show(session, template, new)
        lines = difflib.unified_diff(
            _spelled_out(before),
            _spelled_out(after),
            f"{name} {before.info.number}",
            f"{name} {after.info.number}",
            lineterm="",
        )
        return "\n".join(lines)

    # --- changing them ----------------------------------------------------------------------------

    async def create(
        self,
        name: str,
        description: str,
        content: TemplateContent,
        *,
        tags: Sequence[str] = (),
        note: str = "",
        author: Author = _PERSON,
    ) -> TemplateVersion:
        """A new template, its first version in production. Raises PromptChanged if the name is taken."""
        async with self._database.begin() as session:
            if await repo.get_template(session, name) is not None:
                raise PromptChanged(
                    f"There is a prompt {name} already.", remedy="Edit it, or take another name."
                )
            await repo.add_template(session, name, description, tags)
        return await self.edit(name, content, note=note, author=author, expected=0)

    async def create_part(
        self,
        name: str,
        kind: PartKind,
        description: str,
        content: PartContent,
        *,
        tags: Sequence[str] = (),
        order: int = 0,
        language: str = "en",
        author: Author = _PERSON,
    ) -> PartVersion:
        """A new part, its first version in production. Raises PromptChanged if the name is taken."""
        async with self._database.begin() as session:
            if await repo.get_part(session, name) is not None:
                raise PromptChanged(
                    f"There is a part {name} already.", remedy="Edit it, or take another name."
                )
            await repo.add_part(session, name, kind, description, tags, order, language)
        return (await self.edit_part(name, content, author=author, expected=0)).part

    async def edit(
        self,
        name: str,
        content: TemplateContent,
        *,
        note: str = "",
        author: Author = _PERSON,
        expected: int | None = None,
        label: str | None = PRODUCTION,
    ) -> TemplateVersion:
        """Save a new version, made with the parts now in production, and point `label` at it.

        Content that is already the newest version makes no new one. `expected` is the newest number that the
        author has seen; PromptChanged if there is a newer one. Raises what `compile_version` raises.
        """
        async with self._database.begin() as session:
            parts = await _production_parts(session, content.part_names())
            template = await _template(session, name, lock=True)
            versions = await repo.template_versions(session, template.id)
            _check_expected(name, versions, expected)
            row = await loading.add_if_new(session, template, content, parts, note, author, versions[:1])
            if label is not None:
                await repo.set_template_label(session, template.id, label, row.id, author)
            return await _version(session, row.id)

    async def edit_part(
        self,
        name: str,
        content: PartContent,
        *,
        note: str = "",
        author: Author = _PERSON,
        expected: int | None = None,
    ) -> PartEdit:
        """Save a new version of a part, and of each template that has the part in production.

        All or nothing: raises what `compile_version` raises if a template would no longer hold together, and
        PromptChanged if somebody saved the part in the meantime.
        """
        async with self._database.begin() as session:
            part = await _part(session, name, lock=True)
            versions = await repo.part_versions(session, part.id)
            _check_expected(name, versions, expected)
            row = await repo.add_part_version(session, part, content, note, author)
            await repo.set_part_label(session, part.id, PRODUCTION, row.id, author)
            changed = [
                await loading.take_up_part(session, template, name, row, author)
                for template in await repo.templates_with_part(session, part.id)
            ]
            labels = rows.label_views(await repo.part_labels(session, part.id))
            templates = [await _version(session, version.id) for version in changed]
            return PartEdit(part=rows.part_version(part, row, labels), templates=tuple(templates))

    async def used_by(self, part: str) -> list[str]:
        """The templates that have this part in production. Raises PromptNotFound."""
        async with self._database.begin() as session:
            found = await _part(session, part)
            return [t.name for t in await repo.templates_with_part(session, found.id)]

    async def set_label(
        self, name: str, label: str, number: int, *, author: Author = _PERSON, expected: int | None = None
    ) -> LabelView:
        """Point a label at a version: publish it, or roll back to it.

        `expected` is the number that the label pointed at when the author looked; PromptChanged if it has
        been moved since. Raises PromptNotFound for an unknown version.
        """
        async with self._database.begin() as session:
            template = await _template(session, name, lock=True)
            before = rows.label_views(await repo.template_labels(session, template.id))
            now = next((view.number for view in before if view.label == label), None)
            if expected is not None and now != expected:
                raise PromptChanged(
                    f"The label {label} of {name} was moved to version {now} in the meantime.",
                    field="label",
                    remedy="Look at that version first.",
                )
            row = _pick(name, await repo.template_versions(session, template.id), before, number)
            await repo.set_template_label(session, template.id, label, row.id, author)
            after = rows.label_views(await repo.template_labels(session, template.id))
            return next(view for view in after if view.label == label)

    # --- inside -----------------------------------------------------------------------------------

    async def _labelled(self, name: str, label: str) -> UUID:
        async with self._database.begin() as session:
            found = await repo.labelled_versions(session, [name], label)
        if not found:
            raise _no_label(name, label)
        return found[0][1]

    async def _compiled_version(self, version_id: UUID) -> Compiled:
        if version_id not in self._compiled:
            async with self._database.begin() as session:
                version = await _version(session, version_id)
            self._compiled[version_id] = compiled.compile_version(version)
            while len(self._compiled) > _KEPT:
                self._compiled.popitem(last=False)
        self._compiled.move_to_end(version_id)
        return self._compiled[version_id]


async def _template(session: AsyncSession, name: str, *, lock: bool = False) -> Template:
    template = await repo.get_template(session, name, lock=lock)
    if template is None:
        raise PromptNotFound(f"There is no prompt {name!r}.", remedy="`scrivano prompts list` shows them.")
    return template


async def _part(session: AsyncSession, name: str, *, lock: bool = False) -> Part:
    part = await repo.get_part(session, name, lock=lock)
    if part is None:
        raise PromptNotFound(f"There is no prompt part {name!r}.")
    return part


async def _production_parts(session: AsyncSession, names: Sequence[str]) -> list[tuple[str, PartVersionRow]]:
    found = dict(await repo.production_parts(session, names))
    for name in names:
        if name not in found:
            raise PromptNotFound(f"There is no prompt part {name!r}.", field="messages")
    return [(name, found[name]) for name in names]


async def _version(session: AsyncSession, version_id: UUID) -> TemplateVersion:
    found = await repo.template_of_version(session, version_id)
    if found is None:
        raise PromptNotFound(f"There is no prompt version {version_id}.")
    template, row = found
    labels = rows.label_views(await repo.template_labels(session, template.id))
    parts = await repo.pinned_parts(session, row.id)
    return rows.template_version(template, row, parts, labels)


async def _show(session: AsyncSession, template: Template, version: int | str) -> TemplateVersion:
    labels = rows.label_views(await repo.template_labels(session, template.id))
    row = _pick(template.name, await repo.template_versions(session, template.id), labels, version)
    return await _version(session, row.id)


def _pick(name: str, versions: Sequence[RowT], labels: Sequence[LabelView], wanted: int | str) -> RowT:
    if isinstance(wanted, str) and not wanted.isdecimal():
        pointed = {view.label: view.number for view in labels}
        if wanted not in pointed:
            raise _no_label(name, wanted)
        wanted = pointed[wanted]
    for row in versions:
        if row.number == int(wanted):
            return row
    raise PromptNotFound(f"{name} has no version {wanted}.", field="version")


def _check_expected(
    name: str, versions: Sequence[PartVersionRow] | Sequence[TemplateVersionRow], expected: int | None
) -> None:
    newest = versions[0].number if versions else 0
    if expected is not None and newest != expected:
        raise PromptChanged(
            f"{name} is at version {newest} by now; this edit was made from version {expected}.",
            remedy="Compare the two, then save again.",
        )


def _no_label(name: str, label: str) -> PromptNotFound:
    return PromptNotFound(
        f"The prompt {name!r} has no version labelled {label}.", remedy="`scrivano prompts list` shows them."
    )


def _uuid(version_id: str) -> UUID:
    try:
        return UUID(version_id)
    except ValueError as error:
        raise PromptNotFound(f"{version_id!r} is not the id of a prompt version.") from error


def _spelled_out(version: TemplateVersion) -> list[str]:
    whole = version.content.model_dump(mode="json", exclude_defaults=True)
    whole["parts"] = {
        n: p.content.model_dump(mode="json", exclude_defaults=True) for n, p in version.parts.items()
    }
    return yaml.dump(whole, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000).splitlines()


class _Dumper(yaml.SafeDumper):
    """Texts of several lines are shown as lines, so that a diff can be read."""


def _block_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _block_text)
