"""What all endpoints have in common: who may enter, errors in the caller's form, callers who leave."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from scrivano.api.gateway.errors import Form, WrongMethod, anthropic_error, unexpected
from scrivano.api.gateway.metrics import Metrics
from scrivano.api.gateway.visit import Visit
from scrivano.core.errors import ScrivanoError

_log = logging.getLogger("scrivano.gateway")

_CALLER_LEFT = 499
"""The status that metrics show where the caller left before there was one."""

Handler = Callable[[Visit], Awaitable[None]]


@dataclass(frozen=True)
class Door:
    """An endpoint as an ASGI application. `name` is what metrics call it; `form` puts errors into shape."""

    name: str
    method: str | None
    handler: Handler
    form: Form
    metrics: Metrics
    scope: str = "llm"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        began = time.perf_counter()
        visit = Visit(scope, receive, send)
        form = anthropic_error if b"anthropic-version" in visit.headers else self.form
        try:
            if self.method is not None and scope["method"] != self.method:
                raise WrongMethod(f"{scope['method']} is not allowed here, only {self.method}.")
            await visit.let_in(self.scope)
            await self.handler(visit)
        except asyncio.CancelledError:
            if not visit.gone:
                raise
            _stay()
            visit.status = visit.status or _CALLER_LEFT
        except ScrivanoError as error:
            await self._tell(visit, form, error)
        except Exception:
            _log.exception("An error in %s that nobody foresaw", self.name)
            await self._tell(visit, form, unexpected())
        finally:
            visit.over()
            self.metrics.visit(self.name, visit.status, time.perf_counter() - began)

    @staticmethod
    async def _tell(visit: Visit, form: Form, error: ScrivanoError) -> None:
        if visit.begun:
            # Handlers put errors into their streams; what is left here came after the end.
            return
        told = form(error)
        await visit.reply(told.body, list(told.headers), told.status)


def _stay() -> None:
    """The cancellation was meant for the caller's request, not for the server's connection."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
