"""The router: which models a call may go to, in which order, and why.

First the place: what a project's policy forbids is out, whatever else is said. Then the name, the chain, or for
`auto` the complexity: its tier's models first, then those of the tiers that stand in for it. Then what a model
must be able to do and how much it must hold. Last the caller's own rules.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol
from uuid import UUID

from scrivano.llm.candidates import START_A_MODEL, Candidate, named, of_chain, unknown
from scrivano.llm.dto import CallContext, Message, Options
from scrivano.llm.errors import AskDifferently, NobodyCould, NotPermitted
from scrivano.llm.policies.service import Policies, ProjectPolicy
from scrivano.llm.registry.dto import ModelView
from scrivano.llm.registry.service import Registry, Snapshot
from scrivano.llm.routing.complexity import score_text
from scrivano.llm.routing.dto import Complexity

STAND_INS: dict[str, tuple[str, ...]] = {
    "small-local": ("small-local", "large-local", "cloud"),
    "large-local": ("large-local", "cloud", "small-local"),
    "cloud": ("cloud", "large-local", "small-local"),
}
"""The tiers that answer for a tier, in the order in which they are asked."""

_BYTES_A_TOKEN = 10
"""No tokenizer makes longer tokens of ordinary text, on average: less than this many bytes each."""

Scorer = Callable[[str], Complexity]


class Rules(Protocol):
    """A caller's own rule: from the models that could answer, in their order, those that shall, in theirs."""

    def __call__(self, models: Sequence[ModelView], complexity: Complexity | None) -> Sequence[ModelView]:
        """`complexity` is None where a name or a chain decided."""
        ...


@dataclass(frozen=True)
class Question:
    """What the router has to decide on."""

    options: Options
    context: CallContext
    messages: Sequence[Message] = ()
    rules: Rules | None = None

    @cached_property
    def asked(self) -> str:
        """The text whose complexity counts: the last thing that the person said."""
        return next((m.text for m in reversed(self.messages) if m.role == "user"), "")

    @cached_property
    def least_tokens(self) -> int:
        """Tokens that the messages have at the very least."""
        return sum(len(" ".join(m.text.split()).encode()) for m in self.messages) // _BYTES_A_TOKEN

    @cached_property
    def needed(self) -> frozenset[str]:
        """What a model must be able to do."""
        pictures = any(
            part.type == "image"
            for m in self.messages
            if not isinstance(m.content, str)
            for part in m.content
        )
        needed = {"chat": True, "tools": bool(self.options.tools), "vision": pictures}
        return frozenset(name for name, is_needed in needed.items() if is_needed)


Found = list[tuple[ModelView, str]]


class Router:
    """Decides by the registry, the projects' policies and a scorer of complexity (by rules, or a learned one)."""

    def __init__(self, registry: Registry, policies: Policies, scorer: Scorer = score_text) -> None:
        self._registry = registry
        self.policies = policies
        self.scorer = scorer

    async def candidates(
        self, question: Question, excluded: frozenset[UUID] = frozenset()
    ) -> list[Candidate]:
        """The models to ask in turn; an empty list only where all were `excluded`.

        Raises AskDifferently for an unknown name or a request that no model can take, NotPermitted where the
        project's policy leaves none, NobodyCould if there is no model at all.
        """
        snapshot = await self._registry.snapshot()
        policy = await self.policies.of(question.context.project_id)
        policy.check_messages(question.messages)
        usable = _usable(snapshot)
        found, complexity = self._chosen(question, usable)
        allowed = _allowed(found, snapshot, policy)
        fit = _holding(_able(allowed, question), question)
        ruled = _ruled(fit, question, complexity)
        left = [
            Candidate(model, snapshot.providers[model.provider_id], route)
            for model, route in ruled
            if model.id not in excluded
        ]
        if not left and not excluded:
            raise NobodyCould("There is no model to ask.", field="model", remedy=START_A_MODEL)
        return left

    def _chosen(self, question: Question, usable: list[ModelView]) -> tuple[Found, Complexity | None]:
        options, context = question.options, question.context
        if options.model != "auto":
            models = named(usable, options.model)
            if not models:
                raise unknown(options.model, usable)
            return [(model, "named") for model in models], None
        if context.chain:
            return of_chain(usable, context.chain, lambda: self._by_complexity(question, usable)[0]), None
        return self._by_complexity(question, usable)

    def _by_complexity(self, question: Question, usable: list[ModelView]) -> tuple[Found, Complexity | None]:
        complexity = None
        if question.context.tier is not None:
            tier, why = question.context.tier, question.context.route_reason or "as asked"
        else:
            complexity = self.scorer(question.asked)
            tier, why = complexity.tier, f"level {complexity.level}, {_main_reason(complexity)}"
        order = STAND_INS[tier]
        # A provider that did not answer when last asked comes last within its tier: it may be back.
        models = sorted(usable, key=lambda model: (order.index(model.tier), model.health == "down"))
        return [(model, _route(tier, model.tier, why)) for model in models], complexity


