"""Talk around prose taken out: whole blocks at the top and the end, and the sentences at both ends."""

import re

from scrivano.books.scaffolding.blocks import Block, blocks_of, plain, sentences_of, stripped_markup, unquoted
from scrivano.books.scaffolding.headings import marks_end
from scrivano.books.scaffolding.judging import (
    THRESHOLD,
    boxed,
    is_answer_label,
    is_crumb,
    is_letter,
    is_spec,
    is_task_label,
    is_thought,
    judged,
    names_pieces,
    unbarred,
    writes_about_writing,
)

Trimmed = tuple[str, list[str]]

NEXT_TO_TALK = 2.5  # what a block needs beside one that was already taken out
PROTECTED = ("code", "quote", "table", "rule")
_NUMBERED_OPENING = re.compile(
    r"\s*\W*(?:chapter|kapitel|capítulo|chapitre)\s+\w{1,9}\s*[:.—–-]+\s+(?=\S)", re.IGNORECASE
)
_HELLO = re.compile(r"\s*(\*{1,2}|_{1,2})(?=\S)[^*_\n]{2,40}?\1\s+(?=\S)")
_ITEM = re.compile(r"\s*(?:[-*+•–]|\d{1,2}[.)])\s|\s{2,}\S")


def without_lead(text: str) -> Trimmed:
    """The text without the blocks of talk it begins with, and the dividers between them and the prose."""
    blocks = blocks_of(text)
    cut = _swept(blocks)
    index = cut
    while index < len(blocks):
        block = blocks[index]
        if block.kind == "rule" and cut == index and index:
            cut = index = index + 1
            continue
        ruled = index + 1 < len(blocks) and blocks[index + 1].kind == "rule"
        only = all(b.kind == "rule" for b in blocks[index + 1 :])
        if not _leads(block, following=index > 0, ruled=ruled, only=only):
            break
        cut = index = index + 1
    if not cut:
        return text, []
    rest = blocks[cut].start if cut < len(blocks) else len(text)
    return text[rest:].strip(), [b.text.strip() for b in blocks[:cut]]


def _swept(blocks: tuple[Block, ...]) -> int:
    """How many blocks an announcement such as "**Final answer:**" sweeps away with all that led up to it."""
    for index, block in enumerate(blocks[:8]):
        if block.kind in PROTECTED or len(block.text) > 60 or not _announces(block.text):
            continue
        before = [b for b in blocks[:index] if b.kind != "rule"]
        if index + 1 < len(blocks) and all(_plans(b) for b in before[:1]):
            return index + 1
    return 0


def _announces(passage: str) -> bool:
    emphasised = re.fullmatch(r"\s*(\*\*|__)[^*_\n]+\1\s*", passage)
    return is_answer_label(stripped_markup(passage).rstrip(":") + ":" if emphasised else passage)


def _plans(block: Block) -> bool:
    if block.kind in ("code", "table"):
        return False
    return (
        is_task_label(block.text)
        or judged(block.text, alone=True).weight >= 2
        or is_spec(block.text, leading=True)
    )


def _leads(block: Block, *, following: bool, ruled: bool, only: bool) -> bool:
    if block.kind == "quote" and not only:
        return judged(unbarred(block.text), alone=True).reaches(THRESHOLD + 1)
    if block.kind in PROTECTED:
        return False
    if block.kind == "heading":
        return is_crumb(block.text) or (not only and is_answer_label(block.text.lstrip("# ") + ":"))
    if is_crumb(block.text) or is_spec(block.text, leading=True):
        return True
    if is_task_label(block.text) and judged(re.sub(r"[\"“”„«»]", "", block.text), alone=True).weight >= 2.5:
        return not only
    if only:
        return judged(block.text, alone=True).reaches(THRESHOLD + 1)
    if ((following and is_task_label(block.text)) or is_thought(block.text)) and len(block.text.split()) < 40:
        return True
    verdict = judged(block.text, alone=True, ruled=ruled)
    return verdict.reaches(NEXT_TO_TALK if following else THRESHOLD, whole=verdict.announces)


