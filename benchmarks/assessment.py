"""Does the score notice what was done to a text? And what do the contradiction fixtures say?

    python -m benchmarks.assessment [CASES]

Metamorphic: books are put together from the chapter samples of the shipped packs, three to five chapters of a niche in
a drawn order, with the outline that they were written to. Then one thing is done to each: chapters shuffled, two
swapped, one doubled, one deleted, one emptied; beside these, the paragraphs or the sentences of one chapter shuffled.
The figure is the share of cases in which the overall score fell. The same seed gives the same cases.
"""

import random
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from scrivano.assessment.contradictions.detect import Statement, clashes, statements
from scrivano.assessment.dto import ChapterText, Manuscript, PlannedChapter
from scrivano.assessment.genre_files import chosen, shipped
from scrivano.assessment.measuring import measure
from scrivano.assessment.text import Prose
from scrivano.references.public import split_sentences

ROOT = Path(__file__).parents[1]
PACKS = ROOT / "src" / "scrivano" / "packs" / "data"
FIXTURES = ROOT / "tests" / "fixtures" / "contradictions"
Chapters = list[ChapterText]


def niches() -> dict[str, list[tuple[ChapterText, PlannedChapter]]]:
    """The samples of each niche with what they were written to, by `domain/niche`."""
    found: dict[str, list[tuple[ChapterText, PlannedChapter]]] = {}
    for path in sorted(PACKS.glob("*/*/chapters/*.md")):
        _, matter, text = path.read_text("utf-8").split("+++", 2)
        facts: dict[str, Any] = tomllib.loads(matter)
        planned = PlannedChapter(
            title=facts["title"], summary=facts["summary"], points=facts["topics"], words=1150
        )
        niche = f"{path.parts[-4]}/{path.parts[-3]}"
        found.setdefault(niche, []).append((ChapterText(title=facts["title"], text=text.strip()), planned))
    return found


def shuffled(draw: random.Random, chapters: Chapters) -> Chapters:
    """The chapters in another order."""
    order = chapters[:]
    while order == chapters:
        draw.shuffle(order)
    return order


def swapped(draw: random.Random, chapters: Chapters) -> Chapters:
    """Two chapters in each other's place."""
    a, b = draw.sample(range(len(chapters)), 2)
    order = chapters[:]
    order[a], order[b] = order[b], order[a]
    return order


def doubled(draw: random.Random, chapters: Chapters) -> Chapters:
    """One chapter twice."""
    at = draw.randrange(len(chapters))
    place = draw.randrange(len(chapters) + 1)
    return [*chapters[:place], chapters[at], *chapters[place:]]


def deleted(draw: random.Random, chapters: Chapters) -> Chapters:
    """One chapter gone."""
    at = draw.randrange(len(chapters))
    return chapters[:at] + chapters[at + 1 :]


def emptied(draw: random.Random, chapters: Chapters) -> Chapters:
    """One chapter without its text."""
    at = draw.randrange(len(chapters))
    return [c if i != at else ChapterText(title=c.title, text="") for i, c in enumerate(chapters)]


def paragraphs_shuffled(draw: random.Random, chapters: Chapters) -> Chapters:
    """One chapter's paragraphs in another order, its headings where they were."""
    return _rewritten(draw, chapters, lambda ps: draw.sample(ps, len(ps)))


def sentences_shuffled(draw: random.Random, chapters: Chapters) -> Chapters:
    """One chapter's sentences dealt out anew to its paragraphs."""

    def deal(paragraphs: list[str]) -> list[str]:
        split = [split_sentences(p) for p in paragraphs]
        pool = [s for p in split for s in p]
        draw.shuffle(pool)
        return [" ".join(pool.pop() for _ in p) for p in split]

    return _rewritten(draw, chapters, deal)


