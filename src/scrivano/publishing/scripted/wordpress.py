"""A scripted WordPress: the routes of its REST API that publishing uses, with its codes and bodies.

As developer.wordpress.org/rest-api/reference describes posts, tags and media: 201 for what is made, 400 `term_exists`,
401 without a valid application password, 404 `rest_post_invalid_id`, slugs that are made unique, and a search over
titles, excerpts and contents.
"""

import asyncio
import base64
import re
from collections.abc import Iterable
from html import escape
from typing import Any

from aiohttp import web

_API = "/wp-json/wp/v2"


class ScriptedWordPress:
    """`posts`, `tags` and `media` hold what was made, by id. `accept_then_hang` breaks off so many next posts
    after taking them, `accept_in_silence` takes them and never answers; `refuse` answers the next with these statuses.
    """

    def __init__(self, username: str = "author", password: str = "abcd efgh ijkl mnop qrst uvwx") -> None:
        self._username = username
        self._password = password
        self.posts: dict[int, dict[str, Any]] = {}
        self.tags: dict[int, dict[str, Any]] = {}
        self.media: dict[int, dict[str, Any]] = {}
        self.asked: list[tuple[str, str]] = []
        self.accept_then_hang = 0
        self.accept_in_silence = 0
        self.refuse: list[int] = []
        self._next = 10

    def routes(self) -> Iterable[web.RouteDef]:
        """All of it."""
        return [
            web.get(f"{_API}/posts", self._find_posts),
            web.post(f"{_API}/posts", self._create_post),
            web.get(f"{_API}/posts/{{id:\\d+}}", self._get_post),
            web.post(f"{_API}/posts/{{id:\\d+}}", self._change_post),
            web.get(f"{_API}/tags", self._find_tags),
            web.post(f"{_API}/tags", self._create_tag),
            web.get(f"{_API}/media", self._find_media),
            web.post(f"{_API}/media", self._upload),
            web.post(f"{_API}/media/{{id:\\d+}}", self._describe),
        ]

    def _refused(self, request: web.Request) -> web.Response | None:
        self.asked.append((request.method, request.path_qs))
        if self.refuse and request.method == "POST":
            status = self.refuse.pop(0)
            return _error(status, "scripted", f"Scripted {status}.")
        pair = f"{self._username}:{self._password}"
        wanted = f"Basic {base64.b64encode(pair.encode()).decode()}"
        if request.headers.get("Authorization") != wanted:
            return _error(401, "rest_not_logged_in", "You are not currently logged in.")
        return None

    async def _find_posts(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        words = request.query.get("search", "").casefold()
        status = request.query.get("status", "publish")
        found = [
            self._view(post, request)
            for post in self.posts.values()
            if status in ("any", post["status"])
            and post["status"] != "trash"
            and words in f"{post['title']} {post['excerpt']} {post['content']}".casefold()
        ]
        return web.json_response(found[: int(request.query.get("per_page", 10))])

    async def _create_post(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        given = await request.json()
        if problem := self._problem(given):
            return problem
        number = self._number()
        post = {"id": number, "status": "draft", "title": "", "content": "", "excerpt": "", "slug": ""}
        self.posts[number] = post
        self._take(post, given)
        if self.accept_in_silence > 0:
            self.accept_in_silence -= 1
            await asyncio.Event().wait()  # until whoever asked, or the server, gives up
        if self.accept_then_hang > 0:
            self.accept_then_hang -= 1
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(self._view(post, request), status=201)

    async def _get_post(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        post = self.posts.get(int(request.match_info["id"]))
        if post is None:
            return _error(404, "rest_post_invalid_id", "Invalid post ID.")
        return web.json_response(self._view(post, request))

    async def _change_post(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        post = self.posts.get(int(request.match_info["id"]))
        if post is None:
            return _error(404, "rest_post_invalid_id", "Invalid post ID.")
        given = await request.json()
        if problem := self._problem(given):
            return problem
        self._take(post, given)
        return web.json_response(self._view(post, request))

    def _problem(self, given: dict[str, Any]) -> web.Response | None:
        if given.get("status") not in (None, "publish", "draft", "pending", "private", "future"):
            return _error(400, "rest_invalid_param", "Invalid parameter(s): status")
        if any(not isinstance(tag, int) for tag in given.get("tags", [])):
            return _error(400, "rest_invalid_param", "Invalid parameter(s): tags")
        if given.get("featured_media", 0) and given["featured_media"] not in self.media:
            return _error(400, "rest_invalid_featured_media", "Invalid featured media ID.")
        return None

    def _take(self, post: dict[str, Any], given: dict[str, Any]) -> None:
        post.update({key: given[key] for key in given if key != "id"})
        slug = re.sub(r"[^\w-]+", "-", str(post["slug"] or post["title"]).lower()).strip("-")
        taken = {other["slug"] for other in self.posts.values() if other is not post}
        number, unique = 2, slug
        while unique in taken:
            unique, number = f"{slug}-{number}", number + 1
        post["slug"] = unique

    def _view(self, post: dict[str, Any], request: web.Request) -> dict[str, Any]:
        raw = request.query.get("context") == "edit" or request.method != "GET"
        texts = {
            name: {"rendered": post[name], **({"raw": post[name]} if raw else {})}
            for name in ("title", "content", "excerpt")
        }
        return {**post, **texts, "link": f"{request.url.origin()}/{post['slug']}/", "type": "post"}

    async def _find_tags(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        words = request.query.get("search", "").casefold()
        return web.json_response([t for t in self.tags.values() if words in t["name"].casefold()])

    async def _create_tag(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        name = escape(str((await request.json())["name"]), quote=False)
        for tag in self.tags.values():
            if tag["name"].casefold() == name.casefold():
                body = {
                    "code": "term_exists",
                    "message": "A term with the name provided already exists in this taxonomy.",
                    "data": {"status": 400, "term_id": tag["id"]},
                }
                return web.json_response(body, status=400)
        number = self._number()
        self.tags[number] = {"id": number, "name": name, "slug": re.sub(r"\W+", "-", name.lower())}
        return web.json_response(self.tags[number], status=201)

    async def _find_media(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        words = request.query.get("search", "")
        return web.json_response([m for m in self.media.values() if words in m["slug"]])

    async def _upload(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        named = re.search(r'filename="([^"]+)"', request.headers.get("Content-Disposition", ""))
        content = await request.read()
        if named is None or not content:
            return _error(400, "rest_upload_no_content_disposition", "No Content-Disposition supplied.")
        number = self._number()
        slug = named[1].rsplit(".", 1)[0]
        kind = request.headers.get("Content-Type", "")
        url = f"{request.url.origin()}/wp-content/uploads/{named[1]}"
        self.media[number] = {
            "id": number,
            "slug": slug,
            "mime_type": kind,
            "source_url": url,
            "alt_text": "",
        }
        return web.json_response(self.media[number], status=201)

    async def _describe(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        media = self.media[int(request.match_info["id"])]
        media.update(await request.json())
        return web.json_response(media)

    def _number(self) -> int:
        self._next += 1
        return self._next


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"code": code, "message": message, "data": {"status": status}}, status=status)
