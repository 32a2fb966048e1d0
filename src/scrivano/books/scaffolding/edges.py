"""Talk around prose taken out: whole blocks at the top and the end, blocks between, first and last sentences."""

import re
from collections.abc import Callable

from scrivano.books.scaffolding.blocks import Block, blocks_of, plain, sentences_of, unquoted
from scrivano.books.scaffolding.headings import is_restart, marks_end
from scrivano.books.scaffolding.judging import (
    THRESHOLD,
    boxed,
    dashed,
    is_answer_label,
    is_crumb,
    is_spec,
    is_task_label,
    is_thought,
    judged,
    writes_about_writing,
)

Trimmed = tuple[str, list[str]]

NEXT_TO_TALK = 2.5  # what a block needs beside one that was already taken out
_PROTECTED = ("code", "quote", "table", "rule")
_SPEAKER = re.compile(r"^\W{0,3}[A-ZÄÖÜÉÑ][\w .'-]{0,24}\W{0,2}:\s", re.MULTILINE)
_ROLE = re.compile(
    r"\W{0,4}(?:assistant|ai|chatgpt|claude|gemini|gpt|llm|assistent|asistente|(?:final )?response|(?:final )?output)\W{0,3}:[\s*]*",
    re.IGNORECASE,
)
_USER = re.compile(
    r"\W{0,4}(?:human|user|prompt|instruction|question|nutzer(?:in)?|benutzer|usuari[oa]|utilisat(?:eur|rice)|mensch|humano|humain)"
    r"\W{0,3}:(?:\s|$)",
    re.IGNORECASE,
)
_LETTER = re.compile(
    r"^(?:dear|hi|hello|hey|mon cher|ma chère|cher|chère|querid[oa]|estimad[oa]|liebe[rs]?|sehr geehrte[rs]?|hallo|hola|"
    r"bonjour|my dear\w*|dearest)\b[^.\n]{0,40}[,:!]\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBERED_OPENING = re.compile(
    r"\s*\W*(?:chapter|kapitel|capítulo|chapitre)\s+\w{1,9}\s*[:.—–-]+\s+(?=\S)", re.IGNORECASE
)
_TRAILING_BOX = re.compile(
    r"(?:\s|^)(?:[—–-]\s*)?[*_]{0,3}(?:\([^()]{2,300}\)|\[[^\[\]]{2,300}\])[*_.]{0,4}\s*\Z"
)
_LEADING_BOX = re.compile(r"\A\s*[*_]{0,3}(?:\([^()]{2,300}\)|\[[^\[\]]{2,300}\])[*_.:]{0,4}(?:\s+)")
_ITEM = re.compile(r"\s*(?:[-*+•–]|\d{1,2}[.)])\s|\s{2,}\S")
_NEEDLES = (
    "chapter", "section", "draft", "scene", "let me know", "would you like", "word", "tone", "outline", "prompt",
    "kapitel", "szene", "abschnitt", "wörter", "capítulo", "escena", "sección", "palabras", "chapitre", "scène", "mots",
    "i should", "i'll", "i need to", "the user", "style", "reader", "clich", "note", "insert", "[/", "example", "nutzer",
    "usuari", "utilisat", "hinweis", "anmerkung", "nota", "remarque", "ich ", "lector", "lecteur", "leser", "previous", "part ",
)  # fmt: skip


def trim(text: str, title: str) -> Trimmed:
    """One round of trimming: top, end, between, and the sentences at both ends."""
    removed: list[str] = []
    steps: tuple[Callable[[str], Trimmed], ...] = (
        _role_turns,
        lambda t: _boxes(t, title),
        _top,
        lambda t: _end(t, title),
        _opening,
        _closing,
        lambda t: _between(t, title),
    )
    for step in steps:
        text, taken = step(text)
        removed += taken
    return text, removed


def _role_turns(text: str) -> Trimmed:
    """A writer's label before the answer, and the reader's next turn invented after it. A play is left alone."""
    blocks = blocks_of(text)
    labelled = [b.text for b in blocks if _SPEAKER.match(b.text)]
    played = [label for label in labelled if not (_USER.match(label) or _ROLE.match(label))]
    if not blocks or len(played) > 1 or len(labelled) == len(blocks) > 2:
        return text, []
    for index, block in enumerate(blocks):
        if block.kind not in ("prose", "heading") or not _USER.match(block.text.lstrip("# ")):
            continue
        if index == 0:
            answer = next((b for b in blocks[1:6] if _ROLE.match(b.text)), None)
            if answer:
                return text[answer.start :].strip(), [text[: answer.start].strip()]
        elif len(blocks) - index <= 6:
            return text[: block.start].rstrip(), [text[block.start :].strip()]
    first = _ROLE.match(blocks[0].text)
    if first and text[blocks[0].start + first.end() :].strip():
        end = blocks[0].start + first.end()
        return text[end:].strip(), [text[:end].strip()]
    return text, []


