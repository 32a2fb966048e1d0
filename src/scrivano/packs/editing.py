"""Packs at a desk: an archive of one, its samples as the files that they are, one of them changed."""

import asyncio
import io
import re
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, Field

from scrivano.core.errors import InvalidInput
from scrivano.packs.dto import BrokenPack, DomainView, PackNotFound, SampleKind
from scrivano.packs.files import FOLDERS
from scrivano.packs.service import Packs

MOST_BYTES = 20_000_000
_MOST_FILES = 5_000
_MOST_UNPACKED = 100_000_000
_NAME = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
_SLUG = re.compile(r"^[a-z][a-z0-9_]{0,63}$")


class SampleText(BaseModel):
    """A training sample as its file: TOML for an outline, Markdown under a head of TOML for a chapter."""

    model_config = ConfigDict(frozen=True)

    niche: str
    kind: SampleKind
    name: str = Field(description="Name of the file, without its ending.")
    text: str


async def archive(packs: Packs, slug: str) -> bytes:
    """A pack as a ZIP file whose only folder bears its slug. Raises PackNotFound."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = await packs.export(slug, Path(scratch))
        return await asyncio.to_thread(_zipped, folder)


async def install_archive(packs: Packs, content: bytes) -> DomainView:
    """Install a pack out of a ZIP file. Raises BrokenPack, which names what is not in order."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = await asyncio.to_thread(_unzipped, content, Path(scratch))
        return await packs.install(folder)


async def sample_texts(packs: Packs, slug: str) -> list[SampleText]:
    """All samples of a pack, by niche, kind and name. Raises PackNotFound."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = await packs.export(slug, Path(scratch))
        return await asyncio.to_thread(_texts, folder)


async def put_sample(packs: Packs, slug: str, sample: SampleText) -> DomainView:
    """Add a sample, or put another text in its place; the pack becomes one of the person's own.

    Raises PackNotFound, and BrokenPack where the text is not in order: then nothing has changed.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = await packs.export(slug, Path(scratch))
        file = _file(folder, sample.niche, sample.kind, sample.name)
        await asyncio.to_thread(_write, file, sample.text)
        return await packs.install(folder)


async def remove_sample(packs: Packs, slug: str, niche: str, kind: SampleKind, name: str) -> DomainView:
    """Take a sample out of a pack. Raises PackNotFound."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = await packs.export(slug, Path(scratch))
        file = _file(folder, niche, kind, name)
        if not file.is_file():
            raise PackNotFound(f"There is no {kind} {name!r} in {slug}/{niche}.", field="name")
        await asyncio.to_thread(file.unlink)
        return await packs.install(folder)


def _file(folder: Path, niche: str, kind: SampleKind, name: str) -> Path:
    if not _SLUG.match(niche) or not (folder / niche).is_dir():
        raise PackNotFound(f"There is no niche {niche!r} in {folder.name}.", field="niche")
    if not _NAME.match(name) or len(name) > 100:
        raise InvalidInput(
            f"{name!r} cannot be the name of a sample.",
            field="name",
            remedy="Use small letters, digits and single hyphens.",
        )
    place, ending = FOLDERS[kind]
    return folder / niche / place / f"{name}{ending}"


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _texts(folder: Path) -> list[SampleText]:
    found: list[SampleText] = []
    for niche in sorted(path.name for path in folder.iterdir() if path.is_dir()):
        for kind, (place, ending) in FOLDERS.items():
            for file in sorted((folder / niche / place).glob(f"*{ending}")):
                text = file.read_text(encoding="utf-8")
                found.append(SampleText(niche=niche, kind=kind, name=file.stem, text=text))
    return found


def _zipped(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            target.write(path, f"{folder.name}/{path.relative_to(folder).as_posix()}")
    return buffer.getvalue()


def _unzipped(content: bytes, scratch: Path) -> Path:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            entries = [entry for entry in source.infolist() if not entry.is_dir()]
            if len(entries) > _MOST_FILES or sum(entry.file_size for entry in entries) > _MOST_UNPACKED:
                raise BrokenPack("The archive is too large for a pack.", field="body")
            for entry in entries:
                parts = PurePosixPath(entry.filename).parts
                if any(part in ("..", "/") or "\\" in part or "\0" in part for part in parts):
                    raise BrokenPack(f"{entry.filename!r} leads out of the archive.", field="body")
                file = scratch.joinpath(*parts)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(source.read(entry))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise BrokenPack(
            "This is no ZIP archive.", field="body", remedy="Send what the export gave."
        ) from error
    heads = sorted(scratch.rglob("pack.toml"), key=lambda path: len(path.parts))
    if not heads:
        raise BrokenPack("There is no pack.toml in the archive.", field="body")
    return heads[0].parent
