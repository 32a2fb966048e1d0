import pytest

from benchmarks.local_only import Spy, observe
from scrivano.core.database import Database
from scrivano.llm.providers import base


async def test_no_socket_leads_away_from_a_local_only_project(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The suite's own guard would make the result worthless; the spy refuses foreign hosts itself.
    monkeypatch.setattr(base, "_foreign_allowed", True)
    spy = Spy()
    outcomes = await observe(database.url, 60, 3, spy, local_only=True)
    assert spy.seen == []
    assert spy.local > 0
    assert sum(count for outcome, count in outcomes.items() if outcome.endswith("answered")) > 15
