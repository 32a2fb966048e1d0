"""Which models can write at this moment."""

from difflib import get_close_matches

from scrivano.core.errors import NotFound
from scrivano.llm.public import LLMService, ModelView


async def models_in_reach(llm: LLMService) -> list[str]:
    """The names of the models that would answer now, best first. Looks for local servers; takes seconds at most."""
    await llm.registry.discover()
    return list(dict.fromkeys(m.name for m in await llm.reachable_models() if "chat" in m.capabilities))


async def require_model(llm: LLMService, name: str) -> str:
    """`name`, if it is that of a registered or discovered model (`model` or `provider/model`).

    Raises NotFound with the nearest names. Whether the model answers shows when it is asked.
    """
    known = [m for m in await llm.registry.models() if m.enabled]
    if not _has(known, name):
        await llm.registry.discover()
        known = [m for m in await llm.registry.models() if m.enabled]
    if _has(known, name):
        return name
    names = sorted({m.name for m in known})
    close = get_close_matches(name, names, n=3, cutoff=0.4) or names[:8]
    raise NotFound(
        f"There is no model {name!r}.",
        field="model",
        remedy=f"Known are: {', '.join(close)}."
        if close
        else "None is known yet. Start a model server and run `scrivano models discover`, or leave `--model` out "
        "to let the built-in writer work.",
    )


def _has(models: list[ModelView], name: str) -> bool:
    return any(name in (m.name, f"{m.provider}/{m.name}") for m in models)
