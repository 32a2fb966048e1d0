"""Of several progressions the rules take the one that a person would like; what is offered follows their choices."""

from scrivano.music.choosing import choose, liking
from scrivano.music.dto import Genre, MusicRequest
from scrivano.music.expecting import Expecting
from scrivano.music.preferences.choices import Choice, Option, Situation, Taste
from scrivano.music.preferences.learner import Learner
from scrivano.music.progression import generate, settle

EXPECTING = Expecting()
PLAIN, RICH = ("C", "Am", "F", "G"), ("Cmaj9", "Am11", "Fmaj9#11", "G13")


def fond_of(kept: tuple[str, ...], passed: tuple[str, ...]) -> Learner:
    """Somebody who keeps the one and rejects the other, wherever both might stand."""
    options = tuple(Option(symbol=symbol, probability=0.1) for symbol in (*kept, *passed))
    taste = Taste()
    for number in range(30):
        for action, symbols in (("keep", kept), ("reject", passed)):
            taste = taste.having(
                Choice.model_validate(
                    {
                        "id": f"{action}{number}",
                        "action": action,
                        "symbol": symbols[number % len(symbols)],
                        "situation": Situation(key="C", before=("C",)),
                        "options": options,
                    }
                )
            )
    return Learner(taste)


def test_nothing_known_means_the_requests_own_progression() -> None:
    settled = settle(MusicRequest(genre=Genre.JAZZ, bars=8, key="C"))
    assert choose(settled, None, EXPECTING) == (generate(settled), [])
    assert choose(settled, Learner(Taste()), EXPECTING) == (generate(settled), [])


def test_what_is_taken_is_what_somebody_likes_most_and_always_the_same() -> None:
    plain, rich = fond_of(PLAIN, RICH), fond_of(RICH, PLAIN)
    differ = 0
    for seed in range(6):
        settled = settle(MusicRequest(genre=Genre.GOSPEL, bars=8, key="C", seed=seed))
        for learner in (plain, rich):
            taken, told = choose(settled, learner, EXPECTING)
            first = generate(settled)
            assert liking(taken, settled, learner, EXPECTING) >= liking(first, settled, learner, EXPECTING)
            assert bool(told) == (taken.chords != first.chords)
            assert choose(settled, learner, EXPECTING) == (taken, told)
        differ += choose(settled, plain, EXPECTING)[0] != choose(settled, rich, EXPECTING)[0]
    assert differ >= 3


def test_offers_are_the_genres_own_colours_and_their_chances_fit() -> None:
    settled = settle(MusicRequest(genre=Genre.NEO_SOUL, bars=8, key="Eb"))
    progression = generate(settled)
    for index in range(len(progression.chords)):
        offer = EXPECTING.at(progression, index, settled.genre, settled.application)
        chances = [option.probability for option in offer.options]
        assert chances == sorted(chances, reverse=True)
        assert 0 < sum(chances) <= 1.0001
        assert len({option.symbol for option in offer.options}) == len(offer.options)
        assert offer.situation.before == tuple(
            c.symbol for c in progression.chords[max(0, index - 8) : index]
        )
    richness = [
        len(option.symbol) for option in EXPECTING.after(["Fm9"], "Eb", "major", Genre.NEO_SOUL).options
    ]
    bare = [len(option.symbol) for option in EXPECTING.after(["Fm9"], "Eb", "major", None).options]
    assert sum(richness) > sum(bare)
