"""All SQL of runs. DBOS's tables are read here, and written only by DBOS."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import bindparam

_VIEW = """
    SELECT r.id, r.pipeline, r.input, r.project_id, r.user_id, r.forked_from, r.created_at, r.started_at,
        r.finished_at, r.waiting_for, w.status AS workflow_status, o.output, o.error,
        CASE WHEN r.waiting_for IS NOT NULL AND r.status IN ('queued', 'running') THEN 'waiting'
            ELSE r.status END AS status,
        (SELECT g.question FROM runs_gates g WHERE g.run_id = r.id AND g.gate = r.waiting_for
            AND g.decided_at IS NULL ORDER BY g.asked_at DESC LIMIT 1) AS question
    FROM runs r
    LEFT JOIN dbos.workflow_status w ON w.workflow_uuid = r.id
    LEFT JOIN dbos.workflow_output o ON o.workflow_uuid = r.id
"""
_GET = text(f"{_VIEW} WHERE r.id = :id")
_PROJECT_OF = text("SELECT project_id FROM runs WHERE id = :id")
_FORGET = text("DELETE FROM runs WHERE id = :id")
_LIST = text(
    f"""
    SELECT * FROM ({_VIEW}) v
    WHERE (CAST(:status AS text) IS NULL OR status = :status)
        AND (CAST(:project_id AS text) IS NULL OR project_id = :project_id)
    ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset
    """
)
_INSERT = text(
    """
    INSERT INTO runs (id, pipeline, input, project_id, user_id)
    VALUES (:id, :pipeline, :input, :project_id, :user_id) ON CONFLICT DO NOTHING
    """
).bindparams(bindparam("input", type_=JSONB))
_OPEN_GATE = text(
    """
    INSERT INTO runs_gates (workflow_id, number, run_id, gate, question)
    VALUES (:workflow_id, :number, :run_id, :gate, :question) ON CONFLICT DO NOTHING
    """
).bindparams(bindparam("question", type_=JSONB))
_WAIT = text(
    """
    UPDATE runs SET waiting_for = :gate
    WHERE id = :run_id AND waiting_for IS DISTINCT FROM :gate AND EXISTS (
        SELECT FROM runs_gates WHERE workflow_id = :workflow_id AND number = :number AND decided_at IS NULL)
    """
)
_READ_GATE = text(
    "SELECT approved, data, decided_at FROM runs_gates WHERE workflow_id = :workflow_id AND number = :number"
)
_DECIDE = text(
    """
    UPDATE runs_gates SET approved = :approved, data = :data, decided_at = clock_timestamp()
    WHERE run_id = :run_id AND gate = :gate AND decided_at IS NULL
    """
).bindparams(bindparam("data", type_=JSONB(none_as_null=True)))
_STOP_WAITING = text("UPDATE runs SET waiting_for = NULL WHERE id = :run_id AND waiting_for = :gate")
# A run's own workflow and all below it, deepest first.
_WORKFLOWS = text(
    """
    WITH RECURSIVE tree AS (
        SELECT workflow_uuid, status, 0 AS depth FROM dbos.workflow_status WHERE workflow_uuid = :id
        UNION
        SELECT w.workflow_uuid, w.status, tree.depth + 1
        FROM tree JOIN dbos.workflow_status w ON w.parent_workflow_id = tree.workflow_uuid
    )
    SELECT t.workflow_uuid AS id, t.status,
        (SELECT min(function_id) FROM dbos.operation_outputs o
            WHERE o.workflow_uuid = t.workflow_uuid AND o.error IS NOT NULL) AS first_failed,
        (SELECT coalesce(max(function_id), 0) FROM dbos.operation_outputs o
            WHERE o.workflow_uuid = t.workflow_uuid) AS last
    FROM tree t ORDER BY depth DESC, id
    """
)
_RECORDED = text(
    """
    WITH RECURSIVE tree AS (
        SELECT CAST(:id AS text) AS workflow_uuid
        UNION
        SELECT o.child_workflow_id FROM tree JOIN dbos.operation_outputs o USING (workflow_uuid)
        WHERE o.child_workflow_id IS NOT NULL
    )
    SELECT o.workflow_uuid AS workflow_id, o.function_id AS number, o.function_name AS step, o.error,
        o.child_workflow_id, o.started_at_epoch_ms AS started, o.completed_at_epoch_ms AS completed
    FROM tree JOIN dbos.operation_outputs o USING (workflow_uuid)
    ORDER BY o.started_at_epoch_ms, o.function_id
    """
)

# For plain psycopg: the lease's own connection, and getting the database ready.
ADD_EXECUTOR = """
    INSERT INTO runs_executors (id, lock_key, version, host, pid, process)
    VALUES (%s, %s, %s, %s, %s, current_setting('application_name'))
"""
RENEW_LEASE = (
    "UPDATE runs_executors SET heartbeat_at = clock_timestamp() WHERE id = %s AND released_at IS NULL"
)
OTHER_EXECUTORS = """
    SELECT e.id, e.lock_key, e.process, e.released_at IS NOT NULL AS released,
        e.heartbeat_at < clock_timestamp() - make_interval(secs => %s) AS late
    FROM runs_executors e WHERE e.id <> %s AND e.version = %s
