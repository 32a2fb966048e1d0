"""Whether the service lives, and whether it can work."""

from fastapi import APIRouter
from pydantic import BaseModel

from scrivano import __version__
from scrivano.api.access import PUBLIC
from scrivano.api.dependencies import Services

router = APIRouter(tags=["health"], dependencies=PUBLIC)


class Health(BaseModel):
    """`status` is `ok`."""

    status: str
    version: str


@router.get("/healthz")
async def healthy() -> Health:
    """The process answers."""
    return Health(status="ok", version=__version__)


@router.get("/readyz")
async def ready(house: Services) -> Health:
    """The process and its database answer."""
    await house.database.ping()
    return Health(status="ok", version=__version__)
