"""Chapters that could be in the book, and which of them the material serves best."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from scrivano.books.builtin.draft import SAMPLE_SHARE
from scrivano.books.builtin.likeness import step_of
from scrivano.books.builtin.ranking import Ranker, plain
from scrivano.books.builtin.stock import Unit
from scrivano.books.builtin.themes import Theme, join_themes, split_theme, themes_of
from scrivano.packs.public import OutlineSample

MAIN, THEME, OTHER = 1.0, 0.5, 0.35
REACH = 0.22
SERVED = 0.25
OWN_WORTH = 3.0
MOST_POINTS = 8
MOST_THEMES = 60


@dataclass(slots=True)
class Candidate:
    """A chapter that could be in the book; `place` orders it along the outline that was chosen."""

    title: str
    summary: str
    points: list[str]
    place: float
    liking: float
    theme: Theme | None = None
    scores: list[float] = field(default_factory=list[float])
    support: float = 0.0


def of_sample(sample: OutlineSample, ranker: Ranker, liking: float = MAIN) -> list[Candidate]:
    """The chapters of one outline sample with their scores."""
    found = [
        Candidate(c.title, c.summary, list(c.points), float(place), liking)
        for place, c in enumerate(sample.chapters)
    ]
    for candidate in found:
        candidate.scores = ranker.chapter(candidate.title, candidate.summary, candidate.points, home=0.0)
    return found


def of_references(units: Sequence[Unit], ranker: Ranker, main: Sequence[Candidate]) -> list[Candidate]:
    """Chapters that the references suggest for what the `main` chapters of the outline have no place for."""
    if not any(unit.own for unit in units):
        return []
    found = from_themes(_fitted(themes_of(units), MOST_THEMES))
    for candidate in found:
        candidate.liking = THEME
        candidate.scores = ranker.chapter(candidate.title, "", candidate.points, home=0.0)
    put_beside(main, found)
    served = [max(c.scores[unit.number] for c in main) > SERVED for unit in units]
    for candidate in found:
        candidate.scores = [
            0.0 if there else score for there, score in zip(served, candidate.scores, strict=True)
        ]
    return found


def put_beside(main: Sequence[Candidate], more: Sequence[Candidate]) -> None:
    """Give `more` their places along the outline: beside the chapter that the same units serve."""
    for number, candidate in enumerate(more):
        candidate.place = _place(candidate, main) + number / 10_000


def _place(candidate: Candidate, main: Sequence[Candidate]) -> float:
    """Just after the chapter of the chosen outline that the same units serve."""
    likest = max(main, key=lambda other: (_common(candidate, other), -other.place))
    before = step_of(candidate.title) < step_of(likest.title)
    return likest.place + (-0.4 if before else 0.4)


def _common(one: Candidate, other: Candidate) -> float:
    """Likeness of two chapters by the units that serve them: cosine, 0 to 1."""
    dot = sum(a * b for a, b in zip(one.scores, other.scores, strict=True))
    size = sum(a * a for a in one.scores) * sum(b * b for b in other.scores)
    return dot / size**0.5 if size else 0.0


def from_themes(themes: Sequence[Theme]) -> list[Candidate]:
    return [Candidate(t.title, "", t.points, float(place), 1.0, t) for place, t in enumerate(themes)]


def pick(candidates: list[Candidate], count: int, units: Sequence[Unit], length: int) -> list[Candidate]:
    """The chapters that together make most of the material, those of the chosen outline before others."""
    picked: list[Candidate] = []
    candidates = [replace(candidate) for candidate in candidates]
    free = {unit.number for unit in units if unit.own or not unit.intro}
    size = length / count
    rest = list(candidates)
    while rest and len(picked) < count:
        yields = [(c, *_yield(c, units, free, size)) for c in rest if not _is_there(c, picked)]
        if not yields:
            break
        best, support, served = max(yields, key=lambda y: (y[0].liking * y[1], -y[0].place))
        if picked and support <= 0:
            break
        best.support = support
        rest.remove(best)
        picked.append(best)
        free.difference_update(served)
    for candidate in rest:
        if candidate.liking == MAIN and picked:
            _fold(candidate, picked)
    return sorted(picked, key=lambda c: c.place)


def _is_there(candidate: Candidate, picked: Sequence[Candidate]) -> bool:
    return any(plain(candidate.title) == plain(other.title) for other in picked)


def _yield(
    candidate: Candidate, units: Sequence[Unit], free: set[int], size: float
) -> tuple[float, list[int]]:
    """What a chapter of `size` words could take of the free units, weighed by how well they serve it.

    No sample gives more than its share, so a chapter whose matter lies in one sample alone yields little.
    """
    left = size
    given: dict[str, float] = {}
    support = 0.0
    served: list[int] = []
    for number in sorted(free, key=lambda n: (-candidate.scores[n], n)):
        unit, score = units[number], candidate.scores[number]
        if score < REACH or left < 40:
            break
        room = left if unit.own else min(left, SAMPLE_SHARE * size - given.get(unit.source_id, 0.0))
        taken = min(float(unit.words), room)
        if taken < 40:
            continue
        given[unit.source_id] = given.get(unit.source_id, 0.0) + taken
        left -= taken
        support += taken * (score - REACH / 2) * (OWN_WORTH if unit.own else 1.0)
        served.append(number)
    return support, served


def _fold(dropped: Candidate, picked: Sequence[Candidate]) -> None:
    """Give the points of a chapter that is left out to the one most like it, if there is such a one."""
    likest = max(picked, key=lambda other: _common(dropped, other))
    room = MOST_POINTS - len(likest.points)
    if _common(dropped, likest) > 0.65 and room > 0:
        names = {plain(point) for point in likest.points}
        likest.points = likest.points + [p for p in dropped.points[:2] if plain(p) not in names][:room]


def fitted_themes(candidates: Sequence[Candidate], count: int) -> list[Candidate]:
    """Join neighbours or split long themes until there are `count`, as far as that goes."""
    return from_themes(_fitted([c.theme for c in candidates if c.theme], count, split=True))


def _fitted(themes: list[Theme], count: int, *, split: bool = False) -> list[Theme]:
    themes = list(themes)
    while len(themes) > count:
        at = min(range(len(themes) - 1), key=lambda i: (_cost(themes[i], themes[i + 1]), i))
        themes[at : at + 2] = [join_themes(themes[at], themes[at + 1])]
    while split and len(themes) < count:
        for theme in sorted(themes, key=lambda t: -t.words):
            parts = split_theme(theme)
            if len(parts) == 2:
                at = themes.index(theme)
                themes[at : at + 1] = parts
                break
        else:
            break
    return themes


def _cost(one: Theme, two: Theme) -> float:
    return (one.words + two.words) * (1.0 if one.source == two.source else 1.5)
