"""Packs and the training samples in them, and the archive of the whole installation."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from scrivano.api.access import ADMINISTRATOR, SIGNED_IN
from scrivano.api.dependencies import Services
from scrivano.api.values import Prose
from scrivano.core import backup as archives
from scrivano.core import clock
from scrivano.core.errors import InvalidInput
from scrivano.packs import public as packs
from scrivano.packs.public import MOST_BYTES, DomainView, SampleText

router = APIRouter(prefix="/api", tags=["packs"])

_Slug = Annotated[str, InPath(max_length=64, pattern=r"^[^\x00/]+$", description="The domain's slug.")]
_Niche = Annotated[str, InPath(max_length=64, pattern=r"^[^\x00/]+$", description="The niche's slug.")]
_Name = Annotated[str, InPath(max_length=100, pattern=r"^[^\x00/]+$", description="The sample's file name.")]
_Kind = Annotated[
    str, InPath(pattern=r"^(outline|chapter)$", description="`outline` or `chapter`.", max_length=10)
]
_ZIP: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A pack as a ZIP file, at most 20 MB.",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class SampleContent(BaseModel):
    """The file of a sample."""

    model_config = ConfigDict(extra="forbid")

    text: Prose = Field(
        min_length=1, description="TOML for an outline, Markdown under a head of TOML for a chapter."
    )


@router.get("/packs", dependencies=SIGNED_IN)
async def list_packs(house: Services) -> list[DomainView]:
    """Every pack that is installed, also one with too few samples to be offered to writers."""
    return await house.packs.installed()


@router.post("/packs", status_code=201, dependencies=ADMINISTRATOR, openapi_extra=_ZIP)
async def install_pack(request: Request, house: Services) -> DomainView:
    """Install a pack, or bring an installed one to what the archive says: all of it or nothing."""
    return await packs.install_archive(house.packs, await _body(request))


@router.get(
    "/packs/{pack}/archive.zip",
    dependencies=SIGNED_IN,
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}, "description": "The pack as a ZIP file."}},
)
async def export_pack(house: Services, pack: _Slug) -> Response:
    """A pack as files. Installed from there, every sample is the same."""
    content = await packs.archive(house.packs, pack)
    name = f'attachment; filename="{pack}.zip"'
    return Response(content, media_type="application/zip", headers={"Content-Disposition": name})


@router.delete("/packs/{pack}", status_code=204, response_class=Response, dependencies=ADMINISTRATOR)
async def remove_pack(house: Services, pack: _Slug) -> None:
    """Take a pack out of use. What was written with it stays."""
    await house.packs.remove(pack)


@router.get("/packs/{pack}/samples", dependencies=SIGNED_IN)
async def list_pack_samples(house: Services, pack: _Slug) -> list[SampleText]:
    """The samples of a pack, each as its file."""
    return await packs.sample_texts(house.packs, pack)


@router.put("/packs/{pack}/samples/{niche}/{sample_kind}/{sample_name}", dependencies=ADMINISTRATOR)
async def put_pack_sample(
    house: Services,
    pack: _Slug,
    niche: _Niche,
    sample_kind: _Kind,
    sample_name: _Name,
    content: SampleContent,
) -> DomainView:
    """Add a sample, or put another text in its place. A text that is not in order changes nothing."""
    sample = SampleText.model_validate(
        {"niche": niche, "kind": sample_kind, "name": sample_name, "text": content.text}
    )
    return await packs.put_sample(house.packs, pack, sample)


@router.delete("/packs/{pack}/samples/{niche}/{sample_kind}/{sample_name}", dependencies=ADMINISTRATOR)
async def remove_pack_sample(
    house: Services, pack: _Slug, niche: _Niche, sample_kind: _Kind, sample_name: _Name
) -> DomainView:
    """Take a sample out of a pack."""
    kind = "outline" if sample_kind == "outline" else "chapter"
    return await packs.remove_sample(house.packs, pack, niche, kind, sample_name)


@router.get(
    "/backup",
    tags=["backup"],
    dependencies=ADMINISTRATOR,
    response_class=FileResponse,
    responses={200: {"content": {"application/x-tar": {}}, "description": "The archive."}},
)
async def take_backup(house: Services) -> FileResponse:
    """The whole installation in one file, as `scrivano restore` takes it. Nothing needs to be stopped for it.

    The key of the data folder, which unlocks the providers' keys, is not in it.
    """
    scratch = await asyncio.to_thread(tempfile.TemporaryDirectory)
    name = f"scrivano-{clock.now():%Y-%m-%d-%H%M}.tar"
    try:
        written = await archives.backup(house.url, Path(scratch.name) / name)
    except BaseException:
        scratch.cleanup()
        raise
    return FileResponse(
        written, filename=name, media_type="application/x-tar", background=BackgroundTask(scratch.cleanup)
    )


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise InvalidInput("The archive is larger than 20 MB.", field="body")
    return bytes(body)
