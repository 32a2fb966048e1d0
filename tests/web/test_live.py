"""The page of a book that is being written, through reloads, a lost network and a killed server.

RELOADS=100 tests/web/test_live.py takes the full measure.
"""

import os
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.acceptance.studio import Studio, studio
from tests.web.test_journeys import BUILT, WEB, free_port

SLOW = {"slots": 1, "tokens_per_second": 60}


def serve(house: Studio, port: int) -> "subprocess.Popen[str]":
    server = house.start("serve", "--port", str(port))
    with httpx.Client(transport=httpx.HTTPTransport(retries=12)) as client:
        client.get(f"http://127.0.0.1:{port}/readyz", timeout=60).raise_for_status()
    return server


def test_no_word_is_lost_or_doubled(tmp_path: Path) -> None:
    if not BUILT.exists() or not (WEB / "node_modules").is_dir() or not Path("/usr/bin/chromium").exists():
        pytest.skip("the studio is not built, or there is no chromium")
    tmp_path.chmod(0o755)
    port = free_port()
    script = {**SLOW, "tokens_per_second": float(os.environ.get("TOKENS_PER_SECOND", "60"))}
    with studio(tmp_path, script) as house:
        house.run("models", "discover")
        server = serve(house, port)
        journey = subprocess.Popen(
            [
                "node",
                str(WEB / "journeys" / "live.js"),
                f"http://127.0.0.1:{port}",
                os.environ.get("RELOADS", "5"),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        told: list[str] = []
        try:
            assert journey.stderr is not None
            for line in journey.stderr:
                told.append(line)
                if line.strip() == "kill":
                    server.kill()
                    server.communicate(timeout=60)
                    server = serve(house, port)
            output, _ = journey.communicate(timeout=60)
        finally:
            journey.kill()
            server.terminate()
            server.communicate(timeout=60)
    print("".join(told))
    assert journey.returncode == 0, "".join(told)
    assert output.splitlines() == ["wide, dark: done", "phone, light: done"]
