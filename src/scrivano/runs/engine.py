"""The only module, besides `recovery`, that knows DBOS: its settings, its start and end, its private corners.

It is written for one version of DBOS, which is pinned.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import dbos
from dbos import DBOS, DBOSClient, DBOSConfig, SetWorkflowID
from dbos import _dbos as dbos_core  # pyright: ignore[reportPrivateUsage]
from dbos import _error as dbos_errors

from scrivano.core.database import process_name
from scrivano.runs import serializer

APPLICATION = "scrivano"
# Raise it when the order of a pipeline's steps changes: runs of one version are never continued by another.
VERSION = "3"
# The schema version of the pinned DBOS; a test compares it.
SCHEMA_VERSION = 125
QUEUE = "runs"
POLL_SECONDS = 0.25
# A workflow that brought down its worker this often is given up.
MOST_ATTEMPTS = 25

# DBOS adds a console handler of its own where it finds none. What it says goes the way of all other logging.
logging.getLogger("dbos").addHandler(logging.NullHandler())


class JsonSerializer(dbos.Serializer):
    """Our JSON in the place of DBOS's pickle."""

    def serialize(self, data: Any) -> str:
        """Encode."""
        return serializer.dumps(data)

    def deserialize(self, serialized_data: str) -> Any:
        """Decode."""
        return serializer.loads(serialized_data)

    def name(self) -> str:
        """Under this name it is stored beside each value."""
        return "scrivano_json"


def _register_errors() -> None:
    for kind in vars(dbos_errors).values():
        if isinstance(kind, type) and issubclass(kind, Exception):
            serializer.register_type(kind)


def make_client(url: str) -> DBOSClient:
    """A client that connects on first use and runs no thread."""
    _register_errors()
    return DBOSClient(
        system_database_url=url,
        application_name=APPLICATION,
        serializer=JsonSerializer(),
        system_database_pool_size=2,
        lazy=True,
    )


def migrate(url: str) -> None:
    """Create or update DBOS's own tables, and the queue that runs are put on. Blocks."""
    DBOS.migrate(url)
    client = make_client(url)
    try:
        client.register_queue(QUEUE, polling_interval_sec=POLL_SECONDS, worker_concurrency=100)
    finally:
        client.destroy()


def launch(url: str, executor_id: str) -> None:
    """Start DBOS in this process. Call it in the event loop that is to carry out the workflows."""
    _register_errors()
    config = DBOSConfig(
        name=APPLICATION,
        system_database_url=url,
        application_version=VERSION,
        executor_id=executor_id,
        max_executor_threads=16,
        sys_db_pool_size=4,
        db_engine_kwargs={"connect_args": {"application_name": process_name()}},
        serializer=JsonSerializer(),
        enable_otlp=False,
        run_migrations=False,
        log_level="WARNING",
    )
    DBOS(config=config)
    # What was recovered waits on DBOS's internal queue.
    internal = dbos_core._get_or_create_dbos_registry().get_internal_queue()  # pyright: ignore[reportPrivateUsage]
    internal._polling_interval_sec = POLL_SECONDS  # pyright: ignore[reportPrivateUsage]
    DBOS.launch()


def stop_taking() -> None:
    """Take no further workflow from the queues; those that run go on."""
    running = dbos_core._dbos_global_instance  # pyright: ignore[reportPrivateUsage]
    for event in running.background_thread_stop_events if running else ():
        event.set()


def instance() -> DBOS:
    """The DBOS of this process."""
    return dbos_core._get_dbos_instance()  # pyright: ignore[reportPrivateUsage]


async def destroy() -> None:
    """End DBOS in this process. Workflows that still run are left as they are, to be recovered."""
    loop = asyncio.get_running_loop()
    # Off the loop: threads that are waited for may themselves be waiting for the loop.
    own = ThreadPoolExecutor(1, thread_name_prefix="scrivano-dbos-end")
    try:
        await loop.run_in_executor(own, DBOS.destroy)
    finally:
        own.shutdown(wait=False)
    # DBOS had made its pool, which is now shut, the loop's own.
    loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="scrivano"))


def define_workflow(name: str, entry: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Register `entry` under `name`."""
    return DBOS.workflow(name=name, max_recovery_attempts=MOST_ATTEMPTS)(entry)


def define_step(name: str, function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The durable form of `function`: its number is taken when it is called, not when it is awaited."""
    return DBOS.step(name=name)(function)


def workflow_id() -> str:
    """The id of the workflow that the caller is in."""
    found = DBOS.workflow_id
    assert isinstance(found, str)
    return found


def step_number() -> int:
    """The number of the step that the caller is in."""
    found = DBOS.step_id
    return found if isinstance(found, int) else 0


async def find(workflow_id: str) -> Any:
    """The handle of a workflow that was started before."""
    return await DBOS.retrieve_workflow_async(workflow_id, existing_workflow=False)


async def start(child_id: str, entry: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
    """Start a child workflow here, or find the one that was started before; returns its handle."""
    begin: Any = DBOS.start_workflow_async
    with SetWorkflowID(child_id):
        return await begin(entry, *arguments)
