"""Preferences: learning from choices at once, explaining, forgetting, sharing, and the difficulty that suits."""

import json
import random
import time

import pytest

from benchmarks.music_preferences import live
from scrivano.music.predictor.corpus import BILLBOARD, read_corpus
from scrivano.music.predictor.model import ChordPredictor
from scrivano.music.preferences.choices import MOST_CHOICES, Choice, Option, Situation, Taste
from scrivano.music.preferences.difficulty import Comfort
from scrivano.music.preferences.learner import Learner, Prior
from scrivano.music.preferences.shared import FEWEST_PEOPLE, shared_prior

OPTIONS = tuple(
    Option(symbol=symbol, probability=chance)
    for symbol, chance in [
        ("C", 0.4),
        ("Am", 0.2),
        ("F", 0.15),
        ("Abmaj7", 0.1),
        ("G13", 0.08),
        ("Db7#11", 0.05),
    ]
)
SITUATION = Situation(key="C", before=("Dm7", "G7"))


def _choice(number: int, symbol: str, action: str = "keep", instead: str | None = None) -> Choice:
    return Choice.model_validate(
        {
            "id": str(number),
            "action": action,
            "symbol": symbol,
            "situation": SITUATION,
            "options": OPTIONS,
            "instead_of": instead,
        }
    )


def _taste(*symbols: str, action: str = "keep", shares: bool = False) -> Taste:
    taste = Taste(shares=shares)
    for number, symbol in enumerate(symbols):
        taste = taste.having(_choice(number, symbol, action))
    return taste


def _place(taste: Taste, symbol: str, prior: Prior | None = None) -> int:
    return [one.symbol for one in Learner(taste, prior).rank(OPTIONS, SITUATION)].index(symbol)


def test_without_choices_the_order_is_the_predictors() -> None:
    assert [one.symbol for one in Learner(Taste()).rank(OPTIONS, SITUATION)] == [
        one.symbol for one in OPTIONS
    ]


def test_keeping_counts_at_once_and_more_each_time() -> None:
    chances = []
    for times in range(5):
        ranked = Learner(_taste(*["Db7#11"] * times)).rank(OPTIONS, SITUATION)
        chances.append(next(one.probability for one in ranked if one.symbol == "Db7#11"))
    assert chances == sorted(chances)
    assert chances[1] > chances[0]
    assert _place(_taste(*["Db7#11"] * 4), "Db7#11") == 0


def test_what_is_rejected_goes_down() -> None:
    chances = []
    for times in range(5):
        ranked = Learner(_taste(*["C"] * times, action="reject")).rank(OPTIONS, SITUATION)
        chances.append(next(one.probability for one in ranked if one.symbol == "C"))
    assert chances == sorted(chances, reverse=True)
    assert _place(_taste(*["C"] * 10, action="reject"), "C") > 0


def test_an_edit_lifts_what_was_written_even_if_it_was_not_offered() -> None:
    taste = Taste().having(_choice(1, "Gb7", "edit", "C"))
    assert "Gb7" in {option.symbol for option in taste.choices[0].options}
    wider = (*OPTIONS, Option(symbol="Gb7", probability=0.02))
    before = Learner(Taste()).rank(wider, SITUATION)
    after = Learner(taste).rank(wider, SITUATION)
    assert next(o.probability for o in after if o.symbol == "Gb7") > next(
        o.probability for o in before if o.symbol == "Gb7"
    )


def test_a_liking_carries_over_to_other_chords_and_keys() -> None:
    taste = _taste("G13", "Db7#11", "G13", "Abmaj7", "Db7#11", "G13")
    options = (Option(symbol="Eb", probability=0.5), Option(symbol="Bb13", probability=0.4))
    ranked = Learner(taste).rank(options, Situation(key="Eb", before=("Fm7",)))
    assert ranked[0].symbol == "Bb13"


def test_likings_and_rankings_are_explained() -> None:
    learner = Learner(_taste(*["Db7#11", "G13"] * 4))
    likings = {liking.about: liking for liking in learner.likings(20)}
    tones = likings["chords of many tones"]
    assert tones.weight > 0
    assert (tones.kept, tones.passed_over) == (8, 0)
    assert learner.rank(OPTIONS, SITUATION)[0].reasons