def _top(text: str) -> Trimmed:
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
        taken = _leads(block, following=index > 0, ruled=ruled, only=only)
        if (
            taken
            and block.text.rstrip("*_ ").endswith(":")
            and index + 2 < len(blocks)
            and _is_plan(blocks, index)
        ):
            index += 1
        if not taken:
            break
        cut = index = index + 1
    if not cut:
        return text, []
    rest = blocks[cut].start if cut < len(blocks) else len(text)
    return text[rest:].strip(), [b.text.strip() for b in blocks[:cut]]


def _swept(blocks: list[Block]) -> int:
    """How many blocks an announcement such as "**Final answer:**" sweeps away with all that led up to it."""
    for index, block in enumerate(blocks[:8]):
        if block.kind in _PROTECTED or len(block.text) > 60 or not is_answer_label(block.text):
            continue
        before = [b for b in blocks[:index] if b.kind != "rule"]
        if index + 1 < len(blocks) and all(_plans(b) for b in before[:1]):
            return index + 1
    return 0


def _plans(block: Block) -> bool:
    if block.kind in ("code", "table"):
        return False
    return (
        is_task_label(block.text)
        or judged(block.text, alone=True).weight >= 2
        or is_spec(block.text, leading=True)
    )


def _is_plan(blocks: list[Block], index: int) -> bool:
    return blocks[index + 1].kind == "list" and judged(blocks[index].text, alone=True).weight >= 5


def _leads(block: Block, *, following: bool, ruled: bool, only: bool) -> bool:
    if block.kind in _PROTECTED:
        return False
    if block.kind == "heading":
        return is_crumb(block.text) or (not only and is_answer_label(block.text.lstrip("# ") + ":"))
    if is_crumb(block.text) or is_spec(block.text, leading=True):
        return True
    if only:
        return judged(block.text, alone=True).reaches(THRESHOLD + 1)
    if ((following and is_task_label(block.text)) or is_thought(block.text)) and len(block.text.split()) < 40:
        return True
    return judged(block.text, alone=True, ruled=ruled).reaches(NEXT_TO_TALK if following else THRESHOLD)


def _end(text: str, title: str) -> Trimmed:
    blocks = blocks_of(text)
    extra = 2.0 if _LETTER.search(text) else 1.0 if writes_about_writing(text) else 0.0
    cut = last = len(blocks)
    while last > 0:
        block = blocks[last - 1]
        if block.kind == "rule":
            last -= 1
            continue
        first = last - 1
        passage = block.text
        while first > 0 and blocks[first].kind == "list" and blocks[first - 1].kind == "list":
            first -= 1
        if block.kind == "list" and first > 0 and blocks[first - 1].text.rstrip(" *_").endswith(":"):
            first -= 1
            passage = blocks[first].text + "\n" + "\n".join(b.text for b in blocks[first + 1 : last])
        if all(b.kind == "rule" for b in blocks[:first]):
            break
        ruled = last < cut or blocks[first - 1].kind == "rule"
        following = cut < len(blocks)
        if not marks_end(passage, title) and not _trails(
            block, passage, following=following, ruled=ruled, extra=extra
        ):
            break
        cut = last = first
    if cut == len(blocks):
        return text, []
    while cut > 0 and blocks[cut - 1].kind == "rule":
        cut -= 1
    kept = blocks[cut - 1].end if cut else 0
    return text[:kept].strip(), [b.text.strip() for b in blocks[cut:]]


def _trails(block: Block, passage: str, *, following: bool, ruled: bool, extra: float) -> bool:
    if block.kind in _PROTECTED:
        return False
    if is_crumb(passage) or is_spec(passage, leading=False):
        return True
    if _announces_list(passage) and judged(
        passage.split("\n", 1)[0], alone=True, ruled=ruled, orders=False
    ).reaches(THRESHOLD + extra):
        return True
    extra = 0.0 if boxed(passage) or ruled else extra
    return judged(passage, alone=True, ruled=ruled, orders=False).reaches(
        (NEXT_TO_TALK if following else THRESHOLD) + extra
    )


