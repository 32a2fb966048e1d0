"""Markdown as clean HTML: nothing runs, nothing is fetched from where the writer did not say, every tag is closed."""

import re
from collections.abc import Sequence
from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from scrivano.publishing.dto import Article, Citation

_MARK = re.compile(r"\[\^(\d{1,6})\](?!:)")
_DEFINITION = re.compile(r"^\[\^[^\]\n]{1,80}\]:.*$", re.M)
_VOID = frozenset(("br", "hr", "img"))
_HIDDEN = frozenset(("script", "style", "iframe", "object", "template", "noscript", "svg", "math", "title"))
_BARE = (
    "p br hr h1 h2 h3 h4 h5 h6 blockquote ul em strong s del sub sup code pre figure figcaption li "
    "table thead tbody tr section div span"
)
_ALLOWED: dict[str, frozenset[str]] = {
    **dict.fromkeys(re.findall(r"\w+", _BARE), frozenset[str]()),
    "ol": frozenset(("start",)),
    "th": frozenset(("style",)),
    "td": frozenset(("style",)),
    "a": frozenset(("href", "title")),
    "img": frozenset(("src", "alt", "title")),
}
_PARTED = frozenset(re.findall(r"\w+", "p h1 h2 h3 h4 h5 h6 ul ol pre blockquote table hr"))
_EVERYWHERE = frozenset(("id", "class"))
_NAME = re.compile(r"[A-Za-z][\w:.-]{0,79}( [A-Za-z][\w:.-]{0,79})*")
_ALIGN = re.compile(r"text-align:(left|right|center)")


def markdown() -> MarkdownIt:
    """The Markdown that posts are written in: CommonMark with tables, strike-through and footnotes, no raw HTML."""
    options = {"html": False, "linkify": False, "typographer": False}
    parser = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    return parser.use(footnote_plugin, inline=False)


def cited(body: str) -> list[int]:
    """The numbers of the sources that a text points at, in order of first appearance."""
    return list(dict.fromkeys(int(number) for number in _MARK.findall(body)))


def with_notes(article: Article) -> str:
    """The body with a note for each source that it points at; marks that point at none are gone."""
    known = {citation.number: citation for citation in article.citations}
    body = _DEFINITION.sub("", article.body)
    body = _MARK.sub(lambda mark: mark[0] if int(mark[1]) in known else "", body).strip()
    notes = [_note(known[number]) for number in cited(body)]
    return "\n\n".join(filter(None, [body, "\n".join(notes)])) + "\n"


def _note(citation: Citation) -> str:
    title = re.sub(r"([\\\[\]`*_<>])", r"\\\1", " ".join(citation.title.split())) or citation.url
    day = f", {citation.published[:10]}" if citation.published else ""
    if not is_web_address(citation.url):
        return f"[^{citation.number}]: {title}{day}"
    return f"[^{citation.number}]: [{title}](<{_address(citation.url)}>){day}"


def _address(url: str) -> str:
    return "".join(c for c in url if c.isprintable() and c not in "<>\\ ")


def is_web_address(url: str) -> bool:
    """Whether this is a whole http or https address."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def to_html(article: Article) -> str:
    """The whole text as clean HTML, its sources at the end."""
    return sanitize(str(markdown().render(with_notes(article))))


def to_pieces(article: Article) -> list[tuple[Token, str]]:
    """The text's blocks, each with the token that opens it and its clean HTML."""
    parser = markdown()
    environment: dict[str, object] = {}
    tokens = parser.parse(with_notes(article), environment)
    pieces: list[tuple[Token, str]] = []
    begin, depth = 0, 0
    for index, token in enumerate(tokens):
        depth += token.nesting
        if depth == 0:
            group: Sequence[Token] = tokens[begin : index + 1]
            rendered = str(parser.renderer.render(group, parser.options, environment))
            pieces.append((tokens[begin], sanitize(rendered).strip()))
            begin = index + 1
    return pieces


def plain_text(html: str) -> str:
    """What a reader without HTML sees: paragraphs, list signs, addresses of links in brackets."""
    reader = _Plain()
    reader.feed(html)
    reader.close()
    text = "".join(reader.out)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip() + "\n"


def sanitize(html: str) -> str:
    """Only the tags and attributes that a text needs; scripts and styles go with their content."""
    cleaner = _Cleaner()
    cleaner.feed(html)
    cleaner.close()
    return "".join(cleaner.out)


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._open: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden.append(tag)
        if self._hidden or tag not in _ALLOWED:
            return
        kept = "".join(f' {name}="{escape(value)}"' for name, value in _attributes(tag, attrs))
        self.out.append(f"<{tag}{kept} />" if tag in _VOID else f"<{tag}{kept}>")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            return
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            if tag in self._hidden:
                while self._hidden.pop() != tag:
                    pass
            return
        if tag not in self._open:
            return
        while True:
            last = self._open.pop()
            self.out.append(f"</{last}>")
            if last == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.out.append(escape(data, quote=False))

    def close(self) -> None:
        super().close()
        self.out.extend(f"</{tag}>" for tag in reversed(self._open))
        self._open.clear()


def _attributes(tag: str, given: list[tuple[str, str | None]]) -> list[tuple[str, str]]:
    kept: list[tuple[str, str]] = []
    for name, raw in given:
        value = (raw or "").strip()
        if name in _EVERYWHERE and _NAME.fullmatch(value):
            kept.append((name, value))
        elif name not in _ALLOWED[tag]:
            continue
        elif name in ("href", "src"):
            if _safe(value, picture=name == "src"):
                kept.append((name, value))
        elif name == "style":
            if _ALIGN.fullmatch(value):
                kept.append((name, value))
        elif name == "start":
            if value.isdigit() and len(value) < 10:
                kept.append((name, value))
        else:
            kept.append((name, value))
    return kept


def _safe(url: str, *, picture: bool) -> bool:
    if any(c.isspace() or not c.isprintable() for c in url):
        return False
    if url.startswith("#") and not picture:
        return True
    if is_web_address(url):
        return True
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        return False
    return (scheme == "mailto" and not picture) or (not scheme and not url.startswith("//"))


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._links.append(dict(attrs).get("href") or "")
        elif tag in ("br", "tr"):
            self.out.append("\n")
        elif tag == "li":
            self.out.append("\n- ")
        elif tag in ("td", "th"):
            self.out.append(" | ")
        elif tag in _PARTED and not (self.out and self.out[-1].endswith("- ")):
            self.out.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            target = self._links.pop()
            if is_web_address(target):
                self.out.append(f" ({target})")
        elif tag in ("ul", "ol", "table"):
            self.out.append("\n\n")

    def handle_data(self, data: str) -> None:
        if data.strip() or not (self.out and self.out[-1].endswith("\n")):
            self.out.append(re.sub(r"\s+", " ", data))
