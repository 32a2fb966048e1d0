"""What the routes of prompts are asked: bodies, parts of paths, and who may move a label."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from scrivano.accounts.public import Caller
from scrivano.api.access import require
from scrivano.api.values import Line as QueryLine
from scrivano.core.errors import NotAllowed, NotFound
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.prompts.public import (
    Author,
    Format,
    JsonObject,
    LabelName,
    Line,
    Name,
    PartContent,
    PartKind,
    PromptSettings,
    Tag,
    TemplateContent,
    Text,
)
from scrivano.wiring import House

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


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewPart(Body):
    """A part to be made. With a protected label, such as `production`, only by those who may move it."""

    name: Name = Field(examples=["our_voice"])
    kind: PartKind
    description: Line = ""
    tags: list[Tag] = Field(default=[], max_length=50)
    order: int = Field(default=0, ge=-(2**31), lt=2**31)
    language: Line = Field(default="en", max_length=35)
    content: PartContent
    note: Line = ""
    label: LabelName = "production"


class PartChange(Body):
    """What is not versioned; what is not given stays."""

    kind: PartKind | None = None
    description: Line | None = None
    tags: list[Tag] | None = Field(default=None, max_length=50)
    order: int | None = Field(default=None, ge=-(2**31), lt=2**31)
    language: Line | None = Field(default=None, max_length=35)


class PartSave(Body):
    """A new version of a part. `expected` is the newest number that the author has seen."""

    content: PartContent
    note: Line = ""
    expected: Number | None = None
    label: LabelName | None = "production"


class NewTemplate(Body):
    """A template to be made. With a protected label, such as `production`, only by those who may move it."""

    name: Name = Field(examples=["weekly_summary"])
    description: Line = ""
    tags: list[Tag] = Field(default=[], max_length=50)
    content: TemplateContent
    note: Line = ""
    label: LabelName = "production"


class TemplateChange(Body):
    """What is not versioned; what is not given stays."""

    description: Line | None = None
    tags: list[Tag] | None = Field(default=None, max_length=50)


class TemplateSave(Body):
    """A new version of a template. `expected` is the newest number that the author has seen."""

    content: TemplateContent
    note: Line = ""
    expected: Number | None = None
    label: LabelName | None = "production"


class Move(Body):
    """Where a label is to point. `expected`: where it pointed when the person looked; 0, if it was not there."""

    number: Annotated[int, Field(ge=1, lt=2**31)]
    expected: Number | None = None


class Copy(Body):
    """The name of a copy, and which version it is of."""

    name: Name
    version: str = Field(default="production", pattern=r"^([1-9][0-9]{0,8}|[a-z][a-z0-9_.-]{0,39})$")


class Difference(BaseModel):
    """What changed between two versions, as a unified diff; empty if nothing did."""

    unified: str


class PreviewRequest(Body):
    """Values to fill in; `content`, where given, stands for a version that is not saved yet."""

    variables: JsonObject = Field(default={}, examples=[{"subject": "tides"}])
    version: str = Field(default="production", pattern=r"^([1-9][0-9]{0,8}|[a-z][a-z0-9_.-]{0,39})$")
    content: TemplateContent | None = None
    model: Line | None = Field(default=None, max_length=200)
    settings: PromptSettings = PromptSettings()
    project_id: UUID = DEFAULT_PROJECT


class ImpactRequest(Body):
    """A text of a part that is not saved yet, and whose tokenizer is to count."""

    content: PartContent
    model: Line = Field(default="auto", max_length=200)


class ImportRequest(Body):
    """A file's text. `format` tells whose it is: our own export, an `llm` template, promptfoo, or a table."""

    text: Text
    file_name: Line = Field(default="import.yaml", max_length=200)
    format: Format = "auto"


def author_of(caller: Caller) -> Author:
    """The caller as the author of a version."""
    return Author(kind="person", id=str(caller.person_id) if caller.person_id else None)


async def may_move(house: House, caller: Caller, label: str | None) -> bool:
    """Whether the caller may move a label where it is protected: as an administrator, or by a role in a project."""
    if caller.role == "administrator" and caller.project_id is None:
        return True
    for each in (await house.prompts.protection(label)).roles if label else ():
        try:
            await require(house, caller, each.project_id, each.role)
        except (NotAllowed, NotFound):
            continue
        return True
    return False


def number_or_label(wanted: str) -> int | str:
    """A version as it was asked for."""
    return int(wanted) if wanted.isdigit() else wanted
