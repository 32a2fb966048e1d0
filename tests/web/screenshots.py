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

from tests.acceptance.studio import Studio, studio
from tests.web.served import WEB, free_port

ROOT = Path(__file__).parents[2]
ALL = ROOT / "out" / "screenshots"
SHOWN = ROOT / "docs" / "images"
TELLING = (
    "home-wide-dark",
    "manuscript-wide-light",
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
    "taste": "/music/taste",
    "posts": "/posts",
    "references": "/references",
    "prompts": "/prompts",
    "tasks": "/tasks",
    "data-sets": "/prompts/data-sets",
    "training": "/training",
    "models": "/models",
    "usage": "/usage",
} | {
    f"settings-{name}": f"/settings/{name}"
    for name in [
        "profile",
        "keys",
        "notifications",
        "taste",
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
            finished = _without_a_model(house)
            house.run("models", "discover")
            port = free_port()
            server = house.start("serve", "--port", str(port))
            try:
                base = f"http://127.0.0.1:{port}"
                pages = PAGES | finished | _content(base)
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


def _without_a_model(house: Studio) -> dict[str, str]:
    """A book and songs that the built-in writer and the rules made; the pages that show them."""
    house.environment["SCRIVANO_DISCOVER_URLS"] = "off"
    with tempfile.TemporaryDirectory() as out:
        house.run("book", "write", ROOT / "examples" / "no-code-ai-tools.toml", "--out", out)
        for wish in ("a gospel shout in Bb, 12 bars", "a jazz ballad in Eb, 16 bars"):
            house.run("music", "write", "--description", wish, "--out", out)
    del house.environment["SCRIVANO_DISCOVER_URLS"]
    book = house.query("SELECT id FROM books ORDER BY created_at DESC LIMIT 1")[0][0]
    song = house.query("SELECT id FROM songs ORDER BY created_at DESC LIMIT 1")[0][0]
    return {"book": f"/books/{book}", "manuscript": f"/books/{book}/chapters/1", "song": f"/music/{song}"}


def _content(base: str) -> dict[str, str]:
    """A book whose outline waits and a post, with a model; the pages that show them."""
    with httpx.Client(base_url=base, transport=httpx.HTTPTransport(retries=12), timeout=120) as client:
        client.get("/readyz").raise_for_status()
        brief: dict[str, Any] = {
            "title": "The Long Thaw",
            "kind": "fiction",
            "premise": "A lighthouse keeper finds letters that were never sent.",
            "words": 2000,
            "chapters": 4,
            "cover_style": "elegant",
            "approve_outline": True,
        }
        waiting = _ok(client.post("/api/books", json={"brief": brief}))
        post = _ok(client.post("/api/posts", json={"title": "Why small shops keep paper", "fields": {}}))
        _wait(client, waiting["run_id"], {"waiting"})
        dataset, evaluation = _evaluated(client)
    return {
        "data-set": f"/prompts/data-sets/{dataset}",
        "evaluate": f"/prompts/data-sets/{dataset}/evaluate",
        "evaluation": f"/prompts/evaluations/{evaluation}",
        "book-outline": f"/books/{waiting['id']}",
        "post": f"/posts/{post['id']}",
        "template": "/prompts/templates/write_chapter",
    }


def _evaluated(client: httpx.Client) -> tuple[str, str]:
    """A data set, and two settings of a prompt that were evaluated on it."""
    items: list[dict[str, Any]] = [
        {
            "name": thing,
            "variables": {"title": thing},
            "expectations": [{"kind": "words", "least": least, "most": 400}],
        }
        for thing, least in (("Tides", 5), ("Lighthouses", 5), ("Ferries in winter", 300))
    ]
    content = {
        "variables": {"title": {"type": "text"}},
        "messages": [{"role": "user", "content": "Two sentences about {{ title }}."}],
    }
    template = {"name": "two_sentences", "description": "Short and calm.", "content": content}
    _ok(client.post("/api/prompt-templates", json=template))
    made = _ok(client.post("/api/datasets", json={"name": "Things of the harbour", "items": items}))
    wanted = {"template": "two_sentences", "variants": [{}, {"settings": {"temperature": 1}}]}
    begun = _ok(client.post(f"/api/datasets/{made['id']}/evaluations", json=wanted))
    _wait(client, begun["run_id"], {"succeeded"})
    return made["id"], begun["id"]


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
