"""What the checker catches: seeded damage to good files.

Pieces of all eight genres, played by the plain band of `music_band`, must pass; then each is damaged in all the ways
of `music_mutations`, and every damaged pair of files must be reported. Prints the figures.

Run: python -m benchmarks.music_checker [--seeds N]
"""

import argparse
import random
from collections import Counter
from collections.abc import Iterator

from benchmarks.music_band import Band, facts_of, write_midi
from benchmarks.music_mutations import MUTATIONS, Files
from scrivano.music.checker.check import check_files
from scrivano.music.dto import Genre, Settled
from scrivano.music.files.musicxml import write_musicxml
from scrivano.music.progression.generate import generate

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
KEYS = {
    "major": ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"],
    "minor": ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"],
}


def request(genre: Genre, seed: int) -> Settled:
    rng = random.Random(f"{genre}/{seed}")
    mode = rng.choice(["major", "minor"])
    return Settled(
        genre=genre,
        application=APPLICATIONS[genre],
        key=rng.choice(KEYS[mode]),
        mode="minor" if mode == "minor" else "major",
        tempo=132,
        meter="4/4",
        bars=rng.choice([8, 12, 16]) if genre is not Genre.CLASSICAL else 8,
        difficulty=rng.randint(1, 5),
        lowest=28,
        highest=96,
        form=None,
        seed=seed,
    )


def good_files(seeds: int) -> Iterator[tuple[Settled, bytes, bytes]]:
    """Files of all genres as the band plays them."""
    for genre in Genre:
        for seed in range(seeds):
            settled = request(genre, seed)
            try:
                played = Band(settled, generate(settled)).play()
            except AssertionError:
                continue  # The band found no four voices for it.
            yield settled, write_midi(facts_of(played)), write_musicxml(played)


def damage(settled: Settled, midi: bytes, score: bytes, seed: int) -> Iterator[tuple[str, list[str]]]:
    """Name of each damage that can be done, and the rules reported."""
    opened = Files.open(midi, score, settled)
    for mutate in MUTATIONS:
        files = opened.copy()
        if mutate(files, random.Random(f"{seed}/{mutate.__name__}")):
            yield mutate.__name__, [v.rule for v in check_files(*files.bytes(), settled)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    pieces = bad = done = caught = 0
    missed: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for settled, midi, score in good_files(parser.parse_args().seeds):
        pieces += 1
        found = {violation.rule for violation in check_files(midi, score, settled)}
        if found:
            bad += 1
            refused.update(f"{settled.genre}: {rule}" for rule in found)
            continue
        for name, rules in damage(settled, midi, score, settled.seed):
            done += 1
            caught += bool(rules)
            missed.update([] if rules else [name])
    print(f"{pieces} pieces, {bad} not accepted {dict(refused)}")
    print(f"{caught} of {done} damaged pairs of files caught ({caught / done:.2%}); missed: {dict(missed)}")


if __name__ == "__main__":
    main()
