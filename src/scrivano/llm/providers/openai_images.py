"""OpenAI's images format. Two families of models take different fields, so their differences are data."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, cast

from scrivano.llm.dto import Timeouts, Usage
from scrivano.llm.providers.abilities import Picture, PictureWish
from scrivano.llm.providers.http import Http

_QUALITIES = {
    "dall-e-3": {"low": "standard", "standard": "standard", "high": "hd"},
    "dall-e-2": {},
    "": {"low": "low", "standard": "medium", "high": "high"},
}
_STYLED = ("dall-e-3",)
_ENCODED = ("dall-e",)
"""Models of these names give an address unless they are asked for the picture itself."""

_BEGINNINGS = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"RIFF": "image/webp",
    b"GIF8": "image/gif",
}


async def paint(
    http: Http, path: str, headers: Mapping[str, str], wish: PictureWish, timeouts: Timeouts
) -> Picture:
    """See `Paints.paint`."""
    fetched = await http.fetch("POST", path, headers=headers, body=_body(wish), timeouts=timeouts)
    try:
        table = fetched.table()
        row = cast(list[dict[str, Any]], table["data"])[0]
        data = base64.b64decode(str(row["b64_json"]), validate=True)
        kind = media_type_of(data)
        usage = _usage(table.get("usage"))
    except (binascii.Error, LookupError, TypeError, ValueError, AttributeError) as error:
        raise fetched.garbage() from error
    return Picture(data, kind, row.get("revised_prompt"), usage, fetched.locality)


def media_type_of(data: bytes) -> str:
    """What kind of picture a file is, by its first bytes. Raises ValueError for anything else."""
    for beginning, kind in _BEGINNINGS.items():
        if data.startswith(beginning):
            return kind
    raise ValueError("This is no picture.")


def _body(wish: PictureWish) -> dict[str, Any]:
    name = wish.model.rpartition("/")[2]
    body: dict[str, Any] = {"model": wish.model, "prompt": wish.prompt, "n": 1}
    prompt = wish.prompt
    if wish.size is not None:
        body["size"] = wish.size
    qualities = next(names for start, names in _QUALITIES.items() if name.startswith(start))
    if wish.quality is not None and wish.quality in qualities:
        body["quality"] = qualities[wish.quality]
    if wish.style is not None:
        if name.startswith(_STYLED):
            body["style"] = wish.style
        else:
            # Where there is no field for it, the prompt says it.
            body["prompt"] = f"{prompt}\n\nStyle: {wish.style}"
    if name.startswith(_ENCODED):
        body["response_format"] = "b64_json"
    return body


def _usage(usage: Any) -> Usage | None:
    if not usage:
        return None
    fields = cast(dict[str, Any], usage)
    sent: dict[str, Any] = fields.get("input_tokens_details") or {}
    made = int(fields.get("output_tokens") or 0)
    return Usage(
        prompt_tokens=int(fields.get("input_tokens") or 0),
        completion_tokens=made,
        image_prompt_tokens=int(sent.get("image_tokens") or 0),
        image_completion_tokens=made,
    )
