"""Rows into DTOs."""

from collections.abc import Iterable, Mapping, Sequence

from scrivano.prompts.dto import (
    Author,
    LabelView,
    PartContent,
    PartInfo,
    PartVersion,
    PinnedPart,
    TemplateContent,
    TemplateInfo,
    TemplateVersion,
    VersionInfo,
)
from scrivano.prompts.models import (
    Part,
    PartLabel,
    PartVersionRow,
    Template,
    TemplateLabel,
    TemplateVersionRow,
)


def part_info(part: Part, version: int | None) -> PartInfo:
    """A part as lists show it."""
    return PartInfo.model_validate(
        {
            "name": part.name,
            "kind": part.kind,
            "description": part.description,
            "tags": part.tags,
            "order": part.sort_order,
            "language": part.language,
            "version": version,
            "archived": part.archived_at is not None,
        }
    )


def template_info(template: Template, version: int | None) -> TemplateInfo:
    """A template as lists show it."""
    return TemplateInfo(
        name=template.name,
        description=template.description,
        tags=tuple(template.tags),
        version=version,
        archived=template.archived_at is not None,
    )


def part_content(row: PartVersionRow) -> PartContent:
    """The content of a part's version."""
    return PartContent.model_validate({"text": row.text, "variables": row.variables})


def part_version(part: Part, row: PartVersionRow, labels: Sequence[LabelView]) -> PartVersion:
    """A version of a part."""
    return PartVersion.model_validate(
        {
            "name": part.name,
            "kind": part.kind,
            "info": version_info(row, labels),
            "content": part_content(row),
        }
    )


def template_version(
    template: Template,
    row: TemplateVersionRow,
    parts: Iterable[tuple[str, PartVersionRow]],
    labels: Sequence[LabelView],
    templates: Mapping[str, TemplateVersion] | None = None,
) -> TemplateVersion:
    """A version of a template with the parts and templates it pins."""
    content = {
        "variables": row.variables,
        "settings": row.settings,
        "answer": row.answer,
        "messages": row.messages,
        "engine": row.engine,
    }
    return TemplateVersion(
        name=template.name,
        description=template.description,
        info=version_info(row, labels),
        content=TemplateContent.model_validate(content),
        parts={name: pinned_part(name, part) for name, part in parts},
        templates=dict(templates or {}),
    )


def pinned_part(name: str, row: PartVersionRow) -> PinnedPart:
    """A part's version as a template version pins it."""
    return PinnedPart(
        name=name, version_id=row.id, number=row.number, hash=row.content_hash, content=part_content(row)
    )


def version_info(row: PartVersionRow | TemplateVersionRow, labels: Sequence[LabelView]) -> VersionInfo:
    """A version without its content."""
    return VersionInfo(
        id=row.id,
        number=row.number,
        hash=row.content_hash,
        note=row.note,
        author=Author.model_validate({"kind": row.author_kind, "id": row.author_id}),
        created_at=row.created_at,
        labels=tuple(label.label for label in labels if label.version_id == row.id),
    )


def label_views(
    found: Sequence[tuple[PartLabel, int]] | Sequence[tuple[TemplateLabel, int]],
) -> list[LabelView]:
    """Labels with what they point at."""
    return [
        LabelView(
            label=label.label,
            version_id=label.version_id,
            number=number,
            set_by=Author.model_validate({"kind": label.set_by_kind, "id": label.set_by_id}),
            set_at=label.set_at,
        )
        for label, number in found
    ]
