"""Prompts: parts and templates, their versions and labels, previews, files."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from scrivano.accounts.public import Caller
from scrivano.api.access import ADMINISTRATOR, SIGNED_IN, CurrentCaller, require
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.api.values import Line as QueryLine
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.prompts.public import (
    Author,
    Format,
    Impact,
    ImportReport,
    JsonObject,
    LabelName,
    LabelView,
    Line,
    Name,
    PartContent,
    PartEdit,
    PartInfo,
    PartKind,
    PartVersion,
    PromptSettings,
    Tag,
    TemplateContent,
    TemplateInfo,
    TemplateVersion,
    Text,
    VersionInfo,
)
from scrivano.tasks.public import NewTask, TaskPreview

parts = APIRouter(prefix="/api/prompt-parts", tags=["prompts"], dependencies=SIGNED_IN)
templates = APIRouter(prefix="/api/prompt-templates", tags=["prompts"], dependencies=SIGNED_IN)
labels = APIRouter(prefix="/api/prompt-labels", tags=["prompts"])
files = APIRouter(prefix="/api/prompt-files", tags=["prompts"])

NamePath = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,79}$", description="Its name.")]
LabelPath = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_.-]{0,39}$", description="A label.")]
Wanted = Annotated[
    str,
    Query(
        alias="version", pattern=r"^([1-9][0-9]{0,8}|[a-z][a-z0-9_.-]{0,39})$", description="Number or label."
    ),
]
Search = Annotated[
    QueryLine, Query(description="Words that name, description or text have, or their beginnings.")
]
TagQuery = Annotated[QueryLine | None, Query(description="Only those with this tag.")]
Archived = Annotated[bool, Query(description="Those that are archived, instead of those that are not.")]
Number = Annotated[int, Field(ge=0, lt=2**31)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewPart(_Body):
    """A part to be made. With a protected label, such as `production`, only by administrators."""

    name: Name = Field(examples=["our_voice"])
    kind: PartKind
    description: Line = ""
    tags: list[Tag] = Field(default=[], max_length=50)
    order: int = Field(default=0, ge=-(2**31), lt=2**31)
    language: Line = Field(default="en", max_length=35)
    content: PartContent
    note: Line = ""
    label: LabelName = "production"


class PartChange(_Body):
    """What is not versioned; what is not given stays."""

    kind: PartKind | None = None
    description: Line | None = None
    tags: list[Tag] | None = Field(default=None, max_length=50)
    order: int | None = Field(default=None, ge=-(2**31), lt=2**31)
    language: Line | None = Field(default=None, max_length=35)


class PartSave(_Body):
    """A new version of a part. `expected` is the newest number that the author has seen."""

    content: PartContent
    note: Line = ""
    expected: Number | None = None
    label: LabelName | None = "production"


class NewTemplate(_Body):
    """A template to be made. With a protected label, such as `production`, only by administrators."""

    name: Name = Field(examples=["weekly_summary"])
    description: Line = ""
    tags: list[Tag] = Field(default=[], max_length=50)
    content: TemplateContent
    note: Line = ""
    label: LabelName = "production"


class TemplateChange(_Body):
    """What is not versioned; what is not given stays."""

    description: Line | None = None
    tags: list[Tag] | None = Field(default=None, max_length=50)


class TemplateSave(_Body):
    """A new version of a template. `expected` is the newest number that the author has seen."""

    content: TemplateContent
    note: Line = ""
    expected: Number | None = None
    label: LabelName | None = "production"


class Move(_Body):
    """Where a label is to point. `expected`: where it pointed when the person looked; 0, if it was not there."""

    number: Annotated[int, Field(ge=1, lt=2**31)]
    expected: Number | None = None


class Copy(_Body):
    """The name of a copy, and which version it is of."""

    name: Name
    version: str = Field(default="production", pattern=r"^([1-9][0-9]{0,8}|[a-z][a-z0-9_.-]{0,39})$")


class Difference(BaseModel):
    """What changed between two versions, as a unified diff; empty if nothing did."""

    unified: str


class PreviewRequest(_Body):
    """Values to fill in; `content`, where given, stands for a version that is not saved yet."""

    variables: JsonObject = Field(default={}, examples=[{"subject": "tides"}])
    version: str = Field(default="production", pattern=r"^([1-9][0-9]{0,8}|[a-z][a-z0-9_.-]{0,39})$")
    content: TemplateContent | None = None
    model: Line | None = Field(default=None, max_length=200)
    settings: PromptSettings = PromptSettings()
    project_id: UUID = DEFAULT_PROJECT


class ImpactRequest(_Body):
    """A text of a part that is not saved yet, and whose tokenizer is to count."""

    content: PartContent
    model: Line = Field(default="auto", max_length=200)


class ImportRequest(_Body):
    """A file's text. `format` tells whose it is: our own export, an `llm` template, promptfoo, or a table."""

    text: Text
    file_name: Line = Field(default="import.yaml", max_length=200)
    format: Format = "auto"


class Protection(_Body):
    """Whether only administrators may move a label."""

    protected: bool


