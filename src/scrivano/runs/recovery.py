"""Who is alive: leases of workers, and the recovery of the runs of those that are not.

Each start of a worker is an executor with an id of its own. It holds an advisory lock, which PostgreSQL lets
go when its connection dies, and renews a lease each second. A survivor takes over

* at once what an executor released as it stopped,
* three seconds after it got hold of a dead executor's lock: the dead one, should it only have lost its
  connection, has noticed and given up by then,
* when the lease is over although the lock is held, as a frozen process keeps its connections; those are
  ended first.

Marking the executor as released is the point of no return: a process that wakes up later cannot renew its
lease, knows it, and gives up its runs. What it still finishes is refused by DBOS, as the run has a new owner. Its
row is removed once all its runs are queued again, so a survivor that dies meanwhile is survived as well.

All of this runs in a thread with a connection of its own, so that work which keeps the event loop busy
does not cost the lease.
"""

import hashlib
import logging
import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

import psycopg
from dbos import _recovery as dbos_recovery
from psycopg.rows import DictRow, dict_row

from scrivano.core.database import process_name
from scrivano.runs import engine, repo

LEASE_SECONDS = 5.0
BEAT_SECONDS = 1.0
HOLD_SECONDS = 3.0
_log = logging.getLogger(__name__)

_Connection = psycopg.Connection[DictRow]


