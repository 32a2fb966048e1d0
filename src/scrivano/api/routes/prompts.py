"""Templates: versions, labels, previews. With the other routes of prompts."""

from fastapi import APIRouter, Response

from scrivano.api.access import SIGNED_IN, CurrentCaller, require
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.api.routes.prompt_files import files, labels
from scrivano.api.routes.prompt_parts import parts
from scrivano.api.routes.prompts_asked import (
    Archived,
    Copy,
    Difference,
    LabelPath,
    Move,
    NamePath,
    NewTemplate,
    PreviewRequest,
    Search,
    TagQuery,
    TemplateChange,
    TemplateSave,
    Wanted,
    author_of,
    may_move,
    number_or_label,
)
from scrivano.api.values import Line as QueryLine
from scrivano.llm.public import CallContext
from scrivano.prompts.public import (
    PRODUCTION,
    LabelView,
    TemplateInfo,
    TemplateVersion,
    VersionInfo,
)
from scrivano.tasks.public import NewTask, TaskPreview

templates = APIRouter(prefix="/api/prompt-templates", tags=["prompts"], dependencies=SIGNED_IN)


@templates.get("")
async def list_templates(
    house: Services,
    search: Search = "",
    tag: TagQuery = None,
    archived: Archived = False,
    limit: Limit = 100,
    offset: Offset = 0,
) -> list[TemplateInfo]:
    """Templates, by name. All prompts that Scrivano itself uses are among them."""
    return await house.prompts.list_templates(search, tag=tag, archived=archived, limit=limit, offset=offset)


@templates.post("", status_code=201)
async def create_template(house: Services, caller: CurrentCaller, new: NewTemplate) -> TemplateVersion:
    """Make a template. Cycles, unknown variables and malformed texts are refused."""
    return await house.prompts.create(
        new.name,
        new.description,
        new.content,
        tags=new.tags,
        note=new.note,
        label=new.label,
        author=author_of(caller),
        trusted=await may_move(house, caller, new.label),
    )


@templates.get("/{name}")
async def get_template(house: Services, name: NamePath) -> TemplateInfo:
    """One template, archived or not."""
    return await house.prompts.info(name)


@templates.patch("/{name}")
async def change_template(house: Services, name: NamePath, change: TemplateChange) -> TemplateInfo:
    """Change description or tags."""
    return await house.prompts.change(name, **change.model_dump(exclude_none=True))


@templates.delete("/{name}", status_code=204)
async def delete_template(house: Services, name: NamePath) -> Response:
    """Archive a template: it is out of the lists; runs that are bound to a version keep it. 409 while included."""
    await house.prompts.archive(name)
    return Response(status_code=204)


@templates.post("/{name}/restore")
async def restore_template(house: Services, name: NamePath) -> TemplateInfo:
    """Put an archived template back."""
    return await house.prompts.archive(name, archived=False)


@templates.post("/{name}/duplicate", status_code=201)
async def duplicate_template(
    house: Services, caller: CurrentCaller, name: NamePath, copy: Copy
) -> TemplateVersion:
    """A new template with the same content."""
    return await house.prompts.duplicate(
        name,
        copy.name,
        version=number_or_label(copy.version),
        author=author_of(caller),
        trusted=await may_move(house, caller, PRODUCTION),
    )


@templates.get("/{name}/versions")
async def list_template_versions(house: Services, name: NamePath) -> list[VersionInfo]:
    """Its versions, newest first."""
    return await house.prompts.versions(name)


@templates.post("/{name}/versions", status_code=201)
async def save_template(
    house: Services, caller: CurrentCaller, name: NamePath, save: TemplateSave
) -> TemplateVersion:
    """Save a new version, made with the parts now in production. 409 where somebody saved it in the meantime."""
    return await house.prompts.edit(
        name,
        save.content,
        note=save.note,
        expected=save.expected,
        label=save.label,
        author=author_of(caller),
        trusted=await may_move(house, caller, save.label),
    )


@templates.get("/{name}/content")
async def get_template_content(
    house: Services, name: NamePath, version: Wanted = "production"
) -> TemplateVersion:
    """A version with its messages, and the parts and templates that it pins."""
    return await house.prompts.show(name, number_or_label(version))


@templates.get("/{name}/diff")
async def diff_template(
    house: Services, name: NamePath, old: QueryLine, new: QueryLine = "production"
) -> Difference:
    """Compare two versions, by number or label, the texts of their parts included."""
    return Difference(unified=await house.prompts.diff(name, number_or_label(old), number_or_label(new)))


@templates.post("/{name}/preview")
async def preview_template(
    house: Services, caller: CurrentCaller, name: NamePath, asked: PreviewRequest
) -> TaskPreview:
    """The exact messages with these values, their tokens, what the call may cost, and warnings. Nothing is sent.

    A task with the preview's hash as `expected_hash` sends exactly this, or nothing."""
    await require(house, caller, asked.project_id, "viewer")
    settings = asked.settings.model_copy(update={"model": asked.model} if asked.model else {})
    if asked.content is not None:
        context = CallContext(feature="prompts", purpose="preview", project_id=str(asked.project_id))
        shown = await house.desk.previews.preview(
            name, asked.variables, content=asked.content, settings=settings, context=context
        )
        return TaskPreview(preview=shown, forecast=None)
    return await house.desk.tasks.preview(
        NewTask(
            project_id=asked.project_id,
            template=name,
            version=number_or_label(asked.version),
            variables=asked.variables,
            settings=settings,
        )
    )


@templates.get("/{name}/labels")
async def list_template_labels(house: Services, name: NamePath) -> list[LabelView]:
    """Its labels, and where they point."""
    return await house.prompts.labels(name)


@templates.put("/{name}/labels/{label}")
async def move_template_label(
    house: Services, caller: CurrentCaller, name: NamePath, label: LabelPath, move: Move
) -> LabelView:
    """Point a label at a version: publish, or roll back. 409 where it was moved in the meantime."""
    return await house.prompts.set_label(
        name,
        label,
        move.number,
        expected=move.expected,
        author=author_of(caller),
        trusted=await may_move(house, caller, label),
    )


@templates.delete("/{name}/labels/{label}", status_code=204)
async def remove_template_label(
    house: Services, caller: CurrentCaller, name: NamePath, label: LabelPath
) -> Response:
    """Take a label off. `production` can only be moved."""
    await house.prompts.remove_label(name, label, trusted=await may_move(house, caller, label))
    return Response(status_code=204)


routers = (parts, templates, labels, files)
