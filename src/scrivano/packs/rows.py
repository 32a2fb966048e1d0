"""Rows into DTOs and back into files."""

from collections.abc import Sequence

from scrivano.packs.dto import (
    FORMAT,
    ChapterFile,
    ChapterSample,
    DomainView,
    NicheView,
    OutlineChapter,
    OutlineFile,
    OutlineSample,
    PackFile,
)
from scrivano.packs.models import Domain, Niche, SampleRow
from scrivano.packs.repo import Counted


def domain_views(counted: Sequence[Counted]) -> list[DomainView]:
    """Domains out of their niches, in the order in which they come."""
    domains: dict[str, list[Counted]] = {}
    for row in counted:
        domains.setdefault(row[0].slug, []).append(row)
    return [domain_view(found[0][0], found) for found in domains.values()]


def domain_view(domain: Domain, niches: Sequence[Counted]) -> DomainView:
    """A domain with the sums of its niches."""
    return DomainView.model_validate(
        {
            "slug": domain.slug,
            "name": domain.name,
            "icon": domain.icon,
            "order": domain.sort_order,
            "version": domain.version,
            "language": domain.language,
            "license": domain.license,
            "description": domain.description,
            "origin": domain.origin,
            "niches": len(niches),
            "outlines": sum(row[2] for row in niches),
            "chapters": sum(row[3] for row in niches),
        }
    )


def niche_view(counted: Counted) -> NicheView:
    """A niche with the number of its samples."""
    _, niche, outlines, chapters = counted
    return NicheView(
        domain=niche.domain,
        slug=niche.slug,
        name=niche.name,
        icon=niche.icon,
        order=niche.sort_order,
        description=niche.description,
        keywords=tuple(niche.keywords),
        outlines=outlines,
        chapters=chapters,
    )


def outline_sample(row: SampleRow) -> OutlineSample:
    """An outline as writers get it."""
    content = OutlineFile.model_validate(row.content)
    return OutlineSample(
        id=row.sample_key,
        title=content.title,
        subtitle=content.subtitle,
        audience=content.audience,
        tone=content.tone,
        summary=content.summary,
        chapters=tuple(
            OutlineChapter(title=c.title, summary=c.summary, points=c.points) for c in content.chapter
        ),
        hash=row.content_hash,
    )


def chapter_sample(row: SampleRow) -> ChapterSample:
    """A chapter as writers get it."""
    content = ChapterFile.model_validate(row.content)
    return ChapterSample(
        id=row.sample_key,
        title=content.title,
        audience=content.audience,
        tone=content.tone,
        topics=content.topics,
        summary=content.summary,
        text=content.text,
        words=row.words,
        hash=row.content_hash,
    )


def pack_file(domain: Domain, niches: Sequence[Niche]) -> PackFile:
    """pack.toml of a domain."""
    listed = [
        {
            "slug": niche.slug,
            "name": niche.name,
            "icon": niche.icon,
            "order": niche.sort_order,
            "description": niche.description,
            "keywords": niche.keywords,
        }
        for niche in niches
    ]
    return PackFile.model_validate(
        {
            "format": FORMAT,
            "slug": domain.slug,
            "name": domain.name,
            "icon": domain.icon,
            "order": domain.sort_order,
            "version": domain.version,
            "language": domain.language,
            "license": domain.license,
            "description": domain.description,
            "niche": listed,
        }
    )


def sample_file(row: SampleRow) -> OutlineFile | ChapterFile:
    """A sample's file."""
    model = OutlineFile if row.kind == "outline" else ChapterFile
    return model.model_validate(row.content)
