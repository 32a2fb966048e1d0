"""Pictures from a model that makes them."""

import re
from decimal import Decimal
from hashlib import sha256
from typing import cast
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict

from scrivano.llm import errands
from scrivano.llm.attempt import Services
from scrivano.llm.dto import CallContext, Message, Options, Timeouts, Usage
from scrivano.llm.errors import AskDifferently
from scrivano.llm.providers.abilities import Paints, Picture, PictureWish, Quality
from scrivano.llm.providers.base import AttemptFailed, Provider, Trouble
from scrivano.llm.registry.dto import ModelView

_SIZE = re.compile(r"[1-9]\d{1,4}x[1-9]\d{1,4}")
_QUALITIES = {"low": "low", "standard": "standard", "medium": "standard", "high": "high", "hd": "high"}
_STYLES = ("natural", "vivid")
_PATIENCE = 180.0


class GeneratedImage(BaseModel):
    """A picture: the file's bytes. `revised_prompt` is what the provider made of the prompt, where it tells.
    `cost` is in US dollars."""

    model_config = ConfigDict(frozen=True)

    data: bytes
    media_type: str
    revised_prompt: str | None
    request_id: UUID
    model: str
    provider: str
    usage: Usage
    cost: Decimal
    seconds: float


async def generate(
    services: Services,
    prompt: str,
    size: str | None,
    quality: str | None,
    style: str | None,
    options: Options,
    context: CallContext,
) -> GeneratedImage:
    """See `LLMService.generate_image`."""
    wish = _wish(prompt, size, quality, style)

    async def do(provider: Provider, model: ModelView, timeouts: Timeouts) -> errands.Done[Picture]:
        if not isinstance(provider, Paints):
            raise AttemptFailed(Trouble.MISSING, f"{model.provider} makes no pictures.", refused=True)
        asked = PictureWish(model.name, wish.prompt, wish.size, wish.quality, wish.style)
        picture = await provider.paint(asked, timeouts=timeouts)
        # The log tells which file it was; the file itself belongs to whoever asked.
        told = {"media_type": picture.media_type, "bytes": len(picture.data)}
        told["sha256"] = sha256(picture.data).hexdigest()
        answer = Message(role="assistant", content=orjson.dumps(told).decode())
        return errands.Done(picture, picture.usage, picture.locality, answer)

    named = {"size": wish.size, "quality": wish.quality, "style": wish.style}
    given = {name: value for name, value in named.items() if value is not None}
    errand = errands.Errand(
        kind="image",
        ability="images",
        messages=(Message(role="user", content=prompt),),
        do=do,
        patience=_PATIENCE,
        settings=given,
        variants=_variants(wish),
    )
    done = await errands.run(services, errand, options, context)
    picture = done.value
    return GeneratedImage(
        data=picture.data,
        media_type=picture.media_type,
        revised_prompt=picture.revised_prompt,
        request_id=done.request_id,
        model=done.model,
        provider=done.provider,
        usage=done.usage,
        cost=done.cost,
        seconds=done.seconds,
    )


def _wish(prompt: str, size: str | None, quality: str | None, style: str | None) -> PictureWish:
    if not prompt.strip():
        raise AskDifferently("There is nothing to draw.", field="prompt", remedy="Describe the picture.")
    size = None if size == "auto" else size
    if size is not None and not _SIZE.fullmatch(size):
        raise AskDifferently(f"{size!r} is no size.", field="size", remedy="Write 1024x1024, in pixels.")
    quality = None if quality == "auto" else quality
    if quality is not None and quality not in _QUALITIES:
        names = ", ".join(_QUALITIES)
        raise AskDifferently(f"There is no quality {quality!r}.", field="quality", remedy=f"One of: {names}.")
    if style is not None and style not in _STYLES:
        names = ", ".join(_STYLES)
        raise AskDifferently(f"There is no style {style!r}.", field="style", remedy=f"One of: {names}.")
    level = cast(Quality | None, _QUALITIES[quality] if quality else None)
    return PictureWish("", prompt, size, level, style)


def _variants(wish: PictureWish) -> tuple[str, ...]:
    both = [f"{wish.quality}/{wish.size}"] if wish.quality and wish.size else []
    return (*both, *(name for name in (wish.size, wish.quality) if name))
