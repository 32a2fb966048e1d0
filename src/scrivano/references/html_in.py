"""HTML as references: headings, paragraphs, lists, tables and quotations as Markdown; every tag is gone."""

from html.parser import HTMLParser

from scrivano.references.markdown_in import escape
from scrivano.references.wordlists import word_set

_HIDDEN = word_set("""
    script style noscript template iframe object svg math button select textarea nav footer title audio
    video
""")
_DEEPEST = 12
"""Levels of lists and quotations that are told apart; what is nested deeper stands at this one."""

_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_BLOCKS = word_set("""
    p div section article main header aside address figure figcaption dl dt dd details summary ul ol
    table blockquote pre hr body html fieldset center
""")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._text: list[str] = []
        # The element that hides what is in it, and how many of its kind are open.
        self._hidden = ""
        self._hidden_depth = 0
        self._heading = 0
        self._lists: list[int] = []
        self._item: str | None = None
        self._quote = 0
        self._pre = 0
        self._rows: list[list[str]] | None = None
        self._cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._hidden:
            self._hidden_depth += tag == self._hidden
        elif tag in _HIDDEN:
            self._hidden, self._hidden_depth = tag, 1
        elif tag == "br":
            self._text.append("\n" if self._pre else " ")
        elif tag in _HEADINGS:
            self._flush()
            self._heading = _HEADINGS[tag]
        elif tag in ("ul", "ol"):
            self._flush()
            self._lists.append(0 if tag == "ol" else -1)
        elif tag == "li":
            self._flush()
            self._begin_item()
        elif tag == "table":
            self._flush()
            self._rows = []
        elif tag in ("tr", "td", "th") and self._rows is not None:
            self._end_cell()
            if tag == "tr" or not self._rows:
                self._rows.append([])
            self._cell = tag != "tr"
        elif tag in _BLOCKS and self._rows is None:
            self._flush()
            self._quote += tag == "blockquote"
            self._pre += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            self._hidden_depth -= tag == self._hidden
            if not self._hidden_depth:
                self._hidden = ""
        elif tag in ("tr", "td", "th") and self._rows is not None:
            self._end_cell()
        elif tag == "table" and self._rows is not None:
            self._end_table()
        elif self._rows is not None:
            self._text.append(" ")
        elif tag in _HEADINGS or tag in _BLOCKS or tag == "li":
            self._flush()
            self._heading = 0
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()
            self._quote = max(0, self._quote - (tag == "blockquote"))
            self._pre = max(0, self._pre - (tag == "pre"))

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._text.append(data)

    def close(self) -> None:
        super().close()
        self._flush()

    def _begin_item(self) -> None:
        if not self._lists:
            self._lists.append(-1)
        if self._lists[-1] >= 0:
            self._lists[-1] += 1
        mark = f"{self._lists[-1]}." if self._lists[-1] >= 0 else "-"
        self._item = "  " * (min(len(self._lists), _DEEPEST) - 1) + mark + " "

    def _flush(self) -> None:
        raw = "".join(self._text)
        self._text.clear()
        if not raw.strip():
            return
        if self._pre:
            self.out.append("```\n" + raw.strip("\n").replace("```", "'''") + "\n```")
            return
        text = escape(raw)
        if self._heading:
            self.out.append(f"{'#' * self._heading} {text}")
        elif self._lists:
            indent = self._item if self._item is not None else "  " * min(len(self._lists), _DEEPEST)
            joined = self.out and self.out[-1].startswith("\x00")
            line = f"{indent}{text}"
            if joined:
                self.out[-1] += "\n" + line
            else:
                self.out.append("\x00" + line)
            self._item = None
        else:
            self.out.append("> " * min(self._quote, _DEEPEST) + text)

    def _end_cell(self) -> None:
        if self._cell and self._rows:
            self._rows[-1].append(escape("".join(self._text)))
        self._cell = False
        self._text.clear()

    def _end_table(self) -> None:
        self._end_cell()
        rows = [row for row in self._rows or [] if any(row)]
        self._rows = None
        self._text.clear()
        self.out.append(table(rows))


def table(rows: list[list[str]]) -> str:
    """`rows` of escaped cells as a Markdown table, the first as its head; a single column as paragraphs."""
    width = max((len(row) for row in rows), default=0)
    if width < 2 or len(rows) < 2:
        return "\n\n".join(cell for row in rows for cell in row if cell)
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * width)
    return "\n".join(lines)


def html_to_markdown(text: str) -> str:
    """The visible text of an HTML page as Markdown; nothing in it is run or fetched."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return "\n\n".join(block.lstrip("\x00") for block in reader.out if block.strip("\x00"))
