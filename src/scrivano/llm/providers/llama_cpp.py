"""llama.cpp within this process, for one GGUF file; needs the extra `scrivano[llama]`.

A provider's `base_url` is the file's path. Its `settings` may hold `context_length` (of each slot), `slots`, `threads`,
`gpu_layers` (-1: as many as fit) and `chat_template`. The file is loaded when it is first asked.
"""

import asyncio
import contextlib
import secrets
import threading
from collections.abc import AsyncGenerator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import orjson

from scrivano.llm.dto import Locality
from scrivano.llm.providers.base import AttemptFailed, Description, End, Endpoint, Offer, Request, Trouble
from scrivano.llm.providers.http import Http
from scrivano.llm.providers.openai_format import MALFORMED, REASONS, Reading, body_of
from scrivano.llm.providers.schemas import closed

_CONTEXT = 8192
_SLOTS = 1
_PACKAGE = "xllamacpp"


def connect(endpoint: Endpoint) -> "LlamaCpp":
    """The model in the file at `base_url`."""
    return LlamaCpp(endpoint)


class LlamaCpp:
    """See `Provider`. Each request has a thread of its own; llama.cpp serves as many at once as it has slots."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._name = endpoint.name
        self._settings = endpoint.settings
        self._path = Path(endpoint.base_url.removeprefix("file://"))
        self._server: Any = None
        self._key = secrets.token_urlsafe(32)
        self._http: Http | None = None
        self._loading = threading.Lock()

    async def close(self) -> None:
        """Let go of the model, once the requests under way are done."""
        if self._http is not None:
            await self._http.close()
            self._http = None
        with self._loading:
            self._server = None

    async def answer(self, request: Request) -> AsyncGenerator[str | End]:
        """See `Provider.answer`."""
        await self.offers(within=1)
        server = await asyncio.to_thread(self._loaded)
        waiting = request.timeouts.first_token
        async with _Talk(server, _body(request), request.timeouts.total) as talk:
            reading = Reading()
            while (event := await talk.next(waiting)) is not None:
                if "error" in event:
                    raise self._failed(event["error"])
                try:
                    text = reading.take(event) if request.streaming else reading.take_whole(event)
                except MALFORMED as error:
                    raise self._trouble(Trouble.GARBAGE, "answered what is no answer.") from error
                if reading.begun:
                    waiting = request.timeouts.between_tokens
                if text:
                    yield text
        if reading.reason is None:
            raise self._trouble(Trouble.CUT, "ended the answer without saying why.")
        reason = REASONS.get(reading.reason, "stop")
        yield End(reason, reading.usage, reading.calls, Locality.LOOPBACK)

    def _loaded(self) -> Any:
        with self._loading:
            if self._server is None:
                self._server = self._load()
            return self._server

    def _load(self) -> Any:
        package = import_module(_PACKAGE)
        params, settings = package.CommonParams(), self._settings
        slots = int(settings.get("slots", _SLOTS))
        params.model.path = str(self._path)
        # What is given here is shared out among the slots.
        params.n_ctx = int(settings.get("context_length", _CONTEXT)) * slots
        params.n_parallel = slots
        params.n_gpu_layers = int(settings.get("gpu_layers", -1))
        if "threads" in settings:
            params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(settings["threads"])
        if "chat_template" in settings:
            params.chat_template = str(settings["chat_template"])
        params.warmup, params.fit_params, params.ui, params.verbosity = False, False, False, -1
        # The package opens a port of this machine beside; nobody else has the key to it.
        params.api_keys = [self._key]
        try:
            return package.Server(params)
        except Exception as error:
            raise self._trouble(Trouble.MISSING, f"could not be loaded: {error}") from error

    def _failed(self, error: Any) -> AttemptFailed:
        fields = cast(dict[str, Any], error) if isinstance(error, dict) else {"message": error}
        message, code = str(fields.get("message")), int(fields.get("code") or 500)
        trouble = Trouble.BROKEN if code >= 500 else Trouble.REFUSED
        if "context" in str(fields.get("type")) or "context size" in message:
            trouble = Trouble.TOO_LONG
        return self._trouble(trouble, f"answered {code}: {message}")

    def _trouble(self, trouble: Trouble, what: str) -> AttemptFailed:
        return AttemptFailed(trouble, f"{self._name} {what}", locality=Locality.LOOPBACK)

    async def offers(self, *, within: float) -> list[Offer]:
        """The one model, named like its file. Raises AttemptFailed without the file or the extra."""
        if find_spec(_PACKAGE) is None:
            raise self._trouble(Trouble.MISSING, "needs the extra: install scrivano[llama].")
        if not self._path.is_file():
            raise self._trouble(Trouble.MISSING, f"has no file at {self._path}.")
        length = int(self._settings.get("context_length", _CONTEXT))
        return [Offer(self._path.stem, length, int(self._settings.get("slots", _SLOTS)), tokenizes=True)]

    async def describe(self, *, within: float) -> Description:
        """See `Provider.describe`."""
        return Description(await self.offers(within=within), {})

    async def count_tokens(self, model: str, text: str) -> int | None:
        """Tokens of `text` by the file's own tokenizer; the file is loaded for it, as it is for an answer.

        None without the file or the extra, or where the model does not answer.
        """
        try:
            await self.offers(within=1)
            server = await asyncio.to_thread(self._loaded)
            # The package counts on its port alone, which is this machine's.
            fetched = await self._counting(server).fetch(
                "POST", "/tokenize", headers={"Authorization": f"Bearer {self._key}"}, body={"content": text}
            )
            return len(fetched.table()["tokens"])
        except (AttemptFailed, LookupError, TypeError):
            return None

    def _counting(self, server: Any) -> Http:
        if self._http is None:
            self._http = Http(
                Endpoint(self._name, str(server.listening_address), Locality.LOOPBACK, self._key)
            )
        return self._http


class _Talk:
    """A request in its thread: events come out one by one; leaving ends it at the next token."""

    def __init__(self, server: Any, body: dict[str, Any], total: float) -> None:
        self._server = server
        self._body = body
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.time() + total
        self._events: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._stop = threading.Event()

    async def __aenter__(self) -> "_Talk":
        threading.Thread(target=self._run, name="llama-cpp-request", daemon=True).start()
        return self

    async def __aexit__(self, *error: object) -> None:
        self._stop.set()

    async def next(self, within: float | None) -> dict[str, Any] | None:
        """The next event; None after the last. Raises AttemptFailed if none comes in time."""
        patience = self._loop.time() + (within or 600.0)
        try:
            async with asyncio.timeout_at(min(patience, self._end)):
                return await self._events.get()
        except TimeoutError as error:
            message = "llama.cpp fell silent."
            raise AttemptFailed(Trouble.SILENT, message, locality=Locality.LOOPBACK) from error

    def _run(self) -> None:
        try:
            self._server.handle_chat_completions(self._body, self._take)
        except Exception as error:
            self._put({"error": {"code": 500, "message": str(error)}})
        self._put(None)

    def _take(self, event: Any) -> bool:
        """Called with each event; whether that was enough."""
        for one in cast(list[Any], event) if isinstance(event, list) else [event]:
            self._put(cast(dict[str, Any], one))
        return self._stop.is_set()

    def _put(self, event: dict[str, Any] | None) -> None:
        # The loop may be gone by the time that the last token is written.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._events.put_nowait, event)


def _body(request: Request) -> dict[str, Any]:
    body = body_of(request, {})
    if body.pop("response_format", None) is not None and request.schema is not None:
        # The format's own field would let an answer come in a fence, and small models lose themselves in blanks.
        schema = closed(request.schema.schema) | {"x-guidance": {"whitespace_flexible": False}}
        body["grammar"] = import_module(_PACKAGE).json_schema_to_grammar(orjson.dumps(schema).decode())
    return body
