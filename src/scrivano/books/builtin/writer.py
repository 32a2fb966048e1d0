"""Composing the chapters of a book out of the author's references and the pack's samples."""

from collections.abc import Iterator, Sequence

from scrivano.books.builtin.arrange import Opening, in_order, write_down
from scrivano.books.builtin.assign import (
    OWN_WORDS_FOR_QUOTA,
    fill,
    keep_quota,
    keep_shares,
    top_up,
)
from scrivano.books.builtin.draft import Chosen, Draft
from scrivano.books.builtin.material import Material
from scrivano.books.builtin.plan import refuse_fiction, speaks_as
from scrivano.books.builtin.ranking import Ranker
from scrivano.books.builtin.stock import Unit, units_of
from scrivano.books.dto import BookOutline, Brief, ComposedChapter, OutlineChapter
from scrivano.core.errors import InvalidInput
from scrivano.references.public import split_sentences, terms, words

SHORT = 0.85
ROOM = 1.04
ROUNDS = 5
INTRO_FITS = 0.35
OPENING_WORDS, FROM_WORDS = 15, 600
LEAST_CHAPTER = 90
OWN_SHARE = 0.61
OUTLINE_SOURCE = "outline"


def compose(brief: Brief, outline: BookOutline, material: Material) -> list[ComposedChapter]:
    """The chapters of `outline` (as chosen, or as the author changed it) from passages of `material`.

    No sentence stands twice in the book, no chapter takes more than 40 % of its sentences from one sample,
    and with 20,000 words of references at least 60 % of the book's sentences are the author's. A chapter for
    which there is too little is shorter, or missing, and the `shortfall` of it, or of a neighbour, says so.
    The same input gives the same chapters in any process.

    Raises InvalidInput for fiction, and where no chapter at all can be filled.
    """
    refuse_fiction(brief)
    units = units_of(material, use_pack=speaks_as(brief, material))
    ranker = Ranker(units, brief)
    pace = sum(unit.words for unit in units) / max(1, sum(unit.sentences for unit in units))
    drafts = [
        Draft(
            plan,
            _relative(ranker.chapter(plan.title, plan.summary, plan.points)),
            pace,
            ranker.at_home(plan.title, plan.points),
        )
        for plan in _with_words(brief, outline)
    ]
    _reserve(drafts, units)
    fill(drafts, units)
    _add_intros(drafts, units)
    _even_out(drafts, units)
    if sum(unit.words for unit in units if unit.own) >= OWN_WORDS_FOR_QUOTA:
        keep_quota(drafts, OWN_SHARE)
    chapters = list(_written(drafts, ranker, outline, material))
    if not any(chapters):
        raise InvalidInput(
            "There is not enough material for a single chapter of this outline.",
            field="references",
            remedy="Add references that speak of its subject, or change the outline.",
        )
    return _with_missing(chapters, drafts)


def _even_out(drafts: Sequence[Draft], units: Sequence[Unit]) -> None:
    """Fill what room is left and hold every sample to its share, until neither changes anything."""
    for _ in range(ROUNDS):
        before = [draft.words for draft in drafts]
        top_up(drafts, units)
        for draft in drafts:
            keep_shares(draft, 0)
        if [draft.words for draft in drafts] == before:
            return


def _with_words(brief: Brief, outline: BookOutline) -> list[OutlineChapter]:
    """The chapters, with an even share of the length for those that an author added without one."""
    given = sum(chapter.words for chapter in outline.chapters)
    without = sum(not chapter.words for chapter in outline.chapters)
    share = max(0, brief.words - given) // without if without else 0
    share = share or brief.words // max(1, len(outline.chapters))
    return [c if c.words else c.model_copy(update={"words": share}) for c in outline.chapters]


def _relative(scores: list[float]) -> list[float]:
    """Scores as shares of what the best five reach, so that all chapters compare."""
    best = sorted(scores, reverse=True)[:5]
    level = sum(best) / len(best) if best else 0.0
    return [score / level for score in scores] if level else scores


