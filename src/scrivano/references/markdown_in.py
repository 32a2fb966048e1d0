"""Markdown and plain text as references: what a book can print is kept, the rest is taken out."""

import re

_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n.*?\n\1[ \t]*(?:\n|\Z)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HIDDEN = re.compile(r"<(script|style|iframe|object|svg)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:a|abbr|article|aside|b|big|blockquote|br|center|cite|code|dd|del|details|dfn|div|dl|dt|em|embed|figcaption"
    r"|figure|font|footer|h[1-6]|header|hr|i|img|input|ins|kbd|li|link|main|mark|meta|nav|ol|p|picture|pre|q|s|samp"
    r"|section|small|source|span|strong|sub|summary|sup|table|tbody|td|th|thead|tr|u|ul|var|video)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_DEFINITION = re.compile(r"^ {0,3}\[(?!\^)([^\]]+)\]:\s*<?(\S+?)>?(?:\s+[\"'(].*)?$", re.MULTILINE)
_FOOTNOTE = re.compile(r"^ {0,3}\[\^[^\]]+\]:.*(?:\n(?:[ \t]+\S.*|(?=\n[ \t]{2,}\S)))*", re.MULTILINE)
_FOOTNOTE_MARK = re.compile(r"\[\^[^\]\s]+\]")
_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\])")
_LINK = re.compile(
    r"\[((?:[^\[\]]|\[[^\[\]]*\])+)\]\(\s*<?([^()\s<>]*(?:\([^()\s]*\)[^()\s]*)*)>?(?:\s+[\"'][^\n]*?[\"'])?\s*\)"
)
_NAMED_LINK = re.compile(r"\[([^\[\]]+)\]\[([^\[\]]*)\]")
_FENCED = re.compile(
    r"^( {0,3})(`{3,}|~{3,})[^\n]*\n.*?(?:^ {0,3}\2[`~]*[ \t]*$|\Z)", re.DOTALL | re.MULTILINE
)
_CODE_SPAN = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#])")
_LINE_SPECIAL = re.compile(r"^(\s*)([+\-=]|\d{1,9}[.)])(?=\s|$|=|-)")


def clean_markdown(text: str) -> str:
    """`text` without front matter, comments, HTML tags, images and footnotes, links to files made plain text.

    Links on the web stay links; code stays as it is. Block structure is not changed.
    """
    text = _FRONT_MATTER.sub("", text, count=1)
    parts: list[str] = []
    at = 0
    targets = {m.group(1).casefold(): m.group(2) for m in _DEFINITION.finditer(text)}
    for fence in _FENCED.finditer(text):
        parts += [_clean(text[at : fence.start()], targets), fence.group()]
        at = fence.end()
    parts.append(_clean(text[at:], targets))
    return "".join(parts).strip("\n")


def _clean(text: str, targets: dict[str, str]) -> str:
    text = _HIDDEN.sub("", _COMMENT.sub("", text))
    text = _DEFINITION.sub("", _FOOTNOTE.sub("", text))
    return "\n".join(_clean_line(line, targets) for line in text.split("\n"))


def _clean_line(line: str, targets: dict[str, str]) -> str:
    if not any(sign in line for sign in "[<!"):
        return line
    parts: list[str] = []
    at = 0
    for code in _CODE_SPAN.finditer(line):
        parts += [_clean_inline(line[at : code.start()], targets), code.group()]
        at = code.end()
    parts.append(_clean_inline(line[at:], targets))
    return "".join(parts).rstrip()


def _clean_inline(text: str, targets: dict[str, str]) -> str:
    text = _TAG.sub("", _IMAGE.sub("", text))
    text = _FOOTNOTE_MARK.sub("", text)

    def named(match: re.Match[str]) -> str:
        label = (match.group(2) or match.group(1)).casefold()
        return f"[{match.group(1)}]({targets[label]})" if label in targets else match.group()

    return _LINK.sub(_link, _NAMED_LINK.sub(named, text))


def _link(match: re.Match[str]) -> str:
    on_the_web = match.group(2).lower().startswith(("http://", "https://"))
    return f"[{match.group(1)}]({match.group(2)})" if on_the_web else match.group(1)


def escape(text: str) -> str:
    """`text` such that Markdown shows it as it stands, on one line."""
    text = " ".join(text.split())
    text = _SPECIAL.sub(r"\\\1", text)
    return _LINE_SPECIAL.sub(_escape_start, text)


def _escape_start(match: re.Match[str]) -> str:
    sign = match.group(2)
    return f"{match.group(1)}{sign[:-1]}\\{sign[-1]}"


_BULLET = re.compile(r"\s{0,8}(?:[-*•·‣–]|\(?\d{1,3}[.)])\s+(?=\S)")
_UNDERLINE = re.compile(r"\s*([=\-~_*])\1{2,}\s*$")


def plain_to_markdown(text: str) -> str:
    """Plain text as Markdown: paragraphs at blank lines, short lines by themselves headings, lists as lists.

    Everything else that Markdown would take for a sign is escaped.
    """
    out: list[str] = []
    paragraphs = re.split(r"\n[ \t]*\n+", text.expandtabs(4).strip("\n"))
    for number, paragraph in enumerate(paragraphs):
        lines = [line for line in paragraph.split("\n") if line.strip()]
        if lines:
            out.append(_plain_block(lines, last=number == len(paragraphs) - 1))
    return "\n\n".join(block for block in out if block)


def _plain_block(lines: list[str], *, last: bool) -> str:
    if len(lines) >= 2 and _UNDERLINE.match(lines[1]) and len(lines[0].strip()) <= 100:
        level = "#" if "=" in lines[1] else "##"
        heading = f"{level} {escape(lines[0])}"
        rest = _plain_block(lines[2:], last=last) if lines[2:] else ""
        return f"{heading}\n\n{rest}".rstrip()
    if len(lines) == 1 and _UNDERLINE.match(lines[0]):
        return ""
    if sum(bool(_BULLET.match(line)) for line in lines) >= 2 and _BULLET.match(lines[0]):
        return _plain_list(lines)
    if len(lines) == 1 and not last and _like_heading(lines[0].strip()):
        return f"## {escape(lines[0])}"
    return escape(" ".join(lines))


def _plain_list(lines: list[str]) -> str:
    items: list[str] = []
    for line in lines:
        if match := _BULLET.match(line):
            items.append(line[match.end() :])
        else:
            items[-1] += " " + line.strip()
    numbered = bool(re.match(r"\s*\(?\d", lines[0]))
    return "\n".join(f"{f'{i}.' if numbered else '-'} {escape(item)}" for i, item in enumerate(items, 1))


def _like_heading(line: str) -> bool:
    """A short line that does not end like a sentence and begins like a title."""
    if len(line) > 80 or len(line.split()) > 11 or line[-1] in ".,;:!?…\"'”’)»":
        return False
    return line[0].isupper() or line[0].isdigit()
