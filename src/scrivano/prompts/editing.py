"""Changing prompts: new versions, labels, what is archived. Each change is one transaction, made one at a time."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.prompts import finding, loading, repo, rows
from scrivano.prompts.dto import (
    PRODUCTION,
    Author,
    LabelProtected,
    LabelView,
    PartContent,
    PartEdit,
    PartInfo,
    PartKind,
    PartVersion,
    PromptChanged,
    StillUsed,
    TemplateContent,
    TemplateInfo,
    TemplateVersion,
)
from scrivano.prompts.models import Part, Template, TemplateVersionRow
from scrivano.prompts.reading import Reading

_PERSON = Author()
_TAKEN = "Edit it, or take another name."


class Editing(Reading):
    """What people change. `administrator`: whether they may move protected labels, `production` among them."""

    async def create(
        self,
        name: str,
        description: str,
        content: TemplateContent,
        *,
        tags: Sequence[str] = (),
        note: str = "",
        author: Author = _PERSON,
        label: str | None = PRODUCTION,
        administrator: bool = True,
    ) -> TemplateVersion:
        """A new template, its first version under `label`. Raises PromptChanged if the name is taken."""
        async with self._changing(label, administrator) as session:
            if await repo.get_template(session, name) is not None:
                raise PromptChanged(f"There is a prompt {name} already.", field="name", remedy=_TAKEN)
            await repo.add_template(session, name, description, tags)
            template = await finding.template(session, name, lock=True)
            await loading.index_template(session, template, None)
            return await self._save(session, template, content, note, author, label)

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
        note: str = "",
        label: str | None = PRODUCTION,
        administrator: bool = True,
    ) -> PartVersion:
        """A new part, its first version under `label`. Raises PromptChanged if the name is taken."""
        async with self._changing(label, administrator) as session:
            if await repo.get_part(session, name) is not None:
                raise PromptChanged(f"There is a part {name} already.", field="name", remedy=_TAKEN)
            await repo.add_part(session, name, kind, description, tags, order, language)
            part = await finding.part(session, name, lock=True)
            await loading.index_part(session, part, None)
            return (await self._save_part(session, part, content, note, author, label)).part

    async def edit(
        self,
        name: str,
        content: TemplateContent,
        *,
        note: str = "",
        author: Author = _PERSON,
        expected: int | None = None,
        label: str | None = PRODUCTION,
        administrator: bool = True,
    ) -> TemplateVersion:
        """Save a new version, made with the parts and templates now in production, and point `label` at it.

        Content that is already the newest version makes no new one. `expected` is the newest number that the
        author has seen; PromptChanged if there is a newer one. With `production`, templates that include this one
        take it up. Raises what `compile_version` raises.
        """
        async with self._changing(label, administrator) as session:
            template = await finding.template(session, name, lock=True)
            versions = await repo.template_versions(session, template.id)
            finding.check_expected(name, versions, expected)
            return await self._save(session, template, content, note, author, label, versions[:1])

    async def edit_part(
        self,
        name: str,
        content: PartContent,
        *,
        note: str = "",
        author: Author = _PERSON,
        expected: int | None = None,
        label: str | None = PRODUCTION,
        administrator: bool = True,
    ) -> PartEdit:
        """Save a new version of a part and point `label` at it; with `production`, each template that is made with the
        part gets a new version too, and so does each that includes one of these.

        All or nothing: raises what `compile_version` raises if a template would no longer hold together, and
        PromptChanged if somebody saved the part in the meantime.
        """
        async with self._changing(label, administrator) as session:
            part = await finding.part(session, name, lock=True)
            finding.check_expected(name, await repo.part_versions(session, part.id), expected)
            return await self._save_part(session, part, content, note, author, label)

    async def change(
        self, name: str, *, description: str | None = None, tags: Sequence[str] | None = None
    ) -> TemplateInfo:
        """Change what is not versioned of a template. Raises PromptNotFound."""
        async with self._changing() as session:
            template = await finding.template(session, name, lock=True)
            template.description = template.description if description is None else description
            template.tags = template.tags if tags is None else list(tags)
            await session.flush()
            found = await repo.production_templates(session, [name])
            await loading.index_template(session, template, found[0][1] if found else None)
        return await self.info(name)

    async def change_part(
        self,
        name: str,
        *,
        kind: PartKind | None = None,
        description: str | None = None,
        tags: Sequence[str] | None = None,
        order: int | None = None,
        language: str | None = None,
    ) -> PartInfo:
        """Change what is not versioned of a part. Raises PromptNotFound."""
        async with self._changing() as session:
            part = await finding.part(session, name, lock=True)
            part.kind = part.kind if kind is None else kind
            part.description = part.description if description is None else description
            part.tags = part.tags if tags is None else list(tags)
            part.sort_order = part.sort_order if order is None else order
            part.language = part.language if language is None else language
            await session.flush()
            found = await repo.production_parts(session, [name])
            await loading.index_part(session, part, found[0][1] if found else None)
        return await self.part_info(name)

    async def duplicate(
        self,
        name: str,
        new_name: str,
        *,
        version: int | str = PRODUCTION,
        author: Author = _PERSON,
        administrator: bool = True,
    ) -> TemplateVersion:
        """A new template with the content of a version of this one. Raises PromptChanged, PromptNotFound."""
        shown, info = await self.show(name, version), await self.info(name)
        note = f"A copy of {name}, version {shown.info.number}."
        return await self.create(
            new_name,
            info.description,
            shown.content,
            tags=info.tags,
            note=note,
            author=author,
            administrator=administrator,
        )

    async def duplicate_part(
        self,
        name: str,
        new_name: str,
        *,
        version: int | str = PRODUCTION,
        author: Author = _PERSON,
        administrator: bool = True,
    ) -> PartVersion:
        """A new part with the content of a version of this one. Raises PromptChanged, PromptNotFound."""
        shown, info = await self.show_part(name, version), await self.part_info(name)
        return await self.create_part(
            new_name,
            info.kind,
            info.description,
            shown.content,
            tags=info.tags,
            order=info.order,
            language=info.language,
            author=author,
            note=f"A copy of {name}, version {shown.info.number}.",
            administrator=administrator,
        )

    async def set_label(
        self,
        name: str,
        label: str,
        number: int,
        *,
        author: Author = _PERSON,
        expected: int | None = None,
        administrator: bool = True,
    ) -> LabelView:
        """Point a label at a version: publish it, or roll back to it. With `production`, templates that include this
        one take the version up.

        `expected` is the number that the label pointed at when the author looked (0: it was not there);
        PromptChanged if it has been moved since. Raises PromptNotFound for an unknown version, LabelProtected.
        """
        async with self._changing(label, administrator) as session:
            template = await finding.template(session, name, lock=True)
            before = rows.label_views(await repo.template_labels(session, template.id))
            finding.check_label(name, label, before, expected)
            row = finding.pick(name, await repo.template_versions(session, template.id), before, number)
            await self._point(session, template, label, row, author)
            after = rows.label_views(await repo.template_labels(session, template.id))
            return next(view for view in after if view.label == label)

    async def set_part_label(
        self,
        name: str,
        label: str,
        number: int,
        *,
        author: Author = _PERSON,
        expected: int | None = None,
        administrator: bool = True,
    ) -> LabelView:
        """The same for a part: with `production`, the templates that are made with it take the version up."""
        async with self._changing(label, administrator) as session:
            part = await finding.part(session, name, lock=True)
            before = rows.label_views(await repo.part_labels(session, part.id))
            finding.check_label(name, label, before, expected)
            row = finding.pick(name, await repo.part_versions(session, part.id), before, number)
            await loading.point_part(session, part, label, row, author)
            if label == PRODUCTION:
                await loading.spread_part(session, part, row, author, self._sandbox)
            after = rows.label_views(await repo.part_labels(session, part.id))
            return next(view for view in after if view.label == label)

    async def remove_label(self, name: str, label: str, *, administrator: bool = True) -> None:
        """Take a label off a template. Raises PromptNotFound; StillUsed for `production`, which may only be moved."""
        _not_production(label)
        async with self._changing(label, administrator) as session:
            template = await finding.template(session, name, lock=True)
            if not await repo.remove_template_label(session, template.id, label):
                raise finding.no_label(name, label)

    async def remove_part_label(self, name: str, label: str, *, administrator: bool = True) -> None:
        """The same for a part."""
        _not_production(label)
        async with self._changing(label, administrator) as session:
            part = await finding.part(session, name, lock=True)
            if not await repo.remove_part_label(session, part.id, label):
                raise finding.no_label(name, label)

    async def protect(self, label: str, protected: bool = True) -> list[str]:
        """Let only administrators move a label, or everybody; the labels that are protected then."""
        async with self._changing() as session:
            await (repo.protect_label if protected else repo.unprotect_label)(session, label)
            return list(await repo.protected_labels(session))

    async def archive(self, name: str, archived: bool = True) -> TemplateInfo:
        """Take a template out of the lists, or put it back. Whoever pinned it, or names it, has it still.

        Raises StillUsed where another template in production includes it.
        """
        async with self._changing() as session:
            template = await finding.template(session, name, lock=True)
            users = [t.name for t in await repo.templates_including(session, template.id)] if archived else []
            _not_used(name, users)
            template.archived_at = clock.now() if archived else None
        return await self.info(name)

    async def archive_part(self, name: str, archived: bool = True) -> PartInfo:
        """The same for a part. Raises StillUsed where a template that is not archived has it in production."""
        async with self._changing() as session:
            part = await finding.part(session, name, lock=True)
            if archived:
                users = await repo.templates_with_part(session, part.id)
                _not_used(name, [t.name for t in users if t.archived_at is None])
            part.archived_at = clock.now() if archived else None
        return await self.part_info(name)

    # --- inside -----------------------------------------------------------------------------------

    @asynccontextmanager
    async def _changing(
        self, label: str | None = None, administrator: bool = True
    ) -> AsyncGenerator[AsyncSession]:
        """A transaction in which nobody else changes prompts. Raises LabelProtected."""
        async with self._database.begin() as session:
            await repo.lock_edits(session)
            if label is not None and not administrator and label in await repo.protected_labels(session):
                raise LabelProtected(
                    f"Only administrators may move the label {label}.",
                    field="label",
                    remedy="Save under a label of your own, such as draft, and ask one of them to publish it.",
                )
            yield session

    async def _save(
        self,
        session: AsyncSession,
        template: Template,
        content: TemplateContent,
        note: str,
        author: Author,
        label: str | None,
        existing: Sequence[TemplateVersionRow] = (),
    ) -> TemplateVersion:
        parts = await finding.production_parts(session, content.part_names())
        included = await finding.production_templates(session, content.template_names())
        making = loading.Making(template, content, parts, included)
        row = await loading.add_if_new(session, making, note, author, existing, self._sandbox)
        if label is not None:
            await self._point(session, template, label, row, author)
        return await finding.version(session, row.id)

    async def _point(
        self,
        session: AsyncSession,
        template: Template,
        label: str,
        row: TemplateVersionRow,
        author: Author,
    ) -> None:
        await loading.point(session, template, label, row, author)
        if label == PRODUCTION:
            await loading.spread_template(session, template, row, author, self._sandbox)

    async def _save_part(
        self,
        session: AsyncSession,
        part: Part,
        content: PartContent,
        note: str,
        author: Author,
        label: str | None,
    ) -> PartEdit:
        row = await repo.add_part_version(session, part, content, note, author)
        changed: list[TemplateVersionRow] = []
        if label is not None:
            await loading.point_part(session, part, label, row, author)
        if label == PRODUCTION:
            changed = await loading.spread_part(session, part, row, author, self._sandbox)
        labels = rows.label_views(await repo.part_labels(session, part.id))
        newest = {version.template_id: version.id for version in changed}
        templates = [await finding.version(session, version_id) for version_id in newest.values()]
        return PartEdit(part=rows.part_version(part, row, labels), templates=tuple(templates))


def _not_production(label: str) -> None:
    if label == PRODUCTION:
        raise StillUsed(
            "The label production may only be moved.", field="label", remedy="Archive the prompt."
        )


def _not_used(name: str, users: Sequence[str]) -> None:
    if users:
        shown = ", ".join(users[:5]) + (" …" if len(users) > 5 else "")
        raise StillUsed(f"{name} is used by {shown}.", remedy="Take it out of these first.")
