"""Which unit goes into which chapter: the whole book at once, so that nothing is used twice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from scrivano.books.builtin.pieces import Piece, shortened
from scrivano.books.builtin.stock import Unit
from scrivano.books.dto import OutlineChapter
from scrivano.references.public import count_words

REACH = 0.28
FAR = 0.14
OWN_WORDS_FOR_QUOTA = 20_000
OWN_SHARE = 0.66
SAMPLE_SHARE = 0.4
OVER = 1.06
LEAST_PART = 45


@dataclass(slots=True)
class Chosen:
    """A unit in a chapter; `pieces` may be fewer than the unit's, from its beginning."""

    unit: Unit
    score: float
    pieces: tuple[Piece, ...]

    @property
    def words(self) -> int:
        return sum(piece.words for piece in self.pieces) + count_words(self.unit.heading)

    @property
    def sentences(self) -> int:
        return sum(len(piece.sentences) for piece in self.pieces)


@dataclass(slots=True)
class Draft:
    """A chapter while it is filled."""

    plan: OutlineChapter
    scores: list[float]
    chosen: list[Chosen] = field(default_factory=list["Chosen"])
    extra: int = 0

    @property
    def words(self) -> int:
        return sum(chosen.words for chosen in self.chosen) + self.extra

    @property
    def sentences(self) -> int:
        return sum(chosen.sentences for chosen in self.chosen)

    def of_sample(self, source_id: str) -> int:
        """Words from this sample."""
        return sum(c.words for c in self.chosen if c.unit.source_id == source_id and not c.unit.own)


@dataclass(frozen=True, slots=True)
class _Offer:
    priority: float
    draft: int
    unit: Unit
    score: float


def fill(drafts: Sequence[Draft], units: Sequence[Unit]) -> None:
    """Give the drafts their units: the author's passages first, then the pack's, each where it fits best."""
    taken: set[int] = set()
    own_words = sum(unit.words for unit in units if unit.own)
    own = [unit for unit in units if unit.own]
    pack = [unit for unit in units if not unit.own and not unit.intro]
    budget = sum(draft.plan.words for draft in drafts)
    _place(drafts, own, taken, REACH, budget)
    if own_words >= OWN_WORDS_FOR_QUOTA or not pack:
        for reach in (FAR, 0.0):
            held = sum(c.words for draft in drafts for c in draft.chosen)
            if held < min(OWN_SHARE * 1.15 * budget, budget) or not pack:
                _place(drafts, own, taken, reach, budget)
    else:
        _place(drafts, own, taken, FAR, budget)
    held = sum(c.words for draft in drafts for c in draft.chosen)
    room = budget
    if own_words >= OWN_WORDS_FOR_QUOTA:
        room = min(budget, int(held / OWN_SHARE))
    for reach in (REACH, FAR):
        _place(drafts, pack, taken, reach, room)
    if own_words < OWN_WORDS_FOR_QUOTA:
        _place(drafts, own, taken, 0.02, room)
    improve(drafts)


def _place(
    drafts: Sequence[Draft], units: Sequence[Unit], taken: set[int], reach: float, budget: int
) -> None:
    """Take offers by priority as long as the chapter, the sample's share of it and the book have room."""
    used = sum(draft.words for draft in drafts)
    for offer in _offers(drafts, units, taken, reach):
        if offer.unit.number in taken or used >= budget:
            continue
        draft = drafts[offer.draft]
        room = min(_room(draft, offer.unit), budget - used + LEAST_PART)
        pieces = beginning(offer.unit, room)
        if not pieces:
            continue
        chosen = Chosen(offer.unit, offer.score, pieces)
        draft.chosen.append(chosen)
        used += chosen.words
        taken.add(offer.unit.number)


def _offers(
    drafts: Sequence[Draft], units: Sequence[Unit], taken: set[int], reach: float
) -> Iterator[_Offer]:
    bars = [max(draft.scores, default=0.0) * reach for draft in drafts]
    offers: list[_Offer] = []
    for unit in units:
        if unit.number in taken:
            continue
        scores = [draft.scores[unit.number] for draft in drafts]
        total = sum(scores)
        for number, score in enumerate(scores):
            if score >= bars[number] and (score > 0 or reach == 0):
                # A unit that serves one chapter only is worth more to it than one that serves them all.
                only = (score / total) ** 0.5 if total else 0.0
                offers.append(_Offer(score * only, number, unit, score))
    offers.sort(key=lambda offer: (-offer.priority, offer.unit.number, offer.draft))
    yield from offers


