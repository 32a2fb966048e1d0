"""The phrases by which talk about the task is known, compiled from the files in `phrases/`."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, TypeAdapter

LANGUAGES = ("en", "de", "es", "fr")
_FOLDER = Path(__file__).with_name("phrases")

Place = Literal["anywhere", "start", "whole"]
_FILE = TypeAdapter(dict[str, dict[str, list[str]]])


@dataclass(frozen=True)
class Signal:
    """One kind of phrase: what it weighs, where in a sentence it counts, and how often at most."""

    name: str
    weight: float
    at: Place
    most: int
    matter: bool  # counts only beside a signal that is not matter
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Vocabulary:
    """Everything in `phrases/`, ready to be matched."""

    signals: tuple[Signal, ...]
    bare_crumb: re.Pattern[str]  # a leftover that stands without brackets: "End of chapter"
    boxed_crumb: re.Pattern[str]  # one that counts only in brackets or between dashes: "[Transition]"
    square_crumb: re.Pattern[str]  # one that needs square ones: "[Add photo here]"
    spec_label: re.Pattern[str]  # "Word count:", "Style:"
    solo_label: re.Pattern[str]  # those of them that stand alone
    task_label: re.Pattern[str]  # "Task:", "Outline:"
    thought_label: re.Pattern[str]  # "Thinking:"
    any_label: re.Pattern[str]  # the two above, or "Title:", "Characters:"
    answer_label: re.Pattern[str]  # "Final answer:" and nothing else
    between: tuple[str, ...]  # words, one of which talk between two paragraphs must hold


class _Weight(BaseModel):
    weight: float
    at: Place
    most: int = 1
    matter: bool = False


_WEIGHTS = TypeAdapter(dict[str, _Weight])


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary of all languages together: chatter is often not in the language of the book."""
    files = [_FILE.validate_python(_read(language)) for language in LANGUAGES]
    weights = _WEIGHTS.validate_python(_read("weights")["signal"])

    def union(section: str, *names: str) -> str:
        phrases = [p for file in files for name in names for p in file[section].get(name, ())]
        return "|".join(sorted(phrases, key=len, reverse=True))  # "great choice" before "great"

    def label(*names: str) -> re.Pattern[str]:
        return re.compile(rf"\W*(?:{union('labels', *names)})(?: \(.{{1,30}}\))?\s?:", re.IGNORECASE)

    def phrases(name: str) -> re.Pattern[str]:
        if name == "label":
            return label("spec", "task", "thought")
        return re.compile(rf"(?<!\w)(?:{union('phrases', name)})(?!\w)")

    signals = [
        Signal(name, how.weight, how.at, how.most, how.matter, phrases(name)) for name, how in weights.items()
    ]
    return Vocabulary(
        signals=tuple(sorted(signals, key=lambda signal: (-abs(signal.weight), signal.matter))),
        bare_crumb=re.compile(f"(?:{union('crumbs', 'bare')})", re.IGNORECASE),
        boxed_crumb=re.compile(f"(?:{union('crumbs', 'boxed')})", re.IGNORECASE | re.DOTALL),
        square_crumb=re.compile(f"(?:{union('crumbs', 'square')})", re.IGNORECASE | re.DOTALL),
        spec_label=label("spec"),
        solo_label=label("solo"),
        task_label=label("task", "thought"),
        thought_label=label("thought"),
        any_label=label("spec", "task", "thought", "neutral"),
        between=tuple(word for file in files for word in file["between"]["words"]),
        answer_label=re.compile(rf"\W*(?:{union('labels', 'answer')})\s?:\W*", re.IGNORECASE),
    )


def _read(name: str) -> dict[str, object]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
