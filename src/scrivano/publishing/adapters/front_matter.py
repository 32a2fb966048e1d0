"""Files with front matter for site generators: Hugo, Jekyll, Astro.

The marker is a line of the front matter; a file that a person moved or renamed is found by it.
"""

import asyncio
import re
from typing import Any

import yaml

from scrivano.publishing.adapters.base import Known, Sent, Tools, sent_to
from scrivano.publishing.dto import Article, Picture, Planned
from scrivano.publishing.folder import Folder
from scrivano.publishing.html import with_notes

_MARKER = "scrivano_post"
_CONTENT = {"hugo": "content/posts", "jekyll": "_posts", "astro": "src/content/blog"}
_PICTURES = {"hugo": "static/images", "jekyll": "assets/images", "astro": "public/images"}
_PICTURE_URL = {"hugo": "/images", "jekyll": "/assets/images", "astro": "/images"}


class FrontMatter:
    """See `Adapter`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._kind = tools.target.kind
        self._settings = tools.target.settings
        self.notes: list[str] = []
        self._folder = Folder(tools.sites / (self._settings.folder or tools.target.name), dry=tools.dry)

    @property
    def planned(self) -> list[Planned]:
        """See `Adapter`."""
        return self._folder.planned

    async def publish(self, article: Article, known: Known) -> Sent:
        """See `Adapter.publish`."""
        return await asyncio.to_thread(self._publish, article, known)

    def _publish(self, article: Article, known: Known) -> Sent:
        there = self._there(article, known)
        path = self._path(article)
        if there and self._moved_by_person(there[0], known):
            path = there[0]
            self.notes.append(f"The file was moved to {path}, and stays there.")
        elif path not in there and self._folder.there(path):
            path = f"{path.removesuffix('.md')}-{article.marker[-6:]}.md"
        if article.picture is not None:
            name = f"{_PICTURES[self._kind]}/{_picture_name(article.picture)}"
            if not self._folder.there(name):
                self._folder.write(name, article.picture.data, "Put the picture there")
        self._folder.write(path, self._text(article).encode(), "Write the page")
        sent_to(self._tools)
        for other in there:
            if other != path:
                self._folder.remove(other, "Take the page away from where it was")
        how = "created" if not there else "updated" if known.remote_id else "found_again"
        return Sent(how, path, self._url(article), facts={"path": path})

    def _there(self, article: Article, known: Known) -> list[str]:
        line = f"{_MARKER}: {article.marker}"
        return self._folder.search(_CONTENT[self._kind], line)

    def _moved_by_person(self, there: str, known: Known) -> bool:
        return known.remote_id is not None and known.remote_id != there

    def _path(self, article: Article) -> str:
        day = f"{article.date:%Y-%m-%d}-" if self._kind == "jekyll" else ""
        return f"{_CONTENT[self._kind]}/{day}{article.slug}.md"

    def _url(self, article: Article) -> str | None:
        base = self._settings.url.rstrip("/")
        if not base:
            return None
        if self._kind == "jekyll":
            return f"{base}/{article.date:%Y/%m/%d}/{article.slug}.html"
        return f"{base}/{'posts' if self._kind == 'hugo' else 'blog'}/{article.slug}/"

    def _text(self, article: Article) -> str:
        head = {**self._head(article), _MARKER: article.marker}
        front = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=10_000)
        return f"---\n{front}---\n\n{inert(with_notes(article), self._kind)}"

    def _head(self, article: Article) -> dict[str, Any]:
        author = article.author or self._settings.author
        draft = self._settings.visibility == "draft"
        image = f"{_PICTURE_URL[self._kind]}/{_picture_name(article.picture)}" if article.picture else None
        day, changed = article.date.isoformat(), article.updated.isoformat()
        if self._kind == "hugo":
            head: dict[str, Any] = {"title": article.title, "date": day, "lastmod": changed, "draft": draft}
            head |= {"slug": article.slug, "description": article.summary, "tags": list(article.tags)}
            head |= {"authors": [author] if author else None, "images": [image] if image else None}
        elif self._kind == "jekyll":
            head = {"layout": "post", "title": article.title, "date": day, "last_modified_at": changed}
            head |= {"description": article.summary, "tags": list(article.tags), "author": author}
            head |= {"image": image, "published": not draft, "lang": article.language}
        else:
            head = {"title": article.title, "description": article.summary, "pubDate": day}
            head |= {"updatedDate": changed, "heroImage": image, "tags": list(article.tags)}
            head |= {"author": author, "draft": draft, "lang": article.language}
        return {name: value for name, value in head.items() if value not in (None, "", [])}


def _picture_name(picture: Picture) -> str:
    return f"scrivano-{picture.sha256[:16]}{picture.suffix}"


def inert(body: str, kind: str) -> str:
    """The body with nothing in it that the generator would carry out: a text may come from anywhere."""
    if kind == "hugo":
        # Hugo's own way to show a short code instead of running it; what is not closed is taken apart.
        body = re.sub(r"\{\{([<%])(?!/\*)(.*?)([>%])\}\}", r"{{\1/*\2*/\3}}", body, flags=re.S)
        return re.sub(r"\{\{([<%])(?!/\*)", r"{\\{\1", body)
    if kind == "jekyll" and re.search(r"\{\{|\{%", body):
        return "{% raw %}\n" + re.sub(r"\{%-?\s*endraw\s*-?%\}", "{ % endraw % }", body) + "{% endraw %}\n"
    return body