def _room(draft: Draft, unit: Unit) -> int:
    room = draft.plan.words * OVER - draft.words
    if not unit.own:
        room = min(room, draft.plan.words * SAMPLE_SHARE - draft.of_sample(unit.source_id))
    return int(room)


def beginning(unit: Unit, room: int) -> tuple[Piece, ...]:
    """The unit's pieces, or as many from its beginning as fit into `room` words; none if too few would."""
    room -= count_words(unit.heading)
    if unit.words <= room:
        return unit.pieces
    fitting: list[Piece] = []
    for piece in unit.pieces:
        if piece.words > room:
            break
        fitting.append(piece)
        room -= piece.words
    while fitting and fitting[-1].announces:
        fitting.pop()
    size = sum(piece.words for piece in fitting)
    if size < LEAST_PART or size < min(90, unit.words * 0.4) or not any(p.sentences for p in fitting):
        return ()
    return tuple(fitting)


def improve(drafts: Sequence[Draft]) -> None:
    """Exchange units of like length between chapters while both together gain by it."""
    places = [(d, c) for d in range(len(drafts)) for c in range(len(drafts[d].chosen))]
    if len(places) > 400:
        return
    for _ in range(4):
        changed = False
        for i, (d, c) in enumerate(places):
            for e, f in places[i + 1 :]:
                if d != e and _exchange(drafts[d], c, drafts[e], f):
                    changed = True
        if not changed:
            return


def _exchange(one: Draft, i: int, two: Draft, j: int) -> bool:
    a, b = one.chosen[i], two.chosen[j]
    if abs(a.words - b.words) > 45 or a.unit.section == b.unit.section:
        return False
    there, here = two.scores[a.unit.number], one.scores[b.unit.number]
    if there + here <= (a.score + b.score) * 1.02:
        return False
    one.chosen[i], two.chosen[j] = replace(b, score=here), replace(a, score=there)
    for draft, chosen in ((one, one.chosen[i]), (two, two.chosen[j])):
        held = draft.of_sample(chosen.unit.source_id)
        if not chosen.unit.own and held > draft.plan.words * SAMPLE_SHARE:
            one.chosen[i], two.chosen[j] = a, b
            return False
    return True


def keep_shares(draft: Draft, extra_sentences: int) -> None:
    """Shorten or drop what comes from a sample until none has more than its share of the sentences."""
    while True:
        total = draft.sentences + extra_sentences
        counts: dict[str, int] = {}
        for chosen in draft.chosen:
            if not chosen.unit.own:
                counts[chosen.unit.source_id] = counts.get(chosen.unit.source_id, 0) + chosen.sentences
        over = [source for source, count in sorted(counts.items()) if count > SAMPLE_SHARE * total]
        if not over:
            return
        worst = max(over, key=lambda source: counts[source])
        _cut(draft, [c for c in draft.chosen if c.unit.source_id == worst])


def keep_quota(drafts: Sequence[Draft], share: float) -> None:
    """Drop the pack's least fitting units until `share` of the book's sentences are the author's."""
    while True:
        own = sum(c.sentences for d in drafts for c in d.chosen if c.unit.own)
        total = sum(d.sentences for d in drafts)
        borrowed = [(c.score, c.unit.number, d, c) for d in drafts for c in d.chosen if not c.unit.own]
        if not borrowed or own >= share * total:
            return
        _, _, draft, chosen = min(borrowed, key=lambda entry: (entry[0], -entry[1]))
        draft.chosen.remove(chosen)


def _cut(draft: Draft, candidates: Sequence[Chosen]) -> None:
    """Take one step off the least fitting of `candidates`: its last piece, or all of it."""
    least = min(candidates, key=lambda c: (c.score, -c.unit.number))
    pieces = list(least.pieces)
    last = pieces.pop()
    if not pieces and (shorter := shortened(last, len(last.sentences) - 1)) and shorter.words >= LEAST_PART:
        pieces.append(shorter)
    while pieces and pieces[-1].announces:
        pieces.pop()
    if not pieces or sum(p.words for p in pieces) < LEAST_PART or not any(p.sentences for p in pieces):
        draft.chosen.remove(least)
    else:
        least.pieces = tuple(pieces)
