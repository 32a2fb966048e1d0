"""Requests that cost money are carried out once: `Idempotency-Key`.

A client that does not know whether its request arrived sends it again with the same key, and gets the first one's
answer. The answer is kept for two days, per caller and route. Errors are not kept: what failed can be sent again.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel, TypeAdapter

from scrivano.api import repo_idempotency as repo
from scrivano.api.access import CurrentCaller
from scrivano.api.dependencies import Services
from scrivano.core import clock
from scrivano.core.errors import Conflict
from scrivano.core.ids import new_id
from scrivano.wiring import House

KEPT = timedelta(days=2)
PATIENCE_SECONDS = 60.0
_ANY: TypeAdapter[Any] = TypeAdapter(Any)


class KeyUsedOtherwise(Conflict):
    """This idempotency key was used for another request."""


class StillAnswering(Conflict):
    """The first request with this idempotency key is being answered."""


class Idempotency:
    """What a route asks to do its work once: `return await once(work)`.

    `work` gets a UUID that is the same whenever this request is repeated, also after a crash in the middle: what it
    makes has to take its id from there, so that it is found and not made again.
    """

    def __init__(self, house: House, which: repo.Claim | None, body_hash: str, status: int) -> None:
        self._house = house
        self._which = which
        self._body_hash = body_hash
        self._status = status

    async def __call__(self, work: Callable[[UUID], Awaitable[BaseModel | list[Any]]]) -> Any:
        """What `work` gives, now or the first time.

        Raises KeyUsedOtherwise where the key came with another body, StillAnswering while the first is under way.
        """
        if self._which is None:
            return await work(new_id())
        begun = await self._begin(self._which)
        if isinstance(begun, Response):
            return begun
        try:
            answer = _ANY.dump_json(await work(begun))
        except BaseException:
            async with self._house.database.begin() as session:
                await repo.release(session, self._which)
            raise
        async with self._house.database.begin() as session:
            await repo.finish(session, self._which, self._status, answer)
        return _response(self._status, answer)

    async def _begin(self, which: repo.Claim) -> UUID | Response:
        token = new_id()
        async with self._house.database.begin() as session:
            await repo.purge(session, clock.now() - KEPT)
            if await repo.claim(session, which, self._body_hash, token):
                return token
            known = await repo.known(session, which, PATIENCE_SECONDS)
            if known is None or (known.status is None and not known.stale):
                raise StillAnswering(
                    "The first request with this idempotency key is not answered yet.",
                    field="Idempotency-Key",
                    remedy="Send it again in a moment.",
                )
            if known.body_hash != self._body_hash:
                raise KeyUsedOtherwise(
                    "This idempotency key was used for another request.",
                    field="Idempotency-Key",
                    remedy="Take a new key for a new request.",
                )
            if known.status is not None and known.answer is not None:
                return _response(known.status, known.answer, again=True)
            await repo.renew(session, which)
            return known.token


def _response(status: int, answer: bytes, *, again: bool = False) -> Response:
    headers = {"Idempotency-Replayed": "true"} if again else None
    return Response(answer, status_code=status, media_type="application/json", headers=headers)


async def costs(
    request: Request,
    house: Services,
    caller: CurrentCaller,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=200,
            pattern=r"^[\x21-\x7e]+$",
            description="Any name for this request, such as a UUID. Sent again with the same key and body, it is not "
            "carried out again: the first answer is given.",
        ),
    ] = None,
) -> Idempotency:
    status = getattr(request.scope.get("route"), "status_code", None) or 200
    if idempotency_key is None:
        return Idempotency(house, None, "", status)
    who = str(caller.person_id or caller.key_id or "")
    which = repo.Claim(who, f"{request.method} {request.url.path}", idempotency_key)
    if request.headers.get("content-type", "").startswith("multipart/"):
        # An upload is read as it arrives and its boundaries differ each time; its length has to do.
        sent = request.headers.get("content-length", "").encode()
    else:
        sent = await request.body()
    body = hashlib.sha256(request.url.query.encode() + b"\0" + sent).hexdigest()
    return Idempotency(house, which, body, status)


Once = Annotated[Idempotency, Depends(costs)]
