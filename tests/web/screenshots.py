"""`python -m tests.web.screenshots`: pictures of every page, from a real server whose content real runs made.

All pictures go to `out/screenshots`; those that README and documentation show go to `docs/images`, with few colours.
"""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from tests.acceptance.studio import studio
from tests.web.test_journeys import WEB, free_port

ROOT = Path(__file__).parents[2]
ALL = ROOT / "out" / "screenshots"
SHOWN = ROOT / "docs" / "images"
TELLING = (
    "home-wide-dark",
    "book-wide-light",
    "song-wide-dark",
    "models-wide-light",
    "usage-wide-dark",
    "home-phone-light",
    "song-phone-dark",
)
COLOURS = 96
PAGES = {
    "home": "/",
    "books": "/books",
    "new-book": "/books/new",
    "music": "/music",
    "posts": "/posts",
    "references": "/references",
    "prompts": "/prompts",
    "tasks": "/tasks",
    "training": "/training",
    "models": "/models",
    "usage": "/usage",
} | {
    f"settings-{name}": f"/settings/{name}"
    for name in [
        "profile",
        "keys",
        "notifications",
        "projects",
        "publishing",
        "webhooks",
        "workflows",
        "people",
        "budgets",
        "packs",
        "audit",
        "backup",
    ]
}


def main() -> None:
    """Make the content, take the pictures, keep the telling ones small."""
    with tempfile.TemporaryDirectory(prefix="scrivano-pictures-") as home:
        Path(home).chmod(0o755)
        with studio(Path(home), {}) as house:
            house.run("models", "discover")
            port = free_port()
            server = house.start("serve", "--port", str(port))
            try:
                base = f"http://127.0.0.1:{port}"
                pages = PAGES | _content(base)
                arguments = [f"{name}={path}" for name, path in pages.items()]
                script = WEB / "scripts" / "screenshots.js"
                subprocess.run(["node", str(script), base, str(ALL), *arguments], check=True)
            finally:
                server.terminate()
                server.communicate(timeout=60)
    SHOWN.mkdir(parents=True, exist_ok=True)
    for name in TELLING:
        picture = Image.open(ALL / f"{name}.png").convert("RGB")
        few = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(SHOWN / f"{name}.png", optimize=True)
    size = sum(path.stat().st_size for path in SHOWN.glob("*.png"))
    print(
        f"{len(list(ALL.glob('*.png')))} pictures in {ALL}; {len(TELLING)} of {size / 1e6:.2f} MB in {SHOWN}"
    )


def _content(base: str) -> dict[str, str]:
    """A book and songs, each made by a run; the pages that show them."""
    with httpx.Client(base_url=base, transport=httpx.HTTPTransport(retries=12), timeout=120) as client:
        client.get("/readyz").raise_for_status()
        brief: dict[str, Any] = {
            "title": "Letters from the Lamp",
            "kind": "fiction",
            "premise": "A lighthouse keeper finds letters that were never sent.",
            "words": 4000,
            "chapters": 4,
            "cover_style": "elegant",
        }
        book = _ok(client.post("/api/books", json={"brief": brief}))
        songs = [
            _ok(client.post("/api/music/arrangements", json={"request": {"description": wish}}))
            for wish in ("a jazz ballad in Eb, 16 bars", "a gospel shout in Bb, 12 bars")
        ]
        waiting = _ok(
            client.post(
                "/api/books",
                json={"brief": {**brief, "title": "The Long Thaw", "approve_outline": True, "words": 2000}},
            )
        )
        for made in (book, *songs):
            _wait(client, made["run_id"], {"succeeded"})
        _wait(client, waiting["run_id"], {"waiting"})
    return {
        "book": f"/books/{book['id']}",
        "book-outline": f"/books/{waiting['id']}",
        "song": f"/music/{songs[0]['id']}",
    }


def _wait(client: httpx.Client, run: str, wanted: set[str]) -> None:
    """Until the run stands there. Its stream of events would end with it alone, not when it waits."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        status = _ok(client.get(f"/api/runs/{run}"))["status"]
        if status in wanted:
            return
        if status in {"failed", "cancelled"}:
            raise SystemExit(f"run {run}: {status}")
        client.get(f"/api/runs/{run}/events", params={"seconds": 2})
    raise SystemExit(f"run {run} does not come to an end")


def _ok(response: httpx.Response) -> Any:
    response.raise_for_status()
    return response.json()


if __name__ == "__main__":
    if shutil.which("node") is None or shutil.which("chromium") is None:
        raise SystemExit("Pictures need node and chromium.")
    main()
