"""Ghost by its Admin API, signed by an Admin API key.

The marker is an internal tag (`#scrivano-post-…`), which readers never see and by which posts are filtered. Formats and
routes are those of ghost.org/docs/admin-api.
"""

import base64
import binascii
import hashlib
import hmac
import re
import time
from typing import Any, cast
from urllib.parse import quote

import orjson

from scrivano.publishing.adapters.base import Known, Sent, Tools, create_once, marker_of, sent_to
from scrivano.publishing.dto import Article, CredentialsRefused, Picture, Planned, TargetRefused
from scrivano.publishing.html import to_html
from scrivano.publishing.wire import Answer, Upload, Wire, refuse

_API = "/ghost/api/admin"
_EXCERPT, _TITLE, _SLUG = 300, 255, 185
_MINUTES = 5 * 60


class Ghost:
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
        token = admin_token(self._tools.secret or "", int(time.time()))
        return {"Authorization": f"Ghost {token}", "Accept-Version": "v5.0"}

    async def publish(self, article: Article, known: Known) -> Sent:
        """See `Adapter.publish`."""
        there = await self._there(article, known)
        facts = dict(known.facts)
        post = await self._post(article, facts)
        if there is not None:
            return await self._update(post, there, known, facts)
        post["status"] = "published" if self._settings.visibility == "public" else "draft"

        async def create() -> dict[str, Any]:
            answer = await self._wire.write(
                "POST",
                f"{_API}/posts/?source=html",
                {"posts": [post]},
                summary="Create the post",
                stand_in={"posts": [{**post, "id": "the new post", "url": None}]},
            )
            return _only(answer, "The post")

        made, found = await create_once(self._tools, create, lambda: self._find(article))
        sent_to(self._tools)
        return _sent("found_again" if found else "created", made, facts)

    async def _update(
        self, post: dict[str, Any], there: dict[str, Any], known: Known, facts: dict[str, Any]
    ) -> Sent:
        # Ghost refuses a change made from an older state than its own.
        post["updated_at"] = there["updated_at"]
        if self._settings.visibility == "public":
            post["status"] = "published"
        answer = await self._wire.write(
            "PUT",
            f"{_API}/posts/{there['id']}/?source=html",
            {"posts": [post]},
            summary=f"Update the post {there['id']}",
            stand_in={"posts": [there]},
        )
        if answer.status == 409:
            raise TargetRefused(
                "Somebody is changing the post over there at this moment.", remedy="Publish again."
            )
        changed = _only(answer, "The post")
        sent_to(self._tools)
        return _sent("updated" if known.remote_id else "found_again", changed, facts)

    async def _there(self, article: Article, known: Known) -> dict[str, Any] | None:
        if known.remote_id is not None:
            answer = await self._wire.read(f"{_API}/posts/{quote(known.remote_id, safe='')}/")
            if answer.status == 200:
                return _only(answer, "The post")
            self.notes.append("The post that was there is gone; it is made anew.")
        return await self._find(article)

    async def _find(self, article: Article) -> dict[str, Any] | None:
        query = {"filter": f"tag:hash-{marker_of(article)}", "limit": "1"}
        answer = await self._wire.read(f"{_API}/posts/", query)
        if answer.status != 200:
            raise refuse(answer, "Looking for the post")
        posts = _posts(answer)
        return posts[0] if posts else None

    async def _post(self, article: Article, facts: dict[str, Any]) -> dict[str, Any]:
        tags = [{"name": name} for name in article.tags]
        post: dict[str, Any] = {
            "title": article.title[:_TITLE],
            "slug": article.slug[:_SLUG],
            "html": _with_card(to_html(article)),
            "tags": [*tags, {"name": f"#{marker_of(article)}"}],
        }
        if article.summary:
            post["custom_excerpt"] = _shortened(article.summary, _EXCERPT)
            post["meta_description"] = _shortened(article.summary, 500)
        if article.picture is not None:
            post["feature_image"] = await self._image(article.picture, facts)
            post["feature_image_alt"] = article.picture.alt[:125]
        return post

    async def _image(self, picture: Picture, facts: dict[str, Any]) -> str:
        """The address of the picture there. Ghost cannot be asked for it, so the record keeps it."""
        images = cast(dict[str, str], facts.get("images", {}))
        if picture.sha256 in images:
            return images[picture.sha256]
        name = f"scrivano-{picture.sha256[:16]}{picture.suffix}"
        form = {"purpose": "image", "ref": name}
        answer = await self._wire.write(
            "POST",
            f"{_API}/images/upload/",
            Upload(name, picture.media_type, picture.data, form),
            summary="Upload the picture",
            stand_in={"images": [{"url": "the address of the new picture"}]},
        )
        found = answer.table().get("images")
        if answer.status not in (200, 201) or not isinstance(found, list) or not found:
            raise refuse(answer, "The picture")
        url = str(cast(list[dict[str, Any]], found)[0]["url"])
        facts["images"] = {**images, picture.sha256: url}
        return url


def admin_token(key: str, now: int) -> str:
    """A JSON Web Token (HS256) for the Admin API, good for five minutes. `key` is `id:secret`, the secret in hex.

    Raises CredentialsRefused for a key of another form.
    """
    identity, _, secret = key.strip().partition(":")
    try:
        raw = binascii.unhexlify(secret)
    except (binascii.Error, ValueError):
        raw = b""
    if not identity or not raw:
        raise CredentialsRefused(
            "The Admin API key is not of the form id:secret.",
            field="secret",
            remedy="Copy it from Ghost's settings, under Integrations.",
        )
    head = _segment({"alg": "HS256", "typ": "JWT", "kid": identity})
    body = _segment({"iat": now, "exp": now + _MINUTES, "aud": "/admin/"})
    signature = hmac.new(raw, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{_encoded(signature)}"


def _segment(value: dict[str, Any]) -> str:
    return _encoded(orjson.dumps(value))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _with_card(html: str) -> str:
    """The list of sources as an HTML card, which Ghost keeps as it is."""
    return re.sub(
        r'(<hr class="footnotes-sep" />\s*)?(<section class="footnotes">.*?</section>)',
        lambda m: f"<!--kg-card-begin: html-->\n{m[2]}\n<!--kg-card-end: html-->",
        html,
        flags=re.S,
    )


def _shortened(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _posts(answer: Answer) -> list[dict[str, Any]]:
    found = answer.table().get("posts")
    return cast(list[dict[str, Any]], found) if isinstance(found, list) else []


def _only(answer: Answer, what: str) -> dict[str, Any]:
    posts = _posts(answer)
    if answer.status not in (200, 201) or not posts:
        raise refuse(answer, what)
    return posts[0]


def _sent(how: Any, post: dict[str, Any], facts: dict[str, Any]) -> Sent:
    return Sent(
        how, str(post.get("id", "")), post.get("url"), facts=facts, detail={"status": post.get("status")}
    )
