"""The studio's files as they are served."""

import gzip
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from scrivano.api import studio


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Scrivano</title>")
    (folder / "assets" / "index-1a2b.js").write_text("export {}")
    (folder / ".vite").mkdir()
    (folder / ".vite" / "manifest.json").write_text("{}")
    (tmp_path / "secret").write_text("out of reach")
    return folder


def client_of(folder: Path) -> httpx.AsyncClient:
    app = FastAPI()

    @app.get("/api/things")
    async def things() -> list[str]:  # pyright: ignore[reportUnusedFunction]
        return ["a"]

    studio.install(app, folder)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")


async def test_every_address_of_a_page_is_the_one_document_under_a_strict_policy(built: Path) -> None:
    async with client_of(built) as client:
        for address in ("/", "/books", "/books/3/chapters/2"):
            answer = await client.get(address)
            assert (answer.status_code, answer.text) == (200, "<!doctype html><title>Scrivano</title>")
            policy = answer.headers["content-security-policy"]
            scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
            assert "unsafe-inline" not in scripts and "unsafe-eval" not in scripts.replace(
                "wasm-unsafe-eval", ""
            )
            assert answer.headers["cache-control"] == "no-cache"


async def test_assets_are_kept_by_browsers_and_missing_ones_are_missing(built: Path) -> None:
    async with client_of(built) as client:
        kept = await client.get("/assets/index-1a2b.js")
        assert kept.status_code == 200 and "immutable" in kept.headers["cache-control"]
        assert kept.headers["content-type"].startswith("text/javascript")
        assert (await client.get("/assets/index-gone.js")).status_code == 404


async def test_who_takes_gzip_gets_what_the_build_has_packed(built: Path) -> None:
    file = built / "assets" / "index-1a2b.js"
    file.write_text("export const all = [" + "'the same again', " * 200 + "]")
    async with client_of(built) as client:
        plain = await client.get("/assets/index-1a2b.js", headers={"Accept-Encoding": "gzip"})
        assert "content-encoding" not in plain.headers
        file.with_name("index-1a2b.js.gz").write_bytes(gzip.compress(file.read_bytes()))
        small = await client.get("/assets/index-1a2b.js", headers={"Accept-Encoding": "br, gzip"})
        assert (small.headers["content-encoding"], small.headers["vary"]) == ("gzip", "Accept-Encoding")
        assert small.text == file.read_text() and int(small.headers["content-length"]) < 200
        assert small.headers["content-type"] == plain.headers["content-type"]
        assert small.headers["content-security-policy"] and small.headers["etag"] != plain.headers["etag"]
        whole = await client.get("/assets/index-1a2b.js", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in whole.headers and whole.text == file.read_text()


@pytest.mark.parametrize(
    "path",
    ["/../secret", "/..%2fsecret", "/%2e%2e/secret", "/.vite/manifest.json", "/assets/..%2f..%2fsecret"],
)
async def test_nothing_outside_and_nothing_hidden_is_given(built: Path, path: str) -> None:
    async with client_of(built) as client:
        answer = await client.get(path)
    assert "out of reach" not in answer.text and answer.text != "{}"


async def test_the_service_keeps_its_own_addresses(built: Path) -> None:
    async with client_of(built) as client:
        assert (await client.get("/api/things")).json() == ["a"]
        assert (await client.get("/api/nothing")).status_code == 404
        assert "<!doctype" not in (await client.get("/api/nothing")).text
        assert (await client.post("/books")).status_code == 404
        assert (await client.post("/api/things")).status_code == 405


async def test_without_a_build_it_says_how_to_make_one(tmp_path: Path) -> None:
    async with client_of(tmp_path) as client:
        answer = await client.get("/")
    assert answer.status_code == 404 and "make studio" in answer.text