"""
# Taken by a worker that did not know yet that it was declared dead.
ORPHANS = """
    SELECT DISTINCT w.executor_id AS id FROM dbos.workflow_status w
    WHERE w.status = 'PENDING' AND w.application_version = %s
        AND NOT EXISTS (SELECT FROM runs_executors e WHERE e.id = w.executor_id)
"""
# Also those with which a frozen process holds locks in the middle of a transaction; never our own.
END_CONNECTIONS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = %s AND application_name <> current_setting('application_name')
"""
CANCELLED_AMONG = "SELECT id FROM runs WHERE id = ANY (%s) AND status = 'cancelled'"
LOCK = "SELECT pg_advisory_lock(%s)"
LISTEN_FOR_CANCELLED = "LISTEN scrivano_cancelled"
WAKE_LISTENERS = "SELECT pg_notify('scrivano_cancelled', '')"
RELEASE_EXECUTOR = "UPDATE runs_executors SET released_at = clock_timestamp() WHERE id = %s"
UNLOCK = "SELECT pg_advisory_unlock(%s)"
TRY_LOCK = "SELECT pg_try_advisory_lock(%s) AS got"
REMOVE_EXECUTOR = "DELETE FROM runs_executors WHERE id = %s"
IS_READY = """
    SELECT (SELECT max(version) FROM dbos.dbos_migrations) = %s
        AND EXISTS (SELECT FROM pg_trigger WHERE tgname = 'runs_follow_workflow')
        AND EXISTS (SELECT FROM dbos.queues WHERE name = %s)
"""
MAKE_TRIGGER = """
    CREATE OR REPLACE TRIGGER runs_follow_workflow AFTER INSERT OR UPDATE OF status ON dbos.workflow_status
    FOR EACH ROW EXECUTE FUNCTION runs_follow_workflow()
"""


async def insert(
    session: AsyncSession, run_id: str, pipeline: str, given: Any, project_id: str | None, user_id: str | None
) -> bool:
    """Add a run; False if there is one with this id already."""
    values = {
        "id": run_id,
        "pipeline": pipeline,
        "input": given,
        "project_id": project_id,
        "user_id": user_id,
    }
    return await _changed(session, _INSERT, values) == 1


async def get(session: AsyncSession, run_id: str) -> RowMapping | None:
    """The row of a run, with the outcome of its workflow."""
    return (await session.execute(_GET, {"id": run_id})).mappings().one_or_none()


async def forget(session: AsyncSession, run_id: str) -> None:
    """Remove a run whose workflows are gone, with what it asked people."""
    await session.execute(_FORGET, {"id": run_id})


async def project_of(session: AsyncSession, run_id: str) -> str | None:
    """The project that a run belongs to."""
    return (await session.execute(_PROJECT_OF, {"id": run_id})).scalar_one_or_none()


async def listed(
    session: AsyncSession, limit: int, offset: int, status: str | None, project_id: str | None
) -> Sequence[RowMapping]:
    """Rows of runs, newest first."""
    values = {"limit": limit, "offset": offset, "status": status, "project_id": project_id}
    return (await session.execute(_LIST, values)).mappings().all()


async def workflows(session: AsyncSession, run_id: str) -> Sequence[RowMapping]:
    """The run's workflows with their status and the numbers of their first failed and last step."""
    return (await session.execute(_WORKFLOWS, {"id": run_id})).mappings().all()


async def recorded(session: AsyncSession, run_id: str) -> Sequence[RowMapping]:
    """Everything that the run's workflows have recorded, in order of its beginning."""
    return (await session.execute(_RECORDED, {"id": run_id})).mappings().all()


async def open_gate(
    session: AsyncSession, workflow_id: str, number: int, run_id: str, gate: str, question: Any
) -> bool:
    """Ask, unless it was asked before, and let the run wait; True if it did not wait yet."""
    where = {"workflow_id": workflow_id, "number": number, "run_id": run_id, "gate": gate}
    await session.execute(_OPEN_GATE, {**where, "question": question})
    return await _changed(session, _WAIT, where) == 1


async def read_gate(session: AsyncSession, workflow_id: str, number: int) -> RowMapping | None:
    """The answer, if `decided_at` says that there is one."""
    found = await session.execute(_READ_GATE, {"workflow_id": workflow_id, "number": number})
    return found.mappings().one_or_none()


async def decide(session: AsyncSession, run_id: str, gate: str, approved: bool, data: Any) -> bool:
    """Answer; False if this gate of the run does not wait."""
    answer = {"run_id": run_id, "gate": gate, "approved": approved, "data": data}
    if not await _changed(session, _DECIDE, answer):
        return False
    await session.execute(_STOP_WAITING, {"run_id": run_id, "gate": gate})
    return True


async def _changed(session: AsyncSession, statement: TextClause, values: dict[str, Any]) -> int:
    done: Any = await session.execute(statement, values)
    return int(done.rowcount)
