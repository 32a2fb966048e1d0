"""Blocks → Markdown that reads back as the same blocks."""

import itertools
import re
from collections.abc import Callable, Iterable

from scrivano.books.files.model import (
    Block,
    Code,
    Figure,
    Heading,
    IndexMark,
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
)

_SPECIAL = re.compile(
    r"[\\`*\[\]|]|(?<![^\W_])_|_(?![^\W_])|<(?=[A-Za-z/!?])|&(?=#?\w+;)|~(?=~)|(?<=~)~|(?<=^)~"
)
_LINE_START = re.compile(r"^(\s*)([=>#:~]|[-+](?=[-\s]|$)|\d{1,9}(?=[.)](?:\s|$)))")
_CLOSING = re.compile(r"(^|\s)(#+\s*)$")
_DELIMITERS = {Style.STRONG: "**", Style.EMPHASIS: "*", Style.STRUCK: "~~"}
_SAFE_DELIMITERS = {Style.STRONG: "**", Style.EMPHASIS: "_", Style.STRUCK: "~~"}


class MarkdownBlocks:
    """Writes blocks as lines.

    `note_label` makes the label of a note; `image_label` that of an image with its caption; `same` says
    whether a written paragraph reads back as it should, so that rare emphasis gets a safer form.
    """

    def __init__(
        self,
        note_label: Callable[[int], str],
        image_label: Callable[[str, str], str],
        same: Callable[[str, tuple[Inline, ...]], bool],
    ) -> None:
        self._note_label = note_label
        self._image_label = image_label
        self._same = same

    def lines(self, blocks: tuple[Block, ...], *, tight: bool = False) -> list[str]:
        """The lines of `blocks`, with an empty line between them unless `tight`."""
        out: list[str] = []
        previous: Block | None = None
        flipped = False
        for block in blocks:
            if out and not tight:
                out.append("")
            # Two lists of one kind in a row would read as one: the second takes other markers.
            flipped = _same_kind(previous, block) and not flipped
            out.extend(self._block(block, flipped))
            previous = block
        return out

    def _block(self, block: Block, flipped: bool) -> list[str]:
        match block:
            case Paragraph():
                return self.line(block.inlines).split("\n")
            case Heading():
                return [f"{'#' * block.level} {heading_text(self.line(block.inlines))}"]
            case Quote():
                return [f"> {line}".rstrip() for line in self.lines(block.blocks)]
            case ListBlock():
                return self._list(block, flipped)
            case Code():
                longest = max((len(run) for run in re.findall("`+", block.text)), default=0)
                fence = "`" * max(3, longest + 1)
                return [f"{fence}{block.language.replace('`', '')}", *block.text.split("\n"), fence]
            case Table():
                return self._table(block)
            case Figure():
                return [f"![{_escape(block.alt)}][{self._image_label(block.key, block.caption)}]"]
            case SceneBreak():
                return ["___"]

    def _list(self, block: ListBlock, flipped: bool) -> list[str]:
        out: list[str] = []
        for at, item in enumerate(block.items):
            if block.start is None:
                marker = "*" if flipped else "-"
            else:
                marker = f"{(block.start + at) % 1_000_000_000}{')' if flipped else '.'}"
            if out and not block.tight:
                out.append("")
            content = self.lines(item, tight=block.tight) or [""]
            margin = " " * (len(marker) + 1)
            out.append(f"{marker} {content[0]}".rstrip())
            out.extend(f"{margin}{line}".rstrip() for line in content[1:])
        return out

    def _table(self, block: Table) -> list[str]:
        rule = {"left": ":---", "right": "---:", "center": ":---:"}
        rows = [self._row(block.header), f"| {' | '.join(rule.get(a, '---') for a in block.aligns)} |"]
        return rows + [self._row(row) for row in block.rows]

    def _row(self, cells: tuple[tuple[Inline, ...], ...]) -> str:
        return f"| {' | '.join(self.line(cell, cell=True) for cell in cells)} |"

    def line(self, inlines: tuple[Inline, ...], *, cell: bool = False) -> str:
        """One paragraph; forced breaks become a backslash and a line end."""
        inlines = tuple(n for n in inlines if not isinstance(n, IndexMark))
        written = self._write(inlines, _DELIMITERS, careful=False, cell=cell)
        if any(isinstance(n, Text) and n.style for n in inlines) and not self._same(written, inlines):
            written = self._write(inlines, _SAFE_DELIMITERS, careful=True, cell=cell)
        return written

    def _write(
        self, inlines: tuple[Inline, ...], delimiters: dict[Style, str], *, careful: bool, cell: bool
    ) -> str:
        out = _Line(delimiters, careful)
        for at, node in enumerate(inlines):
            match node:
                case Text():
                    out.styled(node, cell, _lasting(inlines[at:], delimiters))
                case LineBreak():
                    out.close_all()
                    out.raw("\\\n")
                case NoteRef():
                    out.raw(f"[^{self._note_label(node.number)}]")
                case InlineImage():
                    out.raw(f"![{_escape(node.alt)}][{self._image_label(node.key, '')}]")
                case IndexMark():
                    pass
        text = out.finish()
        return text if cell else "\n".join(_protect_start(line) for line in text.split("\n"))


