"""A request with a key is carried out once: also when two arrive together, and when the first was cut off."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from fastapi import Response
from pydantic import BaseModel

from scrivano.api import idempotency, repo_idempotency
from scrivano.api.idempotency import Idempotency, KeyUsedOtherwise, StillAnswering
from scrivano.core.errors import NotFound
from tests.workshop import Workshop, open_workshop


class Made(BaseModel):
    """What the work makes."""

    id: UUID


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(database_url, tmp_path, model=False) as opened:
        yield opened


def once(place: Workshop, key: str, body: str = "a", caller: str = "ada") -> Idempotency:
    return Idempotency(place.house, repo_idempotency.Claim(caller, "POST /x", key), body, 202)


async def make(token: UUID) -> Made:
    return Made(id=token)


async def test_the_first_answer_is_given_again_to_this_caller_alone(place: Workshop) -> None:
    first, again = await once(place, "k")(make), await once(place, "k")(make)
    assert isinstance(first, Response) and isinstance(again, Response)
    assert (first.body, first.status_code) == (again.body, again.status_code)
    assert again.headers["idempotency-replayed"] == "true"
    with pytest.raises(KeyUsedOtherwise):
        await once(place, "k", body="b")(make)
    other = await once(place, "k", body="b", caller="ben")(make)
    assert other.body != first.body


async def test_of_two_at_once_one_works(place: Workshop) -> None:
    begun, go, made = asyncio.Event(), asyncio.Event(), list[UUID]()

    async def slow(token: UUID) -> Made:
        made.append(token)
        begun.set()
        await go.wait()
        return Made(id=token)

    first = asyncio.create_task(once(place, "k")(slow))
    await begun.wait()
    with pytest.raises(StillAnswering):
        await once(place, "k")(slow)
    go.set()
    answer = await first
    assert (await once(place, "k")(slow)).body == answer.body
    assert len(made) == 1


async def test_what_failed_can_be_sent_again(place: Workshop) -> None:
    async def fail(_: UUID) -> Made:
        raise NotFound("Nothing there.")

    with pytest.raises(NotFound):
        await once(place, "k")(fail)
    assert (await once(place, "k")(make)).status_code == 202


async def test_after_a_crash_the_work_goes_on_under_the_same_id(
    place: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = UUID("0190163d-8694-739b-aea5-966c26f8ad91")
    async with place.house.database.begin() as session:
        await repo_idempotency.claim(session, repo_idempotency.Claim("ada", "POST /x", "k"), "a", token)
    with pytest.raises(StillAnswering):
        await once(place, "k")(make)
    monkeypatch.setattr(idempotency, "PATIENCE_SECONDS", 0.0)
    assert str(token) in bytes((await once(place, "k")(make)).body).decode()
