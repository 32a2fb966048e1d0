"""A scripted Ghost: the routes of its Admin API that publishing uses, with its tokens, codes and bodies.

As ghost.org/docs/admin-api describes: JSON Web Tokens (HS256, `kid`, audience `/admin/`, at most five minutes old), 201
for what is made, 409 `UpdateCollisionError` for a change made from an older state, 404 and 422 with `errors`, internal
tags whose slugs begin with `hash-`.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterable
from typing import Any

from aiohttp import web

_API = "/ghost/api/admin"
KEY = "6489f0a1b2c3d4e5f6a7b8c9:" + "5f" * 32


class ScriptedGhost:
    """`posts` holds what was made, by id; `images` the files. `accept_then_hang` breaks off so many next posts
    after taking them, `accept_in_silence` takes them and never answers."""

    def __init__(self, key: str = KEY) -> None:
        self._key = key
        self.posts: dict[str, dict[str, Any]] = {}
        self.images: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.accept_then_hang = 0
        self.accept_in_silence = 0
        self._clock = 0

    def routes(self) -> Iterable[web.RouteDef]:
        """All of it."""
        return [
            web.get(f"{_API}/posts/", self._find),
            web.post(f"{_API}/posts/", self._create),
            web.get(f"{_API}/posts/{{id}}/", self._get),
            web.put(f"{_API}/posts/{{id}}/", self._change),
            web.post(f"{_API}/images/upload/", self._upload),
        ]

    def _refused(self, request: web.Request) -> web.Response | None:
        self.asked.append((request.method, request.path_qs))
        token = request.headers.get("Authorization", "").removeprefix("Ghost ")
        if not _genuine(token, self._key):
            return _error(401, "UnauthorizedError", "Invalid token: invalid signature")
        return None

    async def _find(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        wanted = request.query.get("filter", "").removeprefix("tag:")
        found = [p for p in self.posts.values() if not wanted or wanted in {t["slug"] for t in p["tags"]}]
        return web.json_response({"posts": found, "meta": {"pagination": {"total": len(found)}}})

    async def _create(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        given = (await request.json())["posts"][0]
        if problem := _problem(given):
            return problem
        number = f"{len(self.posts) + 1:024x}"
        post: dict[str, Any] = {"id": number, "status": "draft", "slug": ""}
        self.posts[number] = post
        self._take(post, given, request)
        if self.accept_in_silence > 0:
            self.accept_in_silence -= 1
            await asyncio.Event().wait()  # until whoever asked, or the server, gives up
        if self.accept_then_hang > 0:
            self.accept_then_hang -= 1
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"posts": [post]}, status=201)

    async def _get(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        post = self.posts.get(request.match_info["id"])
        if post is None:
            return _error(404, "NotFoundError", "Post not found.")
        return web.json_response({"posts": [post]})

    async def _change(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        post = self.posts.get(request.match_info["id"])
        if post is None:
            return _error(404, "NotFoundError", "Post not found.")
        given = (await request.json())["posts"][0]
        if problem := _problem(given):
            return problem
        if given.get("updated_at") != post["updated_at"]:
            return _error(409, "UpdateCollisionError", "Saving failed! Someone else is editing this post.")
        self._take(post, given, request)
        return web.json_response({"posts": [post]})

    def _take(self, post: dict[str, Any], given: dict[str, Any], request: web.Request) -> None:
        self._clock += 1
        tags = [{"name": tag["name"], "slug": _slug(tag["name"])} for tag in given.get("tags", [])]
        post.update({**given, "tags": tags, "updated_at": f"2026-01-01T00:00:{self._clock % 60:02}.000Z"})
        slug = post["slug"] or _slug(post["title"])
        taken = {other["slug"] for other in self.posts.values() if other is not post}
        number, unique = 2, slug
        while unique in taken:
            unique, number = f"{slug}-{number}", number + 1
        post["slug"] = unique
        post["url"] = f"{request.url.origin()}/{unique}/"

    async def _upload(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        form = await request.post()
        file = form.get("file")
        if not isinstance(file, web.FileField):
            return _error(422, "ValidationError", "Please select an image.")
        self.images[file.filename] = file.file.read()
        url = f"{request.url.origin()}/content/images/{file.filename}"
        return web.json_response({"images": [{"url": url, "ref": form.get("ref")}]}, status=201)


def _problem(given: dict[str, Any]) -> web.Response | None:
    if not given.get("title") or len(given["title"]) > 255:
        return _error(422, "ValidationError", "Validation failed for title.")
    if len(given.get("custom_excerpt") or "") > 300:
        return _error(422, "ValidationError", "Excerpt cannot be longer than 300 characters.")
    return None


def _genuine(token: str, key: str) -> bool:
    identity, _, secret = key.partition(":")
    try:
        head, body, signature = token.split(".")
        header, claims = json.loads(_decoded(head)), json.loads(_decoded(body))
        wanted = hmac.new(bytes.fromhex(secret), f"{head}.{body}".encode(), hashlib.sha256).digest()
        fresh = claims["exp"] - claims["iat"] <= 300 and claims["exp"] > time.time()
        return (
            hmac.compare_digest(wanted, _decoded(signature))
            and header == {"alg": "HS256", "typ": "JWT", "kid": identity}
            and claims["aud"] == "/admin/"
            and fresh
        )
    except (ValueError, KeyError):
        return False


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _slug(name: str) -> str:
    internal = name.startswith("#")
    return ("hash-" if internal else "") + re.sub(r"[^\w-]+", "-", name.lower()).strip("-")


def _error(status: int, kind: str, message: str) -> web.Response:
    return web.json_response({"errors": [{"message": message, "type": kind}]}, status=status)