def _author(caller: Caller) -> Author:
    return Author(kind="person", id=str(caller.person_id) if caller.person_id else None)


def _may(caller: Caller) -> bool:
    return caller.role == "administrator"


def _which(wanted: str) -> int | str:
    return int(wanted) if wanted.isdigit() else wanted


# --- parts ----------------------------------------------------------------------------------------


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
        author=_author(caller),
        administrator=_may(caller),
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
        name, copy.name, version=_which(copy.version), author=_author(caller), administrator=_may(caller)
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
        author=_author(caller),
        administrator=_may(caller),
    )


@parts.get("/{name}/content")
async def get_part_content(house: Services, name: NamePath, version: Wanted = "production") -> PartVersion:
    """A version with its text."""
    return await house.prompts.show_part(name, _which(version))


@parts.get("/{name}/diff")
async def diff_part(
    house: Services, name: NamePath, old: QueryLine, new: QueryLine = "production"
) -> Difference:
    """Compare two versions, by number or label."""
    return Difference(unified=await house.prompts.part_diff(name, _which(old), _which(new)))


@parts.post("/{name}/impact")
async def impact_of_part(house: Services, name: NamePath, asked: ImpactRequest) -> Impact:
    """The templates that saving this text would change, with the change in tokens. Nothing is saved."""
    return await house.desk.previews.impact(name, asked.content, model=asked.model)


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
        author=_author(caller),
        administrator=_may(caller),
    )


@parts.delete("/{name}/labels/{label}", status_code=204)
async def remove_part_label(
    house: Services, caller: CurrentCaller, name: NamePath, label: LabelPath
) -> Response:
    """Take a label off. `production` can only be moved."""
    await house.prompts.remove_part_label(name, label, administrator=_may(caller))
    return Response(status_code=204)


# --- templates ------------------------------------------------------------------------------------


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
        author=_author(caller),
        administrator=_may(caller),
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
        name, copy.name, version=_which(copy.version), author=_author(caller), administrator=_may(caller)
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
        author=_author(caller),
        administrator=_may(caller),
    )


@templates.get("/{name}/content")
async def get_template_content(
    house: Services, name: NamePath, version: Wanted = "production"
) -> TemplateVersion:
    """A version with its messages, and the parts and templates that it pins."""
    return await house.prompts.show(name, _which(version))


@templates.get("/{name}/diff")
async def diff_template(
    house: Services, name: NamePath, old: QueryLine, new: QueryLine = "production"
) -> Difference:
    """Compare two versions, by number or label, the texts of their parts included."""
    return Difference(unified=await house.prompts.diff(name, _which(old), _which(new)))


@templates.post("/{name}/preview")
async def preview_template(
    house: Services, caller: CurrentCaller, name: NamePath, asked: PreviewRequest
) -> TaskPreview:
    """The exact messages with these values, their tokens, what the call may cost, and warnings. Nothing is sent.

    A task with the preview's hash as `expected_hash` sends exactly this, or nothing."""
    await require(house, caller, asked.project_id, "viewer")
    settings = asked.settings.model_copy(update={"model": asked.model} if asked.model else {})
    if asked.content is not None:
        shown = await house.desk.previews.preview(
            name, asked.variables, content=asked.content, settings=settings
        )
        return TaskPreview(preview=shown, forecast=None)
    return await house.desk.tasks.preview(
        NewTask(
            project_id=asked.project_id,
            template=name,
            version=_which(asked.version),
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
        author=_author(caller),
        administrator=_may(caller),
    )


@templates.delete("/{name}/labels/{label}", status_code=204)
async def remove_template_label(
    house: Services, caller: CurrentCaller, name: NamePath, label: LabelPath
) -> Response:
    """Take a label off. `production` can only be moved."""
    await house.prompts.remove_label(name, label, administrator=_may(caller))
    return Response(status_code=204)


# --- labels and files -----------------------------------------------------------------------------


@labels.get("", dependencies=SIGNED_IN)
async def list_protected_labels(house: Services) -> list[str]:
    """The labels that only administrators move."""
    return await house.prompts.protected_labels()


@labels.put("/{label}", dependencies=ADMINISTRATOR)
async def protect_label(house: Services, label: LabelPath, protection: Protection) -> list[str]:
    """Let only administrators move a label, or everybody; gives the labels that are protected then."""
    return await house.prompts.protect(label, protection.protected)


@files.get(
    "",
    dependencies=SIGNED_IN,
    response_class=Response,
    responses={200: {"content": {"application/yaml": {}}}},
)
async def export_prompts(
    house: Services,
    name: Annotated[list[Name], Query(max_length=500, description="Only these, with what they pin.")] = [],  # noqa: B006
) -> Response:
    """Parts and templates with every version and label, as one YAML file."""
    return Response(await house.desk.files.export(name), media_type="application/yaml")


@files.post("", dependencies=ADMINISTRATOR)
async def import_prompts(house: Services, asked: ImportRequest) -> ImportReport:
    """Import a file, all of it or nothing: our own export, or prompts of another program."""
    return await house.desk.files.take_in(asked.text, file_name=asked.file_name, format=asked.format)


routers = (parts, templates, labels, files)
