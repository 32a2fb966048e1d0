"""The manuscript: chapters with everything that stands before and after them in a printed book."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from uuid import UUID, uuid5

from scrivano.books.dto import BookOutline, Brief
from scrivano.books.files import CoverDesign, Manuscript, ManuscriptChapter
from scrivano.books.provenance import Facts
from scrivano.books.stages import AUTHOR, BUILT_IN, Plan
from scrivano.references.public import STOPWORDS

_BOOKS = UUID("0c5f9a0e-3f0b-5b7e-8a53-5a2f5e1d7c11")
INDEX_TERMS = 80
FEWEST_TERMS = 8
MOST_PLACES = 30
PAIR_COUNT = 3
MOST_COMMON = 60
_BOLD = re.compile(r"\*\*([^*\n]{3,40})\*\*")


def assemble(
    plan: Plan,
    outline: BookOutline,
    chapters: Sequence[ManuscriptChapter],
    facts: Facts,
    terms: Sequence[str],
) -> Manuscript:
    """All that typesetting needs. The identifier is made of the content: the same book, the same URN."""
    brief = plan.brief
    references = [s for s in facts.sources if s.kind == "reference"]
    content = "\0".join(
        [outline.title, brief.author, brief.language, *(c.title + c.markdown for c in chapters)]
    )
    return Manuscript(
        title=outline.title,
        subtitle=outline.subtitle,
        author=brief.author,
        language=brief.language,
        date=plan.day,
        description=outline.summary,
        trim=brief.trim,
        chapters=list(chapters),
        copyright=_copyright(plan, brief, facts),
        colophon=_colophon(facts),
        bibliography=sorted({s.title for s in references}),
        index_terms=index_terms(terms, [c.markdown for c in chapters]),
        cover=CoverDesign(style=brief.cover_style),
        facts=facts.model_dump(mode="json", exclude=None if facts.edited_chapters else {"edited_chapters"}),
        identifier=f"urn:uuid:{uuid5(_BOOKS, content)}",
    )


def _copyright(plan: Plan, brief: Brief, facts: Facts) -> list[str]:
    holder = brief.author or "the author"
    lines = [f"Copyright © {plan.day.year} {holder}"]
    if any(s.kind == "pack sample" for s in facts.sources) and facts.writer == BUILT_IN:
        lines.append(
            "Passages from Scrivano's domain packs are used under the Creative Commons Attribution 4.0 licence."
        )
    lines.append("The colophon at the end tells how this book was made.")
    return lines


def _colophon(facts: Facts) -> list[str]:
    sources = "; ".join(s.title for s in facts.sources if s.kind == "reference")
    return [*_writers_colophon(facts, sources), *_edited(facts)]


def _edited(facts: Facts) -> list[str]:
    """Which chapters a person had the last word on."""
    numbers = facts.edited_chapters
    if not numbers:
        return []
    if len(numbers) == 1:
        return [f"Chapter {numbers[0]} was edited by a person afterwards."]
    listed = ", ".join(map(str, numbers[:-1]))
    return [f"Chapters {listed} and {numbers[-1]} were edited by a person afterwards."]


def _writers_colophon(facts: Facts, sources: str) -> list[str]:
    if facts.writer == AUTHOR and not facts.models:
        return ["The text of this book was written by its author and set with Scrivano."]
    if facts.writer == AUTHOR:
        return [
            "The text of this book was written by its author and set with Scrivano; chapters were rewritten with "
            f"{facts.generated_with}."
        ]
    if facts.writer == BUILT_IN:
        paragraphs = [
            "This book was put together by Scrivano's built-in writer. No language model took part: every "
            "sentence was chosen from an existing text and is traced to it in the file provenance.json.",
        ]
        if sources:
            paragraphs.append(f"The author's own references: {sources}.")
        samples = sorted({s.title for s in facts.sources if s.kind == "pack sample"})
        if samples:
            paragraphs.append(f"From the domain pack: {'; '.join(samples)}.")
        return paragraphs
    prompts = ", ".join(f"{p.name} (version {p.version})" for p in facts.prompts)
    paragraphs = [
        f"The text of this book was written with {facts.generated_with} in Scrivano {facts.scrivano}, from an "
        "outline and in steps that are recorded one by one.",
        f"Prompts: {prompts}.",
    ]
    if sources:
        paragraphs.append(f"The author's own references were shown to the model: {sources}.")
    return paragraphs


def index_terms(candidates: Sequence[str], texts: Sequence[str]) -> list[str]:
    """What a reader would look up: of the candidates, the terms set in bold and the recurring word pairs, those
    that are named at least twice but not on every page. Empty where there are too few to make an index."""
    whole = "\n".join(texts)
    folded = whole.casefold()
    bold = [match.strip(" .:,") for match in _BOLD.findall(whole)]
    counted: dict[str, int] = {}
    for term in dict.fromkeys(c.strip() for c in [*candidates, *bold, *_pairs(folded)]):
        if 3 <= len(term) <= 40 and term.casefold() not in {t.casefold() for t in counted}:
            found = len(re.findall(rf"(?<!\w){re.escape(term.casefold())}s?(?!\w)", folded))
            if 2 <= found <= MOST_PLACES:
                counted[term] = found
    best = sorted(counted, key=lambda t: (-counted[t], t.casefold()))[:INDEX_TERMS]
    return sorted(best, key=str.casefold) if len(best) >= FEWEST_TERMS else []


def _content(word: str) -> bool:
    return len(word) > 3 and word.isalpha() and word not in STOPWORDS


def _pairs(text: str) -> list[str]:
    """Pairs of neighbouring content words that recur: what a text keeps talking about, in any language."""
    words = re.findall(r"[^\W\d_]+|[^\w\s]|\n", text)
    common = {w for w, _ in Counter(words).most_common(MOST_COMMON)}
    found = Counter(f"{a} {b}" for a, b in pairwise(words) if _content(a) and _content(b) and a not in common)
    return [pair for pair, count in found.items() if count >= PAIR_COUNT]
