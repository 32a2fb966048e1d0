"""How much each candidate bears on the scene, in parts that can be shown."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scrivano.prompts.context.dto import CastRole, Scene
from scrivano.prompts.context.index import ContextIndex
from scrivano.prompts.context.weights import Weights
from scrivano.references.public import terms

Floats = NDArray[np.float64]

_TITLE, _SUMMARY, _POINT = 1.2, 1.0, 1.0
# Being named in what the chapter is about is being in it; in one of its points alone, perhaps only being spoken of.
_PRESENT, _MENTIONED = 1.0, 0.85
_UNNAMED_PROTAGONIST = 0.2
_CALLED = 0.8
_SOFTENED = 0.35
_FORGETS = 6.0
_SOURCES = 5


@dataclass(frozen=True, slots=True)
class Ranking:
    """`scores` by candidate, the parts they are the sum of before the kind's weight, and the scene's own words."""

    scores: Floats
    parts: dict[str, Floats]
    kinds: Floats
    words: dict[str, float]

    def reasons(self) -> list[dict[str, float]]:
        """By candidate the parts of its score that are not zero, and the weight of its kind."""
        names = [*self.parts, "kind"]
        columns = [np.round(part, 4).tolist() for part in (*self.parts.values(), self.kinds)]
        rows = zip(*columns, strict=True)
        return [{name: x for name, x in zip(names, row, strict=True) if x} for row in rows]


def rank(index: ContextIndex, scene: Scene, weights: Weights) -> Ranking:
    """Score every candidate for the scene."""
    spoken_of = _spoken_of(index, scene)
    query = _softened(_query(scene), spoken_of)
    called = _called(index, scene)
    of_kind = weights.of_genre(scene.genre)
    kinds = np.array([of_kind.get(c.kind, 1.0) for c in index.candidates])
    parts = {
        "relevance": _scaled(index, {**called, **query}),
        "facet": _by_facet(index, scene, spoken_of),
        "people": _people(index, scene, weights.roles),
        "subject": _subjects(index, query.keys() - spoken_of),
        "likeness": _likeness(index, scene),
        "recency": _recency(index, scene),
        "rules": _rules(index, scene),
    }
    parts = {name: part * weights.parts.get(name, 0.0) for name, part in parts.items()}
    close = weights.parts.get("neighbours", 0.0)
    if close:
        parts["neighbours"] = close * _neighbours(index, scene, parts["relevance"] + parts["facet"])
    parts["prior"] = np.array([weights.priors.get(c.kind, 0.0) + c.prior for c in index.candidates])
    total = sum(parts.values(), np.zeros(len(index.candidates)))
    telling = {term: weight * index.words.idf(term) for term, weight in query.items()}
    return Ranking(total * kinds, parts, kinds, telling)


def _query(scene: Scene) -> dict[str, float]:
    """The scene's words, each with its weight: said twice it counts more, but not twice."""
    query: dict[str, float] = {}
    for text, weight in ((scene.title, _TITLE), (scene.summary, _SUMMARY), (" ".join(scene.points), _POINT)):
        for term, found in Counter(terms(text)).items():
            query[term] = query.get(term, 0.0) + weight * found**0.5
    return {term: weight**0.7 for term, weight in query.items()}


def _spoken_of(index: ContextIndex, scene: Scene) -> set[str]:
    """The names of those whom only the points name."""
    present = index.names.count(f"{scene.title}. {scene.summary}")
    mentioned = index.names.count(". ".join(scene.points)).keys() - present.keys()
    names = {who: set(terms(" ".join((m.name, *m.aliases)))) for who, m in enumerate(index.names.cast)}
    there = set[str]().union(*(names[who] for who in present))
    return set[str]().union(*(names[who] for who in mentioned)) - there


def _softened(query: dict[str, float], names: set[str]) -> dict[str, float]:
    """A name's own words would outweigh all else; how much they are to count, the part for people says."""
    return {term: weight * (_SOFTENED if term in names else 1.0) for term, weight in query.items()}


def _called(index: ContextIndex, scene: Scene) -> dict[str, float]:
    """The names of those whom the scene calls otherwise: "the lamplighter" finds what is told of Maren."""
    present = index.names.count(". ".join([scene.title, scene.summary, *scene.points]))
    names = " ".join(index.names.cast[who].name for who in present)
    return dict.fromkeys(terms(names), _CALLED)


