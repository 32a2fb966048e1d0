"""Markdown → blocks. HTML is text, nesting is bounded, links are checked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from scrivano.books.files.clean import clean_line, clean_text
from scrivano.books.files.languages import Language
from scrivano.books.files.model import (
    Block,
    Code,
    Figure,
    Heading,
    Inline,
    InlineImage,
    LineBreak,
    ListBlock,
    NoteRef,
    Paragraph,
    Quote,
    SceneBreak,
    Style,
    Table,
    Text,
    plain,
)

_DEEPEST = 6
"""Quotes and lists nested deeper than this continue at this depth: no page can show more."""

_STYLES = {"em_open": Style.EMPHASIS, "strong_open": Style.STRONG, "s_open": Style.STRUCK}


@dataclass(frozen=True, slots=True)
class Parsed:
    """The blocks of a text and its footnotes, in the order of their first mention."""

    blocks: tuple[Block, ...]
    notes: tuple[tuple[Block, ...], ...] = ()


@dataclass(slots=True)
class MarkdownReader:
    """Reads Markdown. `curly` turns straight quotation marks into those of the language."""

    language: Language
    curly: bool = True
    _parser: MarkdownIt = field(init=False)

    def __post_init__(self) -> None:
        options = {
            "html": False,
            "typographer": self.curly,
            "quotes": self.language.quotes,
            "maxNesting": 100,
        }
        parser = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
        if self.curly:
            parser.enable("smartquotes")
        self._parser = parser.use(footnote_plugin)

    def blocks(self, markdown: str) -> Parsed:
        """Read a whole text."""
        tokens = self._parser.parse(clean_text(markdown), {})
        return _Walker(self.language).document(tokens)

    def line(self, markdown: str) -> tuple[Inline, ...]:
        """Read one paragraph of inline Markdown, such as an entry of a bibliography."""
        tokens = self._parser.parseInline(clean_line(markdown), {})
        return _Walker(self.language).inlines(tokens[0].children or [])


class _Walker:
    """Walks the tokens of one text."""

    def __init__(self, language: Language) -> None:
        self._joint = "" if language.joins_lines else " "
        self._seen: dict[int, int] = {}
        self._in_note = False
        self._carried: list[Inline] = []

    def document(self, tokens: Sequence[Token]) -> Parsed:
        cut = next((i for i, t in enumerate(tokens) if t.type == "footnote_block_open"), len(tokens))
        blocks = self._blocks(_Cursor(tokens[:cut]), 0)
        self._in_note = True
        notes: dict[int, tuple[Block, ...]] = {}
        cursor = _Cursor(tokens[cut:])
        for token in cursor:
            if token.type == "footnote_open":
                inside = cursor.until("footnote_close")
                notes[int(token.meta["id"])] = self._blocks(_Cursor(inside), 1)
        # The plugin numbers notes by first mention in the text, so ids are 0, 1, 2 … without a gap.
        return Parsed(blocks, tuple(notes.get(i, ()) for i in range(max(notes, default=-1) + 1)))

    def _blocks(self, cursor: "_Cursor", depth: int) -> tuple[Block, ...]:
        found: list[Block] = []
        for token in cursor:
            found.extend(self._block(token, cursor, depth))
        if self._carried and depth == 0:
            found.append(Paragraph(self._take_carried(())))
        return tuple(found)

    def _block(self, token: Token, cursor: "_Cursor", depth: int) -> Iterator[Block]:
        match token.type:
            case "heading_open":
                yield from self._heading(int(token.tag[1:]), cursor.until("heading_close"))
            case "paragraph_open":
                yield from self._paragraph(cursor.until("paragraph_close"))
            case "inline":
                yield from self._paragraph([token])
            case "blockquote_open":
                inside = self._blocks(_Cursor(cursor.until("blockquote_close")), depth + 1)
                if depth >= _DEEPEST:
                    yield from inside
                elif inside:
                    yield Quote(inside)
            case "bullet_list_open" | "ordered_list_open":
                yield from self._list(token, cursor, depth)
            case "fence" | "code_block":
                info = token.info.split()
                yield Code(token.content.removesuffix("\n"), info[0] if info else "")
            case "table_open":
                yield self._table(cursor.until("table_close"))
            case "hr":
                yield SceneBreak()
            case _:
                pass

    def _heading(self, level: int, tokens: Sequence[Token]) -> Iterator[Block]:
        inlines = self.inlines(_children(tokens))
        # A note in a heading would show up in contents and running heads: it moves to the next paragraph.
        self._carried.extend(n for n in inlines if isinstance(n, NoteRef))
        kept = tuple(n if not isinstance(n, LineBreak) else Text(" ") for n in inlines)
        kept = tuple(n for n in kept if not isinstance(n, NoteRef | InlineImage))
        if kept and isinstance(kept[-1], Text):
            kept = (*kept[:-1], replace(kept[-1], text=kept[-1].text.rstrip()))
        if plain(kept).strip():
            yield Heading(level, kept, "")

    def _paragraph(self, tokens: Sequence[Token]) -> Iterator[Block]:
        inlines = self._take_carried(self.inlines(_children(tokens)))
        shown = [n for n in inlines if not (isinstance(n, Text) and not n.text.strip())]
        if len(shown) == 1 and isinstance(shown[0], InlineImage):
            caption = next(t.attrs.get("title", "") for t in _children(tokens) if t.type == "image")
            yield Figure(shown[0].key, shown[0].alt, clean_line(str(caption)))
        elif shown:
            yield Paragraph(inlines)

    def _take_carried(self, inlines: tuple[Inline, ...]) -> tuple[Inline, ...]:
        carried, self._carried = tuple(self._carried), []
        return inlines + carried

    def _list(self, opening: Token, cursor: "_Cursor", depth: int) -> Iterator[Block]:
        inside = _Cursor(cursor.until(opening.type.replace("open", "close")))
        items: list[tuple[Block, ...]] = []
        tight = True
        for token in inside:
            if token.type == "list_item_open":
                content = inside.until("list_item_close")
                tight = tight and not any(
                    t.type == "paragraph_open" and not t.hidden and t.level == token.level + 1
                    for t in content
                )
                items.append(self._blocks(_Cursor(content), depth + 1))
        if depth >= _DEEPEST:
            for item in items:
                yield from item
            return
        ordered = opening.type == "ordered_list_open"
        yield ListBlock(int(opening.attrs.get("start", 1)) if ordered else None, tight, tuple(items))

    def _table(self, tokens: Sequence[Token]) -> Table:
        rows: list[tuple[tuple[Inline, ...], ...]] = []
        aligns: list[str] = []
        row: list[tuple[Inline, ...]] = []
        for token in tokens:
            if token.type in ("th_open", "td_open") and not rows:
                aligns.append(str(token.attrs.get("style", "")).partition(":")[2])
            elif token.type == "inline":
                row.append(self.inlines(token.children or []))
            elif token.type == "tr_close":
                rows.append(tuple(row))
                row = []
        return Table(tuple(aligns), rows[0], tuple(rows[1:]))

    def inlines(self, tokens: Sequence[Token]) -> tuple[Inline, ...]:
        """Flatten nested inline tokens into runs; neighbours of the same look are joined."""
        out: list[Inline] = []
        counts = dict.fromkeys(_STYLES.values(), 0)
        links: list[str | None] = []
        for token in tokens:
            if token.type in _STYLES:
                counts[_STYLES[token.type]] += 1
            elif token.type.replace("close", "open") in _STYLES:
                counts[_STYLES[token.type.replace("close", "open")]] -= 1
            elif token.type == "link_open":
                links.append(safe_link(str(token.attrs.get("href", ""))))
            elif token.type == "link_close":
                links.pop()
            else:
                style = Style.PLAIN
                for flag, count in counts.items():
                    style |= flag if count > 0 else Style.PLAIN
                _append(out, self._leaf(token, style, links[-1] if links else None))
        return tuple(out)

    def _leaf(self, token: Token, style: Style, link: str | None) -> Inline:
        match token.type:
            case "softbreak":
                return Text(self._joint, style, link)
            case "hardbreak":
                return LineBreak()
            case "code_inline":
                return Text(token.content, style | Style.CODE, link)
            case "image":
                alt = clean_line("".join(t.content for t in token.children or [] if t.content))
                return InlineImage(clean_text(unquote(str(token.attrs.get("src", "")))), alt)
            case "footnote_ref":
                return self._note_ref(token, style)
            case _:
                # Entities such as &#7; become characters only while parsing.
                return Text(clean_text(token.content), style, link)

    def _note_ref(self, token: Token, style: Style) -> Inline:
        number = int(token.meta["id"])
        if self._in_note:
            # A note within a note (or within itself) cannot be set: its mark stays as text.
            return Text(f"[^{token.meta.get('label', number + 1)}]", style)
        self._seen[number] = self._seen.get(number, 0) + 1
        return NoteRef(number + 1, self._seen[number])


def _append(out: list[Inline], node: Inline) -> None:
    if isinstance(node, Text):
        if not node.text:
            return
        last = out[-1] if out else None
        if isinstance(last, Text) and last.style == node.style and last.link == node.link:
            out[-1] = replace(last, text=last.text + node.text)
            return
    out.append(node)


def _children(tokens: Sequence[Token]) -> list[Token]:
    return [child for token in tokens if token.type == "inline" for child in token.children or []]


class _Cursor:
    """Goes through tokens once; `until` takes everything up to the matching closing token."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def __iter__(self) -> Iterator[Token]:
        while self._at < len(self._tokens):
            self._at += 1
            yield self._tokens[self._at - 1]

    def until(self, closing: str) -> Sequence[Token]:
        opening = closing.replace("close", "open")
        depth = 1
        start = self._at
        while self._at < len(self._tokens):
            kind = self._tokens[self._at].type
            depth += (kind == opening) - (kind == closing)
            self._at += 1
            if depth == 0:
                return self._tokens[start : self._at - 1]
        return self._tokens[start:]


def safe_link(address: str) -> str | None:
    """`address` if a reader may follow it (http, https, mailto, `#heading`), else None."""
    address = clean_line(address)
    if address.startswith("#"):
        return address if len(address) > 1 else None
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        valid = parts.scheme in ("http", "https") and host and parts.port != 0
    except ValueError:
        return None
    if valid and not any(c in host for c in "%|<>^`{}\\\"' _") and len(address) <= 2000:
        return address
    if parts.scheme == "mailto" and "@" in parts.path and not any(c in address for c in '<>"\\^`{}|'):
        return address
    return None
