"""The weights of the ranking: data, read once."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast

import yaml
from pydantic import BaseModel, ConfigDict

from scrivano.prompts.context.dto import CandidateKind, CastRole

_FILE = Path(__file__).parent / "weights.yaml"


class Weights(BaseModel):
    """What a kind, a role and each part of the score count for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    roles: dict[CastRole, float]
    parts: dict[str, float]
    priors: dict[CandidateKind, float]
    genres: dict[str, dict[CandidateKind, float]]
    budgets: dict[str, int]

    def budget_for(self, model: str) -> int:
        """Tokens that a whole prompt for this model may have."""
        return self.budgets.get(model, self.budgets["default"])

    def of_genre(self, genre: str) -> Mapping[CandidateKind, float]:
        """The weight of every kind in a genre; an unknown genre weighs like the general one."""
        return {**self.genres["general"], **self.genres.get(genre.strip().lower(), {})}


@cache
def packaged() -> Weights:
    """The weights that come with Scrivano."""
    return read_weights(_FILE)


def read_weights(path: Path) -> Weights:
    """Weights from a file of the same shape. Raises pydantic's ValidationError where the shape is another."""
    return Weights.model_validate(cast(object, yaml.safe_load(path.read_text("utf-8"))))
