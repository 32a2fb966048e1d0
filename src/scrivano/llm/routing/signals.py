"""What is noticed in a prompt: a list of amounts, one for each signal of `data/text.toml`.

One pass of one pattern cuts the text into tokens; everything else is counting and look-ups, so that the
whole costs some tens of microseconds for a prompt of everyday length.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from scrivano.core.errors import InvalidInput

TOKEN = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*|\d+(?:[.,]\d+)*|[^\w\s]|__+")
OPTION = re.compile(r"\n[ \t]*\(?[A-Ja-j][.)][ \t]+")
LETTERS = re.compile(r"[A-Za-z]{3}")
OTHER_SCRIPT = re.compile(r"[\u0370-\u1fff\u2c00-\ud7ff\uf900-\ufaff\U00010000-\U0003ffff]")
UPPER = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MATHS = frozenset("=<>+*^/\\$±×÷√∑∏∫∞≈≠≤≥∀∃∪∩∈⊂⊃→↔≡~|{}")
# Raised when what a measure counts changes, so that a router trained on the old meaning is not used with the new.
EXTRACTOR = 1


class Text(NamedTuple):
    """A prompt, cut up. `length` counts all characters, the rest is of the part that was read."""

    length: int
    body: str
    words: int
    letters: int
    longest: int
    numbers: int
    large: int
    decimals: int
    years: int
    maths: int
    capitals: int
    kinds: int
    counts: Mapping[str, int]
    stem: str
    options: Sequence[str]


def _option_spread(text: Text) -> float:
    sizes = [len(option) for option in text.options]
    return float(max(sizes) - min(sizes)) if sizes else 0.0


def _option_length(text: Text) -> float:
    return sum(map(len, text.options)) / len(text.options) if text.options else 0.0


def _numeric_options(text: Text) -> float:
    if not text.options:
        return 0.0
    found = sum(1 for o in text.options if not LETTERS.search(o) and any(map(str.isdigit, o)))
    return found / len(text.options)


def _combined_options(text: Text) -> float:
    """1 where every option is a series of the same few verdicts (`True, False`), else 0."""
    if len(text.options) < 2:
        return 0.0
    series = [option.split(", ") for option in text.options]
    if min(map(len, series)) < 2:
        return 0.0
    return float(len({p for parts in series for p in parts}) * 2 <= sum(map(len, series)))


def _option_repetition(text: Text) -> float:
    words = " ".join(text.options).split()
    return 1.0 - len(set(words)) / len(words) if words else 0.0


def _other_scripts(text: Text) -> float:
    return 0.0 if text.body.isascii() else float(len(OTHER_SCRIPT.findall(text.body)))


MEASURES: dict[str, Callable[[Text], float]] = {
    "characters": lambda t: t.length,
    "words": lambda t: t.words,
    "different_words": lambda t: t.kinds,
    "word_length": lambda t: t.letters / t.words if t.words else 0.0,
    "longest_word": lambda t: t.longest,
    "sentences": lambda t: t.counts.get(".", 0) + t.counts.get("?", 0) + t.counts.get("!", 0),
    "commas": lambda t: t.counts.get(",", 0),
    "questions": lambda t: t.counts.get("?", 0),
    "quotations": lambda t: t.counts.get('"', 0) + t.counts.get("“", 0),
    "brackets": lambda t: t.counts.get("(", 0),
    "lines": lambda t: t.body.count("\n"),
    "numbers": lambda t: t.numbers,
    "large_numbers": lambda t: t.large,
    "decimals": lambda t: t.decimals,
    "years": lambda t: t.years,
    "maths_symbols": lambda t: t.maths,
    "other_scripts": _other_scripts,
    "capitals": lambda t: t.capitals,
    "options": lambda t: len(t.options),
    "option_length": _option_length,
    "option_spread": _option_spread,
    "numeric_options": _numeric_options,
    "combined_options": _combined_options,
    "option_repetition": _option_repetition,
    "stem_length": lambda t: len(t.stem),
    "stem_question": lambda t: t.stem.endswith("?"),
    "stem_stop": lambda t: t.stem.endswith("."),
}


@dataclass(frozen=True)
class Signals:
    """The signals, ready to be taken. `window` limits how much of a prompt is read, in characters."""

    names: tuple[str, ...]
    window: int
    _measures: tuple[tuple[int, Callable[[Text], float]], ...]
    _words: Mapping[str, tuple[int, ...]] = field(repr=False)
    _openings: Mapping[str, tuple[tuple[int, str], ...]] = field(repr=False)
    _phrases: tuple[tuple[int, str], ...] = field(repr=False)
    _marks: tuple[tuple[int, str], ...] = field(repr=False)

    def take(self, prompt: str) -> list[float]:
        """The amount of each signal, in the order of `names`."""
        return self.take_with_tokens(prompt)[0]

    def take_with_tokens(self, prompt: str) -> tuple[list[float], dict[str, int]]:
        """The amounts, and how often each token (lower case) is in the part that was read."""
        length = len(prompt)
        if length > self.window:
            head = self.window * 2 // 3
            prompt = f"{prompt[:head]}\n{prompt[head - self.window :]}"
        lower = prompt.lower()
        amounts = [0.0] * len(self.names)
        text = self._read(prompt, lower, length, amounts)
        for place, measure in self._measures:
            amounts[place] = float(measure(text))
        for place, phrase in self._phrases:
            if phrase in lower:
                amounts[place] += lower.count(phrase)
        for place, mark in self._marks:
            if mark in prompt:
                amounts[place] += prompt.count(mark)
        return amounts, dict(text.counts)

    def _read(self, prompt: str, lower: str, length: int, amounts: list[float]) -> Text:
        words = letters = longest = numbers = large = decimals = years = maths = kinds = 0
        counts = Counter(TOKEN.findall(lower))
        lexicon, openings = self._words.get, self._openings.get
        for token, times in counts.items():
            for place in lexicon(token, ()):
                amounts[place] += times
            for place, phrase in openings(token, ()):
                amounts[place] += lower.count(phrase)
            first = token[0]
            if first.isalpha():
                size = len(token)
                words += times
                kinds += 1
                letters += size * times
                longest = max(longest, size)
            elif first.isdigit():
                numbers += times
                if "." in token:
                    decimals += times
                elif len(token) == 4 and token[0] in "12" and "," not in token:
                    years += times
                elif len(token) > 3:
                    large += times
            elif first in MATHS:
                maths += times
        latin = prompt.encode("ascii", "ignore")
        capitals = len(latin) - len(latin.translate(None, UPPER))
        parts = OPTION.split(prompt)
        if len(parts) > 1:
            parts[-1] = parts[-1].split("\n", 1)[0]
        return Text(
            length, prompt, words, letters, longest, numbers, large, decimals, years, maths, capitals, kinds,
            counts, parts[0].strip(), [part.strip() for part in parts[1:]],
        )  # fmt: skip


def read_signals(entries: Sequence[Mapping[str, Any]], window: int) -> Signals:
    """The signals of a rules file: its `signal` entries and its `window`.

    Raises InvalidInput for an unknown measure, a signal that is not one of measure, words, phrases, marks, and
    for two of one name.
    """
    measures: list[tuple[int, Callable[[Text], float]]] = []
    words: dict[str, tuple[int, ...]] = {}
    openings: dict[str, tuple[tuple[int, str], ...]] = {}
    phrases: list[tuple[int, str]] = []
    marks: list[tuple[int, str]] = []
    for place, entry in enumerate(entries):
        if "measure" in entry:
            measures.append((place, _measure(entry)))
        elif "words" in entry:
            for word in dict.fromkeys(entry["words"]):
                words[word] = (*words.get(word, ()), place)
        elif "phrases" in entry:
            for phrase in dict.fromkeys(entry["phrases"]):
                opening = TOKEN.match(phrase)
                if opening and phrase[0].isalpha():
                    # Looked for only where its first word is there at all, which spares most searches.
                    key = opening.group()
                    openings[key] = (*openings.get(key, ()), (place, phrase))
                else:
                    phrases.append((place, phrase))
        elif "marks" in entry:
            marks += [(place, mark) for mark in entry["marks"]]
        else:
            raise InvalidInput(
                f"The signal {entry.get('name')!r} has nothing to take.",
                field="signal",
                remedy="Give it a measure, words, phrases or marks.",
            )
    names = tuple(entry["name"] for entry in entries)
    if len(set(names)) != len(names):
        raise InvalidInput("Two signals have the same name.", field="signal", remedy="Rename one.")
    return Signals(names, window, tuple(measures), words, openings, tuple(phrases), tuple(marks))


def _measure(entry: Mapping[str, Any]) -> Callable[[Text], float]:
    try:
        return MEASURES[entry["measure"]]
    except KeyError as error:
        raise InvalidInput(
            f"There is no measure {entry['measure']!r}.",
            field="signal",
            remedy="Measures: " + ", ".join(sorted(MEASURES)),
        ) from error
