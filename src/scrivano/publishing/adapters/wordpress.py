"""WordPress by its REST API (`/wp-json/wp/v2`), signed in with an application password.

The marker is a comment in the text, which WordPress keeps and searches. Formats and routes are those of
developer.wordpress.org/rest-api/reference.
"""

import base64
import re
from html import escape, unescape
from typing import Any

from scrivano.publishing.adapters.base import Known, Sent, Tools, create_once, marker_of, sent_to
from scrivano.publishing.dto import Article, Picture, Planned
from scrivano.publishing.html import to_html, to_pieces
from scrivano.publishing.wire import Upload, Wire, refuse

_API = "/wp-json/wp/v2"
_BLOCKS = {
    "paragraph_open": ("paragraph", ""),
    "blockquote_open": ("quote", '<blockquote class="wp-block-quote">'),
    "fence": ("code", '<pre class="wp-block-code">'),
    "code_block": ("code", '<pre class="wp-block-code">'),
    "hr": ("separator", '<hr class="wp-block-separator has-alpha-channel-opacity"/>'),
}


class WordPress:
    """See `Adapter`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._settings = tools.target.settings
        self.notes: list[str] = []
        self._wire = Wire(
            tools.outbound, self._settings.url, self._signed, dry=tools.dry, patience=tools.patience
        )

    @property
    def planned(self) -> list[Planned]:
        """See `Adapter`."""
        return self._wire.planned

    def _signed(self) -> dict[str, str]:
        pair = f"{self._settings.username}:{self._tools.secret or ''}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    async def publish(self, article: Article, known: Known) -> Sent:
        """See `Adapter.publish`."""
        there = await self._there(article, known)
        content = await self._content(article)
        if there is not None:
            return await self._update(article, content, there, known)
        content["status"] = "publish" if self._settings.visibility == "public" else "draft"

        async def create() -> dict[str, Any]:
            stand_in = {"id": 0, "link": None, "status": content["status"]}
            answer = await self._wire.write(
                "POST", f"{_API}/posts", content, summary="Create the post", stand_in=stand_in
            )
            if answer.status not in (200, 201):
                raise refuse(answer, "The post")
            return answer.table()

        post, found = await create_once(self._tools, create, lambda: self._find(article))
        sent_to(self._tools)
        return _sent("found_again" if found else "created", post)

    async def _update(
        self, article: Article, content: dict[str, Any], there: dict[str, Any], known: Known
    ) -> Sent:
        # One that a person published over there is not taken back to a draft.
        if self._settings.visibility == "public":
            content["status"] = "publish"
        answer = await self._wire.write(
            "POST",
            f"{_API}/posts/{there['id']}",
            content,
            summary=f"Update the post {there['id']}",
            stand_in=there,
        )
        if answer.status != 200:
            raise refuse(answer, "The post")
        sent_to(self._tools)
        return _sent("updated" if known.remote_id else "found_again", answer.table())

    async def _there(self, article: Article, known: Known) -> dict[str, Any] | None:
        if known.remote_id is not None:
            answer = await self._wire.read(f"{_API}/posts/{known.remote_id}", {"context": "edit"})
            if answer.status == 200 and answer.table().get("status") != "trash":
                return answer.table()
            self.notes.append("The post that was there is gone; it is made anew.")
        return await self._find(article)

    async def _find(self, article: Article) -> dict[str, Any] | None:
        marker = marker_of(article)
        query = {"search": marker, "status": "any", "context": "edit", "per_page": 20}
        answer = await self._wire.read(f"{_API}/posts", query)
        if answer.status != 200:
            raise refuse(answer, "Looking for the post")
        for post in answer.rows():
            content = post.get("content")
            raw = str(content.get("raw", "")) if isinstance(content, dict) else ""  # pyright: ignore
            if f"<!-- {marker} -->" in raw:
                return post
        return None

    async def _content(self, article: Article) -> dict[str, Any]:
        body = to_html(article) if self._settings.markup == "html" else blocks(article)
        content: dict[str, Any] = {
            "title": article.title,
            "slug": article.slug,
            "content": f"{body.strip()}\n\n<!-- {marker_of(article)} -->",
            "excerpt": escape(article.summary, quote=False),
            "tags": [await self._tag(name) for name in article.tags],
        }
        if self._settings.categories:
            content["categories"] = self._settings.categories
        if article.picture is not None:
            content["featured_media"] = await self._media(article.picture)
        return content

    async def _tag(self, name: str) -> Any:
        answer = await self._wire.read(f"{_API}/tags", {"search": name, "per_page": 100})
        for tag in answer.rows():
            if unescape(str(tag.get("name", ""))).casefold() == name.casefold():
                return tag["id"]
        made = await self._wire.write(
            "POST",
            f"{_API}/tags",
            {"name": name},
            summary=f"Make the tag {name}",
            stand_in={"id": f"the new tag {name}"},
        )
        body = made.table()
        if made.status == 400 and body.get("code") == "term_exists":
            return body["data"]["term_id"]
        if made.status not in (200, 201):
            raise refuse(made, f"The tag {name}")
        return body["id"]

    async def _media(self, picture: Picture) -> Any:
        name = f"scrivano-{picture.sha256[:16]}"

        async def find() -> Any:
            answer = await self._wire.read(
                f"{_API}/media", {"search": name, "context": "edit", "per_page": 20}
            )
            return next((m["id"] for m in answer.rows() if str(m.get("slug", "")).startswith(name)), None)

        async def upload() -> Any:
            made = await self._wire.write(
                "POST",
                f"{_API}/media",
                Upload(name + picture.suffix, picture.media_type, picture.data),
                summary="Upload the picture",
                stand_in={"id": "the new picture"},
            )
            if made.status not in (200, 201):
                raise refuse(made, "The picture")
            return made.table()["id"]

        there = await find()
        if there is not None:
            return there
        number, _ = await create_once(self._tools, upload, find)
        if picture.alt:
            await self._wire.write(
                "POST",
                f"{_API}/media/{number}",
                {"alt_text": picture.alt},
                summary="Describe the picture",
                stand_in={},
            )
        return number


def _sent(how: Any, post: dict[str, Any]) -> Sent:
    return Sent(how, str(post.get("id", "")), post.get("link"), detail={"status": post.get("status")})


def blocks(article: Article) -> str:
    """The text in the markup of WordPress's block editor."""
    return "\n\n".join(_block(token.type, token.tag, html) for token, html in to_pieces(article) if html)


