"""Technical shells around prose: control tokens, thinking blocks, code fences, JSON, front matter, tags."""

import json
import re
from collections.abc import Callable, Iterable, Iterator

from scrivano.books.scaffolding.blocks import blocks_of
from scrivano.books.scaffolding.judging import judged

Peeled = tuple[str, list[str]]

_ROLE = r"(?P<role>assistant|model|user|human|system|tool|developer|bot|ai)"
_TOKEN = re.compile(
    rf"(?:<\|im_start\|>|<\|start\|>|<start_of_turn>)[ \t]*{_ROLE}?(?:[ \t]*\n|(?=<\|)|[ \t]+)?"
    rf"|<\|start_header_id\|>\s*(?P<role2>\w+)\s*<\|end_header_id\|>\s*"
    r"|<\|(?P<role3>assistant|user|system|human|bot|prompter)\|>"
    r"|<｜(?P<role4>Assistant|User|System)｜>"
    r"|<\|channel\|>(?P<channel>\w+)<\|message\|>"
    r"|<[|｜][^\s<>|｜][^<>|｜\n]{0,40}[|｜]>|<\|?END_OF_TURN_TOKEN\|?>|<(?:end_of_turn|bos|eos|pad|unk|sep)>"
    r"|\[/?(?:BOS|EOS|PAD|SEP|CLS|AVAILABLE_TOOLS|SYSTEM_PROMPT)\]"
)
_INST = re.compile(
    r"(?:<s>\s*)?\[INST\].*?(?:\[/INST\]|\Z)\s*|\A(?:(?!\[INST\]).){0,400}?\[/INST\]\s*", re.DOTALL
)
_SYS = re.compile(r"<<SYS>>.*?<</SYS>>", re.DOTALL)
_EDGE_S = re.compile(r"\A\s*<s>\s*(?!.*</s>\s*\S)|\A\s*</s>\s*|\s*</?s>\s*\Z", re.DOTALL)
_THOUGHTS = r"think|thinking|thought|thoughts|reasoning|reflection|scratchpad|inner[_ ]monologue|internal|self[-_]check"
_PLANS = r"analysis|planning|plan|outline|notes?|draft_notes|critique|prompt|instructions?|system|user|context|task"
_CLOSED = re.compile(
    rf"(?:<(?P<tag>{_THOUGHTS}|{_PLANS})\b[^<>\n]*>.*?</(?P=tag)\s*>"
    rf"|\[(?P<box>{_THOUGHTS})\].*?\[/(?P=box)\]|◁think▷.*?◁/think▷)",
    re.DOTALL | re.IGNORECASE,
)
_OPEN = re.compile(rf"<(?:{_THOUGHTS})>|\[(?:THINK|THINKING|REASONING)\]", re.IGNORECASE)
_CLOSE = re.compile(rf"</(?:{_THOUGHTS})\s*>|\[/(?:THINK|THINKING|REASONING)\]", re.IGNORECASE)
_SHELL = (
    r"answer|final[_ ]?answer|output|response|final|chapter(?:[_ ]?text)?|text|story|content|article|draft|prose|result"
    r"|body|html|document|section|scene|div|completion|assistant|main|passage|revised\w*|rewritten\w*|kapitel|cap[ií]tulo"
    r"|chapitre|root|data|markdown|book|novel"
)
_TAG_FIRST = re.compile(
    rf"\A\s*(?:<\?xml[^>]*>|<!doctype[^>]*>|</?(?:{_SHELL})(?:\s[^<>]*)?>)\s*", re.IGNORECASE
)
_TAG_LAST = re.compile(rf"\s*</?(?:{_SHELL})\s*>\s*\Z", re.IGNORECASE)
_HEAD = re.compile(r"\A\s*<head>.*?</head>\s*", re.DOTALL | re.IGNORECASE)
_PARAGRAPH_TAG = re.compile(r"[ \t]*</?p(?:\s[^<>]*)?>[ \t]*", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TRIPLE = re.compile(r"\A\s*(\"\"\"|''')\s*(.*?)\s*\1\s*\Z", re.DOTALL)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^\n`]*$", re.MULTILINE)
_PROSE_FENCE = re.compile(
    r"(?:markdown|mdx?|te?xt|plain(?:text)?|html|xml|prose|chapter|story|novel|rtf|latex|none|output|answer|draft"
    r"|kapitel|cap[ií]tulo|chapitre|texto|texte|book)?",
    re.IGNORECASE,
)
_FRONT = re.compile(r"\A\s*(---|\+\+\+)[ \t]*\n(.{0,4000}?)\n\1[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_LINE = re.compile(r"\s*(?:[\w \"'-]{1,40}\s*[:=](?:\s|$).*|\s*-\s.*|\s+\S.*|#.*)")
_VALUE = r"(?:\"(?:[^\"\\]|\\.)*\"|-?\d[\d.]*|true|false|null|\[[^\[\]{}]*\])"
_BODY = (
    r"\w*(?:text|content|prose|chapter|body|story|passage|answer|response|output|result|kapitel|inhalt|texto|cap[ií]tulo"
    r"|contenido|texte|chapitre|contenu)\w*"
)
_JSON_HEAD = re.compile(
    rf"\s*(?:[\[{{]\s*)*(?:\"[\w ]{{1,40}}\"\s*:\s*{_VALUE}\s*,\s*){{0,20}}"
    rf"(?:\"[\w ]{{1,40}}\"\s*:\s*\{{\s*)?(?:\"[\w ]{{1,40}}\"\s*:\s*{_VALUE}\s*,\s*){{0,20}}"
    rf"\"(?:{_BODY})\"\s*:\s*\"",
    re.IGNORECASE,
)
_JSON_TAIL = re.compile(rf"\"\s*(?:,\s*\"[\w ]{{1,40}}\"\s*:\s*{_VALUE}\s*){{0,20}},?\s*(?:[}}\]]\s*)*\Z")


def peel(text: str) -> Peeled:
    """One layer of shells off a text, and what was taken; the text itself where there is none."""
    removed: list[str] = []
    for layer in _LAYERS:
        text, taken = layer(text)
        removed += taken
    return text, removed


def _tokens(text: str) -> Peeled:
    if "<" not in text and "[" not in text:
        return text, []
    removed: list[str] = []
    if "[/INST]" in text or "[INST]" in text or "<<SYS>>" in text:
        text, taken = _cut(text, _instructions(text))
        removed += taken
        text, taken = _cut(text, _outside_code(text, _SYS))
        removed += taken
    spans = list(_outside_code(text, _TOKEN))
    if spans:
        text, taken = _cut(text, _turns(text, spans))
        removed += taken
    text, taken = _cut(text, _outside_code(text, _EDGE_S))
    return text, removed + taken


def _instructions(text: str) -> Iterator[tuple[int, int]]:
    """Instructions in the middle of a text open a turn that nobody asked for: all from there on goes."""
    for match in _outside_code(text, _INST):
        if text[: match.start()].strip():
            yield match.start(), len(text)
            return
        yield match.span()


def _turns(text: str, spans: list[re.Match[str]]) -> Iterator[tuple[int, int]]:
    """The tokens, and with them every turn that is not the writer's; after an answer all further turns go."""
    answered = bool(text[: spans[0].start()].strip()) and _role(spans[0]) != "assistant"
    for index, match in enumerate(spans):
        after = spans[index + 1].start() if index + 1 < len(spans) else len(text)
        foreign = _role(match) in (
            "user",
            "system",
            "human",
            "tool",
            "developer",
            "prompter",
            "analysis",
            "commentary",
        )
        if foreign and answered:
            yield match.start(), len(text)
            return
        yield match.start(), after if foreign else match.end()
        answered = answered or (not foreign and bool(text[match.end() : after].strip()))


def _role(match: re.Match[str]) -> str:
    named = (match[name] for name in ("role", "role2", "role3", "role4", "channel"))
    return next((name.lower() for name in named if name), "")


def _thinking(text: str) -> Peeled:
    if "<" not in text and "[" not in text and "◁" not in text:
        return text, []
    text, removed = _cut(text, _outside_code(text, _CLOSED))
    closing = next(_outside_code(text, _CLOSE), None)
    if closing:
        whole = bool(text[closing.end() :].strip())
        text, taken = _cut(text, [(0 if whole else closing.start(), closing.end())])
        removed += taken
    opening = next(_outside_code(text, _OPEN), None)
    if opening:
        text, taken = _cut(text, [(opening.start(), _end_of_thought(text, opening))])
        removed += taken
    return text, removed


def _end_of_thought(text: str, opening: re.Match[str]) -> int:
    """Where thinking that was never closed stops: with its paragraph, and with those after it that still plan."""
    rest = blocks_of(text[opening.end() :])
    if text[: opening.start()].strip() or not rest:
        return len(text)
    end = rest[0].end
    for block in rest[1:]:
        if not judged(block.text, alone=True).reaches(2.5):
            break
        end = block.end
    return opening.end() + end


def _fences(text: str) -> Peeled:
    if "```" not in text and "~~~" not in text:
        return text, []
    marks = list(_FENCE.finditer(text))
    if not marks:
        return text, []
    first, last = marks[0], marks[-1]
    opens = not text[: first.start()].strip()
    closes = not text[last.end() :].strip() and not last[2]
    if len(marks) == 1:
        if opens and _PROSE_FENCE.fullmatch(first[2]):
            return _cut(text, [(0, first.end())])
        return _cut(text, [(last.start(), last.end())]) if closes else (text, [])
    shell = _PROSE_FENCE.fullmatch(first[2]) or _JSON_HEAD.match(text, first.end())
    if not (opens and closes and shell) or not _pairs(marks):
        return text, []
    return _cut(text, [(0, first.end()), (last.start(), len(text))])


def _pairs(marks: list[re.Match[str]]) -> bool:
    """Whether the first fence is closed by the last: inner ones that name a language open, bare ones close."""
    depth: list[str] = []
    for index, mark in enumerate(marks):
        if depth and not mark[2] and mark[1][0] == depth[-1][0] and len(mark[1]) >= len(depth[-1]):
            depth.pop()
            if not depth:
                return index == len(marks) - 1
        else:
            depth.append(mark[1])
    return False


def _structured(text: str) -> Peeled:
    """Front matter, and the JSON object or its remains around a text."""
    front = _FRONT.match(text)
    if (
        front
        and (lines := front[2].split("\n"))
        and all(not s.strip() or _FRONT_LINE.fullmatch(s) for s in lines)
    ):
        return _cut(text, [(0, front.end())])
    if text.lstrip()[:1] not in ("{", "[", '"'):
        return text, []
    head = _JSON_HEAD.match(text)
    if not head:
        return text, []
    tail = _JSON_TAIL.search(text, head.end())
    end = tail.start() if tail else len(text)
    body = text[head.end() : end]
    if not body.strip():
        return text, []
    removed = [text[: head.end()], *([text[end:]] if tail else [])]
    return _unescaped(body), [piece.strip() for piece in removed]


def _unescaped(body: str) -> str:
    """A JSON string's content as text. Models mix real line breaks with escaped ones, which JSON itself forbids."""
    if "\\" not in body:
        return body
    try:
        return str(json.loads(f'"{body}"', strict=False))
    except ValueError:
        return body.replace("\\n", "\n").replace('\\"', '"').replace("\\t", "\t")


def _tags(text: str) -> Peeled:
    removed: list[str] = []
    if "<" in text:
        text, removed = _cut(text, _outside_code(text, _COMMENT))
        for pattern in (_TAG_FIRST, _HEAD, _TAG_LAST):
            text, taken = _cut(text, list(pattern.finditer(text))[:1])
            removed += taken
        if re.match(r"\s*<p(?:\s[^<>]*)?>", text, re.IGNORECASE):
            text, taken = _cut(text, _outside_code(text, _PARAGRAPH_TAG))
            removed += taken
    triple = _TRIPLE.match(text)
    if triple and triple[2] and triple[1] not in triple[2]:
        removed += [triple[1], triple[1]]
        text = triple[2]
    return text, removed


def _outside_code(text: str, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Matches that do not begin within a code block, in backticks, or right after a quotation mark."""
    code: list[tuple[int, int]] | None = None
    for match in pattern.finditer(text):
        if code is None:
            code = [(b.start, b.end) for b in blocks_of(text) if b.kind == "code"]
        start = match.start()
        line = text[text.rfind("\n", 0, start) + 1 : start]
        if line.count("`") % 2 or line[-1:] in ('"', "“", "„", "«", "‘") or line.lstrip()[:1] == ">":
            continue
        if not any(a <= start < b for a, b in code):
            yield match


def _cut(text: str, spans: Iterable[tuple[int, int] | re.Match[str]]) -> Peeled:
    kept: list[str] = []
    removed: list[str] = []
    position = 0
    for span in spans:
        start, end = span if isinstance(span, tuple) else span.span()
        if start < position:
            continue
        kept.append(text[position:start])
        removed.append(text[start:end].strip())
        position = end
    if not removed:
        return text, []
    return _joined([*kept, text[position:]]), [piece for piece in removed if piece]


def _joined(parts: list[str]) -> str:
    """What was left on both sides of each cut, with no more than one blank line between."""
    text = ""
    for part in parts:
        if text and (text[-1].isspace() or part[:1].isspace() or not part):
            gap = text[len(text.rstrip()) :] + part[: len(part) - len(part.lstrip())]
            text = text.rstrip() + ("\n\n" if "\n\n" in gap else "\n" if "\n" in gap else " ") + part.lstrip()
        else:
            text += part
    return text.strip()


_LAYERS: tuple[Callable[[str], Peeled], ...] = (_tokens, _thinking, _tags, _structured, _fences)