def without_trail(text: str, title: str) -> Trimmed:
    """The text without the blocks of talk it ends with, and the dividers between them and the prose."""
    blocks = blocks_of(text)
    extra = doubt(text)
    cut = last = len(blocks)
    while last > 0:
        if blocks[last - 1].kind == "rule":
            last -= 1
            continue
        first, passage = _with_its_list(blocks, last)
        if all(b.kind == "rule" for b in blocks[:first]):
            break
        ruled = last < cut or blocks[first - 1].kind == "rule"
        following = cut < len(blocks)
        talk = blocks[last - 1].kind not in PROTECTED and _trails(passage, following, ruled, extra)
        if not (talk or marks_end(passage, title)):
            break
        cut = last = first
    if cut == len(blocks):
        return text, []
    while cut > 0 and blocks[cut - 1].kind == "rule":
        cut -= 1
    kept = blocks[cut - 1].end if cut else 0
    return text[:kept].strip(), [b.text.strip() for b in blocks[cut:]]


def _with_its_list(blocks: tuple[Block, ...], last: int) -> tuple[int, str]:
    """Where the passage that ends before block `last` begins, and its text: a list goes with what announces it."""
    first = last - 1
    while first > 0 and blocks[first].kind == "list" and blocks[first - 1].kind == "list":
        first -= 1
    if blocks[first].kind == "list" and first > 0 and blocks[first - 1].text.rstrip(" *_").endswith(":"):
        first -= 1
        return first, "\n".join(b.text for b in blocks[first:last])
    return last - 1, blocks[last - 1].text


def _trails(passage: str, following: bool, ruled: bool, extra: float) -> bool:
    if is_crumb(passage) or is_spec(passage, leading=False):
        return True
    if _announces_list(passage):
        announcement = judged(passage.split("\n", 1)[0], alone=True, ruled=ruled, orders=False)
        plan = announcement.weight >= 2 + extra and names_pieces(passage)
        if plan or announcement.reaches(THRESHOLD + extra):
            return True
    needed = (NEXT_TO_TALK if following else THRESHOLD) + (0.0 if boxed(passage) or ruled else extra)
    verdict = judged(passage, alone=True, ruled=ruled, orders=False)
    return verdict.reaches(needed, whole=verdict.opens)


def doubt(text: str) -> float:
    """How much more than usual talk must weigh in a text that is a letter, or that is about writing."""
    return 2.0 if is_letter(text) else 1.0 if writes_about_writing(text) else 0.0


def _announces_list(passage: str) -> bool:
    first, _, rest = passage.strip().partition("\n")
    lines = [line for line in rest.splitlines() if line.strip()]
    return bool(lines) and first.rstrip(" *_").endswith(":") and all(_ITEM.match(line) for line in lines)


def without_opening(text: str) -> Trimmed:
    """Talk in front of the first sentence, in the same paragraph."""
    blocks = blocks_of(text)
    if not blocks or blocks[0].kind not in ("prose", "list"):
        return text, []
    block = blocks[0]
    cut = 0
    hello = _HELLO.match(block.text)
    if hello and judged(hello[0], alone=True).is_talk:
        cut = hello.end()
    for start, end in _places(block.text)[:5]:
        if end >= len(block.text.rstrip()):
            break
        so_far, sentence = judged(block.text[cut:end], alone=False), block.text[start:end]
        talk = so_far.is_talk and so_far.share > 0.9 and judged(sentence, alone=False).weight >= 1.5
        if talk or (_has_its_line(block.text, start, end) and is_crumb(sentence)):
            cut = end
    if not cut:
        return text, []
    numbered = _NUMBERED_OPENING.match(block.text, cut)
    if numbered:
        cut = numbered.end()
    cut += block.start
    return text[cut:].strip(), [text[:cut].strip()]


def _has_its_line(passage: str, start: int, end: int) -> bool:
    return passage[:start].rstrip(" ")[-1:] in ("", "\n") and passage[end:].lstrip(" ")[:1] in ("", "\n")


def _places(passage: str) -> list[tuple[int, int]]:
    return sentences_of(unquoted(plain(passage)))


def without_closing(text: str) -> Trimmed:
    """Talk behind the last sentence, in the same paragraph."""
    blocks = blocks_of(text)
    if not blocks or blocks[-1].kind not in ("prose", "list"):
        return text, []
    block = blocks[-1]
    extra = doubt(text)
    places = _places(block.text)
    cut = len(block.text)
    while len(places) > 1:
        start, end = places.pop()
        sentence = block.text[start:end]
        limit = THRESHOLD + extra if cut == len(block.text) else 2.0
        crumb = _has_its_line(block.text, start, end) and is_crumb(sentence)
        if not (crumb or judged(sentence, alone=False).reaches(limit)):
            break
        cut = start
    if cut == len(block.text):
        return text, []
    kept = block.text[:cut].rstrip().rstrip("—–- ")
    return text[: block.start] + kept, [block.text[cut:].strip()]
