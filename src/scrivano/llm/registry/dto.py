"""Providers and models as the registry shows them."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from scrivano.llm.dto import Locality

Tier = Literal["small-local", "large-local", "cloud"]
Health = Literal["unknown", "up", "down"]

CAPABILITIES = (
    "chat",
    "json_schema",
    "tools",
    "vision",
    "embeddings",
    "effort",
    "prefill",
    "images",
    "search",
)


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class ProviderView(_View):
    """A provider. Its key never comes out; `has_key` tells that there is one."""

    id: UUID
    name: str
    kind: str
    base_url: str
    locality: Locality
    has_key: bool
    settings: dict[str, Any]
    enabled: bool
    discovered: bool
    health: Health
    health_note: str | None
    checked_at: dt.datetime | None


class ModelView(_View):
    """A model of a provider. Prices are dollars per million tokens; `prices_known` is false where a cloud
    model's price was neither found nor entered. `electricity_hour` is dollars per hour of answering."""

    id: UUID
    provider_id: UUID
    provider: str
    name: str
    tier: Tier
    priority: int
    enabled: bool
    locality: Locality
    capabilities: frozenset[str]
    context_length: int
    max_output: int | None
    tokenizer: str
    concurrency: int
    input_mtok: Decimal
    output_mtok: Decimal
    cached_mtok: Decimal | None
    cache_write_mtok: Decimal | None = None
    audio_input_mtok: Decimal | None = None
    audio_output_mtok: Decimal | None = None
    image_input_mtok: Decimal | None = None
    image_output_mtok: Decimal | None = None
    prices_known: bool
    prices_date: dt.date | None
    prices_source: str | None
    electricity_hour: Decimal
    health: Health


class ProviderChange(BaseModel):
    """What may be changed of a provider; what is not set stays. A changed `base_url` needs the key again."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    base_url: str | None = None
    api_key: str | None = Field(default=None, repr=False)
    settings: dict[str, Any] | None = None
    enabled: bool | None = None


class ModelChange(BaseModel):
    """What may be changed of a model; what is not set stays. New prices are dated today."""

    model_config = ConfigDict(extra="forbid")

    tier: Tier | None = None
    priority: int | None = None
    enabled: bool | None = None
    capabilities: frozenset[str] | None = None
    context_length: int | None = Field(default=None, ge=16)
    max_output: int | None = Field(default=None, ge=1)
    tokenizer: str | None = None
    concurrency: int | None = Field(default=None, ge=1, le=4096)
    input_mtok: Decimal | None = Field(default=None, ge=0)
    output_mtok: Decimal | None = Field(default=None, ge=0)
    cached_mtok: Decimal | None = Field(default=None, ge=0)
    cache_write_mtok: Decimal | None = Field(default=None, ge=0)
    audio_input_mtok: Decimal | None = Field(default=None, ge=0)
    audio_output_mtok: Decimal | None = Field(default=None, ge=0)
    image_input_mtok: Decimal | None = Field(default=None, ge=0)
    image_output_mtok: Decimal | None = Field(default=None, ge=0)
    electricity_hour: Decimal | None = Field(default=None, ge=0)


@dataclass(frozen=True)
class Facts:
    """What is known of a model before it is stored."""

    tier: Tier
    context_length: int
    concurrency: int
    capabilities: frozenset[str]
    tokenizer: str = "bytes"
    max_output: int | None = None
    prices: dict[str, Any] = field(default_factory=dict[str, Any])


class Found(_View):
    """What discovery found at a URL."""

    provider: ProviderView
    models: list[ModelView]
    new: bool
