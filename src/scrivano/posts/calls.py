"""The calls of the actions that go section by section: of which section, with which values, at most how long."""

from collections.abc import Sequence

from pydantic import JsonValue

from scrivano.posts.desk import Opened
from scrivano.posts.prefill import sources_for_prompt
from scrivano.posts.sections import split_sections
from scrivano.posts.stages import SectionTask
from scrivano.posts.values import Finding, Section
from scrivano.posts.workflow import Action
from scrivano.references.public import count_words

SHORTEST, LONGEST = 0.6, 1.6
"""What an edited section may have of the length that it had."""
ROUNDS = 2
"""A section is written at most so many times, one that is edited once."""
_WORDS = 900


def outline_of(opened: Opened) -> tuple[str, list[Section]]:
    """The name of the outline's field, and its sections."""
    name = next((f.name for f in opened.content.fields if f.kind == "outline"), "")
    stored = opened.fields.get(name)
    return name, [Section.model_validate(s) for s in stored] if isinstance(stored, list) else []


def to_write(opened: Opened) -> list[SectionTask]:
    """One task for each section of the outline."""
    sections = outline_of(opened)[1]
    return [
        SectionTask(
            number=number,
            total=len(sections),
            heading=section.heading,
            points=section.points,
            sources=[n for n in section.sources if n in opened.kept],
        )
        for number, section in enumerate(sections, start=1)
    ]


def to_edit(opened: Opened) -> list[SectionTask]:
    """One task for each section of the text, with the findings that quote it."""
    parts = split_sections(opened.body)
    return [
        SectionTask(
            number=number,
            total=len(parts),
            heading=part.heading,
            text=part.text,
            findings=_about(part.text, opened),
        )
        for number, part in enumerate(parts, start=1)
    ]


def words_to_write(opened: Opened, section: SectionTask) -> int:
    """How long a section shall be."""
    words = opened.fields.get("words")
    whole = int(words) if isinstance(words, int | float) and 50 <= words <= 20_000 else _WORDS
    return max(60, whole // section.total)


def values_to_write(opened: Opened, section: SectionTask) -> dict[str, JsonValue]:
    """What the prompt is given of a section that is to be written."""
    return {
        "number": section.number,
        "heading": section.heading,
        "points": list(section.points),
        "headings": [s.heading for s in outline_of(opened)[1]],
        "section_words": words_to_write(opened, section),
        "first": section.number == 1,
        "last": section.number == section.total,
        "sources": sources_for_prompt(opened, set(section.sources)),
        "problem": "",
    }


def values_to_edit(section: SectionTask) -> dict[str, JsonValue]:
    """What the prompt is given of a section that is to be edited."""
    return {
        "heading": section.heading,
        "text": section.text,
        "section_words": count_words(section.text),
        "findings": list(section.findings),
    }


def most_tokens(words: int) -> int:
    """How many tokens a stretch of prose of so many words may have."""
    return max(400, words * 5)


def calls_of(action: Action, opened: Opened) -> Sequence[tuple[dict[str, JsonValue], int]]:
    """For each call of an action that goes section by section: its values, and its most tokens."""
    if action.kind == "write_sections":
        sections = to_write(opened)
        return [(values_to_write(opened, s), most_tokens(words_to_write(opened, s))) for s in sections]
    if action.kind == "edit_sections":
        texts = [(section, count_words(section.text)) for section in to_edit(opened)]
        return [(values_to_edit(s), most_tokens(round(words * LONGEST))) for s, words in texts if words]
    return []


def _about(text: str, opened: Opened) -> list[dict[str, JsonValue]]:
    """The findings that quote this text."""
    name = next((f.name for f in opened.content.fields if f.kind == "findings"), "")
    stored = opened.fields.get(name)
    said = " ".join(text.split())
    findings = [Finding.model_validate(f) for f in stored] if isinstance(stored, list) else []
    return [f.model_dump(mode="json") for f in findings if " ".join(f.quote.split()) in said]
