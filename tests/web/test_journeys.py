"""What people do in the studio, from empty to done, in a real Chromium at both sizes against a real server."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.acceptance.studio import studio

WEB = Path(__file__).parents[2] / "web"
BUILT = WEB.parent / "src" / "scrivano" / "api" / "static" / "index.html"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if shutil.which("chromium") is None or shutil.which("node") is None:
        pytest.skip("chromium and node are needed")
    if not BUILT.exists() or not (WEB / "node_modules").is_dir():
        pytest.skip("the studio is not built: make studio")
    home = tmp_path_factory.mktemp("studio")
    home.chmod(0o755)
    port = free_port()
    # So slowly that there is time to write a sentence of one's own into a book that is being written.
    with studio(home, {"slots": 1, "tokens_per_second": 250}) as house:
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
    done = subprocess.run(
        ["node", str(WEB / "journeys" / f"{journey}.js"), *arguments],
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, f"{journey}: {done.stdout}\n{done.stderr}"
    assert done.stdout.splitlines() == ["wide, dark: done", "phone, light: done"]


def test_journeys(base: str) -> None:
    # In this order: the pages are looked at with a book and a song in them.
    for journey in ("book", "song", "pages"):
        travel(journey, base)


def test_the_first_account(base: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    port = free_port()
    with studio(tmp_path, model=False) as house:
        house.environment["SCRIVANO_SIGN_IN"] = "always"
        server = house.start("serve", "--no-worker", "--port", str(port))
        try:
            assert server.stderr is not None
            link = next(line.strip() for line in server.stderr if "/welcome/set-up#" in line)
            travel("set-up", f"http://127.0.0.1:{port}", link)
        finally:
            server.terminate()
            server.communicate(timeout=60)
