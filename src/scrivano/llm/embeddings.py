"""Vectors of texts."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from scrivano.llm import errands
from scrivano.llm.attempt import Services
from scrivano.llm.dto import CallContext, Message, Options, Timeouts, Usage
from scrivano.llm.errors import AskDifferently
from scrivano.llm.providers.abilities import Embeds, Vectors
from scrivano.llm.providers.base import AttemptFailed, Provider, Trouble
from scrivano.llm.registry.dto import ModelView

_MOST_TEXTS = 2048
_PATIENCE = 60.0


class Embeddings(BaseModel):
    """A vector for each text, in their order. Vectors of different models cannot be compared: keep `model` with
    them. `cost` is in US dollars."""

    model_config = ConfigDict(frozen=True)

    vectors: tuple[tuple[float, ...], ...]
    request_id: UUID
    model: str
    provider: str
    usage: Usage
    cost: Decimal
    seconds: float


async def embed(
    services: Services, texts: Sequence[str], dimensions: int | None, options: Options, context: CallContext
) -> Embeddings:
    """See `LLMService.embed`."""
    _check(texts, dimensions)

    async def do(provider: Provider, model: ModelView, timeouts: Timeouts) -> errands.Done[Vectors]:
        if not isinstance(provider, Embeds):
            raise AttemptFailed(Trouble.MISSING, f"{model.provider} makes no embeddings.", refused=True)
        vectors = await provider.embed(model.name, texts, dimensions=dimensions, timeouts=timeouts)
        return errands.Done(vectors, vectors.usage, vectors.locality)

    errand = errands.Errand(
        kind="embedding",
        ability="embeddings",
        messages=tuple(Message(role="user", content=text) for text in texts),
        do=do,
        patience=_PATIENCE,
        settings={} if dimensions is None else {"dimensions": dimensions},
    )
    done = await errands.run(services, errand, options, context)
    return Embeddings(
        vectors=done.value.vectors,
        request_id=done.request_id,
        model=done.model,
        provider=done.provider,
        usage=done.usage,
        cost=done.cost,
        seconds=done.seconds,
    )


def _check(texts: Sequence[str], dimensions: int | None) -> None:
    if not texts or not all(text.strip() for text in texts):
        raise AskDifferently(
            "There is no text, or an empty one.", field="texts", remedy="Give texts with something in them."
        )
    if len(texts) > _MOST_TEXTS:
        raise AskDifferently(
            f"{len(texts)} texts are too many.", field="texts", remedy=f"Give at most {_MOST_TEXTS} at once."
        )
    if dimensions is not None and dimensions < 1:
        raise AskDifferently(
            "A vector has at least one number.", field="dimensions", remedy="Give 1 or more."
        )
