"""The outline: chosen by likeness to the brief, then adapted to its length and to the material."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from scrivano.books.builtin.likeness import fit, step_of
from scrivano.books.builtin.material import Material, OutlineSample
from scrivano.books.builtin.ranking import Ranker, plain
from scrivano.books.builtin.stock import Unit, units_of
from scrivano.books.builtin.themes import Theme, join_themes, split_theme, themes_of
from scrivano.books.dto import BookOutline, Brief, OutlineChapter
from scrivano.core.errors import InvalidInput
from scrivano.references.public import Bm25, terms

LEAST_WORDS = 300
LEAST_CHAPTER = 400
REACH = 0.12
PACK_YIELD = 0.85
MOST_POINTS = 8


@dataclass(slots=True)
class _Candidate:
    """A chapter that could be in the book; `place` orders it along the outline that was chosen."""

    title: str
    summary: str
    points: list[str]
    place: float
    liking: float
    theme: Theme | None = None
    scores: list[float] = field(default_factory=list[float])
    support: float = 0.0


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
    samples = sorted(material.outlines, key=lambda sample: sample.id) if use_pack else []
    ranker = Ranker(units, brief)
    if samples:
        chosen = max(
            samples, key=lambda sample: (_nearness(brief, sample, samples, units), -samples.index(sample))
        )
        candidates = _from_samples(chosen, samples, units, ranker)
    else:
        chosen = None
        candidates = _from_themes(themes_of(units))
    count = _how_many(brief, length, candidates, chosen, notes)
    picked = _pick(candidates, count, units) if chosen else _fitted_themes(candidates, count)
    if brief.chapters and len(picked) < brief.chapters and not notes:
        notes.append(f"{brief.chapters} chapters were asked for; the material falls into {len(picked)}.")
    return _outline(brief, chosen, picked, length, units, notes)


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


def _nearness(
    brief: Brief, sample: OutlineSample, samples: Sequence[OutlineSample], units: Sequence[Unit]
) -> float:
    """Audience and tone first, then the words of the brief, then what the references speak of."""
    texts = [_words_of(each) for each in samples]
    index = Bm25(texts)
    number = list(samples).index(sample)
    wanted = terms(
        " ".join(filter(None, (brief.title, brief.subtitle, brief.subject, brief.notes, brief.audience)))
    )
    spoken = sorted({term for unit in units if unit.own for term in unit.terms if unit.terms[term] > 1})
    return (
        2.0 * fit(brief.audience, brief.tone, sample.audience, sample.tone)
        + 0.8 * _share(index, wanted, number)
        + 0.5 * _share(index, spoken, number)
    )


def _share(index: Bm25, query: Sequence[str], number: int) -> float:
    scores = index.scores((term, 1.0) for term in query)
    return scores.get(number, 0.0) / max(scores.values()) if scores and max(scores.values()) > 0 else 0.0


def _words_of(sample: OutlineSample) -> list[str]:
    parts = [sample.title, sample.subtitle, sample.audience, sample.tone, sample.summary]
    for chapter in sample.chapters:
        parts += [chapter.title, chapter.summary, *chapter.points]
    return terms(" ".join(parts))


def _from_samples(
    chosen: OutlineSample, samples: Sequence[OutlineSample], units: Sequence[Unit], ranker: Ranker
) -> list[_Candidate]:
    main = [
        _Candidate(c.title, c.summary, list(c.points), float(place), 1.0)
        for place, c in enumerate(chosen.chapters)
    ]
    themes = [_Candidate(t.title, "", t.points, -1.0, 0.9, t) for t in themes_of(units)]
    others = [
        _Candidate(c.title, c.summary, list(c.points), -1.0, 0.55)
        for sample in samples
        if sample is not chosen
        for c in sample.chapters
    ]
    for candidate in main + themes + others:
        candidate.scores = ranker.chapter(candidate.title, candidate.summary, candidate.points)
    for candidate in themes + others:
        candidate.place = _place(candidate, main)
    return main + themes + others


def _place(candidate: _Candidate, main: Sequence[_Candidate]) -> float:
    """Just after the chapter of the chosen outline that the same units serve."""
    likest = max(main, key=lambda other: (_common(candidate, other), -other.place))
    before = step_of(candidate.title) < step_of(likest.title)
    return likest.place + (-0.4 if before else 0.4)


def _common(one: _Candidate, other: _Candidate) -> float:
    """Likeness of two chapters by the units that serve them: cosine, 0 to 1."""
    dot = sum(a * b for a, b in zip(one.scores, other.scores, strict=True))
    size = sum(a * a for a in one.scores) * sum(b * b for b in other.scores)
    return dot / size**0.5 if size else 0.0


def _from_themes(themes: Sequence[Theme]) -> list[_Candidate]:
    return [_Candidate(t.title, "", t.points, float(place), 1.0, t) for place, t in enumerate(themes)]


def _how_many(
    brief: Brief,
    length: int,
    candidates: Sequence[_Candidate],
    chosen: OutlineSample | None,
    notes: list[str],
) -> int:
    natural = len(chosen.chapters) if chosen else max(1, min(12, len(candidates)))
    if brief.chapters is None:
        return max(1, min(natural, length // 700))
    if length >= brief.words * 0.95:
        return brief.chapters
    # The author's chapters are kept as long as they don't become much shorter than was meant.
    least = min(LEAST_CHAPTER, brief.words // brief.chapters)
    count = max(1, min(brief.chapters, length // max(1, least)))
    if count < brief.chapters:
        notes.append(f"{brief.chapters} chapters were asked for; the material carries {count}.")
    return count


def _pick(candidates: list[_Candidate], count: int, units: Sequence[Unit]) -> list[_Candidate]:
    """The chapters that together make most of the material, those of the chosen outline before others."""
    picked: list[_Candidate] = []
    covered = [0.0] * len(units)
    worth = [unit.words * (3.0 if unit.own else 1.0) for unit in units]
    rest = list(candidates)
    while rest and len(picked) < count:
        best = max(rest, key=lambda c: (_gain(c, covered, worth, picked), -c.place))
        rest.remove(best)
        if picked and _gain(best, covered, worth, picked) <= 0:
            break
        picked.append(best)
        covered = [max(old, new) for old, new in zip(covered, best.scores, strict=True)]
    for candidate in rest:
        if candidate.liking == 1.0 and picked:
            _fold(candidate, picked)
    return sorted(picked, key=lambda c: c.place)


def _gain(
    candidate: _Candidate, covered: Sequence[float], worth: Sequence[float], picked: Sequence[_Candidate]
) -> float:
    """Worth of the units that it would serve better than the chapters that are picked."""
    if any(plain(candidate.title) == plain(other.title) for other in picked):
        return 0.0
    gained = sum(
        value * max(0.0, score - max(old, REACH))
        for value, score, old in zip(worth, candidate.scores, covered, strict=True)
    )
    return candidate.liking * gained


def _fold(dropped: _Candidate, picked: Sequence[_Candidate]) -> None:
    """Give the points of a chapter that is left out to the one most like it, if there is such a one."""
    likest = max(picked, key=lambda other: _common(dropped, other))
    room = MOST_POINTS - len(likest.points)
    if _common(dropped, likest) > 0.5 and room > 0:
        names = {plain(point) for point in likest.points}
        likest.points = likest.points + [p for p in dropped.points[:3] if plain(p) not in names][:room]


def _fitted_themes(candidates: Sequence[_Candidate], count: int) -> list[_Candidate]:
    """Join neighbours or split long themes until there are `count`, as far as that goes."""
    themes = [c.theme for c in candidates if c.theme]
    while len(themes) > count:
        at = min(range(len(themes) - 1), key=lambda i: (_cost(themes[i], themes[i + 1]), i))
        themes[at : at + 2] = [join_themes(themes[at], themes[at + 1])]
    while len(themes) < count:
        for theme in sorted(themes, key=lambda t: -t.words):
            parts = split_theme(theme)
            if len(parts) == 2:
                at = themes.index(theme)
                themes[at : at + 1] = parts
                break
        else:
            break
    return _from_themes(themes)


def _cost(one: Theme, two: Theme) -> float:
    return (one.words + two.words) * (1.0 if one.source == two.source else 1.5)


def _outline(
    brief: Brief,
    chosen: OutlineSample | None,
    picked: Sequence[_Candidate],
    length: int,
    units: Sequence[Unit],
    notes: list[str],
) -> BookOutline:
    shares = _shares(picked, units)
    chapters = [
        OutlineChapter(
            number=number, title=c.title, summary=c.summary, points=c.points, words=round(length * share)
        )
        for number, (c, share) in enumerate(zip(picked, shares, strict=True), 1)
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


def _named(brief: Brief, picked: Sequence[_Candidate]) -> str:
    if brief.subject and len(brief.subject) <= 80:
        subject = brief.subject.rstrip(" .")
        return subject[:1].upper() + subject[1:]
    return picked[0].title


def _shares(picked: Sequence[_Candidate], units: Sequence[Unit]) -> list[float]:
    """Each chapter's share of the length: half alike, half by how much material is nearest to it."""
    if all(c.theme and not c.scores for c in picked):
        own = [float(c.theme.words) for c in picked if c.theme]
    else:
        own = [0.0] * len(picked)
        for unit in units:
            scores = [c.scores[unit.number] for c in picked]
            own[scores.index(max(scores))] += unit.words * (2.0 if unit.own else 1.0)
    total = sum(own) or 1.0
    weights = [0.6 / len(picked) + 0.4 * value / total for value in own]
    return [weight / sum(weights) for weight in weights]