class Lease:
    """An executor's proof of life, and its watch over the others.

    `active` names the runs that are carried out here, `on_cancelled` is told of those among them that were
    cancelled, `on_lost` is called once if the lease is lost. All are called from the lease's thread.
    """

    def __init__(
        self,
        url: str,
        executor_id: str,
        *,
        active: Callable[[], set[str]],
        on_cancelled: Callable[[str], object],
        on_lost: Callable[[], object],
    ) -> None:
        self._url = url
        self._id = executor_id
        self._active = active
        self._on_cancelled = on_cancelled
        self._on_lost = on_lost
        self._renewed = 0.0
        self._looked_for_orphans = 0.0
        self._held: dict[str, float] = {}
        self._stopping = threading.Event()
        self._recovering = threading.Event()
        self._taking_over = threading.Lock()
        self._thread: threading.Thread | None = None
        self._connection: _Connection | None = None

    def acquire(self) -> None:
        """Register the executor and begin to renew. Blocks; raises psycopg's errors."""
        connection = _connect(self._url)
        key = _lock_key(self._id)
        begun = monotonic()
        connection.execute(repo.LOCK, [key])
        connection.execute(
            repo.ADD_EXECUTOR, [self._id, key, engine.VERSION, socket.gethostname(), os.getpid()]
        )
        connection.execute(repo.LISTEN_FOR_CANCELLED)
        self._connection, self._renewed = connection, begun
        self._thread = threading.Thread(target=self._run, name="scrivano-lease", daemon=True)
        self._thread.start()

    def recover_from_now(self) -> None:
        """Take over the runs of dead executors too: DBOS is up."""
        self._recovering.set()

    def recover_no_more(self) -> None:
        """Take nothing over from here on: DBOS is about to go. Blocks while something is being taken over."""
        with self._taking_over:
            self._recovering.clear()

    def is_valid(self) -> bool:
        """Whether nobody else can have taken over this executor's runs."""
        return monotonic() - self._renewed < LEASE_SECONDS - BEAT_SECONDS / 2

    def release(self) -> None:
        """Stop, and leave what is unfinished to the others at once. Blocks."""
        self._stopping.set()
        connection = self._connection
        if connection is None:
            return
        # Wakes the thread, which waits for notifications on its connection.
        with suppress(psycopg.Error), _connect(self._url) as other:
            other.execute(repo.WAKE_LISTENERS)
        if self._thread is not None:
            self._thread.join()
        with suppress(psycopg.Error):
            connection.execute(repo.RELEASE_EXECUTOR, [self._id])
            connection.close()

    def _run(self) -> None:
        connection = self._connection
        assert connection is not None
        try:
            while not self._stopping.is_set():
                begun = monotonic()
                if not connection.execute(repo.RENEW_LEASE, [self._id]).rowcount:
                    break
                self._renewed = begun
                self._watch(connection)
                self._listen(connection, until=begun + BEAT_SECONDS)
        except psycopg.Error as error:
            _log.warning("Worker %s lost the connection that holds its lease: %s", self._id, error)
        if not self._stopping.is_set():
            self._renewed = float("-inf")
            with suppress(psycopg.Error):
                connection.close()
            self._on_lost()

    def _watch(self, connection: _Connection) -> None:
        self._stop_cancelled(connection, list(self._active()))
        with self._taking_over:
            if self._recovering.is_set():
                self._take_over(connection)

    def _take_over(self, connection: _Connection) -> None:
        values = [LEASE_SECONDS, self._id, engine.VERSION]
        others = connection.execute(repo.OTHER_EXECUTORS, values).fetchall()
        for other in others:
            if self._is_dead(connection, other):
                self._recover(connection, other)
        for gone in self._held.keys() - {other["id"] for other in others}:
            del self._held[gone]
            connection.execute(repo.UNLOCK, [_lock_key(gone)])
        if monotonic() - self._looked_for_orphans > LEASE_SECONDS:
            self._looked_for_orphans = monotonic()
            for orphan in connection.execute(repo.ORPHANS, [engine.VERSION]).fetchall():
                recover_runs(orphan["id"])

    def _is_dead(self, connection: _Connection, other: DictRow) -> bool:
        """Whether the other's runs may be taken over now."""
        if other["released"]:
            return True
        if other["id"] not in self._held:
            got = connection.execute(repo.TRY_LOCK, [other["lock_key"]]).fetchone()
            if got is None or not got["got"]:
                if other["late"]:
                    _log.warning("Worker %s does not renew its lease; ending its connections", other["id"])
                    connection.execute(repo.END_CONNECTIONS, [other["process"]])
                return False
            self._held[other["id"]] = monotonic()
        return other["late"] or monotonic() - self._held[other["id"]] >= HOLD_SECONDS

    def _recover(self, connection: _Connection, other: DictRow) -> None:
        connection.execute(repo.RELEASE_EXECUTOR, [other["id"]])
        count = recover_runs(other["id"])
        connection.execute(repo.REMOVE_EXECUTOR, [other["id"]])
        if count:
            _log.info("Taking over %d workflows of worker %s", count, other["id"])

    def _listen(self, connection: _Connection, *, until: float) -> None:
        while (left := until - monotonic()) > 0 and not self._stopping.is_set():
            heard = [each.payload for each in connection.notifies(timeout=left, stop_after=1)]
            # What was heard may be old news: a run that was resumed meanwhile must not be stopped for it.
            self._stop_cancelled(connection, [run_id for run_id in heard if run_id])

    def _stop_cancelled(self, connection: _Connection, run_ids: list[str]) -> None:
        if run_ids:
            for row in connection.execute(repo.CANCELLED_AMONG, [run_ids]).fetchall():
                self._on_cancelled(row["id"])


def recover_runs(executor_id: str) -> int:
    """Put the unfinished workflows of a dead executor back on their queues; how many there were."""
    return len(dbos_recovery.recover_pending_workflows(engine.instance(), [executor_id]))


def _connect(url: str) -> _Connection:
    return psycopg.Connection[DictRow].connect(
        url,
        autocommit=True,
        row_factory=dict_row,
        connect_timeout=10,
        keepalives_idle=2,
        keepalives_interval=1,
        keepalives_count=3,
        application_name=process_name(),
    )


def _lock_key(executor_id: str) -> int:
    return int.from_bytes(hashlib.sha256(executor_id.encode()).digest()[:8], "big", signed=True)
