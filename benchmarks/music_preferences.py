"""Whether learning from choices helps: simulated people with hidden tastes, before and after their choices.

Each person chooses 10 chords, then 20 more while learning goes on; the figures are the share of the latter in which the
wanted chord is among the first three of thirty: as the predictor ranks them, as the learner does, and as the learner
does that begins with what forty other people of the server have in common. "frozen" learns from the first ten only.

Run: python benchmarks/music_preferences.py [--people N]
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Sequence

from benchmarks.music_people import SHOWN, Option, Person, Song, place_in, pool
from scrivano.music.predictor.corpus import BILLBOARD, read_corpus
from scrivano.music.predictor.corpus import Song as CorpusSong
from scrivano.music.predictor.model import ChordPredictor
from scrivano.music.preferences import choices
from scrivano.music.preferences.choices import Choice, Situation, Taste
from scrivano.music.preferences.learner import Learner, Prior
from scrivano.music.preferences.shared import shared_prior

LEARN, JUDGE = 10, 20


def situation_of(song: Song) -> Situation:
    return Situation(key="C", before=tuple(chord.symbol for chord in song.chords[-8:]))


def offered(options: list[Option]) -> tuple[choices.Option, ...]:
    return tuple(choices.Option(symbol=o.symbol, probability=min(1.0, o.probability)) for o in options)


def react(
    person: Person, turn: int, song: Song, options: list[Option], ranked: list[str], wanted: Option
) -> list[Choice]:
    """What the person does with the five chords shown."""
    where, have = situation_of(song), offered(options)

    def choice(action: str, symbol: str, instead: str | None = None) -> Choice:
        name = f"{turn}-{action}"
        return Choice.model_validate(
            {
                "id": name,
                "action": action,
                "symbol": symbol,
                "situation": where,
                "options": have,
                "instead_of": instead,
            }
        )

    if wanted.symbol in ranked[:SHOWN]:
        return [choice("lock" if person.random.random() < 0.2 else "keep", wanted.symbol)]
    rejected = [choice("reject", ranked[0])] if person.random.random() < 0.4 else []
    return [*rejected, choice("edit", wanted.symbol, ranked[0])]


def live(
    predictor: ChordPredictor, songs: Sequence[CorpusSong], seed: int, prior: Prior | None
) -> tuple[Taste, str, dict[str, list[bool]]]:
    """One person's life with the app: their taste in the end, what kind they are, and the hits."""
    person, taste = Person(seed), Taste(shares=True)
    hits: dict[str, list[bool]] = defaultdict(list)
    frozen = Learner(taste, prior)
    for turn in range(LEARN + JUDGE):
        song = place_in(songs, person.random)
        options = pool(predictor, song)
        wanted = person.wants(options, song)
        learner = Learner(taste, prior)
        if turn == LEARN:
            frozen = learner
        ranked = [one.symbol for one in learner.rank(offered(options), situation_of(song))]
        if turn >= LEARN:
            after_ten = [one.symbol for one in frozen.rank(offered(options), situation_of(song))]
            hits["plain"].append(wanted in options[:3])
            hits["frozen"].append(wanted.symbol in after_ten[:3])
            hits["learning"].append(wanted.symbol in ranked[:3])
        for choice in react(person, turn, song, options, ranked, wanted):
            taste = taste.having(choice)
    return taste, person.kind, hits


def measure(
    predictor: ChordPredictor, songs: Sequence[CorpusSong], seeds: range, prior: Prior | None
) -> dict[tuple[str, str], float]:
    """Hit rates by (kind of person, way of ranking)."""
    hits: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for seed in seeds:
        _, kind, got = live(predictor, songs, seed, prior)
        for way, results in got.items():
            hits[kind, way] += results
    return {key: sum(results) / len(results) for key, results in hits.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=150)
    people = parser.parse_args().people
    predictor, songs = ChordPredictor.load(), read_corpus(BILLBOARD)
    others = [live(predictor, songs, seed, None)[0] for seed in range(10_000, 10_040)]
    started = time.perf_counter()
    Learner(others[0])
    spent = (time.perf_counter() - started) * 1000
    for name, prior in (("alone", None), ("with the prior of 40 others", shared_prior(others))):
        print(f"{name}:")
        rates = measure(predictor, songs, range(people), prior)
        for kind in ("other", "conventional", "contrarian"):
            plain = rates[kind, "plain"]
            told = ", ".join(
                f"{way} {rates[kind, way]:.1%} (×{rates[kind, way] / plain:.2f})"
                for way in ("frozen", "learning")
            )
            print(f"  {kind}: plain {plain:.1%}, {told}")
    print(f"learning from {len(others[0].choices)} choices: {spent:.0f} ms")


if __name__ == "__main__":
    main()
