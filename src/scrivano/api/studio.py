"""The web studio at `/`: files that `make studio` has built into this package."""

from mimetypes import guess_type
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

FOLDER = Path(__file__).parent / "static"
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        # Elements get their place by style attributes (menus, the score); no sheet comes from elsewhere.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self' blob:",
        "worker-src 'self' blob:",
        "frame-src 'self' blob:",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}
NOT_BUILT = (
    "The studio has not been built in this checkout: run `make studio` (needs Node 20).\n"
    "The REST API is at /docs, the command line is `scrivano --help`.\n"
)
_SERVICE = ("/api/", "/v1/", "/docs", "/openapi.json")


def install(app: FastAPI, folder: Path = FOLDER) -> None:
    """Serve the studio at every address that no route takes. Its pages are addresses of one document."""
    absent = app.router.default

    async def fall_back(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or path.startswith(_SERVICE):
            await absent(scope, receive, send)
            return
        packed = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        await _page(folder, path, packed)(scope, receive, send)

    app.router.default = fall_back


def _page(folder: Path, path: str, packed: bool) -> Response:
    file = _file(folder, path)
    if file is not None:
        return _sent(file, packed, _lifetime(path))
    if path.startswith("/assets/"):
        return PlainTextResponse("There is no such file.\n", 404, HEADERS)
    document = folder / "index.html"
    if not document.is_file():
        return PlainTextResponse(NOT_BUILT, 404, HEADERS)
    return _sent(document, packed, "no-cache")


def _sent(file: Path, packed: bool, lifetime: str) -> Response:
    """The file, or what the build has packed of it for those who take gzip: a third of the bytes over a slow line."""
    headers = {**HEADERS, "Cache-Control": lifetime, "Vary": "Accept-Encoding"}
    small = file.with_name(f"{file.name}.gz")
    if packed and small.is_file():
        kind = guess_type(file.name)[0] or "application/octet-stream"
        return FileResponse(small, headers={**headers, "Content-Encoding": "gzip"}, media_type=kind)
    return FileResponse(file, headers=headers)


def _file(folder: Path, path: str) -> Path | None:
    """The built file of this address; nothing outside the folder, nothing hidden."""
    parts = [part for part in path.split("/") if part]
    if not parts or any(part.startswith(".") or "\\" in part or "\x00" in part for part in parts):
        return None
    found = folder.joinpath(*parts)
    return found if found.is_file() and found.resolve().is_relative_to(folder.resolve()) else None


def _lifetime(path: str) -> str:
    # The names of built assets hold a hash of what is in them.
    return "public, max-age=31536000, immutable" if path.startswith("/assets/") else "no-cache"
