"""The rules as data: read from the package, or from a mapping of the same shape that comes from elsewhere."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from scrivano.core.errors import InvalidInput
from scrivano.llm.routing.dto import HIGHEST, LOWEST

Rules = Mapping[str, Any]


@cache
def packaged(name: str) -> Rules:
    """The rules that come with Scrivano: `music`, `text` or `tiers`."""
    source = files("scrivano.llm.routing").joinpath("data", f"{name}.toml")
    return tomllib.loads(source.read_text("utf-8"))


def level_of(score: float) -> int:
    """The level whose bucket holds the score: the nearest whole number from 1 to 10, halves going up."""
    return int(min(HIGHEST, max(LOWEST, score)) + 0.5)


def tier_of(level: int, tiers: Rules | None = None) -> str:
    """The tier that answers a level. Raises InvalidInput where the tiers leave the level out."""
    for tier in (tiers or packaged("tiers"))["tier"]:
        if tier["from"] <= level <= tier["to"]:
            return tier["name"]
    raise InvalidInput(
        f"No tier answers level {level}.",
        field="tiers",
        remedy="Let the tiers cover every level from 1 to 10.",
    )
