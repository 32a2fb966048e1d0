"""The outline: chosen by likeness to the brief, then adapted to its length and to the material."""

from collections.abc import Sequence

from scrivano.books.builtin.candidates import (
    OTHER,
    Candidate,
    fitted_themes,
    from_themes,
    of_references,
    of_sample,
    pick,
    put_beside,
)
from scrivano.books.builtin.choice import nearest
from scrivano.books.builtin.material import Material
from scrivano.books.builtin.ranking import Ranker
from scrivano.books.builtin.stock import Unit, units_of
from scrivano.books.builtin.themes import themes_of
from scrivano.books.dto import BookOutline, Brief, OutlineChapter
from scrivano.core.errors import InvalidInput
from scrivano.packs.public import OutlineSample

LEAST_WORDS = 300
LEAST_MIXED = 400
LEAST_CHAPTER = 180
PACK_YIELD = 0.85


def choose_outline(brief: Brief, material: Material) -> BookOutline:
    """The outline of the book that the built-in writer can make of `material`.

    With a pack it is the outline sample nearest to the brief's audience, tone and title, with chapters left
    out, folded into others, or taken from the references' headings and the other samples, as the number of
    chapters and the material want it. Without a pack, or in another language than the pack's, it follows the
    references. `notes` of the outline say where it had to fall short of the brief.

    Raises InvalidInput for fiction (field "kind") and for too little material (field "references").
    """
    refuse_fiction(brief)
    use_pack = speaks_as(brief, material)
    units = units_of(material, use_pack=use_pack)
    notes: list[str] = []
    if material.chapters and not use_pack:
        notes.append(
            f"The pack is written in {material.pack_language!r} and the book in {brief.language!r}, "
            "so only the references were used."
        )
    length = _length(brief, units, notes)
    own_words = sum(unit.words for unit in units if unit.own)
    ranker = Ranker(units, brief)
    if use_pack and material.outlines:
        chosen, main = nearest(brief, material.outlines, units, ranker, length)
        count = _how_many(brief, length, len(main), own_words, notes)
        more = of_references(units, ranker, main)
        if count > len(main):
            others = (sample for sample in material.outlines if sample is not chosen)
            borrowed = [candidate for sample in others for candidate in of_sample(sample, ranker, OTHER)]
            put_beside(main, borrowed)
            more += borrowed
        picked = pick(main + more, count, units, length)
    else:
        chosen = None
        candidates = from_themes(themes_of(units, f"{brief.subject or ''} {brief.notes or ''}"))
        picked = fitted_themes(
            candidates, _how_many(brief, length, min(12, len(candidates)), own_words, notes)
        )
    if brief.chapters and len(picked) < brief.chapters and not notes:
        notes.append(f"{brief.chapters} chapters were asked for; the material falls into {len(picked)}.")
    return _outline(brief, chosen, picked, length, notes)


def refuse_fiction(brief: Brief) -> None:
    """Raise InvalidInput for a novel."""
    if brief.kind == "fiction":
        raise InvalidInput(
            "The built-in writer composes books from passages that exist; it cannot invent a story.",
            field="kind",
            remedy="Fiction needs a model: start a local one (for instance Ollama) or add a provider.",
        )


def speaks_as(brief: Brief, material: Material) -> bool:
    """Whether the pack's samples are in the brief's language."""
    return brief.language.split("-")[0].lower() == material.pack_language.split("-")[0].lower()


def _length(brief: Brief, units: Sequence[Unit], notes: list[str]) -> int:
    """How many words the book will have: those asked for, or those that the material carries."""
    own = sum(unit.words for unit in units if unit.own)
    pack = sum(unit.words for unit in units if not unit.own)
    carries = int(own + pack * PACK_YIELD)
    if carries < LEAST_WORDS:
        raise InvalidInput(
            f"There is not enough material: {carries} words that could be used.",
            field="references",
            remedy="Name reference files of your own, or a domain and niche whose pack is installed.",
        )
    if carries < brief.words * 0.95:
        notes.append(
            f"{brief.words:,} words were asked for; the material carries about {carries:,}. "
            "Add references for a longer book."
        )
    return min(brief.words, carries)


def _how_many(brief: Brief, length: int, natural: int, own_words: int, notes: list[str]) -> int:
    if brief.chapters is None:
        return max(1, min(max(1, natural), length // 700))
    # A chapter out of the pack needs passages of three samples, one out of the author's notes does not.
    least = LEAST_CHAPTER if own_words >= length / 2 else LEAST_MIXED
    if length < brief.words * 0.95:
        # With every passage in use there is no choice left, and short chapters would stay unfilled.
        least = int(least * 1.4)
    count = max(1, min(brief.chapters, length // least))
    if count < brief.chapters:
        notes.append(
            f"{brief.chapters} chapters were asked for; with {length:,} words there are {count}, "
            f"as one of less than {least} words cannot be put together well."
        )
    return count


def _outline(
    brief: Brief,
    chosen: OutlineSample | None,
    picked: Sequence[Candidate],
    length: int,
    notes: list[str],
) -> BookOutline:
    chapters = [
        OutlineChapter(number=number, title=c.title, summary=c.summary, points=c.points, words=size)
        for number, (c, size) in enumerate(zip(picked, _sizes(picked, length), strict=True), 1)
    ]
    title = brief.title or (chosen.title if chosen else _named(brief, picked))
    subtitle = brief.subtitle or (chosen.subtitle if chosen and not brief.title else "")
    return BookOutline(
        title=title,
        subtitle=subtitle,
        summary=chosen.summary if chosen else "",
        chapters=chapters,
        notes=notes,
    )


def _named(brief: Brief, picked: Sequence[Candidate]) -> str:
    if brief.subject and len(brief.subject) <= 80:
        subject = brief.subject.rstrip(" .")
        return subject[:1].upper() + subject[1:]
    return picked[0].title


def _sizes(picked: Sequence[Candidate], length: int) -> list[int]:
    """Words for each chapter: half alike, half by how much material serves it.

    Beside an outline's chapters one that a reference suggested gets no more than the reference has for it.
    """
    own = [c.support or float(c.theme.words if c.theme else 0) for c in picked]
    total = sum(own) or 1.0
    sizes = [length * (0.5 / len(picked) + 0.5 * value / total) for value in own]
    limits = [c.theme.words * 1.05 if c.theme and c.support else float(length) for c in picked]
    free = sum(size for size, limit in zip(sizes, limits, strict=True) if size < limit)
    rest = length - sum(limit for size, limit in zip(sizes, limits, strict=True) if size >= limit)
    if not free:
        return [round(size) for size in sizes]
    return [
        round(limit if size >= limit else size * rest / free)
        for size, limit in zip(sizes, limits, strict=True)
    ]
