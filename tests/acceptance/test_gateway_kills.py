"""The gateway killed under load; `python -m benchmarks.gateway_kill` does it fifty times."""

from benchmarks.gateway_kill import rounds


async def test_what_was_answered_is_in_the_log_and_what_was_sent_is_finished_or_cut() -> None:
    found = await rounds(2, seed=7)
    assert all(one["answered"] >= 10 for one in found)
    assert sum(one["cut"] for one in found) > 0
