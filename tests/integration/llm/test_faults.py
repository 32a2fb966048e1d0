import pytest

from benchmarks.faults import FAULTS, Fault, pass_fault
from scrivano.core.database import Database


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_a_fault_is_survived(database: Database, fault: Fault, streamed: bool) -> None:
    await pass_fault(fault, database, streamed=streamed, scale=0.05)
