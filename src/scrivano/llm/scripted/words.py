"""The scripted model's vocabulary, for sentences that are plain, grammatical and rarely twice the same."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Words:
    """Word lists (one word each) and phrase lists, from `words.toml`."""

    people: tuple[str, ...]
    things: tuple[str, ...]
    qualities: tuple[str, ...]
    acts: tuple[str, ...]
    openers: tuple[str, ...]
    tails: tuple[str, ...]
    connectives: tuple[str, ...]
    judgements: tuple[str, ...]
    leak_before: tuple[str, ...]
    leak_after: tuple[str, ...]


@cache
def vocabulary() -> Words:
    """The one vocabulary."""
    raw = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    singles = ("people", "things", "qualities", "acts")
    return Words(
        **{name: tuple(text.split() if name in singles else _phrases(text)) for name, text in raw.items()}
    )


def _phrases(text: str) -> list[str]:
    return [" ".join(phrase.split()) for phrase in text.split("|") if phrase.strip()]
