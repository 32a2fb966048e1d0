"""Which unit goes into which chapter: the whole book at once, so that nothing is used twice."""

from collections.abc import Sequence

from scrivano.books.builtin.draft import SAMPLE_SHARE, Chosen, Draft
from scrivano.books.builtin.exchange import improve
from scrivano.books.builtin.pieces import Piece, shortened
from scrivano.books.builtin.stock import Unit
from scrivano.references.public import count_words

REACH = 0.28
FAR = 0.14
FARTHEST = 0.05
OWN_WORDS_FOR_QUOTA = 20_000
OWN_SHARE = 0.66
OVER = 1.02
GROWTH = 1.3
LEAST_PART = 45


def fill(drafts: Sequence[Draft], units: Sequence[Unit]) -> None:
    """Give the drafts their units: the author's first, then the pack's, each where it fits best."""
    own = [unit for unit in units if unit.own]
    pack = [unit for unit in units if not unit.own and not unit.intro]
    own_words = sum(unit.words for unit in own)
    budget = sum(draft.plan.words for draft in drafts)
    many = own_words >= OWN_WORDS_FOR_QUOTA
    # Few references are used where they belong; many, or only they, make the book.
    reaches = (REACH, FAR, 0.0) if many or not pack else (REACH, FAR)
    for reach in reaches:
        held = sum(draft.words for draft in drafts)
        if reach > FAR or not pack or not many or held < OWN_SHARE * 1.15 * budget:
            _place(drafts, own, reach, budget)
    held = sum(draft.words for draft in drafts)
    room = min(budget, int(held / OWN_SHARE)) if many else budget
    for reach in (REACH, FAR, FARTHEST):
        _place(drafts, pack, reach, room)
    improve(drafts, units)


def top_up(drafts: Sequence[Draft], units: Sequence[Unit]) -> None:
    """Use the room that is left: first in chapters that are short, then by letting others grow a little."""
    own_words = sum(unit.words for unit in units if unit.own)
    budget = sum(draft.plan.words for draft in drafts)
    more = [unit for unit in units if unit.own or (not unit.intro and own_words < OWN_WORDS_FOR_QUOTA)]
    _place(drafts, more, FARTHEST, budget)
    _spread(drafts, more, budget)


def _place(
    drafts: Sequence[Draft],
    units: Sequence[Unit],
    reach: float,
    budget: int,
    *,
    over: float = OVER,
) -> None:
    """In turns, the chapter that is emptiest takes what serves it best.

    So scarce material is shared, as long as the chapter, the sample's share of it and the book have room.
    Only units that score at least `reach` of the chapter's best count.
    """
    taken = {chosen.unit.number for draft in drafts for chosen in draft.chosen}
    wishes = [_wishes(number, drafts, units, reach, over) for number in range(len(drafts))]
    used = sum(draft.words for draft in drafts)
    hungry = set(range(len(drafts)))
    while hungry and used < budget:
        number = min(hungry, key=lambda n: (drafts[n].words / max(1, drafts[n].plan.words), n))
        draft = drafts[number]
        for score, unit in wishes[number]:
            if unit.number in taken:
                continue
            pieces = beginning(unit, min(_room(draft, unit, over), budget - used + LEAST_PART))
            if pieces:
                draft.chosen.append(Chosen(unit, score, pieces))
                used += draft.chosen[-1].words
                taken.add(unit.number)
                break
        else:
            hungry.remove(number)


def _wishes(
    number: int, drafts: Sequence[Draft], units: Sequence[Unit], reach: float, over: float
) -> list[tuple[float, Unit]]:
    """What the draft would like, best first: what serves it alone is worth more than what serves all."""
    own = drafts[number].scores
    bar = max((own[unit.number] for unit in units), default=0.0) * reach
    found: list[tuple[float, float, Unit]] = []
    # A unit stays free for the chapter whose headings it stands under, until that one is full.
    waiting = (draft.home for draft in drafts if draft.words < 0.95 * over * draft.plan.words)
    settled = set[int]().union(*waiting) - drafts[number].home
    for unit in units:
        score = own[unit.number]
        if unit.number not in settled and score >= bar and (score > 0 or reach == 0):
            total = sum(draft.scores[unit.number] for draft in drafts)
            found.append((score * (score / total if total else 1.0) ** 0.5, score, unit))
    found.sort(key=lambda wish: (-wish[0], wish[2].number))
    return [(score, unit) for _, score, unit in found]


def _spread(drafts: Sequence[Draft], units: Sequence[Unit], budget: int) -> None:
    """Where the book is still short, let chapters grow beyond their plan by what is near to them."""
    if sum(draft.words for draft in drafts) >= budget * 0.97:
        return
    _place(drafts, units, FARTHEST, budget, over=GROWTH)


def _room(draft: Draft, unit: Unit, over: float) -> int:
    return int(min(draft.plan.words * over - draft.reserve - draft.words, draft.left_for(unit)))


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
    """Take the smallest step off one of `candidates`: its last piece, or all if too little would stay."""
    steps = [(chosen, _less(chosen.pieces)) for chosen in candidates]
    chosen, pieces = min(
        steps,
        key=lambda step: (step[0].words - sum(p.words for p in step[1]), step[0].score, step[0].unit.number),
    )
    if pieces:
        chosen.pieces = pieces
    else:
        draft.chosen.remove(chosen)


def _less(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """`pieces` without the last, or with a shorter last paragraph; none if too little would be left."""
    *kept, last = pieces
    if not kept and (shorter := shortened(last, len(last.sentences) - 1)):
        kept = [shorter]
    while kept and kept[-1].announces:
        kept.pop()
    if sum(p.words for p in kept) < LEAST_PART or not any(p.sentences for p in kept):
        return ()
    return tuple(kept)
