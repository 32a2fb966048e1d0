"""A real server with the scripted model, and journeys through its studio in a real Chromium."""

import os
import shutil
import socket
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests.acceptance.studio import Studio, studio
from tests.integration.posts.post_room import script

WEB = Path(__file__).parents[2] / "web"
BUILT = WEB.parent / "src" / "scrivano" / "api" / "static" / "index.html"
# OTHER=1 takes every journey in the other two pairs of size and theme.
DONE = (
    ("wide, light: done", "phone, dark: done")
    if os.environ.get("OTHER")
    else ("wide, dark: done", "phone, light: done")
)


class Served(NamedTuple):
    """The address of a studio, and that of the scripted model beside it."""

    base: str
    model: str


def _waits(size: str) -> dict[str, Any]:
    """The last chapter of this size's book waits in the middle of a sentence until its journey lets it go on."""
    match = {"pattern": rf"Unsent, {size}[\s\S]*Write chapter 3,"}
    return {"match": match, "hold_after": 60, "hold": size}


_HARBOUR = [
    {
        "match": {"contains": "Harbour, plainly"},
        "text": "The harbour is calm, and so is whoever looks at it.",
    },
    {"match": {"contains": "Harbour, in riddles"}, "text": "What leaves twice a day and is never missed?"},
]
"""Two versions of a prompt, of which the second one does not do what is expected."""

_COUNTED = "the keeper counts the letters once more and finds the same number."
_CONTRADICTION = {
    "match": {"pattern": r"the keeper counts the letters[\s\S]*Find the sentences of chapter"},
    "json": {
        "findings": [
            {
                "quote": f"Paragraph 5: {_COUNTED}",
                "against": f"Paragraph 4: {_COUNTED}",
                "problem": "The letters were counted a moment ago.",
                "fix": "Say what the keeper does instead.",
            }
        ]
    },
}
"""Of a manuscript that says the same twice."""

_NEVER = {"match": {"contains": "shout that never ends"}, "hang": True}
"""A song that is waited for until it is given up."""

SCRIPT: dict[str, Any] = {
    "rule": [_CONTRADICTION, _NEVER, _waits("wide"), _waits("phone"), *_HARBOUR, *script()["rule"]]
}


def need_browser() -> None:
    """Skips where there is no browser, or no studio to show in it."""
    if shutil.which("chromium") is None or shutil.which("node") is None:
        pytest.skip("chromium and node are needed")
    if not BUILT.exists() or not (WEB / "node_modules").is_dir():
        pytest.skip("the studio is not built: make studio")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(house: Studio, port: int, *options: str) -> "subprocess.Popen[str]":
    """A server that answers."""
    server = house.start("serve", "--port", str(port), *options)
    with httpx.Client(transport=httpx.HTTPTransport(retries=12)) as client:
        client.get(f"http://127.0.0.1:{port}/readyz", timeout=60).raise_for_status()
    return server


def stop(server: "subprocess.Popen[str]") -> None:
    server.terminate()
    server.communicate(timeout=60)


@contextmanager
def serve_studio(home: Path, answers: dict[str, Any], url: str) -> Generator[Served]:
    """A server over `home` and the database at `url`, whose models answer by `answers`."""
    home.chmod(0o755)
    with studio(home, answers, url=url) as house:
        house.run("models", "discover")
        port = free_port()
        server = serve(house, port)
        try:
            assert house.model is not None
            yield Served(f"http://127.0.0.1:{port}", house.model.url)
        finally:
            stop(server)


def travel(base: str, *journeys: Sequence[str], own: bool = False) -> None:
    """Take journeys, each a name and its arguments, one after the other and each at both sizes.

    With `own` in a new project for each size. Fails with what they said, and prints how long they took.
    """
    line = ["node", str(WEB / "journeys" / "run.js"), *(["--own"] if own else []), base]
    for number, journey in enumerate(journeys):
        line += ["--", *journey] if number else journey
    done = subprocess.run(line, capture_output=True, text=True, timeout=900)
    print(done.stderr)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    # Those by keyboard alone are taken on a wide screen only.
    wanted = {
        f"{name}: {how}" for name, *_ in journeys for how in (DONE[:1] if name.endswith("-keys") else DONE)
    }
    assert set(done.stdout.splitlines()) == wanted
