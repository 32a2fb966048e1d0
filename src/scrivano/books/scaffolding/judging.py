"""Is a passage prose of the book, or talk about the task? Signals are added up; position is the caller's affair."""

import re
from dataclasses import dataclass
from functools import lru_cache

from scrivano.books.scaffolding.blocks import QUOTED, plain, sentences_of, stripped_markup, unquoted
from scrivano.books.scaffolding.vocabulary import vocabulary

THRESHOLD = 3.0
LONG = 45  # words that talk about a task may take before more than the threshold is asked of it
_WORD = re.compile(r"\w[\w'-]*")
_PAST = re.compile(
    r"\b(?:was|were|had|said|went|came|took|looked|stood|asked|told|knew|saw|felt|turned|walked|sat|began|"
    r"war|waren|hatte|hatten|sagte|ging|kam|stand|sah|era|estaba|había|dijo|fue|était|avait|dit|fut)\b",
    re.IGNORECASE,
)
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

    @property
    def is_talk(self) -> bool:
        """Whether it is heavy enough for its length and talk from end to end."""
        return self.reaches(THRESHOLD)

    def reaches(self, threshold: float) -> bool:
        """The same against another threshold."""
        return self.share >= self.enough and self.weight >= threshold + max(0, self.words - LONG) / 30


@lru_cache(maxsize=512)
def judged(passage: str, *, alone: bool, ruled: bool = False, orders: bool = True) -> Verdict:
    """The verdict on a passage. `alone` if it is a paragraph of its own, `ruled` if a divider parts it from prose.

    Without `orders` "Write …" says nothing: at a chapter's end it is an exercise for the reader.
    """
    caps = {signal.name: signal.weight * signal.most for signal in vocabulary().signals}
    plainly = plain(passage)
    masked = unquoted(plainly)
    weights: dict[str, float] = {}
    telling = words = 0
    in_box = boxed(passage)
    for start, end in _stretches(masked) if alone else sentences_of(masked):
        own = _signals(masked[start:end], alone=alone, in_box=in_box, orders=orders)
        length = len(_WORD.findall(plainly, start, end))
        words += length
        if any(weight > 0 for weight in own.values()):
            telling += length
        for name, weight in own.items():
            weights[name] = weight if weight < 0 else min(weights.get(name, 0.0) + weight, caps[name])
    if not any(name in weights for name in _NAMES):
        if all(name in _ORDERS for name, weight in weights.items() if weight > 0 and not _is_matter(name)):
            weights.clear()  # advice on anything but writing
        elif not any(name in _SPEAKS_FOR_ITSELF for name in weights) and masked.rstrip(" *_")[-1:] not in (
            ":",
            "!",
        ):
            weights["nameless"] = -1.0
    weight = sum(weights.values()) + _shape(passage, masked, alone) + (0.5 if ruled else 0.0)
    return Verdict(weight, telling / words if words else 1.0, words, 0.5 if ruled else 0.7)


def _is_matter(name: str) -> bool:
    return any(signal.name == name and signal.matter for signal in vocabulary().signals)


def _stretches(masked: str) -> list[tuple[int, int]]:
    """Sentences, but "Note:" and the like together with what is noted."""
    note = next(signal.pattern for signal in vocabulary().signals if signal.name == "note")
    merged: list[tuple[int, int]] = []
    for start, end in sentences_of(masked, clauses=True):
        if merged and note.fullmatch(masked[slice(*merged[-1])].strip(_EDGE.replace(":", ""))):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def _signals(sentence: str, *, alone: bool, in_box: bool, orders: bool = True) -> dict[str, float]:
    """What a sentence has of each signal. No word counts twice; the heavier signal has it.

    Within a paragraph (not `alone`) a command is no signal, being advice to the reader, nor is "Certainly!", which
    somebody may say in a story. In brackets a count of words needs no other sign.
    """
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
    known = vocabulary()
    lines = [line for line in passage.splitlines() if line.strip()]
    return bool(lines) and all(_crumb_line(line, known.bare_crumb, known.boxed_crumb) for line in lines)


def _crumb_line(line: str, bare: re.Pattern[str], in_box: re.Pattern[str]) -> bool:
    core = plain(line).strip(_EDGE).strip()
    if not core:
        return boxed(line)
    if boxed(line) or dashed(line) or (core.isupper() and re.match(r"\W", line)):
        return bool(bare.fullmatch(core) or in_box.fullmatch(core))
    return bool(bare.fullmatch(core)) and not re.match(r"\W*the end\W*$", line, re.IGNORECASE)


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


def is_thought(passage: str) -> bool:
    """Whether it is labelled as thinking: "**Reasoning:** …"."""
    return vocabulary().thought_label.match(plain(passage)) is not None


def writes_about_writing(text: str) -> bool:
    """Whether a text speaks of chapters and drafts so often that these words say nothing about its origin."""
    hits = len(_CRAFT.findall(text))
    return hits >= 4 and hits * 60 >= len(text.split())
