"""Use-cases of `packs`: what is there to write about, its samples, and packs coming and going."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, overload

from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core.database import Database
from scrivano.packs import repo, rows
from scrivano.packs.checks import MIN_CHAPTERS, MIN_OUTLINES, check_pack
from scrivano.packs.dto import (
    BrokenPack,
    ChapterSample,
    DomainView,
    Finding,
    LoadReport,
    NicheView,
    OutlineSample,
    PackFile,
    PackInTheWay,
    PackNotFound,
    Sample,
    SampleKind,
)
from scrivano.packs.files import PackFolder, read_pack, write_pack
from scrivano.packs.likeness import LikenessIndex
from scrivano.packs.models import Domain, SampleRow

SHIPPED = Path(__file__).parent / "data"
_KEPT_INDEXES = 64


class Packs:
    """The domains, niches and samples of this installation."""

    def __init__(self, database: Database, *, shipped: Path = SHIPPED) -> None:
        self._database = database
        self._shipped = shipped
        self._indexes: OrderedDict[tuple[str, ...], LikenessIndex[Any]] = OrderedDict()

    # --- what there is ----------------------------------------------------------------------------

    async def domains(self) -> list[DomainView]:
        """The domains that are active and have at least one trained niche, in their order."""
        async with self._database.read() as session:
            found = await repo.trained(session, None, MIN_OUTLINES, MIN_CHAPTERS)
        return rows.domain_views(found)

    async def installed(self) -> list[DomainView]:
        """Every domain that is installed and active, also with too few samples to be offered, in their order."""
        async with self._database.read() as session:
            found = await repo.trained(session, None, 0, 0)
        return rows.domain_views(found)

    async def niches(self, domain: str) -> list[NicheView]:
        """The trained niches of a domain, in their order: those with 2 outlines and 5 chapters or more.

        Raises PackNotFound for a domain that is not installed.
        """
        async with self._database.read() as session:
            await self._installed(session, domain)
            found = await repo.trained(session, domain, MIN_OUTLINES, MIN_CHAPTERS)
        return [rows.niche_view(row) for row in found]

    async def niche(self, domain: str, slug: str) -> NicheView:
        """A niche that is, or once was, installed, so that a book can be looked at after its pack has gone.

        Raises PackNotFound.
        """
        async with self._database.read() as session:
            found = await repo.get_niche(session, domain, slug)
        if found is None:
            raise PackNotFound(f"There is no niche {slug!r} in {domain!r}.", field="niche")
        return rows.niche_view(found)

    async def outline_samples(self, domain: str, niche: str) -> list[OutlineSample]:
        """All outlines of a niche, by id. Raises PackNotFound."""
        return [rows.outline_sample(row) for row in await self._samples(domain, niche, "outline")]

    async def chapter_samples(self, domain: str, niche: str) -> list[ChapterSample]:
        """All chapters of a niche, by id. Raises PackNotFound."""
        return [rows.chapter_sample(row) for row in await self._samples(domain, niche, "chapter")]

    @overload
    async def few_shot(
        self,
        domain: str,
        niche: str,
        query: str,
        kind: Literal["chapter"] = "chapter",
        k: int = 2,
        *,
        audience: str | None = None,
        tone: str | None = None,
    ) -> list[ChapterSample]: ...

    @overload
    async def few_shot(
        self,
        domain: str,
        niche: str,
        query: str,
        kind: Literal["outline"],
        k: int = 2,
        *,
        audience: str | None = None,
        tone: str | None = None,
    ) -> list[OutlineSample]: ...

    async def few_shot(
        self,
        domain: str,
        niche: str,
        query: str,
        kind: SampleKind = "chapter",
        k: int = 2,
        *,
        audience: str | None = None,
        tone: str | None = None,
    ) -> Sequence[Sample]:
        """The `k` samples most like `query`, best first; the same in every process.

        Among samples about equally near, those for the same readers or in the same tone come first; both are
        looked for in the query where they are not given. Raises PackNotFound.
        """
        if kind == "chapter":
            chapters = await self.chapter_samples(domain, niche)
            return self._index(chapters).nearest(query, k, audience=audience, tone=tone)
        outlines = await self.outline_samples(domain, niche)
        return self._index(outlines).nearest(query, k, audience=audience, tone=tone)

    async def few_shot_chapters(self, domain: str, niche: str, query: str, k: int = 2) -> list[ChapterSample]:
        """`few_shot` for chapters."""
        return await self.few_shot(domain, niche, query, "chapter", k)

    async def few_shot_outlines(self, domain: str, niche: str, query: str, k: int = 2) -> list[OutlineSample]:
        """`few_shot` for outlines."""
        return await self.few_shot(domain, niche, query, "outline", k)

    # --- coming and going -------------------------------------------------------------------------

    async def load_shipped(self) -> LoadReport:
        """Bring the packs that come with Scrivano into the database.

        Costs reading the files and one query when nothing changed. A domain that a person removed, or
        installed in a version of their own, is left alone. Raises BrokenPack.
        """
        digest = await asyncio.to_thread(_digest, self._shipped)
        async with self._database.read() as session:
            if await repo.shipped_digest(session) == digest:
                return LoadReport(unchanged=True)
        folders = await asyncio.to_thread(_read_all, self._shipped)
        async with self._database.begin() as session:
            await repo.lock(session)
            if await repo.shipped_digest(session) == digest:
                return LoadReport(unchanged=True)
            loaded: list[str] = []
            left: list[str] = []
            for folder in folders:
                assert folder.pack is not None
                known = await repo.get_domain(session, folder.pack.slug)
                if known is not None and (known.origin == "installed" or known.removed_at is not None):
                    left.append(folder.pack.slug)
                    continue
                await _bring_in(session, folder, "shipped")
                loaded.append(folder.pack.slug)
            await repo.set_shipped_digest(session, digest)
        return LoadReport(loaded=tuple(loaded), left_alone=tuple(left))

    async def check(self, path: Path) -> list[Finding]:
        """What is wrong with a pack's files, or could be better; errors first. Nothing is installed."""
        return check_pack(await asyncio.to_thread(read_pack, path))

    async def install(self, path: Path) -> DomainView:
        """Install a pack, or bring an installed one to what the folder says.

        All or nothing. Raises BrokenPack, whose message names the errors; warnings don't stand in the way.
        """
        folder = await asyncio.to_thread(read_pack, path)
        pack = _sound(folder)
        async with self._database.begin() as session:
            await repo.lock(session)
            await _bring_in(session, folder, "installed")
            domain = await self._installed(session, pack.slug)
            return rows.domain_view(domain, await repo.trained(session, pack.slug, 0, 0))

    async def remove(self, slug: str) -> None:
        """Take a domain out of use. What was written with it stays. Raises PackNotFound."""
        async with self._database.begin() as session:
            await repo.lock(session)
            await self._installed(session, slug)
            await repo.retire_samples(session, slug, [])
            await repo.remove_niches(session, slug, [])
            await repo.remove_domain(session, slug)

    async def set_active(self, slug: str, *, active: bool) -> None:
        """Offer a domain to writers, or stop offering it. Raises PackNotFound."""
        async with self._database.begin() as session:
            await self._installed(session, slug)
            await repo.set_active(session, slug, active=active)

    async def export(self, slug: str, folder: Path) -> Path:
        """Write a domain as files into `folder/slug`, which is returned.

        Installed from there, every sample has the same hash. Raises PackNotFound, or PackInTheWay if
        `folder/slug` has something in it.
        """
        target = folder / slug
        if await asyncio.to_thread(_occupied, target):
            raise PackInTheWay(f"{target} is not empty.", field="folder", remedy="Name another folder.")
        async with self._database.read() as session:
            domain = await self._installed(session, slug)
            pack = rows.pack_file(domain, await repo.list_niches(session, slug))
            samples = [(s.sample_key, rows.sample_file(s)) for s in await repo.current_samples(session, slug)]
        await asyncio.to_thread(write_pack, target, pack, samples)
        return target

    # --- inside -----------------------------------------------------------------------------------

    async def _installed(self, session: AsyncSession, slug: str) -> Domain:
        domain = await repo.get_domain(session, slug)
        if domain is None or domain.removed_at is not None:
            known = [row[0].slug for row in await repo.trained(session, None, 0, 0)]
            close = get_close_matches(slug, known, n=1)
            raise PackNotFound(
                f"There is no domain {slug!r}.",
                field="domain",
                remedy=f"Did you mean {close[0]!r}?" if close else "`scrivano packs list` shows them.",
            )
        return domain

    async def _samples(self, domain: str, niche: str, kind: SampleKind) -> Sequence[SampleRow]:
        async with self._database.read() as session:
            if await repo.get_niche(session, domain, niche) is None:
                raise PackNotFound(f"There is no niche {niche!r} in {domain!r}.", field="niche")
            return await repo.current_samples(session, domain, niche, kind)

    def _index(self, samples: Sequence[Any]) -> LikenessIndex[Any]:
        key = tuple(sample.hash for sample in samples)
        if key not in self._indexes:
            self._indexes[key] = LikenessIndex(samples)
            while len(self._indexes) > _KEPT_INDEXES:
                self._indexes.popitem(last=False)
        self._indexes.move_to_end(key)
        return self._indexes[key]


