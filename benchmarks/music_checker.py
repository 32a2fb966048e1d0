"""The proof: every request there is, arranged by rules, judged by the checker; and damage that the checker must catch.

The product is 8 genres × 12 keys × 2 modes × every application × bars {4, 7, 8, 12, 16, 32, 64} × the meters that the
genre admits. Each piece is generated, arranged and written as MIDI and MusicXML, and the independent checker reads the
files. Some of the pieces are then damaged in all the ways of `music_mutations`; every damaged pair of files must be
reported. Prints the figures.

Run: python -m benchmarks.music_checker [--every N] [--offset K] [--genre SLUG] [--damaged N]
The whole product takes about half an hour of processor time.
"""

import argparse
import itertools
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from benchmarks.music_mutations import MUTATIONS, Files, Mutation
from scrivano.music.arrange import arrange
from scrivano.music.checker.check import check_files
from scrivano.music.dto import Genre, Settled
from scrivano.music.files.midi import write_midi
from scrivano.music.files.musicxml import write_musicxml
from scrivano.music.genres import GENRES
from scrivano.music.progression import NoProgression, generate
from scrivano.music.theory import key_of

APPLICATIONS = {
    Genre.GOSPEL: "worship",
    Genre.JAZZ: "swing",
    Genre.BLUES: "shuffle",
    Genre.CLASSICAL: "classical",
    Genre.NEO_SOUL: "smooth",
    Genre.REGGAE: "roots",
    Genre.LATIN: "salsa",
    Genre.RNB: "groove",
}
"""One way of playing each genre, for where one is enough."""
TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
BARS = (4, 7, 8, 12, 16, 32, 64)
LOWEST, HIGHEST = 28, 103


def request(genre: Genre, seed: int) -> Settled:
    """One request of a genre: key, mode, length and difficulty drawn by seed."""
    rng = random.Random(f"{genre}/{seed}")
    mode = rng.choice(["major", "minor"])
    bars = rng.choice([8, 12, 16]) if genre is not Genre.CLASSICAL else 8
    return _settled(
        genre, APPLICATIONS[genre], rng.choice(TONICS), mode, bars, "4/4", seed, rng.randint(1, 5)
    )


def product() -> list[Settled]:
    """Every request; seed, difficulty (1 to 5 in turn) and tempo (slow, usual, fast in turn) go with the number."""
    found: list[Settled] = []
    for genre, data in GENRES.items():
        for application in data.applications:
            for tonic, mode, bars, meter in itertools.product(TONICS, ("major", "minor"), BARS, data.meters):
                number = len(found)
                one = _settled(genre, application.slug, tonic, mode, bars, meter, number, number % 5 + 1)
                found.append(one.model_copy(update={"tempo": float(application.tempo[number % 3])}))
    return found


def _settled(
    genre: Genre, application: str, tonic: str, mode: str, bars: int, meter: str, seed: int, difficulty: int
) -> Settled:
    key = key_of(tonic, "minor" if mode == "minor" else "major")
    return Settled(
        genre=genre,
        application=application,
        key=str(key.tonic),
        mode=key.mode,
        tempo=float(GENRES[genre].application(application).tempo[1]),
        meter=meter,
        bars=bars,
        difficulty=difficulty,
        lowest=LOWEST,
        highest=HIGHEST,
        form=None,
        seed=seed,
    )


def files_of(settled: Settled) -> tuple[bytes, bytes]:
    """MIDI and MusicXML of a request, by rules. Raises NoProgression."""
    piece = arrange(generate(settled), settled)
    return write_midi(piece), write_musicxml(piece)


def good_files(seeds: int) -> Iterator[tuple[Settled, bytes, bytes]]:
    """Files of all genres, `seeds` pieces of each."""
    for genre in Genre:
        for seed in range(seeds):
            settled = request(genre, seed)
            yield settled, *files_of(settled)


def damage(
    settled: Settled, midi: bytes, score: bytes, seed: int, ways: Sequence[Mutation] = MUTATIONS
) -> Iterator[tuple[str, list[str]]]:
    """Name of each damage that can be done, of all `ways` there are, and the rules reported."""
    opened = Files.open(midi, score, settled)
    for mutate in ways:
        files = opened.copy()
        if mutate(files, random.Random(f"{seed}/{mutate.__name__}")):
            yield mutate.__name__, [v.rule for v in check_files(*files.bytes(), settled)]


def prove(chosen: Sequence[Settled]) -> int:
    """Prints how many of the pieces break a rule, with an example of each; their number."""
    broken: Counter[str] = Counter()
    examples: dict[str, str] = {}
    bad = bars = 0
    begun = time.process_time()
    for settled in chosen:
        bars += settled.bars
        try:
            found = check_files(*files_of(settled), settled)
        except NoProgression as error:
            found, examples["no progression"] = [], str(error)
            broken["no progression"] += 1
            bad += 1
        bad += bool(found)
        for violation in found:
            broken[violation.rule] += 1
            where = f"{settled.genre}/{settled.application} {settled.key} {settled.mode} {settled.meter}"
            examples.setdefault(
                violation.rule,
                f"{where}, {settled.bars} bars, seed {settled.seed}, bar {violation.bar}: {violation.text}",
            )
    seconds = time.process_time() - begun
    print(f"{len(chosen)} pieces, {bars} bars, {seconds:.0f} s of processor time; {bad} break a rule")
    for rule, times in broken.most_common():
        print(f"  {rule}: {times} ({examples[rule]})")
    return bad


def catch(chosen: Sequence[Settled]) -> int:
    """Prints how much damage is caught, and what is missed; the number of misses."""
    done: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for settled in chosen:
        for name, rules in damage(settled, *files_of(settled), settled.seed):
            done[name] += 1
            if not rules:
                missed[name] += 1
                examples.setdefault(name, f"{settled.genre}/{settled.application} seed {settled.seed}")
    caught = done.total() - missed.total()
    print(
        f"{len(chosen)} pieces damaged in {len(done)} ways: {caught} of {done.total()} caught ({caught / done.total():.2%})"
    )
    for name, times in missed.most_common():
        print(f"  missed {name}: {times} of {done[name]} ({examples[name]})")
    return missed.total()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1, help="take every Nth request")
    parser.add_argument("--offset", type=int, default=0, help="begin at this request")
    parser.add_argument("--genre", type=Genre, help="take the requests of one genre alone")
    parser.add_argument("--damaged", type=int, default=200, help="how many of the pieces are damaged")
    options = parser.parse_args()
    wanted = [one for one in product() if options.genre in {None, one.genre}]
    chosen = wanted[options.offset :: options.every]
    bad = prove(chosen)
    short = [settled for settled in chosen if settled.bars <= 16]
    damaged = random.Random(options.offset).sample(short, min(options.damaged, len(short)))
    missed = catch(damaged) if damaged else 0
    return 1 if bad or missed else 0


if __name__ == "__main__":
    sys.exit(main())