def _usable(snapshot: Snapshot) -> list[ModelView]:
    return [
        model
        for model in snapshot.models
        if model.enabled and "chat" in model.capabilities and snapshot.providers[model.provider_id].enabled
    ]


def _route(wanted: str, tier: str, why: str) -> str:
    return f"auto: {why}: {wanted}" if tier == wanted else f"auto: {why}: {tier} for {wanted}"


def _main_reason(complexity: Complexity) -> str:
    """The rule that weighed most; its name alone, as routes are stored once for many requests."""
    main = max(complexity.reasons, key=lambda reason: abs(reason.weight), default=None)
    return main.rule if main is not None else "nothing special"


def _allowed(found: Found, snapshot: Snapshot, policy: ProjectPolicy) -> Found:
    allowed = [
        (model, route)
        for model, route in found
        if policy.permits(snapshot.providers[model.provider_id], model.name)
    ]
    if found and not allowed:
        raise NotPermitted(
            "The project is local-only, and none of the models that could answer is on this machine.",
            field="project_id",
            remedy=START_A_MODEL,
        )
    return allowed


def _able(found: Found, question: Question) -> Found:
    able = [(model, route) for model, route in found if question.needed <= model.capabilities]
    if found and not able:
        names = ", ".join(sorted({model.name for model, _ in found}))
        missing = sorted(question.needed - {"chat"})
        raise AskDifferently(
            f"{names}: no {' and no '.join(missing)}.", field="model", remedy="Choose a model that has it."
        )
    return able


def _holding(found: Found, question: Question) -> Found:
    """Without those that the prompt is certainly too long for; the others say so themselves."""
    most = sum(_most_bytes(message.text) for message in question.messages) // _BYTES_A_TOKEN
    if all(model.context_length >= most for model, _ in found):
        return found
    least = question.least_tokens
    holding = [(model, route) for model, route in found if model.context_length >= least]
    if found and not holding:
        longest = max(model.context_length for model, _ in found)
        raise AskDifferently(
            f"The prompt has at least {least} tokens; no model that could answer takes more than {longest}.",
            field="messages",
            remedy="Shorten the prompt, or add a model with a longer context.",
        )
    return holding


def _most_bytes(text: str) -> int:
    return len(text) if text.isascii() else 4 * len(text)


def _ruled(found: Found, question: Question, complexity: Complexity | None) -> Found:
    if question.rules is None or not found:
        return found
    routes = {model.id: (model, route) for model, route in found}
    chosen = question.rules([model for model, _ in found], complexity)
    ruled = [routes[model.id] for model in chosen if model.id in routes]
    if not ruled:
        raise NobodyCould(
            "The caller's rules leave no model to ask.", field="rules", remedy="Let them leave at least one."
        )
    same = [model.id for model, _ in ruled] == [model.id for model, _ in found]
    return ruled if same else [(model, f"{route}; caller's rules") for model, route in ruled]
