"""A sample of what `python -m benchmarks.edits` does in full."""

from benchmarks.edits import play_all
from scrivano.core.database import Database


async def test_nothing_is_lost_whoever_comes_first(database: Database) -> None:
    faults, did = await play_all(database, 25, seed=7)
    assert not faults
    assert {"edit", "regenerate", "resume", "restore", "edit refused"} <= set(did)
