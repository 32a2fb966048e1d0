"""What covers are: their words, how they look in lists, what more of them will cost."""

from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from scrivano.books.dto import LINE, TEXT, CoverStyle

CoverKind = Literal["drawn", "model", "upload"]
MOST_CANDIDATES = 6


class Lettering(BaseModel):
    """The words on a cover. What is None is the book's own; `show` false leaves a picture without words."""

    model_config = ConfigDict(extra="forbid")

    title: LINE | None = None
    subtitle: LINE | None = None
    author: LINE | None = None
    show: bool = Field(default=True, description="Pictures only: whether words are set upon them.")


class CoverView(BaseModel):
    """A cover to choose from. `cost_usd` is what its picture cost; `request_id` the call that painted it."""

    id: UUID
    kind: CoverKind
    style: CoverStyle
    lettering: Lettering
    chosen: bool
    model: str | None
    request_id: UUID | None
    cost_usd: Decimal
    created_at: datetime


class CoverPrice(BaseModel):
    """What painting covers costs in US dollars, at most. `model` is who would be asked first, None if nobody can."""

    model: str | None
    count: int
    high_usd: Decimal
    prices_known: bool


class PaintOrder(BaseModel):
    """Pictures to have painted for a book."""

    book_id: UUID
    count: int = Field(default=1, ge=1, le=MOST_CANDIDATES)
    wishes: TEXT = ""
    model: str | None = None
    max_cost: float | None = None


class Painted(BaseModel):
    """The candidates that a run brought."""

    book_id: UUID
    covers: list[UUID]
