"""Changing prompts: new versions, labels, what is archived. Each change is one transaction, made one at a time."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.prompts import finding, loading, repo, repo_labels, repo_usage, rows, saving
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
    Protection,
    StillUsed,
    TemplateContent,
    TemplateInfo,
    TemplateVersion,
)
from scrivano.prompts.reading import Reading

_PERSON = Author()


class Editing(Reading):
    """What people change. `trusted`: whether they may move the label in question where it is protected, as `production`
    is from the start; `protection` says who may."""

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
        trusted: bool = True,
    ) -> TemplateVersion:
        """A new template, its first version under `label`. Raises PromptChanged if the name is taken."""
        async with self._changing(label, trusted) as session:
            template = await saving.new_template(session, name, description, tags)
            return await saving.save(session, template, content, note, author, label, self._sandbox)

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
        trusted: bool = True,
    ) -> PartVersion:
        """A new part, its first version under `label`. Raises PromptChanged if the name is taken."""
        async with self._changing(label, trusted) as session:
            part = await saving.new_part(session, name, kind, description, tags, order, language)
            made = await saving.save_part(session, part, content, note, author, label, self._sandbox)
            return made.part

    async def edit(
        self,
        name: str,
        content: TemplateContent,
        *,
        note: str = "",
        author: Author = _PERSON,
        expected: int | None = None,
        label: str | None = PRODUCTION,
        trusted: bool = True,
    ) -> TemplateVersion:
        """Save a new version, made with the parts and templates now in production, and point `label` at it.

        Content that is already the newest version makes no new one. `expected` is the newest number that the
        author has seen; PromptChanged if there is a newer one. With `production`, templates that include this one
        take it up. Raises what `compile_version` raises.
        """
        async with self._changing(label, trusted) as session:
            template = await finding.template(session, name, lock=True)
            versions = await repo.template_versions(session, template.id)
            finding.check_expected(name, versions, expected)
            return await saving.save(
                session, template, content, note, author, label, self._sandbox, existing=versions[:1]
            )

    async def edit_part(
        self,
        name: str,
        content: PartContent,
        *,
        note: str = "",
        author: Author = _PERSON,
        expected: int | None = None,
        label: str | None = PRODUCTION,
        trusted: bool = True,
    ) -> PartEdit:
        """Save a new version of a part and point `label` at it; with `production`, each template that is made with the
        part gets a new version too, and so does each that includes one of these.

        All or nothing: raises what `compile_version` raises if a template would no longer hold together, and
        PromptChanged if somebody saved the part in the meantime.
        """
        async with self._changing(label, trusted) as session:
            part = await finding.part(session, name, lock=True)
            finding.check_expected(name, await repo.part_versions(session, part.id), expected)
            return await saving.save_part(session, part, content, note, author, label, self._sandbox)

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
        trusted: bool = True,
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
            trusted=trusted,
        )

    async def duplicate_part(
        self,
        name: str,
        new_name: str,
        *,
        version: int | str = PRODUCTION,
        author: Author = _PERSON,
        trusted: bool = True,
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
            trusted=trusted,
        )

    async def set_label(
        self,
        name: str,
        label: str,
        number: int,
        *,
        author: Author = _PERSON,
        expected: int | None = None,
        trusted: bool = True,
    ) -> LabelView:
        """Point a label at a version: publish it, or roll back to it. With `production`, templates that include this
        one take the version up.

        `expected` is the number that the label pointed at when the author looked (0: it was not there);
        PromptChanged if it has been moved since. Raises PromptNotFound for an unknown version, LabelProtected.
        """
        async with self._changing(label, trusted) as session:
            template = await finding.template(session, name, lock=True)
            before = rows.label_views(await repo_labels.template_labels(session, template.id))
            finding.check_label(name, label, before, expected)
            row = finding.pick(name, await repo.template_versions(session, template.id), before, number)
            await saving.point(session, template, label, row, author, self._sandbox)
            after = rows.label_views(await repo_labels.template_labels(session, template.id))
            return next(view for view in after if view.label == label)

    async def set_part_label(
        self,
        name: str,
        label: str,
        number: int,
        *,
        author: Author = _PERSON,
        expected: int | None = None,
        trusted: bool = True,
    ) -> LabelView:
        """The same for a part: with `production`, the templates that are made with it take the version up."""
        async with self._changing(label, trusted) as session:
            part = await finding.part(session, name, lock=True)
            before = rows.label_views(await repo_labels.part_labels(session, part.id))
            finding.check_label(name, label, before, expected)
            row = finding.pick(name, await repo.part_versions(session, part.id), before, number)
            await loading.point_part(session, part, label, row, author)
            if label == PRODUCTION:
                await loading.spread_part(session, part, row, author, self._sandbox)
            after = rows.label_views(await repo_labels.part_labels(session, part.id))
            return next(view for view in after if view.label == label)

    async def remove_label(self, name: str, label: str, *, trusted: bool = True) -> None:
        """Take a label off a template. Raises PromptNotFound; StillUsed for `production`, which may only be moved."""
        _not_production(label)
        async with self._changing(label, trusted) as session:
            template = await finding.template(session, name, lock=True)
            if not await repo_labels.remove_template_label(session, template.id, label):
                raise finding.no_label(name, label)

    async def remove_part_label(self, name: str, label: str, *, trusted: bool = True) -> None:
        """The same for a part."""
        _not_production(label)
        async with self._changing(label, trusted) as session:
            part = await finding.part(session, name, lock=True)
            if not await repo_labels.remove_part_label(session, part.id, label):
                raise finding.no_label(name, label)

    async def protect(self, label: str, protection: Protection) -> Protection:
        """Say who may move a label: everybody, or only administrators and the members of projects that are named."""
        async with self._changing() as session:
            if protection.protected:
                await repo_labels.protect_label(session, label)
                roles = {each.project_id: each.role for each in protection.roles}
                await repo_labels.set_label_roles(session, label, roles)
            else:
                await repo_labels.unprotect_label(session, label)
        return await self.protection(label)

    async def archive(self, name: str, archived: bool = True) -> TemplateInfo:
        """Take a template out of the lists, or put it back. Whoever pinned it, or names it, has it still.

        Raises StillUsed where another template in production includes it.
        """
        async with self._changing() as session:
            template = await finding.template(session, name, lock=True)
            users = (
                [t.name for t in await repo_usage.templates_including(session, template.id)]
                if archived
                else []
            )
            _not_used(name, users)
            template.archived_at = clock.now() if archived else None
        return await self.info(name)

    async def archive_part(self, name: str, archived: bool = True) -> PartInfo:
        """The same for a part. Raises StillUsed where a template that is not archived has it in production."""
        async with self._changing() as session:
            part = await finding.part(session, name, lock=True)
            if archived:
                users = await repo_usage.templates_with_part(session, part.id)
                _not_used(name, [t.name for t in users if t.archived_at is None])
            part.archived_at = clock.now() if archived else None
        return await self.part_info(name)

    # --- inside -----------------------------------------------------------------------------------

    @asynccontextmanager
    async def _changing(self, label: str | None = None, trusted: bool = True) -> AsyncGenerator[AsyncSession]:
        """A transaction in which nobody else changes prompts. Raises LabelProtected."""
        async with self._database.begin() as session:
            await repo.lock_edits(session)
            if label is not None and not trusted and label in await repo_labels.protected_labels(session):
                raise LabelProtected(
                    f"The label {label} is protected.",
                    field="label",
                    remedy="Save under a label of your own, such as draft, and ask an administrator to publish it.",
                )
            yield session


def _not_production(label: str) -> None:
    if label == PRODUCTION:
        raise StillUsed(
            "The label production may only be moved.", field="label", remedy="Archive the prompt."
        )


def _not_used(name: str, users: Sequence[str]) -> None:
    if users:
        shown = ", ".join(users[:5]) + (" …" if len(users) > 5 else "")
        raise StillUsed(f"{name} is used by {shown}.", remedy="Take it out of these first.")
