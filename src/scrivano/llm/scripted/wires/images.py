"""The scripted server's images format, as OpenAI has it: `/v1/images/generations`."""

import base64
import struct
import zlib
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from scrivano.llm.scripted.asked import Asked
from scrivano.llm.scripted.dice import Dice
from scrivano.llm.scripted.engine import Call, Engine
from scrivano.llm.scripted.wires.connection import answer, as_json, read_body, retry_headers

_CREATED = 1_767_225_600
_LARGEST = 4096
_TOKENS = {"low": 272, "medium": 1056, "high": 4160}
"""About what a square picture takes of each quality."""


def routes(engine: Engine) -> Iterable[web.RouteDef]:
    """All of it."""
    return [web.post("/v1/images/generations", _Wire(engine).generate)]


class _Wire:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def generate(self, request: web.Request) -> web.StreamResponse:
        body = await read_body(request)
        refused = self._unfit(request, body)
        if refused is not None or body is None:
            return refused or _error(400, "The body must be a JSON object.", "invalid_request")
        messages = [{"role": "user", "content": str(body["prompt"])}]
        call = self._engine.begin(Asked(str(body["model"]), messages, path="images"))

        async def respond(call: Call) -> web.StreamResponse:
            self._engine.finish(call)
            if call.rule.garbage:
                return as_json({"data": [{"b64_json": "no picture"}]})
            width, height = size_of(body.get("size"))
            data = base64.b64encode(draw(width, height, call.entry.request_hash)).decode()
            picture = {"b64_json": data, "revised_prompt": f"A picture: {body['prompt']}"}
            usage = {} if call.rule.no_usage else {"usage": _usage(call, str(body.get("quality")))}
            return as_json({"created": _CREATED, "data": [picture], **usage})

        return await answer(self._engine, request, call, respond, _refusal)

    def _unfit(self, request: web.Request, body: dict[str, Any] | None) -> web.Response | None:
        key = self._engine.script.api_key
        if key is not None and request.headers.get("Authorization") != f"Bearer {key}":
            return _error(401, "Incorrect API key provided.", "invalid_api_key")
        if body is None or not body.get("prompt"):
            return _error(400, "A prompt is required.", "invalid_request")
        if body.get("model") not in self._engine.script.models:
            return _error(404, f"The model {body.get('model')!r} does not exist.", "model_not_found")
        gpt = str(body["model"]).startswith("gpt-image")
        if gpt and ("response_format" in body or "style" in body):
            return _error(400, "Unknown parameter.", "unknown_parameter")
        return None


def size_of(size: object) -> tuple[int, int]:
    """Width and height in pixels; a small square for what names none."""
    width, _, height = str(size).partition("x")
    if not (width.isdigit() and height.isdigit()):
        return 64, 64
    return min(int(width), _LARGEST), min(int(height), _LARGEST)


def draw(width: int, height: int, key: str) -> bytes:
    """A PNG file of one colour, another one for another key."""
    dice = Dice(key)
    row = b"\0" + bytes(dice.below(256) for _ in range(3)) * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(row * height, 1)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _usage(call: Call, quality: str) -> dict[str, Any]:
    made = _TOKENS.get(quality, _TOKENS["medium"])
    return {
        "input_tokens": call.prompt_tokens,
        "input_tokens_details": {"text_tokens": call.prompt_tokens, "image_tokens": 0},
        "output_tokens": made,
        "total_tokens": call.prompt_tokens + made,
    }


def _refusal(call: Call) -> web.Response:
    status = call.rule.status or 500
    message = call.rule.error_message or f"Scripted {status}."
    return _error(status, message, call.rule.error_code or "error", retry_headers(call))


def _error(status: int, message: str, code: str, headers: dict[str, str] | None = None) -> web.Response:
    return as_json({"error": {"message": message, "type": code, "code": code}}, status, headers)
