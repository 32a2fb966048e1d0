"""A real server with the scripted model, and journeys through its studio in a real Chromium."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.studio import studio

WEB = Path(__file__).parents[2] / "web"
BUILT = WEB.parent / "src" / "scrivano" / "api" / "static" / "index.html"


@contextmanager
def serve_studio(home: Path, script: dict[str, Any]) -> Iterator[str]:
    """The address of a server over `home`, whose models answer by `script`. Skips where there is no browser."""
    if shutil.which("chromium") is None or shutil.which("node") is None:
        pytest.skip("chromium and node are needed")
    if not BUILT.exists() or not (WEB / "node_modules").is_dir():
        pytest.skip("the studio is not built: make studio")
    home.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with studio(home, script) as house:
        house.run("models", "discover")
        server = house.start("serve", "--port", str(port))
        try:
            address = f"http://127.0.0.1:{port}"
            with httpx.Client(transport=httpx.HTTPTransport(retries=12)) as client:
                client.get(f"{address}/readyz", timeout=60).raise_for_status()
            yield address
        finally:
            server.terminate()
            server.communicate(timeout=60)


def travel(journey: str, *arguments: str) -> None:
    """Take a journey at both sizes; fails with what it said."""
    done = subprocess.run(
        ["node", str(WEB / "journeys" / f"{journey}.js"), *arguments],
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, f"{journey}: {done.stdout}\n{done.stderr}"
    assert done.stdout.splitlines() == ["wide, dark: done", "phone, light: done"]
