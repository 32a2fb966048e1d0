"""Of several progressions that the rules find, the one that suits a person."""

from scrivano.music.dto import Progression, Settled
from scrivano.music.expecting import HEARD, Expecting
from scrivano.music.predictor.listen import events_of, place_of
from scrivano.music.predictor.symbols import read_symbol
from scrivano.music.preferences.choices import Option, Situation
from scrivano.music.preferences.learner import Learner
from scrivano.music.progression import generate
from scrivano.music.progression.draft import to_progression
from scrivano.music.progression.generate import make_draft

CANDIDATES = 4


def choose(settled: Settled, learner: Learner | None, expecting: Expecting) -> tuple[Progression, list[str]]:
    """A progression by the rules, and what is to be said of it.

    Of somebody of whom nothing is known it is the request's own; else the one of some that they would like best. The
    same request, choices and model of chords give the same one.
    """
    first = generate(settled)
    if learner is None or not learner.likings(1):
        return first, []
    found = [first]
    for number in range(1, CANDIDATES):
        made = to_progression(make_draft(settled, salt=f"taste/{number}"))
        if made.chords != first.chords:
            found.append(made)
    best = max(found, key=lambda made: liking(made, settled, learner, expecting))
    if best is first:
        return first, []
    return best, [f"Of {len(found)} progressions the one was taken that is nearest to what you choose."]


def liking(progression: Progression, settled: Settled, learner: Learner, expecting: Expecting) -> float:
    """How much somebody likes the chords of a piece, on average, beyond what anybody would."""
    total, count = 0.0, 0
    symbols = [span.symbol for span in progression.chords]
    model = expecting.model()
    for index, span in enumerate(progression.chords):
        chord = read_symbol(span.symbol, progression.key)
        if chord is None:
            continue
        events = events_of(progression, before=span.onset)
        chance = float(
            model.probabilities(events, settled.genre.value, place_of(progression, span.onset))[chord]
        )
        where = Situation(
            key=progression.key,
            mode=progression.mode,
            before=tuple(symbols[max(0, index - HEARD) : index]),
            genre=settled.genre,
        )
        total += learner.liking(Option(symbol=span.symbol, probability=min(1.0, chance)), where)
        count += 1
    return total / max(1, count)