def _scaled(index: ContextIndex, query: dict[str, float]) -> Floats:
    """Scores from 0 to 1: 1 is the best there is."""
    scores = index.words.scores(query)
    best = float(scores.max(initial=0.0))
    return scores / best if best > 0 else scores


def _by_facet(index: ContextIndex, scene: Scene, spoken_of: set[str]) -> Floats:
    """The best that a candidate does for one of the things the chapter has to cover.

    So a point that one passage alone speaks of is heard beside a summary that many do. One is the best match for
    the point as it stands.
    """
    best = np.zeros(len(index.candidates))
    for text in (f"{scene.title} {scene.summary}", *scene.points):
        query = {term: float(n) for term, n in Counter(terms(text)).items()}
        top = float(index.words.scores(query).max(initial=0.0))
        scores = index.words.scores(_softened(query, spoken_of))
        if top > 0:
            best = np.maximum(best, scores / top)
    return best


def _people(index: ContextIndex, scene: Scene, roles: dict[CastRole, float]) -> Floats:
    cast = index.names.cast
    if not cast:
        return np.zeros(len(index.candidates))
    present = index.names.count(f"{scene.title}. {scene.summary}")
    mentioned = index.names.count(". ".join(scene.points))
    strengths = np.zeros(len(cast))
    for who, member in enumerate(cast):
        strength = _PRESENT if who in present else _MENTIONED if who in mentioned else 0.0
        if member.role == "protagonist" and not strength:
            strength = _UNNAMED_PROTAGONIST
        strengths[who] = strength * roles.get(member.role, 1.0)
    return (strengths[:, None] * index.about).max(axis=0, initial=0.0)


def _subjects(index: ContextIndex, words: set[str]) -> Floats:
    """How far the scene names what a piece stands under, by the weight of the heading's words."""
    known: dict[tuple[str, ...], float] = {}
    for heading in index.headings:
        if heading not in known:
            rarity = {term: index.words.idf(term) for term in heading}
            whole = sum(rarity.values())
            met = sum(weight for term, weight in rarity.items() if term in words)
            known[heading] = met / whole if whole else 0.0
    return np.array([known[heading] for heading in index.headings])


def _likeness(index: ContextIndex, scene: Scene) -> Floats:
    """Cosine of the vectors where both have one, 0 to 1."""
    none = np.zeros(len(index.candidates))
    if index.vectors is None or scene.vector is None or len(scene.vector) != index.vectors.shape[1]:
        return none
    vector = np.array(scene.vector)
    norm = float(np.linalg.norm(vector))
    return np.maximum(index.vectors @ (vector / norm), 0.0) if norm > 0 else none


def _rules(index: ContextIndex, scene: Scene) -> Floats:
    """1 for a rule of style that names somebody who is there: how Warden speaks matters where Warden does."""
    present = list(index.names.count(f"{scene.title}. {scene.summary}"))
    if not present:
        return np.zeros(len(index.candidates))
    return index.of_style * (index.about[present].max(axis=0) > 0)


def _neighbours(index: ContextIndex, scene: Scene, found: Floats) -> Floats:
    """What stands near the pieces that the scene's words find best, by the words that both have.

    The scene says "the pen", the character sheet says that the pen holds insulin, and what insulin does stands under
    research: only by way of the sheet is it found. Nothing that is told later leads anywhere.
    """
    near = np.zeros(len(index.candidates))
    told = [
        n for n, c in enumerate(index.candidates) if c.from_chapter <= scene.number and c.kind != "outline"
    ]
    for number in sorted(told, key=lambda n: (-found[n], n))[:_SOURCES]:
        if found[number] > 0:
            near = np.maximum(near, found[number] * index.nearness.of(number))
    return near


def _recency(index: ContextIndex, scene: Scene) -> Floats:
    """What chapters tell: in full for those that this one builds on, less the longer ago for others."""

    def of(chapter: int | None) -> float:
        if chapter is None or chapter == scene.number:
            return 0.0
        if chapter in scene.needs:
            return 1.0
        return float(np.exp((1 - abs(scene.number - chapter)) / _FORGETS)) * 0.8

    return np.array([of(c.chapter) for c in index.candidates])
