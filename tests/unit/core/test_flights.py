import asyncio

import pytest

from scrivano.core.flights import Flights


async def test_many_who_ask_at_once_are_read_for_once() -> None:
    flights: Flights[str, int] = Flights()
    reads: list[str] = []
    go = asyncio.Event()

    async def read() -> int:
        reads.append("read")
        await go.wait()
        return len(reads)

    asking = [asyncio.create_task(flights.share("a", read)) for _ in range(10)]
    await asyncio.sleep(0)
    asking[0].cancel()
    flights.forget()
    later = asyncio.create_task(flights.share("a", read))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    go.set()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert set(found[1:]) == {2}
    assert await later == 2
    assert len(reads) == 2
    assert await flights.share("a", read) == 3


async def test_what_goes_wrong_goes_wrong_for_all_and_is_tried_again() -> None:
    flights: Flights[int, int] = Flights()

    async def fails() -> int:
        raise ValueError("no")

    for _ in range(2):
        found = await asyncio.gather(*(flights.share(1, fails) for _ in range(3)), return_exceptions=True)
        assert all(isinstance(each, ValueError) for each in found)
    with pytest.raises(ValueError, match="no"):
        await flights.share(1, fails)
