"""Figures of the built-in writer over all niches of the packs folder.

    python benchmarks/builtin_writer.py [--words N] [--show NICHE] [--json]

For each niche a book with the pack alone, and one with 20,000 words of references beside it (the chapter
samples of the niche's sister niches, taken as an author's own files); for the pack's books also the shares of
8-grams that two niches have in common. `--show` prints the pack's book of a niche to be read.
"""

import argparse
import json
import re
import time
import tomllib
from collections import Counter
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

from scrivano.books.brief import load_brief, parse_brief
from scrivano.books.builtin.public import Material, choose_outline, compose, prose_of
from scrivano.books.dto import BookOutline, Brief, ComposedChapter
from scrivano.packs.public import ChapterSample, OutlineSample
from scrivano.references.public import passages_of, words

ROOT = Path(__file__).resolve().parents[1]
PACKS = ROOT / "src" / "scrivano" / "packs" / "data"
Book = list[ComposedChapter]


def niches() -> list[tuple[str, str]]:
    """Domain and niche of every pack."""
    found: list[tuple[str, str]] = []
    for path in sorted(PACKS.glob("*/pack.toml")):
        pack = tomllib.loads(path.read_text("utf-8"))
        found += [(pack["slug"], niche["slug"]) for niche in pack["niche"]]
    return found


def material_of(domain: str, niche: str) -> Material:
    """The samples of a niche, straight from the files."""
    folder = PACKS / domain / niche
    outlines = [_outline(path, domain, niche) for path in sorted((folder / "outlines").glob("*.toml"))]
    chapters = [_chapter(path, domain, niche) for path in sorted((folder / "chapters").glob("*.md"))]
    return Material(outlines=outlines, chapters=chapters)


def _outline(path: Path, domain: str, niche: str) -> OutlineSample:
    data = tomllib.loads(path.read_text("utf-8"))
    chapters = data.pop("chapter")
    return OutlineSample(id=f"{domain}/{niche}/outlines/{path.stem}", chapters=chapters, hash="", **data)


def _chapter(path: Path, domain: str, niche: str) -> ChapterSample:
    _, head, body = path.read_text("utf-8").split("+++", 2)
    text = body.strip()
    name = f"{domain}/{niche}/chapters/{path.stem}"
    return ChapterSample(id=name, text=text, words=len(words(text)), hash="", **tomllib.loads(head))


def grams(tokens: list[str], n: int) -> list[tuple[str, ...]]:
    return list(zip(*(tokens[i:] for i in range(n)), strict=False))


def distinct(book: Book, n: int = 4) -> float:
    """Share of the book's n-grams that are different ones."""
    found = [gram for chapter in book for gram in grams(words(prose_of(chapter)), n)]
    return len(set(found)) / max(1, len(found))


def sentences(book: Book) -> list[str]:
    return [" ".join(words(s.text)) for chapter in book for s in chapter.sentences]


def untraced(book: Book, texts: dict[str, str]) -> int:
    """Sentences that are not, word for word, in the source they name, and prose that no sentence covers."""
    flat = {source: _flat(text) for source, text in texts.items()}
    missing = 0
    for chapter in book:
        missing += " ".join(s.text for s in chapter.sentences) != prose_of(chapter)
        missing += "\n\n".join(b.markdown for b in chapter.blocks) != chapter.markdown
        missing += sum(_flat(s.text) not in flat.get(s.source_id, "") for s in chapter.sentences)
    return missing


def _flat(text: str) -> str:
    return " ".join(re.sub(r"^\s*(?:>|[-*+]|\d+\.)\s", " ", text, flags=re.MULTILINE).split())


def largest_share(book: Book) -> float:
    """The largest share of a chapter's sentences that comes from one chapter sample."""
    shares = [0.0]
    for chapter in book:
        counts = Counter(s.source_id for s in chapter.sentences if "/chapters/" in s.source_id)
        shares += [count / len(chapter.sentences) for count in counts.values()]
    return max(shares)


def own_share(book: Book, names: Iterable[str]) -> float:
    own = set(names)
    sources = [s.source_id for chapter in book for s in chapter.sentences]
    return sum(source in own for source in sources) / max(1, len(sources))


