"""Reading prompts: lists, versions, labels, what changed."""

import difflib
from collections.abc import Sequence
from typing import Any

import yaml

from scrivano.core.database import Database
from scrivano.prompts import finding, repo, repo_labels, repo_search, repo_usage, rows
from scrivano.prompts.dto import (
    PRODUCTION,
    LabelView,
    PartInfo,
    PartVersion,
    Protection,
    TemplateInfo,
    TemplateVersion,
    VersionInfo,
)
from scrivano.prompts.sandbox import Sandbox


class Reading:
    """What there is."""

    def __init__(self, database: Database, sandbox: Sandbox | None = None) -> None:
        """Without a sandbox there are no Jinja2 templates."""
        self._database = database
        self._sandbox = sandbox

    async def list_templates(
        self,
        search: str = "",
        *,
        tag: str | None = None,
        archived: bool = False,
        limit: int = 100_000,
        offset: int = 0,
    ) -> list[TemplateInfo]:
        """Templates by name, those archived or those not; found are those that have, in name, description or the text
        in production, a word beginning with each word of `search`."""
        async with self._database.read() as session:
            found = await repo_search.list_templates(
                session, search, tag, archived=archived, limit=limit, offset=offset
            )
        return [rows.template_info(*row) for row in found]

    async def list_parts(
        self,
        search: str = "",
        *,
        tag: str | None = None,
        archived: bool = False,
        limit: int = 100_000,
        offset: int = 0,
    ) -> list[PartInfo]:
        """Parts in their order, found as templates are."""
        async with self._database.read() as session:
            found = await repo_search.list_parts(
                session, search, tag, archived=archived, limit=limit, offset=offset
            )
        return [rows.part_info(*row) for row in found]

    async def show(self, name: str, version: int | str = PRODUCTION) -> TemplateVersion:
        """A template's version, by number or label. Raises PromptNotFound."""
        async with self._database.read() as session:
            template = await finding.template(session, name)
            return await finding.show(session, template, version)

    async def has_template(self, name: str) -> bool:
        """Whether a template, and not a part, has this name; archived or not."""
        async with self._database.read() as session:
            return await repo.get_template(session, name) is not None

    async def show_part(self, name: str, version: int | str = PRODUCTION) -> PartVersion:
        """A part's version, by number or label. Raises PromptNotFound."""
        async with self._database.read() as session:
            part = await finding.part(session, name)
            labels = rows.label_views(await repo_labels.part_labels(session, part.id))
            versions = await repo.part_versions(session, part.id)
            return rows.part_version(part, finding.pick(name, versions, labels, version), labels)

    async def show_version(self, version_id: str) -> TemplateVersion:
        """A template's version by id, as a run recorded it. Raises PromptNotFound."""
        async with self._database.read() as session:
            return await finding.version(session, finding.as_id(version_id))

    async def versions(self, name: str) -> list[VersionInfo]:
        """Every version of a template, newest first. Raises PromptNotFound."""
        async with self._database.read() as session:
            template = await finding.template(session, name)
            labels = rows.label_views(await repo_labels.template_labels(session, template.id))
            found = await repo.template_versions(session, template.id)
        return [rows.version_info(row, labels) for row in found]

    async def part_versions(self, name: str) -> list[VersionInfo]:
        """Every version of a part, newest first. Raises PromptNotFound."""
        async with self._database.read() as session:
            part = await finding.part(session, name)
            labels = rows.label_views(await repo_labels.part_labels(session, part.id))
            found = await repo.part_versions(session, part.id)
        return [rows.version_info(row, labels) for row in found]

    async def labels(self, name: str) -> list[LabelView]:
        """The labels of a template. Raises PromptNotFound."""
        async with self._database.read() as session:
            template = await finding.template(session, name)
            return rows.label_views(await repo_labels.template_labels(session, template.id))

    async def part_labels(self, name: str) -> list[LabelView]:
        """The labels of a part. Raises PromptNotFound."""
        async with self._database.read() as session:
            part = await finding.part(session, name)
            return rows.label_views(await repo_labels.part_labels(session, part.id))

    async def info(self, name: str) -> TemplateInfo:
        """A template as lists show it, archived or not. Raises PromptNotFound."""
        async with self._database.read() as session:
            template = await finding.template(session, name)
            labels = rows.label_views(await repo_labels.template_labels(session, template.id))
        return rows.template_info(template, _in_production(labels))

    async def part_info(self, name: str) -> PartInfo:
        """A part as lists show it, archived or not. Raises PromptNotFound."""
        async with self._database.read() as session:
            part = await finding.part(session, name)
            labels = rows.label_views(await repo_labels.part_labels(session, part.id))
        return rows.part_info(part, _in_production(labels))

    async def used_by(self, part: str) -> list[str]:
        """The templates that have this part in production. Raises PromptNotFound."""
        async with self._database.begin() as session:
            found = await finding.part(session, part)
            return [t.name for t in await repo_usage.templates_with_part(session, found.id)]

    async def protected_labels(self) -> list[str]:
        """The labels that not everybody moves."""
        async with self._database.read() as session:
            return list(await repo_labels.protected_labels(session))

    async def protection(self, label: str) -> Protection:
        """Who may move a label."""
        async with self._database.read() as session:
            protected = label in await repo_labels.protected_labels(session)
            found = await repo_labels.label_roles(session, label)
        roles = [{"project_id": row.project_id, "role": row.role} for row in found]
        return Protection.model_validate({"protected": protected, "roles": roles})

    async def part_diff(self, name: str, old: int | str, new: int | str = PRODUCTION) -> str:
        """What changed between two versions of a part, as a unified diff; empty if nothing did."""
        before, after = await self.show_part(name, old), await self.show_part(name, new)
        return _unified(
            name,
            (before.info.number, _yaml(before.content.model_dump(mode="json", exclude_defaults=True))),
            (after.info.number, _yaml(after.content.model_dump(mode="json", exclude_defaults=True))),
        )

    async def diff(self, name: str, old: int | str, new: int | str = PRODUCTION) -> str:
        """What changed between two versions, the texts of their parts included, as a unified diff.

        Empty if nothing did. Raises PromptNotFound.
        """
        async with self._database.read() as session:
            template = await finding.template(session, name)
            before = await finding.show(session, template, old)
            after = await finding.show(session, template, new)
        return _unified(
            name, (before.info.number, _spelled_out(before)), (after.info.number, _spelled_out(after))
        )


def _spelled_out(version: TemplateVersion) -> list[str]:
    return _yaml(_whole(version))


def _whole(version: TemplateVersion) -> dict[str, Any]:
    whole = version.content.model_dump(mode="json", exclude_defaults=True)
    whole["parts"] = {
        n: p.content.model_dump(mode="json", exclude_defaults=True) for n, p in version.parts.items()
    }
    if version.templates:
        whole["templates"] = {name: _whole(inner) for name, inner in version.templates.items()}
    return whole


def _yaml(whole: object) -> list[str]:
    return yaml.dump(whole, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000).splitlines()


def _unified(name: str, old: tuple[int, list[str]], new: tuple[int, list[str]]) -> str:
    lines = difflib.unified_diff(old[1], new[1], f"{name} {old[0]}", f"{name} {new[0]}", lineterm="")
    return "\n".join(lines)


def _in_production(labels: Sequence[LabelView]) -> int | None:
    return next((view.number for view in labels if view.label == PRODUCTION), None)


class _Dumper(yaml.SafeDumper):
    """Texts of several lines are shown as lines, so that a diff can be read."""


def _block_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _block_text)
