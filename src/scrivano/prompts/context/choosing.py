"""The choice: what goes in, under the budget by the tokenizer's count of the whole text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from scrivano.prompts.context.cutting import Cut, cuts_of
from scrivano.prompts.context.dto import LeftOut, Part, RequiredTooLong, Scene, Selection, Why
from scrivano.prompts.context.index import JOINT, ContextIndex
from scrivano.prompts.context.knapsack import Option, Solution, Table, solve
from scrivano.prompts.context.ranking import Ranking, rank
from scrivano.prompts.context.weights import Weights, packaged

DEFAULT_BUDGET = 8000
# Below this score a piece has nothing to do with the scene, and would only distract.
_NOTHING = 0.2
# Two pieces that matter a little are not worth one that matters a lot.
_SHARPNESS = 3.0
# A longer piece tells more, but not in proportion.
_LENGTH = 0.25
_SMALL = 400_000
_TRIES_SMALL, _TRIES_LARGE = 80, 6


@dataclass(frozen=True, slots=True)
class _Form:
    """A way to show a candidate: whole, or cut to a stretch."""

    number: int
    weight: int
    value: float
    cut: Cut | None = None


def choose(
    index: ContextIndex,
    scene: Scene,
    budget: int = DEFAULT_BUDGET,
    *,
    weights: Weights | None = None,
) -> Selection:
    """The material for `scene` that is worth most within `budget` tokens.

    What the story reveals later stays out; of pieces that say the same at most one goes in; required ones always
    do. Raises RequiredTooLong, naming them, if these alone are over the budget. The text as a whole, counted by the
    index's tokenizer, is never over it.
    """
    ranking = rank(index, scene, weights or packaged())
    told = index.told(scene.number).tolist()
    required = [n for n, c in enumerate(index.candidates) if c.required and told[n]]
    base = index.count(_text(index, [_Form(n, 0, 0.0) for n in required])) if required else 0
    if base > budget:
        raise _too_long(index, required, base, budget)
    classes, instead = _classes(index, scene, ranking)
    forms, tokens, solution = _fitting(index, classes, required, budget, base)
    return _account(index, scene, ranking, forms, solution, instead, (tokens, budget))


def _classes(index: ContextIndex, scene: Scene, ranking: Ranking) -> tuple[list[list[_Form]], dict[int, int]]:
    """The forms between which there is a choice, at most one of each class; and who leads the class of whom."""
    worth = ranking.scores.clip(min=0.0) ** _SHARPNESS * (index.sizes / 20.0) ** _LENGTH
    values, scores = worth.tolist(), ranking.scores.tolist()
    classes: dict[int, list[_Form]] = {}
    instead: dict[int, int] = {}
    order = np.argsort(-worth, kind="stable")
    for number in order[index.told(scene.number)[order]].tolist():
        if index.candidates[number].required:
            classes[number] = []
            continue
        if scores[number] < _NOTHING:
            continue
        twin = next((t for t in index.twins[number] if t in classes), None) if number in index.twins else None
        own = _forms(index, number, values[number], ranking)
        if twin is None:
            classes[number] = own
        else:
            instead[number] = twin
            if not index.candidates[twin].required:
                classes[twin] += own
    return [forms for forms in classes.values() if forms], instead


def _forms(index: ContextIndex, number: int, value: float, ranking: Ranking) -> list[_Form]:
    forms = [_Form(number, max(1, index.tokens[number]), value)]
    sentences = index.sentences[number]
    if sentences is not None:
        for cut in cuts_of(sentences, ranking.words):
            weight = index.tokens_of_stretch(number, cut.begin, cut.end)
            forms.append(_Form(number, max(1, weight), value * cut.share, cut))
    return forms


def _fitting(
    index: ContextIndex, classes: Sequence[Sequence[_Form]], required: Sequence[int], budget: int, base: int
) -> tuple[list[_Form], int, Solution]:
    """The best choice whose text as a whole is within the budget.

    The sum of the parts' counts is not the count of the whole, so the choice is made for a little more than the
    budget and for less and less, until the whole fits.
    """
    options: list[list[Option]] = [[(f.weight, f.value) for f in forms] for forms in classes]
    # Every piece was counted with the joint after it, which the last one has not, and less what it shares with another.
    capacity = max(0, budget - base + (0 if required else index.joint - index.twice))
    best_of, tries = _solver(options, capacity)

    def shown(solution: Solution) -> list[_Form]:
        picked = [classes[c][o] for c, o in enumerate(solution.choice) if o >= 0]
        return sorted([*(_Form(n, 0, 0.0) for n in required), *picked], key=lambda form: form.number)

    def counted(forms: Sequence[_Form]) -> int:
        return index.count(_text(index, forms)) if forms else 0

    first = best_of(capacity)
    forms = shown(first)
    tokens = counted(forms)
    spare = first.weight + base - tokens
    found = (forms, tokens, first) if tokens <= budget else None
    ceiling = first.bound
    if spare > 0:
        found = (
            _descend(best_of, shown, counted, range(capacity + spare + 2, capacity, -1), budget, tries)
            or found
        )
    if found is None:
        found = _descend(best_of, shown, counted, range(first.weight - 1, 0, -1), budget, tries)
    if found is None:
        found = _dropping(shown(first), counted, first, budget, set(required))
    forms, tokens, solution = found
    bound = max(ceiling, solution.value)
    return forms, tokens, Solution(solution.choice, solution.value, solution.weight, bound, solution.exact)


def _solver(options: list[list[Option]], capacity: int) -> tuple[Callable[[int], Solution], int]:
    """What gives the best choice for a budget, from one table if that is small; and how often it may be asked."""
    room = capacity + 64
    if len(options) * room > _SMALL:
        return lambda size: solve(options, size), _TRIES_LARGE
    table = Table(options, room)
    return lambda size: table.at(min(max(size, 0), room)), _TRIES_SMALL


def _descend(
    best_of: Callable[[int], Solution],
    shown: Callable[[Solution], list[_Form]],
    counted: Callable[[Sequence[_Form]], int],
    sizes: range,
    budget: int,
    tries: int,
) -> tuple[list[_Form], int, Solution] | None:
    """The best choice for the first of `sizes`, which fall, whose text fits."""
    size = sizes.start
    for _ in range(tries):
        if size <= sizes.stop:
            return None
        solution = best_of(size)
        forms = shown(solution)
        tokens = counted(forms)
        if tokens <= budget:
            return forms, tokens, solution
        # Few tries have to take longer steps.
        size = min(size, solution.weight) - (1 if tries == _TRIES_SMALL else max(1, tokens - budget))
    return None


def _dropping(
    forms: list[_Form],
    counted: Callable[[Sequence[_Form]], int],
    solution: Solution,
    budget: int,
    required: set[int],
) -> tuple[list[_Form], int, Solution]:
    """For tokenizers that make more of the whole than of its parts: drop what is worth least until it fits."""
    kept = list(forms)
    while (tokens := counted(kept)) > budget:
        least = min((f for f in kept if f.number not in required), key=lambda f: f.value / max(1, f.weight))
        kept.remove(least)
    value = sum(form.value for form in kept)
    return kept, tokens, Solution([], value, 0, solution.bound, exact=False)


def _shown_text(index: ContextIndex, form: _Form) -> str:
    if form.cut is None:
        return index.candidates[form.number].text
    return index.stretch(form.number, form.cut.begin, form.cut.end)


def _text(index: ContextIndex, forms: Sequence[_Form]) -> str:
    return JOINT.join(
        index.blocks[f.number]
        if f.cut is None
        else index.frame(index.candidates[f.number], _shown_text(index, f))
        for f in forms
    )


def _account(
    index: ContextIndex,
    scene: Scene,
    ranking: Ranking,
    forms: list[_Form],
    solution: Solution,
    instead: dict[int, int],
    counts: tuple[int, int],
) -> Selection:
    inside = {form.number for form in forms}
    leader = {twin: lead for twin, lead in instead.items() if lead in inside}
    # Where a follower went in instead of its leader, the leader is the one that is said already.
    leader |= {lead: twin for twin, lead in instead.items() if twin in inside}
    left = [n for n in range(len(index.candidates)) if n not in inside]
    scores = np.round(ranking.scores, 4).tolist()
    left.sort(key=lambda n: (-scores[n], n))
    reasons = ranking.reasons()
    return Selection.model_construct(
        text=_text(index, forms),
        tokens=counts[0],
        budget=counts[1],
        parts=[_part(index, form, scores[form.number], reasons[form.number]) for form in forms],
        left_out=[_left_out(index, scene, n, scores[n], reasons[n], leader) for n in left],
        value=solution.value,
        bound=solution.bound,
        exact=solution.exact,
    )


def _part(index: ContextIndex, form: _Form, score: float, reasons: dict[str, float]) -> Part:
    candidate = index.candidates[form.number]
    sentences = index.sentences[form.number]
    cut = ""
    if form.cut is not None and sentences is not None:
        cut = f"{form.cut.end - form.cut.begin} of {len(sentences.texts)} sentences"
    return Part(
        id=candidate.id,
        kind=candidate.kind,
        source=candidate.source,
        text=_shown_text(index, form),
        tokens=form.weight or index.tokens[form.number],
        score=score,
        reasons=reasons,
        required=candidate.required,
        cut=cut,
    )


def _left_out(
    index: ContextIndex,
    scene: Scene,
    number: int,
    score: float,
    reasons: dict[str, float],
    leader: dict[int, int],
) -> LeftOut:
    candidate = index.candidates[number]
    why: Why = "no room"
    if candidate.from_chapter > scene.number:
        why = "revealed later"
    elif candidate.chapter == scene.number:
        why = "is this chapter"
    elif number in leader:
        why = "said already"
    elif score < _NOTHING:
        why = "says nothing here"
    return LeftOut(
        id=candidate.id,
        kind=candidate.kind,
        source=candidate.source,
        tokens=index.tokens[number],
        score=score,
        reasons=reasons,
        why=why,
        instead=index.candidates[leader[number]].id if why == "said already" else "",
    )


def _too_long(index: ContextIndex, required: Sequence[int], base: int, budget: int) -> RequiredTooLong:
    longest = sorted(required, key=lambda n: -index.tokens[n])[:5]
    named = ", ".join(f"{index.candidates[n].id} ({index.tokens[n]:,})" for n in longest)
    return RequiredTooLong(
        f"What the prompt must contain takes {base:,} tokens, and the budget is {budget:,}. Longest: {named}.",
        field="budget",
        remedy="Raise the budget, or shorten these.",
    )
