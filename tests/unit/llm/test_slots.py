"""Who gets a model's place next."""

import asyncio

from scrivano.llm.concurrency import Slots


async def order_of(*asked: tuple[str | None, int], capacity: int = 1) -> list[int]:
    """In which order they get the one place, after somebody else has held it while they lined up."""
    slots = Slots(capacity)
    got: list[int] = []

    async def ask(number: int, group: str | None, urgency: int) -> None:
        await slots.acquire(group, urgency)
        got.append(number)
        await asyncio.sleep(0)
        slots.release()

    await slots.acquire()
    tasks = [asyncio.create_task(ask(n, group, urgency)) for n, (group, urgency) in enumerate(asked)]
    await asyncio.sleep(0)
    slots.release()
    await asyncio.gather(*tasks)
    assert slots.taken == 0
    return got


async def test_in_order_of_arrival() -> None:
    assert await order_of((None, 0), (None, 9), ("a", 0), (None, 5)) == [0, 1, 2, 3]


async def test_the_most_urgent_of_a_run_goes_first() -> None:
    assert await order_of(("a", 1), ("a", 3), ("a", 2), ("a", 3)) == [1, 3, 2, 0]


async def test_no_run_is_kept_waiting_by_anothers_urgency() -> None:
    # The turn is a's by its call 0, and a's most urgent takes it; the next one is b's.
    assert await order_of(("a", 0), ("b", 100), ("a", 5)) == [2, 1, 0]
    assert await order_of(("b", 0), ("a", 100), ("a", 50)) == [0, 1, 2]


async def test_who_leaves_the_line_takes_no_place() -> None:
    slots = Slots(1)
    await slots.acquire()
    gone = asyncio.create_task(slots.acquire("a", 9))
    stays = asyncio.create_task(slots.acquire("a", 1))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    slots.release()
    await asyncio.wait_for(stays, 30)
    assert slots.taken == 1


async def test_who_leaves_with_the_place_in_hand_gives_it_back() -> None:
    slots = Slots(1)
    await slots.acquire()
    gone = asyncio.create_task(slots.acquire())
    await asyncio.sleep(0)
    slots.release()
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    assert slots.taken == 0
