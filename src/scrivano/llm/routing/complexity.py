"""How demanding a request is, by rules that anybody can read and change."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log2
from typing import Any

import orjson

from scrivano.core.errors import InvalidInput
from scrivano.llm.routing.dto import HIGHEST, LOWEST, Complexity, Reason
from scrivano.llm.routing.rules import Rules, level_of, packaged, tier_of
from scrivano.llm.routing.signals import Signals, read_signals


def placed(raw: float, reasons: tuple[Reason, ...], tiers: Rules | None = None) -> Complexity:
    """A raw score held within 1 and 10, with its level and tier."""
    score = min(HIGHEST, max(LOWEST, raw))
    level = level_of(score)
    return Complexity(score, level, tier_of(level, tiers), reasons, raw)


def score_music(
    description: str, bars: int | None = None, *, rules: Rules | None = None, tiers: Rules | None = None
) -> Complexity:
    """How demanding a request for music is, by `data/music.toml` or the `rules` given.

    Each listed word counts once however often it stands there; whole words, any case. Without `bars` nothing
    is said of length. Raises InvalidInput for fewer than one bar.
    """
    rules = rules or packaged("music")
    if bars is not None and bars < 1:
        raise InvalidInput(f"{bars} bars are no piece.", field="bars", remedy="Give 1 or more.")
    amounts = {"characters": len(description), "bars": bars or 0}
    reasons: list[Reason] = []
    for group in rules.get("words", ()):
        reasons += [
            Reason(group["rule"], float(group["weight"]), found.group().lower())
            for word in group["words"]
            if (found := _whole(word).search(description))
        ]
    for over in rules.get("over", ()):
        amount = amounts[over["measure"]]
        if amount > over["limit"]:
            reasons.append(Reason(over["rule"], float(over["weight"]), f"{amount} {over['measure']}"))
    raw = float(rules["base"]) + sum(reason.weight for reason in reasons)
    return placed(raw, tuple(reasons), tiers)


@lru_cache(maxsize=512)
def _whole(spellings: str) -> re.Pattern[str]:
    either = "|".join(re.escape(word).replace(r"\-", "[-‐‑]") for word in spellings.split("|"))
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)


@dataclass(frozen=True)
class TextRules:
    """The rules for prompts of any kind, ready to score. Each entry: place of the signal, the rule's name,
    weight, unit (0: in proportion), the most it counts."""

    base: float
    signals: Signals
    entries: tuple[tuple[int, str, float, float, float], ...]

    def raw(self, prompt: str) -> float:
        """The score before it is held within 1 and 10: higher means a stronger model."""
        return self.weigh(self.signals.take(prompt))

    def weigh(self, amounts: Sequence[float]) -> float:
        """The same from amounts that the signals took."""
        return self.base + sum(weight for _, weight, _ in self._found(amounts))

    def score(self, prompt: str, tiers: Rules | None = None) -> Complexity:
        """Score, level, tier and reasons, the weightiest first."""
        found = self._found(self.signals.take(prompt))
        found.sort(key=lambda entry: -abs(entry[1]))
        reasons = tuple(Reason(rule, weight, f"{amount:.4g}") for rule, weight, amount in found)
        return placed(self.base + sum(reason.weight for reason in reasons), reasons, tiers)

    def _found(self, amounts: Sequence[float]) -> list[tuple[str, float, float]]:
        found: list[tuple[str, float, float]] = []
        for place, rule, weight, unit, most in self.entries:
            amount = amounts[place]
            if amount:
                counted = weight * (log2(1 + amount / unit) if unit else amount)
                found.append((rule, max(-most, min(most, counted)), amount))
        return found


def read_text_rules(rules: Rules | None = None, *, every_signal: bool = False) -> TextRules:
    """The rules of `data/text.toml`, or of a mapping of that shape.

    Signals that no rule reads are left out unless `every_signal`. Raises InvalidInput for a rule about a signal
    that there is not, and for faults of the signals.
    """
    return _packaged(every_signal) if rules is None else _text_rules(orjson.dumps(rules), every_signal)


@lru_cache(maxsize=2)
def _packaged(every_signal: bool) -> TextRules:
    return _text_rules(orjson.dumps(packaged("text")), every_signal)


@lru_cache(maxsize=8)
def _text_rules(packed: bytes, every_signal: bool) -> TextRules:
    rules: Mapping[str, Any] = orjson.loads(packed)
    used = {entry["signal"] for entry in rules["rule"]}
    unknown = used - {signal["name"] for signal in rules["signal"]}
    if unknown:
        raise InvalidInput(
            f"A rule speaks of {sorted(unknown)[0]!r}, which is no signal.",
            field="rule",
            remedy="Add the signal or correct the name.",
        )
    taken = [signal for signal in rules["signal"] if every_signal or signal["name"] in used]
    signals = read_signals(taken, rules["window"])
    place = {name: number for number, name in enumerate(signals.names)}
    entries = tuple(
        (
            place[entry["signal"]],
            entry.get("rule", entry["signal"]),
            float(entry["weight"]),
            float(entry.get("unit", 0)),
            float(entry["most"]),
        )
        for entry in rules["rule"]
    )
    return TextRules(float(rules["base"]), signals, entries)


def score_text(prompt: str, *, rules: Rules | None = None, tiers: Rules | None = None) -> Complexity:
    """How demanding a prompt of any other kind is, by `data/text.toml` or the `rules` given.

    A reason's evidence is the amount that was seen: characters, words found, a share.
    """
    return read_text_rules(rules).score(prompt, tiers)