def _lasting(following: tuple[Inline, ...], flags: Iterable[Style]) -> list[Style]:
    """Emphases by how many of the `following` runs they span, longest first: that one must open first."""

    def span(flag: Style) -> int:
        runs = (n for n in following if isinstance(n, Text))
        return sum(1 for _ in itertools.takewhile(lambda n: flag in n.style, runs))

    return sorted(flags, key=span, reverse=True)


class _Line:
    """Opens and closes emphasis around runs; blanks at the edge of a run stand outside its marks."""

    def __init__(self, delimiters: dict[Style, str], careful: bool) -> None:
        self._out = ""
        self._delimiters = delimiters
        self._careful = careful
        self._open: list[Style] = []
        self._link: str | None = None

    def raw(self, text: str) -> None:
        self._out += text

    def styled(self, node: Text, cell: bool, lasting: list[Style]) -> None:
        """Append a run; `lasting` are the emphases in the order of their nesting, outermost first."""
        if node.link != self._link:
            self.close_all()
            if node.link is not None:
                self._out += "["
            self._link = node.link
        wanted = [flag for flag in lasting if flag in node.style]
        if Style.CODE in node.style:
            self._switch(wanted)
            self._out += _code_span(node.text, cell)
            return
        core = node.text.strip()
        if not core:
            self._out += node.text
            return
        lead = node.text[: len(node.text) - len(node.text.lstrip())]
        tail = node.text[len(node.text.rstrip()) :]
        text = _escape(core)
        if lead:
            self._switch([f for f in self._open if f in wanted])
            self._out += lead
        closed = self._switch(wanted)
        if self._careful and closed and text[:1].isalnum():
            text = f"&#{ord(text[0])};{text[1:]}"
        self._out += text
        self._out += tail

    def _switch(self, wanted: list[Style]) -> bool:
        """Close what is no longer wanted, open what is new; whether something was closed right here."""
        keep = 0
        while keep < len(self._open) and self._open[keep] in wanted:
            keep += 1
        closing = self._open[keep:]
        for flag in reversed(closing):
            self._close(flag)
        self._open = self._open[:keep]
        opening = [flag for flag in wanted if flag not in self._open]
        if opening and self._careful and self._out[-1:].isalnum():
            self._out = f"{self._out[:-1]}&#{ord(self._out[-1])};"
        for flag in opening:
            self._out += self._delimiters[flag]
            self._open.append(flag)
        return bool(closing)

    def _close(self, flag: Style) -> None:
        body = self._out.rstrip()
        self._out = body + self._delimiters[flag] + self._out[len(body) :]

    def close_all(self) -> None:
        self._switch([])
        if self._link is not None:
            address = self._link
            self._out += f"](<{address}>)" if re.search(r"[()\s]", address) else f"]({address})"
            self._link = None

    def finish(self) -> str:
        self.close_all()
        return self._out


def _escape(text: str) -> str:
    return _SPECIAL.sub(lambda m: "\\" + m[0], text)


def _protect_start(line: str) -> str:
    """Keep a line from beginning a list, heading, quotation or rule."""
    match = _LINE_START.match(line)
    if match is None:
        return line
    if match[2][0].isdigit():
        return f"{match[1]}{match[2]}\\{line[match.end() :]}"
    if match[2] == "~" and not line.lstrip().startswith("~~~"):
        return line
    return f"{match[1]}\\{line[len(match[1]) :]}"


def _code_span(text: str, cell: bool) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    ticks = "`" * (longest + 1)
    pad = (
        " "
        if text.startswith("`")
        or text.endswith("`")
        or (text.startswith(" ") and text.endswith(" ") and text.strip())
        else ""
    )
    return ticks + pad + (text.replace("|", "\\|") if cell else text) + pad + ticks


def _same_kind(previous: Block | None, block: Block) -> bool:
    return (
        isinstance(previous, ListBlock)
        and isinstance(block, ListBlock)
        and (previous.start is None) == (block.start is None)
    )


def plain_line(text: str) -> str:
    """Plain text as one Markdown paragraph."""
    return _protect_start(_escape(text))


def heading_text(line: str) -> str:
    """A written line as the text of a heading: number signs at its end would be read as the closing sequence
    (CommonMark 0.31.2, section 4.2), unless the first is escaped."""
    return _CLOSING.sub(r"\1\\\2", line)
