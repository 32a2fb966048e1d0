"""English prose of a given length, out of templates and word lists, fixed by a key.

A sentence is one of more than 10^12, so that neither a chapter nor a book says the same thing twice.
"""

import re

from scrivano.llm.scripted.dice import Dice
from scrivano.llm.scripted.words import vocabulary

_ASKED = (
    re.compile(r"(?:about|around|approximately|roughly|exactly|of)\s+([\d][\d,]*)\s+(?:more\s+)?words", re.I),
    re.compile(r"([\d][\d,]*)\s+(?:more\s+)?words", re.I),
)
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+(.+?)\s*$")
_HEADING_FROM = 350
_SECTION_WORDS = 280


def words_asked(text: str) -> int | None:
    """The number of words that a prompt asks for, by its last mention; None where it names none."""
    for pattern in _ASKED:
        found = pattern.findall(text)
        if found:
            return int(found[-1].replace(",", ""))
    return None


def points_asked(text: str) -> list[str]:
    """The points that a prompt wants covered: the list below a line that speaks of points or of covering."""
    points: list[str] = []
    taking = False
    for line in text.splitlines():
        bullet = _BULLET.match(line)
        if bullet and taking:
            if len(bullet[1].split()) <= 14:
                points.append(bullet[1].rstrip("."))
        elif line.strip():
            taking = bool(re.search(r"\bpoints?\b|\bcover", line, re.I))
    return points


def sentence(dice: Dice) -> str:
    """One sentence."""
    words = vocabulary()
    person, thing, other = (
        _phrase(dice, words.people),
        _phrase(dice, words.things),
        _phrase(dice, words.things),
    )
    act, tail, judgement = dice.pick(words.acts), dice.pick(words.tails), dice.pick(words.judgements)
    shapes = (
        f"{person} {act} {thing} {tail}",
        f"{person} {act} {thing} {dice.pick(words.connectives)} {_clause(dice)}",
        f"{thing} near {other} {judgement} {tail}",
        f"{person} {act} {thing}, and {other} {judgement}",
        f"what {person} {act} {judgement} {tail}",
        f"{person} who {act} {thing} also {dice.pick(words.acts)} {other}",
        f"{thing} that {person} {act} {judgement}",
        f"to {person}, {thing} {judgement} {tail}",
    )
    text = dice.pick(shapes)
    opener = f"{dice.pick(words.openers)} " if dice.below(3) == 0 else ""
    return _capital(opener + text) + "."


def title(dice: Dice) -> str:
    """A few words that could head a chapter."""
    words = vocabulary()
    quality, thing, person = dice.pick(words.qualities), dice.pick(words.things), dice.pick(words.people)
    shapes = (
        f"The {quality} {thing}",
        f"What the {quality} {person} {dice.pick(words.acts)}",
        f"{thing} for the {quality} {person}",
        f"{dice.pick(words.things)} and {quality} {thing}",
        f"Beyond the {quality} {thing}",
        f"How one {person} {dice.pick(words.acts)} the {thing}",
    )
    small = {"the", "and", "for", "one"}
    return " ".join(word if word in small else _capital(word) for word in dice.pick(shapes).split())


def phrase(dice: Dice) -> str:
    """A short phrase without a full stop, for lists."""
    words = vocabulary()
    thing, person = dice.pick(words.things), dice.pick(words.people)
    return f"{dice.pick(words.qualities)} {thing} and {dice.pick(words.qualities)} {person}"


def prose(key: str | bytes, words: int, points: list[str] | None = None) -> str:
    """About `words` words (within six) of Markdown: paragraphs, from 350 words on with `## ` headings.

    Where `points` are given, the headings name them in turn.
    """
    dice = Dice(key)
    blocks: list[str] = []
    written = 0
    topics = list(points or [])
    sections = max(1, round(words / _SECTION_WORDS))
    if topics:
        sections = min(max(sections, 1), len(topics)) if words < 120 * len(topics) else len(topics)
    for number in range(sections):
        end = round(words * (number + 1) / sections)
        if words >= _HEADING_FROM and end - written > 30:
            heading = f"## {_capital(topics[number]) if topics else title(dice)}"
            blocks.append(heading)
            written += len(heading.split()) - 1
        while end - written > 5:
            paragraph = _paragraph(dice, end - written)
            blocks.append(paragraph)
            written += len(paragraph.split())
    if not blocks:
        blocks.append(_fitting(dice, max(words, 3)))
    return "\n\n".join(blocks)


def _paragraph(dice: Dice, left: int) -> str:
    wanted = min(left, dice.between(45, 95))
    if left - wanted < 20:
        wanted = left
    lines: list[str] = []
    written = 0
    while wanted - written > 5:
        room = wanted - written
        text = sentence(dice) if room > 40 else _fitting(dice, room)
        lines.append(text)
        written += len(text.split())
    return " ".join(lines) if lines else _fitting(dice, left)


def _fitting(dice: Dice, room: int) -> str:
    """The sentence, out of a few, that fills `room` best."""
    best = sentence(dice)
    for _ in range(12):
        other = sentence(dice)
        if _misfit(other, room) < _misfit(best, room):
            best = other
    return best


def _misfit(text: str, room: int) -> int:
    left = room - len(text.split())
    if left < 0:
        return -3 * left
    return 0 if left == 0 or left >= 10 else left


def _clause(dice: Dice) -> str:
    words = vocabulary()
    return f"{_phrase(dice, words.people)} {dice.pick(words.acts)} {_phrase(dice, words.things)}"


def _phrase(dice: Dice, nouns: tuple[str, ...]) -> str:
    noun = dice.pick(nouns)
    text = f"{dice.pick(vocabulary().qualities)} {noun}" if dice.below(4) else noun
    article = dice.pick(("the", "the", "a", "every", "one"))
    if article == "a" and text[0] in "aeiou" and not text.startswith("use"):
        article = "an"
    return f"{article} {text}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
