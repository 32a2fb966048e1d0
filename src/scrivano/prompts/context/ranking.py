"""How much each candidate bears on the scene, in parts that can be shown."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scrivano.prompts.context.dto import CastRole, Scene
from scrivano.prompts.context.index import ContextIndex
from scrivano.prompts.context.senses import spelled_terms
from scrivano.prompts.context.weights import Weights
from scrivano.references.public import terms

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_TITLE, _SUMMARY, _POINT = 1.2, 1.0, 1.0
# Being named in what the chapter is about is being in it; in one of its points alone, perhaps only being spoken of.
_PRESENT, _MENTIONED = 1.0, 0.85
_UNNAMED_PROTAGONIST = 0.2
_CALLED = 0.8
_SOFTENED = 0.35
_FORGETS = 6.0
_SOURCES = 5
# Texts that have nothing to do with each other are alike by up to this; what is beyond it is counted four times, as
# cosines are small beside the scores of words.
_CHANCE, _FROM_COSINE = 0.05, 4.0
# Of a handful of candidates all may be near: what is usual is learnt from more than so many.
_FEW = 5
# A thing that nothing speaks of gives nobody more than a little, and a thousand that bear a little on it take nothing
# from the one that bears much.
_LEAST, _BEST = 0.5, 16
_POOLED = 3.0
# Of the scene's words so many are looked for, the rarest, and so many of those found count for a piece.
_ASKED_WORDS, _FOUND_WORDS = 16, 2


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
    told = index.told(scene.number)
    rarest = index.words.rarest
    things = _things(scene)
    by_words = [index.words.scores({**called, **query}) / rarest, *_by_words(index, things, spoken_of)]
    parts = {
        "relevance": _pooled([_shared(by_words[0], told)]),
        "facet": _pooled([_shared(scores, told) for scores in by_words[1:]]),
        "meaning": _pooled([_shared(scores, told) for scores in _by_meaning(index, things, spoken_of, told)]),
        "words": _words(index, scene),
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


def _things(scene: Scene) -> list[str]:
    """What the chapter has to cover, each by itself."""
    return [f"{scene.title}. {scene.summary}", *scene.points]


def _by_words(index: ContextIndex, things: Sequence[str], spoken_of: set[str]) -> list[Floats]:
    """By thing the score of every candidate; 1 is about a single word that nothing else has."""
    queries = ({term: float(n) for term, n in Counter(terms(text)).items()} for text in things)
    return [index.words.scores(_softened(query, spoken_of)) / index.words.rarest for query in queries]


def _by_meaning(index: ContextIndex, things: Sequence[str], spoken_of: set[str], told: Bools) -> list[Floats]:
    """By thing, and for all of them together, how much nearer than usual every candidate is in meaning."""
    bare = [things[0], *(_without(text, spoken_of) for text in things[1:])]
    near = index.senses.of([" ".join(bare), *bare])
    usual = near[told].sum(axis=0) / (told.sum() + _FEW)
    above = np.maximum(near - np.maximum(usual, _CHANCE), 0.0)
    return [_FROM_COSINE * column for column in above.T]


def _without(text: str, names: set[str]) -> str:
    """The text without these: in a mean of words a name cannot be made to weigh less."""
    return " ".join(word for word in text.split() if names.isdisjoint(terms(word))) if names else text


def _shared(scores: Floats, told: Bools) -> Floats:
    """Scores as shares, 0 to 1: what one candidate alone speaks of is worth more for it than what many speak of."""
    mine = np.where(told, scores, 0.0)
    best = np.sort(mine)[-_BEST:]
    return mine / (float(best @ best) + _LEAST**2) ** 0.5


def _pooled(shares: Sequence[Floats]) -> Floats:
    """What a candidate does for all things together; to do much for one is worth more than a little for each.

    So a point that one passage alone speaks of is heard beside a summary that many do.
    """
    return np.sum(np.array(shares) ** _POOLED, axis=0) ** (1 / _POOLED)


def _words(index: ContextIndex, scene: Scene) -> Floats:
    """How many of the scene's rarest words, or of words near to them, a candidate has: the lungs, and the asthmatic.

    Names are left out; whom a scene names, other parts say.
    """
    asked = spelled_terms(" ".join([scene.title, scene.summary, *scene.points]))
    rarity = {term: index.words.idf(term) or index.words.rarest for term in asked if term not in index.named}
    rarest = sorted(rarity, key=lambda term: -rarity[term])[:_ASKED_WORDS]
    near = index.senses.near({term: asked[term] for term in rarest})
    near *= np.array([rarity[term] / index.words.rarest for term in rarest])
    return np.sort(near, axis=1)[:, -_FOUND_WORDS:].sum(axis=1)


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