def test_a_taste_survives_json_and_is_the_same_to_the_learner() -> None:
    taste = _taste("Am", "F", "Am", shares=True)
    again = Taste.model_validate(json.loads(json.dumps(taste.export())))
    assert again == taste
    assert (Learner(again).weights == Learner(taste).weights).all()


def test_a_deleted_choice_leaves_no_trace() -> None:
    taste = _taste("Am", "F").having(_choice(7, "Db7#11", "lock"))
    assert taste.without("7") == _taste("Am", "F")
    assert taste.without("unknown") == taste


def test_the_same_choice_said_again_counts_once() -> None:
    taste = _taste("Am").having(_choice(0, "F"))
    assert [choice.symbol for choice in taste.choices] == ["F"]


def test_learning_from_as_many_choices_as_are_kept_stays_fast() -> None:
    taste = Taste()
    for number in range(MOST_CHOICES + 5):
        taste = taste.having(_choice(number, OPTIONS[number % 6].symbol))
    assert len(taste.choices) == MOST_CHOICES
    started = time.process_time()
    Learner(taste)
    assert time.process_time() - started < 15


def test_only_those_who_share_shape_the_prior() -> None:
    willing = [_taste(*["Abmaj7"] * 8, shares=True) for _ in range(FEWEST_PEOPLE)]
    prior = shared_prior(willing)
    assert _place(Taste(), "Abmaj7", prior) < _place(Taste(), "Abmaj7")
    silent = [taste.model_copy(update={"shares": False}) for taste in willing]
    assert (shared_prior(silent).mean == Prior.neutral().mean).all()
    assert (shared_prior(willing[1:]).mean == Prior.neutral().mean).all()


def test_ten_choices_help_simulated_people_and_harm_none() -> None:
    """A sample of the benchmark `music_preferences`, by its simulator of hidden tastes."""
    predictor, songs = ChordPredictor.load(), read_corpus(BILLBOARD)
    hits: dict[tuple[str, str], list[bool]] = {}
    for seed in range(12):
        _, kind, got = live(predictor, songs, seed, None)
        for way, results in got.items():
            hits.setdefault((kind, way), []).extend(results)
    rate = {key: sum(results) / len(results) for key, results in hits.items()}
    assert rate["other", "frozen"] >= 1.5 * rate["other", "plain"]
    assert rate["contrarian", "frozen"] >= rate["contrarian", "plain"]
    assert rate["conventional", "frozen"] >= 0.93 * rate["conventional", "plain"]


KEEPS = {-4: 0.1, -3: 0.15, -2: 0.35, -1: 0.6, 0: 0.9, 1: 0.25, 2: 0.08, 3: 0.03, 4: 0.02}
"""How often a simulated player keeps what lies so many levels above their own."""


@pytest.mark.parametrize(("starting", "own"), [(1, 4), (5, 2), (3, 3), (2, 5), (4, 1)])
@pytest.mark.parametrize("says_why", [False, True])
def test_difficulty_follows_what_a_player_keeps_and_rejects(starting: int, own: int, says_why: bool) -> None:
    away = []
    for seed in range(20):
        player, comfort = random.Random(seed), Comfort.starting(starting)
        for turn in range(40):
            played = comfort.level
            if player.random() < KEEPS[played - own]:
                comfort = comfort.after("keep", played)
            elif says_why and played != own:
                comfort = comfort.after("too-hard" if played > own else "too-easy", played)
            else:
                comfort = comfort.after("reject", played)
            assert abs(comfort.level - played) <= 1
            if turn >= 20:
                away.append(abs(comfort.level - own))
    assert sum(away) / len(away) < (0.7 if says_why else 1.0)


def test_difficulty_explains_itself_and_survives_json() -> None:
    comfort = Comfort.starting(3).after("keep", 3).after("reject", 4)
    assert "kept 1 and rejected 1" in comfort.why()
    assert Comfort.model_validate_json(comfort.model_dump_json()) == comfort
    with pytest.raises(ValueError, match="1 to 5"):
        Comfort.starting(6)
