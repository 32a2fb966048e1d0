"""Is a pack any good? Findings beyond its form: lengths, structure, repetition, near-duplicates."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

from scrivano.packs.dto import ChapterFile, Finding, OutlineFile
from scrivano.packs.files import PackFolder, SampleFile
from scrivano.packs.text import count_words, sentences, shingles, words

MIN_OUTLINES = 2
MIN_CHAPTERS = 5
CHAPTER_WORDS = range(900, 1401)
CHAPTER_SECTIONS = range(4, 7)
POINTS = range(4, 7)
POINT_WORDS = range(4, 15)
TOPICS = range(4, 9)
KEYWORDS = range(8, 16)

_SENTENCE_WORDS = 5
_SHINGLE = 5
# Two chapters on one subject share about 1 % of their five-word runs; a reworked copy shares 20 % and more.
_ALIKE = 0.10


def check_pack(folder: PackFolder) -> list[Finding]:
    """All findings about a pack that was read, errors of form first."""
    findings = [*folder.findings]
    if folder.pack is None:
        return findings
    for niche in folder.pack.niche:
        samples = [sample for sample in folder.samples if sample.niche == niche.slug]
        findings += _niche(niche.slug, len(niche.keywords), samples)
    for sample in folder.samples:
        content = sample.content
        found = _chapter(sample, content) if isinstance(content, ChapterFile) else _outline(sample, content)
        findings += found
    findings += _repeated_sentences(folder.samples)
    findings += _alike(folder.samples)
    return sorted(findings, key=lambda finding: finding.severity == "warning")


def _niche(slug: str, keywords: int, samples: list[SampleFile]) -> Iterator[Finding]:
    outlines = sum(sample.kind == "outline" for sample in samples)
    chapters = len(samples) - outlines
    if outlines < MIN_OUTLINES or chapters < MIN_CHAPTERS:
        yield _warning(
            slug,
            f"The niche has {outlines} outlines and {chapters} chapters. It is offered to writers "
            f"from {MIN_OUTLINES} and {MIN_CHAPTERS} on.",
        )
    if keywords not in KEYWORDS:
        yield _warning(slug, f"The niche has {keywords} keywords; {_span(KEYWORDS)} are wanted.")


def _chapter(sample: SampleFile, content: ChapterFile) -> Iterator[Finding]:
    where = _where(sample)
    if sample.words not in CHAPTER_WORDS:
        yield _warning(where, f"It has {sample.words} words; {_span(CHAPTER_WORDS)} are wanted.")
    lines = _outside_code(content.text)
    if any(line.startswith("# ") for line in lines):
        yield _warning(where, "It has a `# ` heading; the title belongs in the head alone.")
    if content.text.startswith("#"):
        yield _warning(where, "It begins with a heading; a paragraph of introduction is wanted.")
    sections = sum(line.startswith("## ") for line in lines)
    if sections not in CHAPTER_SECTIONS:
        yield _warning(where, f"It has {sections} sections (`## `); {_span(CHAPTER_SECTIONS)} are wanted.")
    if len(content.topics) not in TOPICS:
        yield _warning(where, f"It has {len(content.topics)} topics; {_span(TOPICS)} are wanted.")


def _outline(sample: SampleFile, content: OutlineFile) -> Iterator[Finding]:
    where = _where(sample)
    titles = [chapter.title.casefold() for chapter in content.chapter]
    for title in sorted({title for title in titles if titles.count(title) > 1}):
        yield _warning(where, f"Two chapters are called {title!r}.")
    for number, chapter in enumerate(content.chapter, start=1):
        if len(chapter.points) not in POINTS:
            yield _warning(
                where, f"Chapter {number} has {len(chapter.points)} points; {_span(POINTS)} are wanted."
            )
        for point in chapter.points:
            if count_words(point) not in POINT_WORDS:
                yield _warning(
                    where,
                    f"Chapter {number}: the point {point!r} has {count_words(point)} words; "
                    f"{_span(POINT_WORDS)} are wanted.",
                )


def _repeated_sentences(samples: Iterable[SampleFile]) -> Iterator[Finding]:
    places: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for sample in samples:
        if isinstance(sample.content, ChapterFile):
            for sentence in sentences(sample.content.text):
                key = tuple(words(sentence))
                if len(key) >= _SENTENCE_WORDS:
                    places[key].append((_where(sample), sentence))
    for found in places.values():
        if len(found) > 1:
            others = ", ".join(dict.fromkeys(where for where, _ in found[1:]))
            yield _warning(found[0][0], f"The sentence {found[0][1]!r} stands again in {others}.")


def _alike(samples: Iterable[SampleFile]) -> Iterator[Finding]:
    runs = [(s, shingles(_all_text(s), _SHINGLE)) for s in samples]
    for (one, first), (other, second) in combinations(runs, 2):
        smaller = min(len(first), len(second))
        if one.kind == other.kind and smaller and len(first & second) / smaller > _ALIKE:
            share = round(100 * len(first & second) / smaller)
            yield _warning(
                _where(one), f"It is nearly the same as {_where(other)}: {share} % of it stands there too."
            )


def _all_text(sample: SampleFile) -> str:
    content = sample.content
    if isinstance(content, ChapterFile):
        return content.text
    return " ".join(f"{c.title} {c.summary} {' '.join(c.points)}" for c in content.chapter)


def _outside_code(markdown: str) -> list[str]:
    lines: list[str] = []
    inside = False
    for line in markdown.splitlines():
        if line.lstrip().startswith("```"):
            inside = not inside
        elif not inside:
            lines.append(line)
    return lines


def _where(sample: SampleFile) -> str:
    return sample.key.split("/", 1)[1] + (".md" if sample.kind == "chapter" else ".toml")


def _span(wanted: range) -> str:
    return f"{wanted.start:,} to {wanted.stop - 1:,}"


def _warning(where: str, message: str) -> Finding:
    return Finding(severity="warning", where=where, message=message)