def _reserve(drafts: Sequence[Draft], units: Sequence[Unit]) -> None:
    """Keep room for a chapter's opening: the outline's sentence, and a sample's introduction if it fits."""
    intros = [unit.words for unit in units if unit.intro and not unit.own]
    usual = sum(intros) // len(intros) if intros else 0
    for draft in drafts:
        draft.reserve = OPENING_WORDS + (usual if draft.plan.words >= FROM_WORDS and not draft.home else 0)


def _add_intros(drafts: Sequence[Draft], units: Sequence[Unit]) -> None:
    """Open a chapter with the introduction of the sample that serves it best, if that speaks of the same."""
    intros = {unit.source_id: unit for unit in units if unit.intro and not unit.own}
    for draft in sorted(drafts, key=lambda d: -d.plan.words):
        draft.reserve = OPENING_WORDS
        leading = sorted(draft.chosen, key=lambda c: (-c.score, c.unit.number))[:2]
        for source in dict.fromkeys(chosen.unit.source_id for chosen in leading):
            unit = intros.get(source)
            if unit is None or draft.scores[unit.number] < INTRO_FITS:
                continue
            if draft.words + unit.words > draft.plan.words * ROOM or unit.words > draft.left_for(unit):
                continue
            draft.chosen.append(Chosen(unit, draft.scores[unit.number], unit.pieces))
            del intros[source]
            break


def _written(
    drafts: Sequence[Draft], ranker: Ranker, outline: BookOutline, material: Material
) -> Iterator[ComposedChapter | None]:
    used = {_key(s) for draft in drafts for c in draft.chosen for piece in c.pieces for s in piece.sentences}
    for draft in drafts:
        opening = _opening(draft, material)
        if opening is not None:
            keys = [_key(sentence) for sentence in opening.sentences]
            opening = None if used & set(keys) else opening
            used.update(keys)
        keep_shares(draft, len(opening.sentences) if opening else 0)
        if draft.words < min(LEAST_CHAPTER, draft.plan.words // 2) or not draft.chosen:
            yield None
            continue
        points = ranker.points(draft.plan)
        chapter = write_down(draft, in_order(draft, points), points, opening)
        if chapter.words < SHORT * draft.plan.words:
            chapter.shortfall.append(
                f"“{chapter.title}” has {chapter.words:,} of {draft.plan.words:,} words: "
                "there is no more material on its points."
            )
        yield chapter


def _opening(draft: Draft, material: Material) -> Opening | None:
    """The outline's summary of the chapter, if what it promises is there."""
    text = " ".join(draft.plan.summary.split())
    sentences = split_sentences(text)
    if not sentences or any(sign in text for sign in "*_`<>[]#|~\\"):
        return None
    promised = set(terms(text))
    kept = {term for chosen in draft.chosen for term in chosen.unit.terms}
    if not promised or len(promised & kept) < 0.5 * len(promised):
        return None
    for sample in material.outlines:
        for number, chapter in enumerate(sample.chapters, 1):
            if " ".join(chapter.summary.split()) == text:
                return Opening(text, sample.id, sample.title, f"{sample.id}#chapter-{number}")
    return Opening(
        text, OUTLINE_SOURCE, "The author's outline", f"{OUTLINE_SOURCE}#chapter-{draft.plan.number}"
    )


def _key(sentence: str) -> str:
    return " ".join(words(sentence))


def _with_missing(
    chapters: Sequence[ComposedChapter | None], drafts: Sequence[Draft]
) -> list[ComposedChapter]:
    """The chapters that came about; each missing one is told by the one before it, or by the first."""
    written = [chapter for chapter in chapters if chapter]
    last = written[0]
    for chapter, draft in zip(chapters, drafts, strict=True):
        if chapter is not None:
            last = chapter
        else:
            last.shortfall.append(
                f"The chapter “{plain_title(draft)}” is missing: there is too little material for it."
            )
    return written


def plain_title(draft: Draft) -> str:
    """The planned title of a chapter on one line."""
    return " ".join(draft.plan.title.split())
