"""All SQL of `packs`. Functions take the session of the caller's transaction and return rows."""

from collections.abc import Sequence

from sqlalchemy import FunctionFilter, Row, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.core.ids import new_id
from scrivano.packs.dto import NicheFile, PackFile, SampleKind
from scrivano.packs.files import SampleFile
from scrivano.packs.models import Domain, Niche, SampleRow, ShippedLoad

_LOCK = 0x5C21_0006

Counted = Row[Domain, Niche, int, int]


# --- reading --------------------------------------------------------------------------------------


async def trained(
    session: AsyncSession, domain: str | None, outlines: int, chapters: int
) -> Sequence[Counted]:
    """Active niches with at least so many samples, in their order, with their domain and the two counts."""
    query = _counted().where(
        Domain.active, Domain.removed_at.is_(None), Niche.active, Niche.removed_at.is_(None)
    )
    if domain is not None:
        query = query.where(Domain.slug == domain)
    query = query.having(_number_of("outline") >= outlines, _number_of("chapter") >= chapters)
    return (await session.execute(query)).all()


async def get_niche(session: AsyncSession, domain: str, slug: str) -> Counted | None:
    """A niche that was ever installed, with its domain and the counts of its samples."""
    query = _counted().where(Domain.slug == domain, Niche.slug == slug)
    return (await session.execute(query)).one_or_none()


async def get_domain(session: AsyncSession, slug: str) -> Domain | None:
    """A domain that was ever installed."""
    return await session.get(Domain, slug)


async def list_niches(session: AsyncSession, domain: str) -> Sequence[Niche]:
    """The niches that a domain has now, trained or not, in their order."""
    query = select(Niche).where(Niche.domain == domain, Niche.removed_at.is_(None))
    return (await session.scalars(query.order_by(Niche.sort_order, Niche.slug))).all()


async def current_samples(
    session: AsyncSession, domain: str, niche: str | None = None, kind: SampleKind | None = None
) -> Sequence[SampleRow]:
    """The samples in use, by key."""
    query = select(SampleRow).where(SampleRow.domain == domain, SampleRow.retired_at.is_(None))
    if niche is not None:
        query = query.where(SampleRow.niche == niche)
    if kind is not None:
        query = query.where(SampleRow.kind == kind)
    return (await session.scalars(query.order_by(SampleRow.sample_key))).all()


def _number_of(kind: SampleKind) -> FunctionFilter[int]:
    return func.count(SampleRow.id).filter(SampleRow.kind == kind)


def _counted() -> Select[Domain, Niche, int, int]:
    return (
        select(Domain, Niche, _number_of("outline"), _number_of("chapter"))
        .join(Niche, Niche.domain == Domain.slug)
        .outerjoin(
            SampleRow,
            (SampleRow.domain == Niche.domain)
            & (SampleRow.niche == Niche.slug)
            & SampleRow.retired_at.is_(None),
        )
        .group_by(Domain.slug, Niche.domain, Niche.slug)
        .order_by(Domain.sort_order, Domain.slug, Niche.sort_order, Niche.slug)
    )


# --- installing and removing ----------------------------------------------------------------------


async def lock(session: AsyncSession) -> None:
    """Let one process at a time change packs."""
    await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


async def put_domain(session: AsyncSession, pack: PackFile, digest: str, origin: str) -> None:
    """Add a domain, or bring it to what the pack says. One that was switched off stays so."""
    values = {
        **pack.model_dump(mode="json", include={"name", "icon", "version", "language", "license"}),
        "description": pack.description,
        "sort_order": pack.order,
        "origin": origin,
        "content_hash": digest,
        "installed_at": clock.now(),
        "removed_at": None,
    }
    statement = insert(Domain).values(slug=pack.slug, active=True, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["slug"], set_=values))


async def put_niche(session: AsyncSession, domain: str, niche: NicheFile) -> None:
    """Add a niche, or bring it to what the pack says."""
    values = {
        "name": niche.name,
        "icon": niche.icon,
        "sort_order": niche.order,
        "description": niche.description,
        "keywords": list(niche.keywords),
        "removed_at": None,
    }
    statement = insert(Niche).values(domain=domain, slug=niche.slug, active=True, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["domain", "slug"], set_=values))


async def remove_niches(session: AsyncSession, domain: str, keep: Sequence[str]) -> None:
    """Take the niches out of use that are not in `keep`."""
    await session.execute(
        update(Niche)
        .where(Niche.domain == domain, Niche.slug.not_in(keep), Niche.removed_at.is_(None))
        .values(removed_at=clock.now())
    )


async def retire_samples(session: AsyncSession, domain: str, keep: Sequence[tuple[str, str]]) -> None:
    """Take the samples out of use whose key and hash are not in `keep`."""
    kept = set(keep)
    gone = [
        row.id
        for row in await current_samples(session, domain)
        if (row.sample_key, row.content_hash) not in kept
    ]
    if gone:
        statement = update(SampleRow).where(SampleRow.id.in_(gone)).values(retired_at=clock.now())
        await session.execute(statement)


async def put_samples(session: AsyncSession, domain: str, samples: Sequence[SampleFile]) -> None:
    """Bring the samples into use; one that was there before, in the same words, is taken up again."""
    if not samples:
        return
    rows = [
        {
            "id": new_id(),
            "sample_key": sample.key,
            "domain": domain,
            "niche": sample.niche,
            "kind": sample.kind,
            "content_hash": sample.hash,
            "content": sample.content.model_dump(mode="json"),
            "words": sample.words,
            "created_at": clock.now(),
        }
        for sample in samples
    ]
    statement = insert(SampleRow).on_conflict_do_update(
        index_elements=["sample_key", "content_hash"], set_={"retired_at": None}
    )
    await session.execute(statement, rows)


async def remove_domain(session: AsyncSession, slug: str) -> None:
    """Take a domain out of use."""
    await session.execute(update(Domain).where(Domain.slug == slug).values(removed_at=clock.now()))


async def set_active(session: AsyncSession, slug: str, *, active: bool) -> None:
    """Switch a domain on or off."""
    await session.execute(update(Domain).where(Domain.slug == slug).values(active=active))


async def shipped_digest(session: AsyncSession) -> str | None:
    """The digest of the shipped packs that were loaded last."""
    return await session.scalar(select(ShippedLoad.digest).where(ShippedLoad.id == 1))


async def set_shipped_digest(session: AsyncSession, digest: str) -> None:
    """Remember which shipped packs are loaded."""
    values = {"digest": digest, "loaded_at": clock.now()}
    statement = insert(ShippedLoad).values(id=1, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