def _block(kind: str, tag: str, html: str) -> str:
    if kind == "heading_open":
        level = int(tag[1:])
        attributes = "" if level == 2 else f' {{"level":{level}}}'
        html = html.replace(f"<{tag}>", f'<{tag} class="wp-block-heading">', 1)
        return f"<!-- wp:heading{attributes} -->\n{html}\n<!-- /wp:heading -->"
    if kind in ("bullet_list_open", "ordered_list_open"):
        return _list(html)
    if kind == "table_open":
        table = html.replace("<table>", '<figure class="wp-block-table"><table class="has-fixed-layout">', 1)
        return f"<!-- wp:table -->\n{table}</figure>\n<!-- /wp:table -->"
    name, opening = _BLOCKS.get(kind, ("html", ""))
    if opening:
        html = re.sub(r"^<[a-z]+[^>]*>", lambda _: opening, html, count=1)
    return f"<!-- wp:{name} -->\n{html}\n<!-- /wp:{name} -->"


def _list(html: str) -> str:
    """Lists and their items are blocks of their own, nested ones too."""
    html = re.sub(r"<ul>", '<!-- wp:list -->\n<ul class="wp-block-list">', html)
    html = re.sub(
        r"<ol([^>]*)>",
        lambda m: f'<!-- wp:list {{"ordered":true}} -->\n<ol{m[1]} class="wp-block-list">',
        html,
    )
    html = re.sub(r"</(ul|ol)>", r"</\1>\n<!-- /wp:list -->", html)
    html = re.sub(r"<li>\s*(?:<p>)?", "<!-- wp:list-item -->\n<li>", html)
    html = re.sub(r"</p>\s*</li>", "</li>", html)
    return html.replace("</li>", "</li>\n<!-- /wp:list-item -->")
