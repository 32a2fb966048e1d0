"""Domains and niches."""

from typing import Annotated

from fastapi import APIRouter, Query

from scrivano.api.access import SIGNED_IN
from scrivano.api.dependencies import Services
from scrivano.api.values import Line
from scrivano.books.public import Choice, Choices, choices
from scrivano.packs.public import DomainView, NicheView

router = APIRouter(prefix="/api", tags=["domains"], dependencies=SIGNED_IN)


@router.get("/domains")
async def list_domains(house: Services) -> list[DomainView]:
    """The domains that are trained and active, in their order."""
    return await house.packs.domains()


@router.get("/styles")
async def list_styles() -> Choices:
    """What the guided path offers beside domain and niche: audiences, tones, lengths, languages, covers, trim sizes."""
    return choices()


@router.get("/cover-styles")
async def list_cover_styles() -> list[Choice]:
    """The six styles that a cover can be drawn in."""
    return choices().cover_styles


@router.get("/niches")
async def list_niches(
    house: Services, domain: Annotated[Line, Query(description="The domain's slug.")]
) -> list[NicheView]:
    """The niches of a domain that are trained and active, in their order."""
    return await house.packs.niches(domain)
