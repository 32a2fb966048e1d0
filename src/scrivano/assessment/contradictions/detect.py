"""Reading statements out of texts, and finding those that cannot both be true."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scrivano.assessment.contradictions.attributes import Attribute, attributes
from scrivano.assessment.contradictions.frames import Frame, frames, frames_clash
from scrivano.assessment.contradictions.kin import Has, Tie, ties, ties_clash
from scrivano.assessment.contradictions.people import NAME_RE, Cast, key_of, same
from scrivano.assessment.contradictions.rewording import reworded
from scrivano.assessment.contradictions.slots import Slot, changeable, slots, slots_clash
from scrivano.assessment.contradictions.values import Span, colours_fit
from scrivano.assessment.text import Prose, Sentence

# Longer is no sentence that anybody wrote, and patterns would take minutes over it.
LONGEST = 1_500
Fact = Attribute | Tie | Has | Frame | Slot
_SHEET = re.compile(rf"^({NAME_RE.pattern}): ")
_SHEET_NAME = re.compile(rf"\b(?:[Nn]ame|[Ss]heet|[Cc]haracter|[Pp]erson): ({NAME_RE.pattern})")
_BIRTHPLACE = re.compile(rf"^Birthplace of ({NAME_RE.pattern}): (.+)$")


@dataclass(frozen=True)
class Statement:
    """A fact and where it is said. `source` names a reference, or the chapter by its number."""

    fact: Fact
    sentence: Sentence
    source: str | int


@dataclass(frozen=True)
class Clash:
    """Two statements that cannot both be true, the earlier first."""

    first: Statement
    second: Statement


def statements(prose: Prose, source: str | int) -> list[Statement]:
    """What a text states of ages, colours, relations, places, dates and numbers."""
    return list(_statements(prose, source))


def _statements(prose: Prose, source: str | int) -> Iterator[Statement]:
    cast, sheet, heading, block, eyes = Cast(), "", "", -1, ""
    for sentence in prose.sentences:
        if sentence.block != block:
            block = sentence.block
            named = _SHEET_NAME.search(prose.blocks[block].text)
            sheet = named.group(1) if named and key_of(named.group(1)) else sheet
        if len(sentence.text) > LONGEST:
            continue
        if sentence.heading != heading:
            heading = sentence.heading
            full = NAME_RE.fullmatch(heading)
            sheet = heading if full and key_of(heading) else ""
        text = _spoken_by(sentence.text)
        named = _SHEET_NAME.search(text) or _SHEET.match(text)
        if named and key_of(named.group(1)):
            sheet = named.group(1)
        elif not re.search(r"\b[A-Za-z ]+: ", text) and not heading:
            sheet = ""
        if match := _BIRTHPLACE.match(text):
            text = f"{match.group(1)} was born in {match.group(2)}"
        text = cast.resolved(text)
        text, eyes = _whose_eyes(text, eyes)
        text = reworded(text)
        of_sheet = named and key_of(named.group(1)) and text.startswith(named.group(1))
        body = text[named.end() :].strip(" .") if named and of_sheet else text
        facts: list[Fact] = [
            *attributes(body if body != text else text, sheet),
            *ties(text),
            *frames(text),
            *slots(text),
        ]
        for fact in facts:
            yield Statement(fact, sentence, source)


def _whose_eyes(text: str, before: str) -> tuple[str, str]:
    """`They were brown` after `Rourke opened his eyes.` with the owner's name; and whose eyes this one ends with."""
    if before:
        text = re.sub(r"^They(?= (?:are|were)\b)", f"{before}'s eyes", text)
    ends = re.search(rf"({NAME_RE.pattern})'s eyes[.!]$", text)
    return text, ends.group(1) if ends else ""


def _spoken_by(text: str) -> str:
    """`"I am seventy-six," said Marguerite` with the speaker's name for the speaker."""
    match = re.search(rf"\b(?:said|says|answered|replied|cried|whispered) ({NAME_RE.pattern})", text)
    if match and re.search(r"\bI am\b|\bmy\b", text):
        text = re.sub(r"\bI am\b", f"{match.group(1)} is", text)
        return re.sub(r"\bmy\b", f"{match.group(1)}'s", text)
    return text


def clashes(known: Iterable[Statement], told: Iterable[Statement]) -> list[Clash]:
    """What of `told` contradicts `known` or something told before. Each sentence is named once."""
    by_bucket: dict[object, list[Statement]] = defaultdict(list)
    for statement in known:
        for bucket in _buckets(statement.fact):
            by_bucket[bucket].append(statement)
    found: list[Clash] = []
    blamed: set[tuple[str | int, int]] = set()
    for statement in told:
        place = (statement.source, statement.sentence.start)
        for bucket in _buckets(statement.fact):
            for other in by_bucket[bucket]:
                if place in blamed or (other.source, other.sentence.start) == place:
                    continue
                if not _may_have_changed(other, statement) and facts_clash(other.fact, statement.fact):
                    blamed.add(place)
                    found.append(Clash(other, statement))
            by_bucket[bucket].append(statement)
    return found


def _may_have_changed(first: Statement, second: Statement) -> bool:
    """Whether the story may have brought it about: who owned a house in one chapter has sold it in the next."""
    told = isinstance(first.source, int) and isinstance(second.source, int)
    return told and first.source != second.source and isinstance(first.fact, Slot) and changeable(first.fact)


def _buckets(fact: Fact) -> list[object]:
    """Keys of which two facts that clash share at least one."""
    if isinstance(fact, Frame):
        return [(fact.bucket, word) for word in (fact.core & fact.names or fact.core)]
    if isinstance(fact, Slot):
        return [(fact.kind, token) for token in fact.subject]
    if isinstance(fact, Attribute):
        return [(fact.kind, token) for token in fact.person]
    if isinstance(fact, Has):
        return [("has", fact.kind, token) for token in fact.person]
    return [("tie", token) for token in fact.one | fact.other]


def facts_clash(a: Fact, b: Fact) -> bool:
    """Whether not both can be true."""
    if isinstance(a, Attribute) and isinstance(b, Attribute):
        if a.kind != b.kind or not same(a.person, b.person):
            return False
        if isinstance(a.value, Span) and isinstance(b.value, Span):
            return not a.value.fits(b.value)
        return not colours_fit(str(a.value), str(b.value), a.kind)
    if isinstance(a, Frame) and isinstance(b, Frame):
        return frames_clash(a, b)
    if isinstance(a, Slot) and isinstance(b, Slot):
        return slots_clash(a, b)
    if isinstance(a, Tie | Has) and isinstance(b, Tie | Has):
        return ties_clash(a, b)
    return False
