"""Models that may answer, by name and by chain."""

from collections.abc import Callable
from dataclasses import dataclass

from scrivano.llm.errors import AskDifferently
from scrivano.llm.registry.dto import ModelView, ProviderView

START_A_MODEL = (
    "Start a model server and look for it on the page Models or with `scrivano models discover`; "
    "`scrivano models add` adds one by its address."
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that may answer, and the reason why it is asked."""

    model: ModelView
    provider: ProviderView
    route: str


def named(usable: list[ModelView], name: str) -> list[ModelView]:
    """By name, or by `provider/name`; several providers may have a model of one name."""
    exact = [model for model in usable if model.name == name]
    return exact or [model for model in usable if f"{model.provider}/{model.name}" == name]


def of_chain(
    usable: list[ModelView], chain: tuple[str, ...], auto: Callable[[], list[tuple[ModelView, str]]]
) -> list[tuple[ModelView, str]]:
    """The chain's models in its order; `auto` in it stands for all others. Raises AskDifferently."""
    found: list[tuple[ModelView, str]] = []
    for place, name in enumerate(chain, 1):
        route = f"chain: {place} of {len(chain)}"
        models = [model for model, _ in auto()] if name == "auto" else named(usable, name)
        found += [(model, route) for model in models if model.id not in {m.id for m, _ in found}]
    if not found:
        raise unknown(", ".join(chain), usable)
    return found


def unknown(name: str, usable: list[ModelView]) -> AskDifferently:
    """The error for a name that nothing has."""
    known = ", ".join(sorted({model.name for model in usable})[:12])
    remedy = f"Choose one of: {known}." if known else START_A_MODEL
    return AskDifferently(f"There is no enabled model {name!r}.", field="model", remedy=remedy)
