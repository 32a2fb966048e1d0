"""A Markdown file as chapters, and an outline file as a plan."""

import json
import tomllib
from collections.abc import Mapping
from typing import Any, cast

from pydantic import ValidationError

from scrivano.assessment.dto import ChapterText, PlannedChapter
from scrivano.core.errors import InvalidInput
from scrivano.references.public import split_blocks


def split_manuscript(text: str) -> list[ChapterText]:
    """The chapters of a Markdown file, cut at its headings of the highest level that stands there more than once.

    What stands before the first of them (a title page) belongs to no chapter if it is only headings, else to the
    first. A file without such headings is one chapter.
    """
    if text.startswith("+++\n") and "\n+++" in text[4:]:
        text = text[text.index("\n+++", 4) + 4 :]
    heads = [b for b in split_blocks(text) if b.kind == "heading"]
    level = next((n for n in range(1, 4) if sum(h.level == n for h in heads) > 1), 0)
    cuts = [h for h in heads if h.level == level] if level else []
    if not cuts:
        title = heads[0].text if heads else ""
        return [ChapterText(title=title[:300], text=text)]
    ends = [*(c.start for c in cuts[1:]), len(text)]
    chapters = [
        ChapterText(title=c.text[:300], text=text[c.end : end].strip("\n"))
        for c, end in zip(cuts, ends, strict=True)
    ]
    before = text[: cuts[0].start]
    if any(b.kind != "heading" for b in split_blocks(before)):
        chapters.insert(0, ChapterText(title="", text=before))
    return chapters[:500]


def read_outline(raw: str, name: str) -> list[PlannedChapter]:
    """The plan in an outline file: TOML or JSON with `chapters` (or `chapter`, as in packs), or Markdown whose
    headings are chapters and whose list items are points. Raises InvalidInput."""
    suffix = name.rsplit(".", 1)[-1].lower()
    try:
        if suffix in ("toml", "json"):
            data = cast(object, tomllib.loads(raw) if suffix == "toml" else json.loads(raw))
            return [_planned(c) for c in _chapters_of(data)]
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, ValidationError, RecursionError) as error:
        raise InvalidInput(
            f"{name} is no outline: {str(error).splitlines()[0]}.",
            field="outline",
            remedy="Give TOML or JSON with `chapters`, each with a title and points, or Markdown.",
        ) from None
    return _from_markdown(raw)


def _chapters_of(data: object) -> list[Mapping[str, Any]]:
    found: object = data
    if isinstance(data, Mapping):
        whole = cast(Mapping[str, Any], data)
        inner = whole.get("outline")
        whole = cast(Mapping[str, Any], inner) if isinstance(inner, Mapping) else whole
        found = whole.get("chapters") or whole.get("chapter")
    if not isinstance(found, list) or not found:
        raise InvalidInput("The outline has no chapters.", field="outline", remedy="Give a list `chapters`.")
    return [cast(Mapping[str, Any], c) for c in cast(list[object], found) if isinstance(c, Mapping)]


def _planned(chapter: Mapping[str, Any]) -> PlannedChapter:
    known = {k: v for k, v in chapter.items() if k in PlannedChapter.model_fields}
    return PlannedChapter.model_validate(known)


def _from_markdown(raw: str) -> list[PlannedChapter]:
    chapters: list[PlannedChapter] = []
    for chapter in split_manuscript(raw):
        points = [
            line.strip().lstrip("-*+0123456789.) ").strip()
            for block in split_blocks(chapter.text)
            if block.kind == "list"
            for line in block.text.split("\n")
            if line.strip()
        ]
        prose = " ".join(b.text for b in split_blocks(chapter.text) if b.kind == "paragraph")
        chapters.append(PlannedChapter(title=chapter.title, summary=prose[:20_000], points=points[:60]))
    return chapters