def _announces_list(passage: str) -> bool:
    first, _, rest = passage.strip().partition("\n")
    lines = [line for line in rest.splitlines() if line.strip()]
    return bool(lines) and first.rstrip(" *_").endswith(":") and all(_ITEM.match(line) for line in lines)


def _opening(text: str) -> Trimmed:
    """Talk in front of the first sentence, in the same paragraph."""
    blocks = blocks_of(text)
    if not blocks or blocks[0].kind not in ("prose", "list"):
        return text, []
    block = blocks[0]
    cut = 0
    for start, end in _places(block.text)[:5]:
        if end >= len(block.text.rstrip()):
            break
        verdict = judged(block.text[cut:end], alone=False)
        alone = judged(block.text[start:end], alone=False)
        if (verdict.is_talk and alone.weight >= 1.5 and verdict.share > 0.9) or is_crumb(
            block.text[start:end]
        ):
            cut = end
    if not cut:
        return text, []
    numbered = _NUMBERED_OPENING.match(block.text, cut)
    if numbered:
        cut = numbered.end()
    cut += block.start
    return text[cut:].strip(), [text[:cut].strip()]


def _places(passage: str) -> list[tuple[int, int]]:
    return sentences_of(unquoted(plain(passage)))


def _closing(text: str) -> Trimmed:
    """Talk behind the last sentence, in the same paragraph."""
    blocks = blocks_of(text)
    if not blocks or blocks[-1].kind not in ("prose", "list"):
        return text, []
    block = blocks[-1]
    extra = 2.0 if _LETTER.search(text) else 1.0 if writes_about_writing(text) else 0.0
    places = _places(block.text)
    cut = len(block.text)
    while len(places) > 1:
        start, end = places.pop()
        sentence = block.text[start:end]
        limit = THRESHOLD + extra if cut == len(block.text) else 2.0
        if not (is_crumb(sentence) or judged(sentence, alone=False).reaches(limit)):
            break
        cut = start
    if cut == len(block.text):
        return text, []
    kept = block.text[:cut].rstrip().rstrip("—–- ")
    return text[: block.start] + kept, [block.text[cut:].strip()]


def _boxes(text: str, title: str) -> Trimmed:
    """Talk in brackets at the end of a paragraph, or in front of the first one."""
    removed: list[str] = []
    kept: list[str] = []
    position = 0
    for index, block in enumerate(blocks_of(text)):
        if block.kind in (*_PROTECTED, "heading") or boxed(block.text) or is_restart(block.text, title):
            continue
        leading = _LEADING_BOX.match(block.text) if index == 0 else None
        if leading and _is_box_talk(leading[0]) and block.text[leading.end() :].strip():
            removed.append(leading[0].strip())
            position = block.start + leading.end()
        if block.text.rstrip("*_. ")[-1:] not in ("]", ")"):
            continue
        box = _TRAILING_BOX.search(block.text)
        if (
            box
            and block.text[: box.start()].strip()
            and block.start + box.start() > position
            and _is_box_talk(box[0])
        ):
            kept.append(text[position : block.start + box.start()].rstrip())
            removed.append(box[0].strip())
            position = block.end
    if not removed:
        return text, []
    return "".join([*kept, text[position:]]).strip(), removed


def _is_box_talk(box: str) -> bool:
    bare = box.strip().lstrip("—–- ")
    return is_crumb(bare) or judged(bare, alone=True).is_talk


def _between(text: str, title: str) -> Trimmed:
    blocks = blocks_of(text)
    marked = _marked(text, blocks)
    extra = 1.5 if any(marked) and writes_about_writing(text) else 0.0
    removed: list[str] = []
    kept: list[str] = []
    position = 0
    for index, block in enumerate(blocks):
        inner = 0 < index < len(blocks) - 1
        if block.kind in _PROTECTED:
            continue
        if inner and marked[index] and _interrupts(block, title, extra):
            kept.append(text[position : block.start].rstrip())
            removed.append(block.text.strip())
            position = block.end
    if not removed:
        return text, []
    kept.append(text[position:])
    return "".join(kept).strip(), removed


def _marked(text: str, blocks: list[Block]) -> list[bool]:
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
    from bisect import bisect_right

    for needle in _NEEDLES:
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
    verdict = judged(block.text, alone=True)
    if in_box:
        return verdict.is_talk
    return verdict.words <= 30 and verdict.share >= 0.9 and verdict.reaches(THRESHOLD + extra)
