"""A server that is stopped, or killed, leaves no process behind."""

import os
import select
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.studio import Studio, studio
from tests.processes import children


def children_of(pid: int) -> list[int]:
    """The processes that this one started, at whatever depth."""
    direct = children(pid)
    return [*direct, *(grandchild for child in direct for grandchild in children_of(child))]


def served(house: Studio, port: int) -> "subprocess.Popen[str]":
    server = house.start("serve", "--port", str(port))
    assert server.stderr is not None
    for line in server.stderr:
        if "The worker is ready" in line:
            return server
    raise AssertionError(f"the server ended with {server.wait()}")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_that_ends_takes_its_worker_along(
    tmp_path: Path, database_url: str, how: signal.Signals
) -> None:
    tmp_path.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with studio(tmp_path, model=False, url=database_url) as house:
        server = served(house, port)
        started = children_of(server.pid)
        assert started
        watched = [os.pidfd_open(child) for child in started]
        server.send_signal(how)
        server.wait(60)
        for descriptor in watched:
            # It becomes readable when its process has ended.
            ended, _, _ = select.select([descriptor], [], [], 30)
            os.close(descriptor)
            assert ended
        server.communicate(timeout=30)