def _rewritten(draw: random.Random, chapters: Chapters, change: Callable[[list[str]], list[str]]) -> Chapters:
    at = draw.randrange(len(chapters))
    blocks = chapters[at].text.split("\n\n")
    where = [i for i, b in enumerate(blocks) if b[:1].isalpha() and "\n" not in b]
    for place, text in zip(where, change([blocks[i] for i in where]), strict=True):
        blocks[place] = text
    return [
        c if i != at else ChapterText(title=c.title, text="\n\n".join(blocks)) for i, c in enumerate(chapters)
    ]


ASKED = (shuffled, swapped, doubled, deleted, emptied)
BESIDE = (paragraphs_shuffled, sentences_shuffled)


def metamorphic(cases: int, *, seed: int = 4, beside: bool = True) -> tuple[Counter[str], Counter[str]]:
    """How often each change was made, and how often the score fell."""
    draw = random.Random(seed)
    samples = niches()
    made, fell = Counter[str](), Counter[str]()
    changes = [*ASKED, *BESIDE] if beside else [*ASKED]
    count = cases * len(changes) // len(ASKED)
    for case in range(count):
        change = changes[case % len(changes)]
        niche = draw.choice(sorted(samples))
        picked = draw.sample(samples[niche], draw.randint(3, 5))
        outline = [planned for _, planned in picked]
        chapters = [chapter for chapter, _ in picked]
        genre = chosen(shipped(), "", "non-fiction", niche.split("/")[0])
        before = measure(Manuscript(chapters=chapters, outline=outline), genre).score
        after = measure(Manuscript(chapters=change(draw, chapters), outline=outline), genre).score
        made[change.__name__] += 1
        fell[change.__name__] += after < before
    return made, fell


def contradictions(half: str) -> tuple[int, int, int, int]:
    """Of the fixtures in `half`: contradictions, those found, others, those blamed all the same."""
    pairs = yaml.safe_load((FIXTURES / f"{half}.yaml").read_text("utf-8"))
    hits = {
        key: sum(
            bool(clashes(statements(Prose(known), "known"), statements(Prose(said), 1)))
            for _, known, said in rows
        )
        for key, rows in pairs.items()
    }
    return len(pairs["contradicts"]), hits["contradicts"], len(pairs["agrees"]), hits["agrees"]


def false_alarms_in_prose() -> tuple[int, int]:
    """Contradictions that are reported in the shipped chapters, of which each niche agrees with itself; and words."""
    alarms = words = 0
    for chapters in niches().values():
        told: list[Statement] = []
        for number, (chapter, _) in enumerate(chapters, start=1):
            prose = Prose(chapter.text, number)
            words += prose.words
            told += statements(prose, number)
        alarms += len(clashes([], told))
    return alarms, words


def speed() -> tuple[int, float]:
    """Words of a manuscript of nine chapters with an outline, and seconds of CPU for all measures of it."""
    picked = [pair for pairs in niches().values() for pair in pairs][:9]
    manuscript = Manuscript(chapters=[c for c, _ in picked], outline=[p for _, p in picked])
    begun = time.process_time()
    report = measure(manuscript, shipped()["practical-guide"])
    return report.words, time.process_time() - begun


def main() -> None:
    """Print every figure."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    words, seconds = speed()
    print(f"all measures of {words:,} words: {seconds:.2f} s of CPU")
    for half in ("seen", "kept_aside"):
        there, found, others, blamed = contradictions(half)
        print(
            f"contradictions, {half}: {found} of {there} found ({found / there:.1%}), "
            f"{blamed} of {others} false alarms ({blamed / others:.1%})"
        )
    alarms, words = false_alarms_in_prose()
    print(f"contradictions reported in {words:,} words of shipped prose: {alarms}")
    made, fell = metamorphic(cases)
    asked = [c.__name__ for c in ASKED]
    total, down = sum(made[n] for n in asked), sum(fell[n] for n in asked)
    print(f"metamorphic: the score fell in {down} of {total} cases ({down / total:.1%})")
    for name in made:
        beside = "" if name in asked else "  (beside the figure)"
        print(f"  {name.replace('_', ' ')}: {fell[name]} of {made[name]}{beside}")


if __name__ == "__main__":
    main()