async def _bring_in(session: AsyncSession, folder: PackFolder, origin: str) -> None:
    pack = _sound(folder)
    await repo.put_domain(session, pack, folder.hash(), origin)
    for niche in pack.niche:
        await repo.put_niche(session, pack.slug, niche)
    await repo.remove_niches(session, pack.slug, [niche.slug for niche in pack.niche])
    await repo.retire_samples(session, pack.slug, [(s.key, s.hash) for s in folder.samples])
    await repo.put_samples(session, pack.slug, folder.samples)


def _sound(folder: PackFolder) -> PackFile:
    errors = [finding for finding in folder.findings if finding.severity == "error"]
    if folder.pack is None or errors:
        shown = " ".join(f"{error.where}: {error.message}" for error in errors[:3])
        more = f" And {len(errors) - 3} more." if len(errors) > 3 else ""
        raise BrokenPack(
            f"The pack in {folder.path} is not in order. {shown}{more}",
            remedy="`scrivano packs check` lists everything.",
        )
    return folder.pack


def _digest(shipped: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in shipped.rglob("*") if p.suffix in (".toml", ".md")):
        raw = path.read_bytes()
        digest.update(f"{path.relative_to(shipped).as_posix()}\0{len(raw)}\0".encode() + raw)
    return digest.hexdigest()


def _read_all(shipped: Path) -> list[PackFolder]:
    folders = [read_pack(path.parent) for path in sorted(shipped.glob("*/pack.toml"))]
    for folder in folders:
        _sound(folder)
    return folders


def _occupied(target: Path) -> bool:
    return target.exists() and (not target.is_dir() or any(target.iterdir()))
