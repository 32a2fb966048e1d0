"""Talk in the midst of prose: paragraphs between others, and brackets at a paragraph's end."""

import re
from bisect import bisect_right

from scrivano.books.scaffolding.blocks import Block, blocks_of
from scrivano.books.scaffolding.edges import PROTECTED, Trimmed, doubt
from scrivano.books.scaffolding.headings import is_restart
from scrivano.books.scaffolding.judging import THRESHOLD, boxed, dashed, is_crumb, judged
from scrivano.books.scaffolding.vocabulary import vocabulary

MOST_WORDS = 30  # of a paragraph between others that may still be talk
_TRAILING_BOX = re.compile(
    r"(?:\s|^)(?:[—–-]\s*)?[*_]{0,3}(?:\([^()]{2,300}\)|\[[^\[\]]{2,300}\])[*_.]{0,4}\s*\Z"
)
_LEADING_BOX = re.compile(r"\A\s*[*_]{0,3}(?:\([^()]{2,300}\)|\[[^\[\]]{2,300}\])[*_.:]{0,4}(?:\s+)")


def without_boxes(text: str, title: str) -> Trimmed:
    """Talk in brackets at the end of a paragraph, or in front of the first one."""
    removed: list[str] = []
    kept: list[str] = []
    position = 0
    for index, block in enumerate(blocks_of(text)):
        if block.kind in (*PROTECTED, "heading") or boxed(block.text) or is_restart(block.text, title):
            continue
        leading = _LEADING_BOX.match(block.text) if index == 0 else None
        if leading and _is_box_talk(leading[0]) and block.text[leading.end() :].strip():
            removed.append(leading[0].strip())
            position = block.start + leading.end()
        if block.text.rstrip("*_. ")[-1:] not in ("]", ")"):
            continue
        box = _TRAILING_BOX.search(block.text)
        start = block.start + box.start() if box else -1
        if box and start > position and block.text[: box.start()].strip() and _is_box_talk(box[0]):
            kept.append(text[position:start].rstrip())
            removed.append(box[0].strip())
            position = block.end
    if not removed:
        return text, []
    return "".join([*kept, text[position:]]).strip(), removed


def _is_box_talk(box: str) -> bool:
    bare = box.strip().lstrip("—–- ")
    return is_crumb(bare) or judged(bare, alone=True).is_talk


def without_interruptions(text: str, title: str) -> Trimmed:
    """The text without the paragraphs of talk that stand between others."""
    blocks = blocks_of(text)
    marked = _marked(text, blocks)
    extra = 1.5 * doubt(text) if any(marked) else 0.0
    removed: list[str] = []
    kept: list[str] = []
    position = 0
    for index, block in enumerate(blocks):
        inner = 0 < index < len(blocks) - 1
        if block.kind in PROTECTED:
            continue
        if inner and marked[index] and _interrupts(block, title, extra):
            kept.append(text[position : block.start].rstrip())
            removed.append(block.text.strip())
            position = block.end
    if not removed:
        return text, []
    kept.append(text[position:])
    return "".join(kept).strip(), removed


def _marked(text: str, blocks: tuple[Block, ...]) -> list[bool]:
    """Which blocks could be talk at all: in brackets or dashes, or with a word that talk about the task uses."""
    low = text.lower()
    if len(low) != len(text):
        return [True] * len(blocks)
    marks = [
        b.text.lstrip(" *_")[:1] in ("[", "(", "<", "{")
        or dashed(b.text)
        or b.kind == "heading"
        or b.text.startswith("**")
        for b in blocks
    ]
    starts = [b.start for b in blocks]
    for needle in vocabulary().between:
        at = low.find(needle)
        while at >= 0:
            index = bisect_right(starts, at) - 1
            marks[index] = True
            end = blocks[index].end
            at = low.find(needle, max(end, at + 1))
    return marks


def _interrupts(block: Block, title: str, extra: float) -> bool:
    if block.kind == "heading":
        return is_restart(block.text, title)
    if is_restart(block.text, title):
        return True
    in_box = boxed(block.text) or dashed(block.text)
    if in_box and is_crumb(block.text):
        return True
    if in_box:
        return judged(block.text, alone=True).is_talk
    if block.text.lstrip(" *_")[:1] in "\"“„«‘'—–" or len(block.text.split()) > MOST_WORDS:
        return False
    verdict = judged(block.text, alone=True)
    return verdict.share >= 0.9 and verdict.reaches(THRESHOLD + extra)