def texts_of(material: Material) -> dict[str, str]:
    texts = {sample.id: sample.text for sample in material.chapters}
    for sample in material.outlines:
        texts[sample.id] = "\n".join(chapter.summary for chapter in sample.chapters)
    for passage in material.passages:
        texts[passage.source] = texts.get(passage.source, "") + "\n" + passage.text
    return texts


def write(brief: Brief, material: Material) -> tuple[BookOutline, Book, float]:
    start = time.perf_counter()
    outline = choose_outline(brief, material)
    book = compose(brief, outline, material)
    return outline, book, time.perf_counter() - start


def brief_of(domain: str, niche: str, length: int | None) -> Brief:
    path = ROOT / "examples" / f"{niche.replace('_', '-')}.toml"
    brief = (
        load_brief(path) if path.exists() else parse_brief({"domain": domain, "niche": niche, "words": 5000})
    )
    return brief.model_copy(update={"words": length}) if length else brief


def with_references(material: Material, domain: str, niche: str) -> Material:
    """The niche's samples, beside 20,000 words and more of other niches as an author's own files."""
    passages = []
    count = 0
    near = sorted(niches(), key=lambda other: (other[0] != domain, other))
    for other in near:
        if other[1] == niche or count >= 22_000:
            continue
        for sample in material_of(*other).chapters:
            name = f"{other[1]}/{sample.id.rsplit('/', 1)[-1]}.md"
            passages += passages_of(name, sample.title, sample.text)
            count += len(words(sample.text))
    return Material(outlines=material.outlines, chapters=material.chapters, passages=passages)


def row(brief: Brief, material: Material) -> tuple[dict[str, object], Book, BookOutline]:
    outline, book, seconds = write(brief, material)
    found = sentences(book)
    return (
        {
            "niche": brief.niche,
            "asked": brief.words,
            "words": sum(chapter.words for chapter in book),
            "chapters": len(book),
            "distinct4": round(distinct(book), 4),
            "repeated": len(found) - len(set(found)),
            "untraced": untraced(book, texts_of(material)),
            "largest_share": round(largest_share(book), 3),
            "own_share": round(own_share(book, {p.source for p in material.passages}), 3),
            "shortfalls": sum(len(c.shortfall) for c in book) + len(outline.notes),
            "seconds": round(seconds, 3),
        },
        book,
        outline,
    )


def show(outline: BookOutline, book: Book) -> None:
    print(f"# {outline.title}\n{outline.subtitle}\n{outline.notes}")
    for chapter in book:
        print(f"\n\n=== {chapter.title} ({chapter.words} words) {chapter.shortfall}\n")
        for block in chapter.blocks:
            print(f"[{block.source_id.rsplit('/', 1)[-1]}] {block.markdown}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=int, help="length instead of the examples' own")
    parser.add_argument("--show", help="print the book of this niche")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows: list[dict[str, object]] = []
    runs: dict[str, set[tuple[str, ...]]] = {}
    for domain, niche in niches():
        if options.show and options.show != niche:
            continue
        brief, material = brief_of(domain, niche, options.words), material_of(domain, niche)
        plain, book, outline = row(brief, material)
        rows.append(plain)
        if options.show:
            show(outline, book)
            return
        rows.append(row(brief, with_references(material, domain, niche))[0])
        runs[niche] = {gram for chapter in book for gram in grams(words(prose_of(chapter)), 8)}
    shared = {
        f"{a} / {b}": len(runs[a] & runs[b]) / max(1, min(len(runs[a]), len(runs[b])))
        for a, b in combinations(sorted(runs), 2)
    }
    worst = max(shared.items(), key=lambda pair: pair[1])
    if options.json:
        print(json.dumps({"books": rows, "shared_8grams": {"worst": worst[0], "share": worst[1]}}, indent=1))
        return
    print(" ".join(f"{key:>22}" if key == "niche" else f"{key:>13}" for key in rows[0]))
    for each in rows:
        print(" ".join(f"{each[key]!s:>22}" if key == "niche" else f"{each[key]!s:>13}" for key in each))
    print(f"largest share of 8-grams in common between two niches: {worst[1]:.4%} ({worst[0]})")


if __name__ == "__main__":
    main()
