"""An Atom feed (RFC 4287): served by Scrivano, and written as a file beside the site."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5
from xml.etree import ElementTree

from scrivano.publishing.adapters.base import Entry, Known, Sent, Tools, sent_to
from scrivano.publishing.dto import Article, Planned, TargetView
from scrivano.publishing.folder import Folder
from scrivano.publishing.html import to_html

_ATOM = "http://www.w3.org/2005/Atom"


class Atom:
    """See `Adapter`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._target = tools.target
        self.notes: list[str] = []
        folder = tools.sites / (tools.target.settings.folder or tools.target.name)
        self._folder = Folder(folder, dry=tools.dry)

    @property
    def planned(self) -> list[Planned]:
        """See `Adapter`."""
        return self._folder.planned

    async def publish(self, article: Article, known: Known) -> Sent:
        """See `Adapter.publish`."""
        entry = entry_of(article, self._target)
        others = [e for e in await self._tools.entries() if e.marker != article.marker]
        newest = sorted([*others, Entry(article.marker, entry)], key=lambda e: e.fields["date"], reverse=True)
        content = feed(self._target, newest[: self._target.settings.entries])
        await asyncio.to_thread(self._folder.write, "feed.xml", content, "Write the feed")
        sent_to(self._tools)
        how = "updated" if known.remote_id else "created"
        return Sent(how, entry["id"], entry["url"], entry=entry)


def entry_of(article: Article, target: TargetView) -> dict[str, Any]:
    """What the feed keeps of a text."""
    base = target.settings.url.rstrip("/")
    return {
        "id": f"urn:uuid:{_uuid(article.marker)}",
        "title": article.title,
        "url": f"{base}/{article.slug}/" if base else None,
        "date": article.date.astimezone(UTC).isoformat(),
        "updated": article.updated.astimezone(UTC).isoformat(),
        "author": article.author or target.settings.author,
        "summary": article.summary,
        "tags": list(article.tags),
        "language": article.language,
        "html": to_html(article),
    }


def _uuid(marker: str) -> UUID:
    try:
        return UUID(marker)
    except ValueError:
        return uuid5(NAMESPACE_URL, marker)


def feed(target: TargetView, entries: list[Entry]) -> bytes:
    """The document. Its time is that of the newest change, so that equal feeds are equal bytes."""
    ElementTree.register_namespace("", _ATOM)
    root = ElementTree.Element(f"{{{_ATOM}}}feed")
    settings = target.settings
    updated = max((e.fields["updated"] for e in entries), default=target.created_at.isoformat())
    _add(root, "id", f"urn:uuid:{target.id}")
    _add(root, "title", settings.title or target.name)
    _add(root, "updated", _moment(updated))
    _add(_add(root, "author"), "name", settings.author or settings.title or target.name)
    _add(root, "generator", "Scrivano")
    if settings.url:
        _add(root, "link", href=settings.url.rstrip("/") + "/", rel="alternate")
    for entry in entries:
        _entry(root, entry.fields)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _entry(root: ElementTree.Element, fields: dict[str, Any]) -> None:
    element = _add(root, "entry")
    _add(element, "id", fields["id"])
    _add(element, "title", fields["title"])
    _add(element, "published", _moment(fields["date"]))
    _add(element, "updated", _moment(fields["updated"]))
    if fields["author"]:
        _add(_add(element, "author"), "name", fields["author"])
    if fields["url"]:
        _add(element, "link", href=fields["url"], rel="alternate")
    for tag in fields["tags"]:
        _add(element, "category", term=tag)
    if fields["summary"]:
        _add(element, "summary", fields["summary"])
    content = _add(element, "content", fields["html"], type="html")
    content.set("{http://www.w3.org/XML/1998/namespace}lang", fields["language"])


def _add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
    clean = {key: _legal(value) for key, value in attributes.items()}
    element = ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}", clean)
    if text:
        element.text = _legal(text)
    return element


def _legal(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
