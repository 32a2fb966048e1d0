"""Live events: all listeners of a topic share one reader, and none misses or doubles what came meanwhile."""

import asyncio
import random

from scrivano.api.sse import Broadcast, Channel
from scrivano.core.database import Database
from scrivano.events.public import Event, EventLog


class Counting(EventLog):
    """An event log that counts how often it is followed."""

    followed = 0

    def follow(self, topic: str, *, after: int = 0):  # type: ignore[no-untyped-def]
        self.followed += 1
        return super().follow(topic, after=after)


async def heard(broadcast: Broadcast, topic: str, after: int, last: int, dice: random.Random) -> list[int]:
    """What one listener gets who breaks off by chance and comes back after the last they had."""
    ids: list[int] = []
    while not ids or ids[-1] < last:
        async for events in broadcast.listen(topic, ids[-1] if ids else after):
            ids += [told.event.id for told in events]
            if dice.random() < 0.2 or (ids and ids[-1] >= last):
                break
    return ids


async def test_every_listener_gets_every_event_once_and_in_order(database: Database) -> None:
    log = Counting(database)
    broadcast = Broadcast(log)
    for n in range(30):
        await log.append("project:1", "tick", {"n": n})
    listeners = [
        asyncio.create_task(heard(broadcast, "project:1", after, 60, random.Random(after)))
        for after in range(40)
    ]
    for n in range(30):
        await log.append("project:1", "tick", {"n": n})
    async with asyncio.timeout(20):
        got = await asyncio.gather(*listeners)
    await log.close()
    for after, ids in enumerate(got):
        assert ids == list(range(after + 1, 61))


async def test_listeners_of_one_topic_share_a_reader(database: Database) -> None:
    log = Counting(database)
    broadcast = Broadcast(log)

    async def first(topic: str) -> int:
        async for events in broadcast.listen(topic, 0):
            if events:
                return events[0].event.id
        raise AssertionError

    waiting = [asyncio.create_task(first("a")) for _ in range(50)]
    for _ in range(10):
        await asyncio.sleep(0)
    assert broadcast.listeners("a") == 50
    await log.append("a", "tick", {})
    async with asyncio.timeout(20):
        assert set(await asyncio.gather(*waiting)) == {1}
    await log.close()
    assert log.followed <= 1
    assert broadcast.listeners("a") == 0


async def test_what_is_no_longer_kept_is_read_from_the_log(database: Database) -> None:
    channel = Channel(EventLog(database), "a")
    channel.newest = 0
    for number in range(1, 1_101):
        channel.take(
            Event.model_validate({"id": number, "topic": "a", "kind": "k", "data": {}, "created_at": 0})
        )
    assert channel.since(50) is None
    kept = channel.since(100)
    assert kept is not None and [kept[0].event.id, kept[-1].event.id, len(kept)] == [101, 1_100, 1_000]
    assert channel.since(1_100) == []


async def test_a_stream_closes_after_its_time_with_signs_of_life(database: Database) -> None:
    log = EventLog(database)
    batches = [b async for b in Broadcast(log).listen("silent", 0, seconds=0.05)]
    await log.close()
    assert all(batch == [] for batch in batches)
