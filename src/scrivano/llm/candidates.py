"""Which models a call may go to, in which order, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from scrivano.llm.dto import CallContext, Message, Options
from scrivano.llm.errors import AskDifferently, NobodyCould
from scrivano.llm.registry.dto import ModelView, ProviderView
from scrivano.llm.registry.service import Snapshot

START_A_MODEL = (
    "Start a model server and run `scrivano models discover`, or add one with `scrivano models add`."
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that may answer, and the reason why it is asked."""

    model: ModelView
    provider: ProviderView
    route: str


def candidates(
    snapshot: Snapshot,
    options: Options,
    context: CallContext,
    messages: Iterable[Message] = (),
    excluded: frozenset[UUID] = frozenset(),
) -> list[Candidate]:
    """The models to ask in turn: the one named, else the chain's, else all that are enabled.

    Raises AskDifferently for an unknown name, NobodyCould if no model is there at all.
    """
    usable = [
        model
        for model in snapshot.models
        if model.enabled and "chat" in model.capabilities and snapshot.providers[model.provider_id].enabled
    ]
    if options.model != "auto":
        found = [(model, "named") for model in _named(usable, options.model)]
        if not found:
            raise _unknown(options.model, usable)
    elif context.chain:
        found = _of_chain(usable, context.chain)
    else:
        found = [(model, f"auto: {model.tier}") for model in _healthy_first(usable)]
    needed = _needed(options, messages)
    fit = [(model, route) for model, route in found if needed <= model.capabilities]
    if found and not fit:
        names = ", ".join(sorted({model.name for model, _ in found}))
        raise AskDifferently(
            f"{names}: no {' and no '.join(sorted(needed))}.",
            field="model",
            remedy="Choose a model that has it.",
        )
    left = [
        Candidate(model, snapshot.providers[model.provider_id], route)
        for model, route in fit
        if model.id not in excluded
    ]
    if not left and not excluded:
        raise NobodyCould("There is no model to ask.", field="model", remedy=START_A_MODEL)
    return left


def _named(usable: list[ModelView], name: str) -> list[ModelView]:
    """By name, or by `provider/name`; several providers may have a model of one name."""
    exact = [model for model in usable if model.name == name]
    return exact or [model for model in usable if f"{model.provider}/{model.name}" == name]


def _of_chain(usable: list[ModelView], chain: tuple[str, ...]) -> list[tuple[ModelView, str]]:
    found: list[tuple[ModelView, str]] = []
    for place, name in enumerate(chain, 1):
        route = f"chain: {place} of {len(chain)}"
        models = usable if name == "auto" else _named(usable, name)
        found += [(model, route) for model in models if model.id not in {m.id for m, _ in found}]
    if not found:
        raise _unknown(", ".join(chain), usable)
    return found


def _healthy_first(usable: list[ModelView]) -> list[ModelView]:
    """A provider that did not answer when last asked comes last: it may be back."""
    return sorted(usable, key=lambda model: model.health == "down")


def _needed(options: Options, messages: Iterable[Message]) -> set[str]:
    needed: set[str] = set()
    if options.tools:
        needed.add("tools")
    if any(part.type == "image" for m in messages if not isinstance(m.content, str) for part in m.content):
        needed.add("vision")
    return needed


def _unknown(name: str, usable: list[ModelView]) -> AskDifferently:
    known = ", ".join(sorted({model.name for model in usable})[:12])
    remedy = f"Choose one of: {known}." if known else START_A_MODEL
    return AskDifferently(f"There is no enabled model {name!r}.", field="model", remedy=remedy)
