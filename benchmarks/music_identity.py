"""Whether a piece sounds like its genre to somebody who never saw the generator.

No free corpus of files with these eight genres is at hand, so the judge is made of portraits: for each genre, how
often a trait is found, written down from the textbooks that docs/concepts/music-rules.md names (and nothing was fitted
to what is generated). Traits are read from MIDI and MusicXML alone; the genre with the highest naive Bayes score wins.
Pieces of every application are judged, in the genre's usual meter and in others; of pieces with a clave the direction
that was asked for is compared with the one that is heard.

Run: python -m benchmarks.music_identity [--seeds N] (pieces of each application)
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import log

from benchmarks.music_checker import files_of, request
from scrivano.music.checker.check import assemble
from scrivano.music.checker.midi import read_midi
from scrivano.music.checker.musicxml import read_musicxml
from scrivano.music.checker.piece import QUARTER, Piece, near
from scrivano.music.dto import Genre, Settled
from scrivano.music.genres import GENRES

ORDER = ("gospel", "jazz", "blues", "classical", "neo-soul", "reggae", "latin", "rnb")


def _bars(piece: Piece, true: Callable[[int], bool]) -> float:
    return sum(true(bar) for bar in range(1, piece.bars + 1)) / piece.bars


def _share(piece: Piece, true: Callable[[int], bool]) -> float:
    return sum(true(at) for at in range(len(piece.sounding))) / max(1, len(piece.sounding))


def _chorale(piece: Piece) -> bool:
    return not {"bass", "drums"} & set(piece.by_part)


def _clave(piece: Piece) -> bool:
    def side(bar: int) -> bool:
        for number in (75, 37):
            struck = {tick // (QUARTER // 2) for tick in piece.strikes("drums", bar, frozenset({number}))}
            if struck in ({0, 3, 6}, {2, 4}, {2, 5}):
                return True
        return False

    return _bars(piece, side) > 0.6


def _no_one_in_bass(piece: Piece) -> bool:
    struck = "bass" in piece.by_part
    return struck and _bars(piece, lambda bar: not near(piece.strikes("bass", bar), 0)) > 0.6


def _kick_late(piece: Piece) -> bool:
    def late(bar: int) -> bool:
        kicks = piece.strikes("drums", bar, frozenset({35, 36}))
        return bool(kicks) and not near(kicks, 0)

    return _bars(piece, late) > 0.6


def _skank(piece: Piece) -> bool:
    def off(bar: int) -> bool:
        struck = piece.strikes("right", bar)
        return bool(struck) and not near(struck, 0) and not near(struck, 2 * piece.beat)

    return _bars(piece, off) > 0.6


def _threes(piece: Piece) -> bool:
    def tresillo(bar: int) -> bool:
        struck = piece.strikes("drums", bar, frozenset({35, 36, 37, 38, 40}))
        return all(near(struck, place * QUARTER // 4) for place in (0, 3, 6, 8, 11, 14))

    return _bars(piece, tresillo) > 0.6


def _walks(piece: Piece) -> bool:
    beats = piece.bar_ticks // piece.beat
    return (
        _bars(piece, lambda bar: all(near(piece.strikes("bass", bar), b * piece.beat) for b in range(beats)))
        > 0.7
    )


def _foot(piece: Piece) -> bool:
    return _bars(piece, lambda bar: bool(piece.strikes("drums", bar, frozenset({44})))) > 0.6


def _backbeat(piece: Piece) -> bool:
    late = 2 * piece.beat if piece.meter == "3/4" else piece.beat
    return (
        _bars(piece, lambda bar: near(piece.strikes("drums", bar, frozenset({37, 38, 39, 40})), late)) > 0.6
    )


def _swing(piece: Piece, low: float, high: float) -> bool:
    if piece.compound:
        return low > 0.62
    shares = [note.onset % QUARTER / QUARTER for note in piece.notes]
    off = [share for share in shares if 0.45 < share < 0.72]
    return bool(off) and low <= sorted(off)[len(off) // 2] < high


def _triads(piece: Piece) -> bool:
    return _share(piece, lambda at: len(piece.sounding[at].chord.degrees) == 3) > 0.5


def _dominants(piece: Piece) -> bool:
    return _share(piece, lambda at: piece.sounding[at].chord.family == "dominant") > 0.5


def _rich(piece: Piece) -> bool:
    return _share(piece, lambda at: bool(piece.sounding[at].chord.tensions)) > 0.5


def _slashes(piece: Piece) -> bool:
    return _share(piece, lambda at: piece.sounding[at].chord.bass is not None) > 0.15


def _two_fives(piece: Piece) -> bool:
    found = sum(
        one.chord.family in {"minor", "half-diminished"}
        and two.chord.family == "dominant"
        and (two.chord.root.pc - one.chord.root.pc) % 12 == 5
        for one, two in pairwise(piece.sounding)
    )
    return found * 8 >= piece.bars


def _four_at_five(piece: Piece) -> bool:
    if piece.bars < 5:
        return False
    placed = piece.at(piece.start_of(5))
    first = piece.sounding[0].chord
    fourth = placed is not None and placed.chord is not None and piece.home.degree(placed.chord.root.pc) == 5
    return fourth and first.family in {"dominant", "minor"}


def _modern(piece: Piece) -> bool:
    """More than a fifth of the chords with a major seventh, a sixth, a suspension or a tension."""

    def beyond(at: int) -> bool:
        chord = piece.sounding[at].chord
        new = {(7, 1), (6, 0), (4, 0), (2, 0)} & set(chord.degrees)
        return bool(new) or bool(chord.tensions) or chord.seventh == 11

    return _share(piece, beyond) > 0.2


def _diminished(piece: Piece) -> bool:
    """A diminished chord in every eight bars."""
    return 8 * sum(placed.chord.family == "diminished" for placed in piece.sounding) >= piece.bars


def _plagal(piece: Piece) -> bool:
    """IV goes to I in every eight bars."""
    steps = [piece.home.degree(placed.chord.root.pc) for placed in piece.sounding]
    return 8 * sum(pair == (5, 0) for pair in pairwise(steps)) >= piece.bars


def _loops(piece: Piece) -> bool:
    roots = [piece.at(piece.start_of(bar)) for bar in range(1, piece.bars + 1)]
    row = [placed.chord.root.pc if placed and placed.chord else -1 for placed in roots]
    return len(row) > 4 and sum(a == b for a, b in zip(row, row[4:], strict=False)) > 0.6 * (len(row) - 4)


# How often a trait is found in gospel, jazz, blues, classical, neo-soul, reggae, latin and R&B.
PORTRAITS: tuple[tuple[Callable[[Piece], bool], tuple[float, ...]], ...] = (
    (_chorale, (0.15, 0.05, 0.03, 0.97, 0.02, 0.01, 0.02, 0.03)),
    (_clave, (0.02, 0.02, 0.02, 0.01, 0.02, 0.03, 0.75, 0.02)),
    (_no_one_in_bass, (0.02, 0.02, 0.02, 0.02, 0.05, 0.15, 0.60, 0.03)),
    (_kick_late, (0.03, 0.10, 0.03, 0.01, 0.03, 0.70, 0.15, 0.03)),
    (_skank, (0.03, 0.05, 0.03, 0.03, 0.04, 0.80, 0.20, 0.04)),
    (_threes, (0.02, 0.01, 0.01, 0.01, 0.02, 0.30, 0.08, 0.04)),
    (_walks, (0.12, 0.70, 0.40, 0.05, 0.03, 0.05, 0.03, 0.04)),
    (_foot, (0.08, 0.80, 0.10, 0.01, 0.08, 0.05, 0.10, 0.05)),
    (_backbeat, (0.80, 0.08, 0.92, 0.01, 0.95, 0.25, 0.10, 0.95)),
    (lambda piece: _swing(piece, 0.515, 0.62), (0.12, 0.30, 0.20, 0.01, 0.85, 0.15, 0.03, 0.20)),
    (lambda piece: _swing(piece, 0.62, 0.72), (0.25, 0.65, 0.60, 0.10, 0.08, 0.10, 0.02, 0.08)),
    (_triads, (0.25, 0.02, 0.03, 0.75, 0.02, 0.85, 0.35, 0.25)),
    (_dominants, (0.10, 0.12, 0.75, 0.05, 0.08, 0.02, 0.10, 0.05)),
    (_rich, (0.25, 0.50, 0.30, 0.01, 0.90, 0.05, 0.20, 0.35)),
    (_slashes, (0.55, 0.08, 0.12, 0.80, 0.25, 0.08, 0.08, 0.25)),
    (_two_fives, (0.35, 0.95, 0.15, 0.20, 0.50, 0.02, 0.50, 0.30)),
    (_four_at_five, (0.12, 0.15, 0.85, 0.08, 0.10, 0.08, 0.10, 0.10)),
    (_modern, (0.85, 0.98, 0.55, 0.04, 0.98, 0.25, 0.75, 0.90)),
    (_diminished, (0.75, 0.25, 0.25, 0.60, 0.05, 0.01, 0.15, 0.10)),
    (_plagal, (0.70, 0.10, 0.85, 0.15, 0.15, 0.70, 0.25, 0.35)),
    (_loops, (0.25, 0.20, 0.25, 0.15, 0.55, 0.70, 0.40, 0.70)),
)


def guess(piece: Piece) -> str:
    """The genre whose portrait fits best."""
    scores = dict.fromkeys(ORDER, 0.0)
    for trait, chances in PORTRAITS:
        has = trait(piece)
        for genre, chance in zip(ORDER, chances, strict=True):
            scores[genre] += log(chance if has else 1 - chance)
    return max(scores, key=scores.__getitem__)


def opened(settled: Settled, midi: bytes, score: bytes) -> Piece:
    """The piece as the files have it."""
    return assemble(read_midi(midi), read_musicxml(score), settled)


def heard_clave(piece: Piece) -> str | None:
    """The direction of the clave as the drums play it, None where they play none."""
    for number, two in ((75, {2, 4}), (37, {2, 5})):
        for bar in (1, 2):
            struck = {tick // (QUARTER // 2) for tick in piece.strikes("drums", bar, frozenset({number}))}
            if struck == two:
                return "2-3" if bar == 1 else "3-2"
    return None


def requests(seeds: int) -> Iterator[Settled]:
    """Pieces of every application; every third one in another meter than its usual one."""
    for genre, data in GENRES.items():
        for application in data.applications:
            for seed in range(seeds):
                rng = random.Random(f"{genre}/{application.slug}/{seed}")
                settled = request(genre, rng.randrange(1 << 30))
                yield settled.model_copy(
                    update={
                        "application": application.slug,
                        "tempo": float(application.tempo[1]),
                        "bars": application.bars,
                        "meter": rng.choice(data.meters) if seed % 3 == 2 else data.meters[0],
                        "description": f"in {rng.choice(('2-3', '3-2'))} clave"
                        if genre is Genre.LATIN
                        else "",
                    }
                )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=10)
    right: Counter[Genre] = Counter()
    every: Counter[Genre] = Counter()
    mixed: Counter[str] = Counter()
    claves = heard = 0
    for settled in requests(parser.parse_args().seeds):
        piece = opened(settled, *files_of(settled))
        named = guess(piece)
        every[settled.genre] += 1
        right[settled.genre] += named == settled.genre.value
        if named != settled.genre.value:
            mixed[f"{settled.genre.value} {settled.application} taken for {named}"] += 1
        if settled.genre is Genre.LATIN and settled.application != "bolero":
            claves += 1
            heard += f"in {heard_clave(piece)} clave" == settled.description
    for genre in every:
        print(f"{genre.value:10s} {right[genre]} of {every[genre]}")
    for what, times in mixed.most_common():
        print(f"  {what}: {times}")
    share = right.total() / every.total()
    print(f"all {share:.1%} of {every.total()}; clave direction as asked in {heard} of {claves}")
    return 0 if share >= 0.8 and heard == claves else 1


if __name__ == "__main__":
    sys.exit(main())
