"""Parts of prompts: versions, labels, what a change would touch."""

from fastapi import APIRouter, Response

from scrivano.api.access import SIGNED_IN, CurrentCaller
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.api.routes.prompts_asked import (
    Archived,
    Copy,
    Difference,
    ImpactRequest,
    LabelPath,
    Move,
    NamePath,
    NewPart,
    PartChange,
    PartSave,
    Search,
    TagQuery,
    Wanted,
    author_of,
    may_move,
    number_or_label,
)
from scrivano.api.values import Line as QueryLine
from scrivano.prompts.public import (
    PRODUCTION,
    Impact,
    LabelView,
    PartEdit,
    PartInfo,
    PartVersion,
    VersionInfo,
)

parts = APIRouter(prefix="/api/prompt-parts", tags=["prompts"], dependencies=SIGNED_IN)


@parts.get("")
async def list_parts(
    house: Services,
    search: Search = "",
    tag: TagQuery = None,
    archived: Archived = False,
    limit: Limit = 100,
    offset: Offset = 0,
) -> list[PartInfo]:
    """Parts, in their order."""
    return await house.prompts.list_parts(search, tag=tag, archived=archived, limit=limit, offset=offset)


@parts.post("", status_code=201)
async def create_part(house: Services, caller: CurrentCaller, new: NewPart) -> PartVersion:
    """Make a part."""
    return await house.prompts.create_part(
        new.name,
        new.kind,
        new.description,
        new.content,
        tags=new.tags,
        order=new.order,
        language=new.language,
        note=new.note,
        label=new.label,
        author=author_of(caller),
        trusted=await may_move(house, caller, new.label),
    )


@parts.get("/{name}")
async def get_part(house: Services, name: NamePath) -> PartInfo:
    """One part, archived or not."""
    return await house.prompts.part_info(name)


@parts.patch("/{name}")
async def change_part(house: Services, name: NamePath, change: PartChange) -> PartInfo:
    """Change kind, description, tags, order or language."""
    return await house.prompts.change_part(name, **change.model_dump(exclude_none=True))


@parts.delete("/{name}", status_code=204)
async def delete_part(house: Services, name: NamePath) -> Response:
    """Archive a part: it is out of the lists, and what was made with it stays as it is. 409 while in use."""
    await house.prompts.archive_part(name)
    return Response(status_code=204)


@parts.post("/{name}/restore")
async def restore_part(house: Services, name: NamePath) -> PartInfo:
    """Put an archived part back."""
    return await house.prompts.archive_part(name, archived=False)


@parts.post("/{name}/duplicate", status_code=201)
async def duplicate_part(house: Services, caller: CurrentCaller, name: NamePath, copy: Copy) -> PartVersion:
    """A new part with the same content."""
    return await house.prompts.duplicate_part(
        name,
        copy.name,
        version=number_or_label(copy.version),
        author=author_of(caller),
        trusted=await may_move(house, caller, PRODUCTION),
    )


@parts.get("/{name}/versions")
async def list_part_versions(house: Services, name: NamePath) -> list[VersionInfo]:
    """Its versions, newest first."""
    return await house.prompts.part_versions(name)


@parts.post("/{name}/versions", status_code=201)
async def save_part(house: Services, caller: CurrentCaller, name: NamePath, save: PartSave) -> PartEdit:
    """Save a new version; with `production` the templates that are made with the part take it up.

    409 where somebody saved it in the meantime."""
    return await house.prompts.edit_part(
        name,
        save.content,
        note=save.note,
        expected=save.expected,
        label=save.label,
        author=author_of(caller),
        trusted=await may_move(house, caller, save.label),
    )


@parts.get("/{name}/content")
async def get_part_content(house: Services, name: NamePath, version: Wanted = "production") -> PartVersion:
    """A version with its text."""
    return await house.prompts.show_part(name, number_or_label(version))


@parts.get("/{name}/diff")
async def diff_part(
    house: Services, name: NamePath, old: QueryLine, new: QueryLine = "production"
) -> Difference:
    """Compare two versions, by number or label."""
    return Difference(unified=await house.prompts.part_diff(name, number_or_label(old), number_or_label(new)))


@parts.post("/{name}/impact")
async def impact_of_part(house: Services, name: NamePath, asked: ImpactRequest) -> Impact:
    """The templates that saving this text would change, with the change in tokens. Nothing is saved."""
    return await house.desk.impacts.of_part(name, asked.content, model=asked.model)


@parts.get("/{name}/labels")
async def list_part_labels(house: Services, name: NamePath) -> list[LabelView]:
    """Its labels, and where they point."""
    return await house.prompts.part_labels(name)


@parts.put("/{name}/labels/{label}")
async def move_part_label(
    house: Services, caller: CurrentCaller, name: NamePath, label: LabelPath, move: Move
) -> LabelView:
    """Point a label at a version: publish, or roll back. 409 where it was moved in the meantime."""
    return await house.prompts.set_part_label(
        name,
        label,
        move.number,
        expected=move.expected,
        author=author_of(caller),
        trusted=await may_move(house, caller, label),
    )


@parts.delete("/{name}/labels/{label}", status_code=204)
async def remove_part_label(
    house: Services, caller: CurrentCaller, name: NamePath, label: LabelPath
) -> Response:
    """Take a label off. `production` can only be moved."""
    await house.prompts.remove_part_label(name, label, trusted=await may_move(house, caller, label))
    return Response(status_code=204)
