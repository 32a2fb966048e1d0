import asyncio
import datetime as dt
from uuid import UUID, uuid4

import pytest

from scrivano.core.errors import InvalidInput
from scrivano.core.ids import new_id
from scrivano.llm.concurrency import ModelSlots, Slots
from scrivano.llm.dto import ContentPart, Locality, Message
from scrivano.llm.errors import AskDifferently, NobodyCould, NotPermitted, TooDear, TryLater
from scrivano.llm.locality import locality_of_address, locality_of_url
from scrivano.llm.log.chains import Recent, bodies_of, link, prefix_hashes
from scrivano.llm.log.months import bounds, first_id, moment_of, month_of
from scrivano.llm.providers.base import AttemptFailed, Trouble
from scrivano.llm.registry.discovery import normal_url
from scrivano.llm.verdict import Failure, pause_before, verdict


async def test_slots_are_given_in_order_of_arrival() -> None:
    slots, order = Slots(1), []

    async def one(number: int) -> None:
        await slots.acquire()
        order.append(number)
        await asyncio.sleep(0)
        slots.release()

    await asyncio.gather(*(one(number) for number in range(6)))
    assert order == list(range(6))
    assert slots.taken == 0


async def test_who_gives_up_waiting_leaves_no_hole() -> None:
    slots = Slots(1)
    await slots.acquire()
    waiting = [asyncio.create_task(slots.acquire()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    slots.release()
    waiting[1].cancel()
    await asyncio.gather(*waiting[:2], return_exceptions=True)
    await asyncio.wait_for(waiting[2], 30)
    slots.release()
    assert slots.taken == 0


async def test_a_larger_capacity_lets_the_waiting_in() -> None:
    slots, model = ModelSlots(), uuid4()
    async with slots.of(model, 1) as waited:
        assert waited < 0.1

        async def second() -> None:
            async with slots.of(model, 2):
                pass

        await asyncio.wait_for(second(), 30)


def test_an_id_knows_its_month() -> None:
    id = new_id()
    now = dt.datetime.now(dt.UTC)
    assert abs((moment_of(id) - now).total_seconds()) < 5
    low, high = bounds(month_of(id))
    assert low <= id < high
    assert bounds(202612)[1] == bounds(202701)[0] == first_id(dt.datetime(2027, 1, 1, tzinfo=dt.UTC))
    assert isinstance(low, UUID)


def test_a_conversation_is_linked_to_its_longest_stored_beginning() -> None:
    talk = [Message(role="user", content=str(number)) for number in range(5)]
    bodies = bodies_of(talk, None)
    hashes = prefix_hashes(bodies)
    whole = link(bodies, set())
    assert (whole.hash, whole.parent, len(whole.tail)) == (hashes[4], None, 80)
    short = link(bodies, {hashes[0], hashes[2]})
    assert (short.hash, short.parent, short.tail) == (hashes[4], hashes[2], bodies[3].hash + bodies[4].hash)
    # A conversation does not begin itself: the same one again is the same row.
    assert link(bodies, {hashes[4], hashes[3]}).parent == hashes[3]
    assert bodies_of(talk, "p")[0].hash != bodies[0].hash


def test_the_oldest_addresses_are_forgotten() -> None:
    recent = Recent(size=2)
    recent.add([(1, b"a"), (1, b"b"), (1, b"c")])
    assert (1, b"a") not in recent and (1, b"c") in recent
    recent.clear()
    assert (1, b"c") not in recent


def test_a_message_has_one_canonical_form() -> None:
    parts = [ContentPart(text="look"), ContentPart(type="image", image_url="data:image/png;base64,AA")]
    message = Message.model_validate({"role": "user", "content": parts})
    assert message.text == "look"
    assert message.canonical() == Message.model_validate(message.model_dump()).canonical()
    assert b'"type":"image"' in message.canonical()


@pytest.mark.parametrize(
    ("address", "locality"),
    [
        ("127.0.0.1", Locality.LOOPBACK),
        ("::1", Locality.LOOPBACK),
        ("::ffff:127.0.0.1", Locality.LOOPBACK),
        ("192.168.1.7", Locality.LOCAL_NETWORK),
        ("10.1.2.3", Locality.LOCAL_NETWORK),
        ("172.31.0.1", Locality.LOCAL_NETWORK),
        ("fe80::1%eth0", Locality.LOCAL_NETWORK),
        ("fd00::1", Locality.LOCAL_NETWORK),
        ("8.8.8.8", Locality.CLOUD),
        ("172.32.0.1", Locality.CLOUD),
        ("2606:4700::1", Locality.CLOUD),
        ("nonsense", Locality.CLOUD),
    ],
)
def test_how_far_an_address_is(address: str, locality: Locality) -> None:
    assert locality_of_address(address) is locality


async def test_how_far_a_host_is() -> None:
    assert await locality_of_url("http://localhost:1/v1") is Locality.LOOPBACK
    assert await locality_of_url("http://[::1]:1/v1") is Locality.LOOPBACK
    assert await locality_of_url("http://192.168.0.4/v1") is Locality.LOCAL_NETWORK


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080/v1"),
        ("http://host:1/", "http://host:1/v1"),
        ("https://api.example.com/openai/v1/", "https://api.example.com/openai/v1"),
    ],
)
def test_addresses_have_one_form(given: str, stored: str) -> None:
    assert normal_url(given) == stored


@pytest.mark.parametrize("given", ["http://[::1", "é[x]/", "ftp://host/", "http://user@host/", ""])
def test_what_is_no_address_is_refused_as_such(given: str) -> None:
    with pytest.raises(InvalidInput, match="no address of a model server"):
        normal_url(given)


def failures(*troubles: Trouble, retry_after: float | None = None) -> list[Failure]:
    return [
        Failure(f"m{number}", AttemptFailed(trouble, "because", retry_after=retry_after))
        for number, trouble in enumerate(troubles)
    ]


def test_the_verdict_tells_what_to_do() -> None:
    later = verdict(failures(Trouble.OVERLOADED, Trouble.OVERLOADED, retry_after=7))
    assert isinstance(later, TryLater) and later.retry_after == 7
    assert isinstance(verdict(failures(Trouble.TOO_LONG, Trouble.FILTERED)), AskDifferently)
    assert isinstance(verdict(failures(Trouble.FORBIDDEN)), NotPermitted)
    assert isinstance(verdict(failures(Trouble.TOO_LONG, Trouble.BROKEN)), NobodyCould)
    assert isinstance(verdict([Failure("m", TooDear())]), TooDear)
    mixed = verdict([Failure("m", TooDear()), *failures(Trouble.CUT)])
    assert isinstance(mixed, NobodyCould)
    assert "m0: because" in mixed.message
    assert mixed.remedy


def test_pauses_honour_retry_after_and_grow() -> None:
    told = AttemptFailed(Trouble.OVERLOADED, "x", retry_after=2)
    assert 2 <= (pause_before(1, told, 60) or 0) <= 2.3
    assert pause_before(1, told, 1) is None
    untold = AttemptFailed(Trouble.BROKEN, "x")
    assert 0.125 <= (pause_before(1, untold, 60) or 0) <= 0.25
    assert 4 <= (pause_before(20, untold, 60) or 0) <= 8
