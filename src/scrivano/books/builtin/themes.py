"""Chapters that the author's references suggest: from their headings, else from their themes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from scrivano.books.builtin.naming import Namer
from scrivano.books.builtin.ranking import as_text, plain
from scrivano.books.builtin.stock import Unit
from scrivano.references.public import terms

CHAPTER_WORDS = 700
LEAST_WORDS = 450
WHOLE_FILE = 1_800
MOST_POINTS = 8


@dataclass(slots=True)
class Theme:
    """A stretch of one reference that could be a chapter."""

    title: str
    source: str
    units: list[Unit]
    points: list[str] = field(default_factory=list[str])

    @property
    def words(self) -> int:
        return sum(unit.words for unit in self.units)


def themes_of(units: Sequence[Unit], hint: str = "") -> list[Theme]:
    """The themes of the references among `units`; every unit belongs to exactly one.

    They keep the order of the references, unless `hint` (what the brief says of its subject) names what most
    of them are about: then they follow it.
    """
    sources = [list(group) for _, group in groupby((u for u in units if u.own), key=lambda u: u.source_id)]
    return [theme for source in _in_order_of(sources, hint) for theme in _of_source(source)]


def _in_order_of(sources: list[list[Unit]], hint: str) -> list[list[Unit]]:
    spoken = terms(hint)
    places: list[float] = []
    for source in sources:
        found = [
            spoken.index(term) for term in dict.fromkeys(terms(source[0].source_title)) if term in spoken
        ]
        places.append(sum(found) / len(found) if found else -1.0)
    if sum(place >= 0 for place in places) < 0.75 * len(places) or len(set(places)) < len(places):
        return sources
    return [source for _, source in sorted(zip(places, sources, strict=True), key=lambda pair: pair[0])]


def split_theme(theme: Theme) -> list[Theme]:
    """`theme` as two of about equal length, cut between sections; itself if it has but one."""
    half, size, cut = theme.words / 2, 0, 0
    best = float("inf")
    for number, unit in enumerate(theme.units[:-1], 1):
        size += unit.words
        if theme.units[number].section != unit.section and abs(size - half) < best:
            best, cut = abs(size - half), number
    if not cut:
        return [theme]
    first, second = theme.units[:cut], theme.units[cut:]
    title = next((as_text(unit.heading) for unit in second if unit.heading), "")
    if not title or plain(title) == plain(theme.title):
        return [theme]
    return [
        Theme(theme.title, theme.source, first, _points(first, theme.title)),
        Theme(title, theme.source, second, _points(second, title)),
    ]


def join_themes(first: Theme, second: Theme) -> Theme:
    """Both as one chapter, under the title of the longer."""
    title = first.title if first.words >= second.words else second.title
    units = first.units + second.units
    names = {plain(title)}
    points = [p for p in [first.title, *first.points, second.title, *second.points] if plain(p) not in names]
    return Theme(title, first.source, units, list(dict.fromkeys(points)))


def _of_source(units: list[Unit]) -> Iterator[Theme]:
    title = units[0].source_title
    tops = {unit.headings[0] for unit in units if unit.headings}
    size = sum(unit.words for unit in units)
    if size < WHOLE_FILE or len(tops) == 1:
        yield from _long(Theme(title, units[0].source_id, units, _points(units, title)))
    elif not tops:
        yield from _by_words(units, title)
    else:
        yield from _by_headings(units, title)


def _by_headings(units: list[Unit], title: str) -> Iterator[Theme]:
    groups = [
        (as_text(top) or title, list(group))
        for top, group in groupby(units, lambda u: u.headings[0] if u.headings else "")
    ]
    themes: list[Theme] = []
    pending: list[tuple[str, list[Unit]]] = []
    for number, group in enumerate(groups):
        pending.append(group)
        rest = sum(unit.words for _, later in groups[number + 1 :] for unit in later)
        if rest and (_size(pending) < LEAST_WORDS or rest < LEAST_WORDS / 2):
            continue
        whole = [unit for _, part in pending for unit in part]
        top = max(pending, key=lambda named: sum(unit.words for unit in named[1]))[0]
        themes.append(Theme(top, units[0].source_id, whole, _points(whole, top)))
        pending = []
    for theme in themes:
        yield from _long(theme)


def _size(groups: Sequence[tuple[str, list[Unit]]]) -> int:
    return sum(unit.words for _, group in groups for unit in group)


def _long(theme: Theme) -> Iterator[Theme]:
    """Cut a theme that would be several chapters long, as often as its headings allow."""
    parts = split_theme(theme) if theme.words > 4 * CHAPTER_WORDS else [theme]
    if len(parts) == 1:
        yield theme
        return
    for part in parts:
        yield from _long(part)


def _by_words(units: list[Unit], title: str) -> Iterator[Theme]:
    """Stretches of text without headings, cut where the vocabulary changes, named by what they speak of."""
    stretches: list[list[Unit]] = [units]
    while True:
        longest = max(stretches, key=lambda s: sum(u.words for u in s))
        if sum(u.words for u in longest) < 2 * CHAPTER_WORDS or len(longest) < 4:
            break
        cut = min(range(1, len(longest)), key=lambda i: (_overlap(longest, i), abs(i - len(longest) / 2)))
        at = stretches.index(longest)
        stretches[at : at + 1] = [longest[:cut], longest[cut:]]
    namer = Namer(units)
    taken = set(terms(title))
    for stretch in stretches:
        name = namer.name(stretch, 2, taken) if len(stretches) > 1 else ""
        spoken = set(taken)
        points = [namer.name([unit], 2, spoken) for unit in stretch]
        kept = [point for point in points if " " in point][:MOST_POINTS]
        yield Theme(f"{title}: {name}" if name else title, units[0].source_id, stretch, kept)


def _overlap(units: list[Unit], at: int) -> float:
    """How much the text around the cut shares words, held against cuts that leave a short stretch."""
    before = {term for unit in units[max(0, at - 2) : at] for term in unit.terms}
    after = {term for unit in units[at : at + 2] for term in unit.terms}
    shared = len(before & after) / max(1, min(len(before), len(after)))
    left = sum(unit.words for unit in units[:at])
    right = sum(unit.words for unit in units[at:])
    return shared + (1.0 if min(left, right) < CHAPTER_WORDS * 0.6 else 0.0)


def _points(units: Sequence[Unit], title: str) -> list[str]:
    """The headings below `title`, in order."""
    points: list[str] = []
    for unit in units:
        for heading in map(as_text, unit.headings[-1:]):
            if plain(heading) != plain(title) and heading not in points and terms(heading):
                points.append(heading)
    return points[:MOST_POINTS]
