"""Is a passage prose of the book, or talk about the task? Signals are added up; position is the caller's affair."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from scrivano.books.scaffolding.blocks import QUOTED, plain, sentences_of, stripped_markup, unquoted
from scrivano.books.scaffolding.vocabulary import vocabulary

THRESHOLD = 3.0
LONG = 45  # words that talk about a task may take before more than the threshold is asked of it
LONGEST = 3000  # characters; nobody introduces a chapter at such length
_WORD = re.compile(r"\w[\w'-]*")
_PAST = re.compile(
    r"\b(?:was|were|had|said|went|came|took|looked|stood|asked|told|knew|saw|felt|turned|walked|sat|began|"
    r"war|waren|hatte|hatten|sagte|ging|kam|stand|sah|era|estaba|había|dijo|fue|était|avait|dit|fut)\b",
    re.IGNORECASE,
)
_LETTER = re.compile(
    r"^(?:dear|hi|hello|hey|mon cher|ma chère|cher|chère|querid[oa]|estimad[oa]|liebe[rs]?|sehr geehrte[rs]?|hallo"
    r"|hola|bonjour|my dear\w*|dearest)\b[^.\n]{0,40}[,:!]\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_TEMPLATE = re.compile(r"[\s*_]*(?:\{\{[^{}\n]*\}\}|<[A-Z][A-Z_ ]{2,20}>|\$\{\w+\}|%%\w+%%)[\s*_]*")
_EMOJI = re.compile(r"[\u2600-\u27bf\U0001f300-\U0001faff]")
_DASHES = "-–—=~#•"
_ONLY_ALONE = ("instruct", "manner", "advice", "persona", "label", "only_ack")
_ORDERS = ("instruct", "manner", "advice", "persona", "note")
_SPEAKS_FOR_ITSELF = (
    "revise",
    "offer",
    "cheer",
    "machine",
    "changes",
    "hope",
    "label",
    "handover",
    "only_ack",
    "yours",
    "asked",
    "service",
    "about",
)
_NAMES = ("piece", "part", "craft", "count", "policy", "wishes")  # these may share words with the others
_EDGE = " \t\n*_~#[](){}<>.,;:!?¡¿…-–—=|\"'«»„“”"
_CRAFT = re.compile(
    r"\b(?:chapters?|drafts?|scenes?|narrators?|paragraphs?|prompts?|novels?|novelists?|writers?|editors?|outlines?|"
    r"manuscripts?|kapitel|entwurf|szene|roman|autor|lektor|capítulo|borrador|novela|chapitre|brouillon|roman)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Verdict:
    """The weight of a passage, and the share of its words that stand in sentences with a signal of their own."""

    weight: float
    share: float
    words: int
    enough: float = 0.7  # the share it needs
    opens: bool = False  # whether it begins with talk, so that what follows in it is hardly prose again
    announces: bool = (
        False  # whether it ends with talk and a colon, so that what stands before is hardly prose
    )

    @property
    def is_talk(self) -> bool:
        """Whether it is heavy enough for its length and talk from end to end."""
        return self.reaches(THRESHOLD)

    def reaches(self, threshold: float, *, whole: bool = False) -> bool:
        """The same against another threshold; if it is known to be all of a piece (`whole`), whatever the share."""
        whole = (whole and self.words <= LONG) or self.share >= self.enough
        return whole and self.weight >= threshold + max(0, self.words - LONG) / 30


@lru_cache(maxsize=512)
def judged(passage: str, *, alone: bool, ruled: bool = False, orders: bool = True) -> Verdict:
    """The verdict on a passage. `alone` if it is a paragraph of its own, `ruled` if a divider parts it from prose.

    Without `orders` "Write …" says nothing: at a chapter's end it is an exercise for the reader.
    """
    if len(passage) > LONGEST:
        return Verdict(0.0, 0.0, len(passage) // 6)
    text = plain(passage)
    masked = unquoted(text)
    in_box = boxed(passage)
    weights: dict[str, float] = {}
    telling = words = 0
    talk: list[bool] = []
    for start, end in _stretches(masked) if alone else sentences_of(masked):
        length = len(_WORD.findall(text, start, end))
        words += length
        own = _signals(masked[start:end], alone=alone, in_box=in_box, orders=orders)
        talk.append(any(weight > 0 for weight in own.values()))
        telling += length if talk[-1] else 0
        for name, weight in own.items():
            weights[name] = min(weights.get(name, 0.0) + weight, _caps()[name]) if weight > 0 else weight
    weight = _sum(weights, masked, in_box) + _shape(passage, masked, alone) + (0.5 if ruled else 0.0)
    share = telling / words if words else 1.0
    return Verdict(
        weight,
        share,
        words,
        enough=0.5 if ruled else 0.7,
        opens=talk[:1] == [True] and share >= 0.3,
        announces=talk[-1:] == [True] and masked.rstrip(" *_").endswith(":"),
    )


@cache
def _caps() -> dict[str, float]:
    return {signal.name: signal.weight * signal.most for signal in vocabulary().signals}


def _sum(weights: dict[str, float], masked: str, in_box: bool) -> float:
    """What the signals come to. Talk about a book names the book, or it asks something, or it announces it."""
    if any(name in weights for name in _NAMES):
        return sum(weights.values())
    matter = {signal.name for signal in vocabulary().signals if signal.matter}
    if all(name in _ORDERS or name in matter for name, weight in weights.items() if weight > 0):
        return 0.0  # advice on anything but writing
    asks = any(name in _SPEAKS_FOR_ITSELF for name in weights) or (in_box and "request" in weights)
    announces = masked.rstrip(" *_").endswith((":", "!"))
    return sum(weights.values()) - (0.0 if asks or announces else 1.5)


def _stretches(masked: str) -> list[tuple[int, int]]:
    """Sentences, but "Note:" and the like together with what is noted."""
    note = next(signal.pattern for signal in vocabulary().signals if signal.name == "note")
    merged: list[tuple[int, int]] = []
    for start, end in sentences_of(masked, clauses=True):
        if merged and note.fullmatch(masked[slice(*merged[-1])].lower().strip(_EDGE.replace(":", ""))):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def _signals(sentence: str, *, alone: bool, in_box: bool, orders: bool = True) -> dict[str, float]:
    """What a sentence has of each signal. No word counts twice; the heavier signal has it.

    Within a paragraph (not `alone`) a command is no signal, being advice to the reader, nor is "Certainly!", which
    somebody may say in a story. In brackets a count of words needs no other sign.
    """
    low = sentence.lower()
    sentence = low if len(low) == len(sentence) else sentence
    found: dict[str, float] = {}
    spoken, named = bytearray(len(sentence)), bytearray(len(sentence))
    bare = sentence.strip(_EDGE)
    begin = len(sentence) - len(sentence.lstrip(_EDGE))
    core = False
    for signal in vocabulary().signals:
        if (not alone and signal.name in _ONLY_ALONE) or (not orders and signal.name == "instruct"):
            continue
        if signal.at == "start":
            match = signal.pattern.match(sentence, begin)
            spans = [match.span()] if match and (signal.name != "ack" or _answers(sentence, match)) else []
        elif signal.at == "whole":
            spans = [(begin, begin + len(bare))] if signal.pattern.fullmatch(bare) else []
        else:
            spans = [match.span() for match in signal.pattern.finditer(sentence)]
        claimed = named if signal.name in _NAMES and signal.name != "wishes" else spoken
        times = 0
        for start, end in spans:
            if times < signal.most and (signal.at == "whole" or 0 in claimed[start:end]):
                times += 1
                if signal.at != "whole":
                    claimed[start:end] = b"\1" * (end - start)
        if times:
            found[signal.name] = signal.weight * times
            core = core or (signal.weight > 0 and not signal.matter) or (in_box and signal.name == "count")
    return found if core else {name: weight for name, weight in found.items() if weight < 0}


def _answers(sentence: str, match: re.Match[str]) -> bool:
    """ "Certainly, …" and "Okay!" answer somebody; "Great rivers …" and "Right angles …" do not."""
    return " " in match[0] or re.match(r"\s?(?:[,.!:;—–-]|$)", sentence[match.end() :]) is not None


def _shape(passage: str, masked: str, alone: bool) -> float:
    weight = 0.0
    if alone and boxed(passage):
        weight += 1.0
    elif alone and re.fullmatch(r"\s*([*_]{1,3})(?=\S)[^*_]+\1\s*", passage):
        weight += 0.5
    if masked.rstrip(" *_").endswith(":"):
        weight += 1.0 if alone else 0.5
    if masked.rstrip(" *_)]").endswith("!"):
        weight += 0.5
    if alone and masked.rstrip(" *_)]").endswith("?"):
        weight += 0.5
    if _EMOJI.search(masked):
        weight += 1.0
    if masked.lstrip()[:1] in ("—", "–") and not dashed(passage):
        weight -= 2.0 if alone else 0.0
    if masked.lstrip(" *_([").startswith(QUOTED):
        weight -= 2.0
    past = len(_PAST.findall(masked))
    return weight - (1.5 if past >= 3 else 1.0 if past == 2 else 0.0)


def boxed(passage: str) -> bool:
    """Whether all of it stands in one pair of brackets, whatever emphasis is around them."""
    bare = stripped_markup(passage)
    pairs = {"[": "]", "(": ")", "{": "}"}
    if len(bare) < 3 or pairs.get(bare[0]) != bare.rstrip(".")[-1]:
        return False
    return not re.search(rf"\{pairs[bare[0]]}.*\{bare[0]}", bare[1:-1], re.DOTALL)


def dashed(passage: str) -> bool:
    """Whether it stands between dashes: "— End of chapter —", "--- PART 2 ---"."""
    core = passage.strip()
    first, last = len(core) - len(core.lstrip(_DASHES)), len(core) - len(core.rstrip(_DASHES))
    return 0 < first < len(core) and last > 0 and (first > 1 or core[0] in "–—") and "\n" not in core


def is_crumb(passage: str) -> bool:
    """Whether it is a leftover that says nothing: an end mark, a word count, a placeholder in brackets."""
    lines = [line for line in passage.splitlines() if line.strip()]
    bare = stripped_markup(passage)[1:-1] if boxed(passage) else passage
    sentences = re.split(r"(?<=[.!?])\s+", bare.strip()) if len(lines) == 1 else []
    return any(parts and all(_is_crumb_line(part) for part in parts) for parts in (lines, sentences))


def _is_crumb_line(line: str) -> bool:
    if _TEMPLATE.fullmatch(line):
        return True
    known = vocabulary()
    core = plain(line).strip(_EDGE).strip()
    if not core:
        return not re.search(r"[^\s\[\]{}()\",;]", line) and len(line.strip()) < 12
    patterns = [known.bare_crumb]
    if boxed(line) or dashed(line) or (core.isupper() and re.match(r"\W", line)):
        patterns += (
            [known.boxed_crumb, known.square_crumb]
            if stripped_markup(line)[:1] == "["
            else [known.boxed_crumb]
        )
    elif re.match(r"\W*the end\W*$", line, re.IGNORECASE):
        return False
    return any(pattern.fullmatch(core) for pattern in patterns)


def is_spec(passage: str, *, leading: bool) -> bool:
    """Whether it is nothing but labelled details of the order: "Length: 2–3 paragraphs. Style: warm."

    `leading` allows one "Task:" or "Outline:" where a chapter begins; at its end that would be an exercise.
    """
    known = vocabulary()
    parts = [passage[a:b] for a, b in sentences_of(plain(passage))]
    merged: list[str] = []
    for part in parts:
        if merged and merged[-1].rstrip("*_ ").endswith(":"):
            merged[-1] += " " + part
        else:
            merged.append(part)
    labelled = [part for part in merged if known.any_label.match(plain(part))]
    if not labelled or len(labelled) < 0.6 * len(merged):
        return False
    if any(len(_WORD.findall(part)) > 25 for part in labelled):
        return False
    spec = sum(1 for part in labelled if known.spec_label.match(plain(part)))
    task = sum(1 for part in labelled if known.task_label.match(plain(part)))
    if len(merged) == 1:
        value = merged[0].strip(" *_[]()")
        return (
            bool(known.solo_label.match(plain(value)))
            and len(_WORD.findall(value)) <= 8
            and value[-1] not in ".!?"
        )
    return spec + (task if leading else 0) >= 1 and spec + task + len(labelled) >= 3


def is_answer_label(passage: str) -> bool:
    """Whether it only announces what follows: "**Final answer:**"."""
    return vocabulary().answer_label.fullmatch(plain(passage).strip()) is not None


def is_task_label(passage: str) -> bool:
    """Whether it opens with a label of the order's: "Task: …", "Outline: …"."""
    return vocabulary().task_label.match(plain(passage)) is not None


def unbarred(passage: str) -> str:
    """A block quotation without its bars."""
    return re.sub(r"^\s*>\s?", "", passage, flags=re.MULTILINE)


def is_thought(passage: str) -> bool:
    """Whether it is labelled as thinking: "**Reasoning:** …"."""
    text = plain(passage)
    return vocabulary().thought_label.match(text) is not None and not _PAST.search(text)


def names_pieces(passage: str) -> bool:
    """Whether it speaks of chapters, drafts and the like at all."""
    return _CRAFT.search(passage) is not None


def is_letter(text: str) -> bool:
    """Whether somebody is addressed as at the head of a letter."""
    return _LETTER.search(text) is not None


@lru_cache(maxsize=4)
def writes_about_writing(text: str) -> bool:
    """Whether a text speaks of chapters and drafts so often that these words say nothing about its origin."""
    hits = len(_CRAFT.findall(text))
    return hits >= 4 and hits * 60 >= len(text.split())
