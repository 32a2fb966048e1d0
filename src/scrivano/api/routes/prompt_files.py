"""Labels of prompts that not everybody moves; prompts as files."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from scrivano.api.access import ADMINISTRATOR, SIGNED_IN, CurrentCaller
from scrivano.api.dependencies import Services
from scrivano.api.routes.prompts_asked import (
    ImportRequest,
    LabelPath,
)
from scrivano.prompts.public import (
    ImportReport,
    Name,
    Protection,
)

labels = APIRouter(prefix="/api/prompt-labels", tags=["prompts"])
files = APIRouter(prefix="/api/prompt-files", tags=["prompts"])


@labels.get("", dependencies=SIGNED_IN)
async def list_protected_labels(house: Services) -> list[str]:
    """The labels that not everybody moves."""
    return await house.prompts.protected_labels()


@labels.get("/{label}", dependencies=SIGNED_IN)
async def get_protection(house: Services, label: LabelPath) -> Protection:
    """Who may move a label."""
    return await house.prompts.protection(label)


@labels.put("/{label}", dependencies=ADMINISTRATOR)
async def protect_label(
    house: Services, caller: CurrentCaller, label: LabelPath, protection: Protection
) -> list[str]:
    """Say who may move a label: everybody, or only administrators and the members of projects in `roles`.

    Gives the labels that are protected then. 404 for a project that there is not."""
    for each in protection.roles:
        await house.projects.get(each.project_id, caller)
    await house.prompts.protect(label, protection)
    return await house.prompts.protected_labels()


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
