"""How well arrangements keep the rules of playing, and how smooth their hands are.

Run with `python -m benchmarks.music_arrange [PIECES] [GENRE …]`. The checker reads the files; only rules about notes
are counted here (the product over all keys, bars and meters is another benchmark's business).
"""

import collections
import random
import sys
import time

from scrivano.music.arrange import arrange
from scrivano.music.checker.check import check_files
from scrivano.music.dto import Genre, MusicRequest
from scrivano.music.files import write_midi, write_musicxml
from scrivano.music.genres import GENRES
from scrivano.music.progression import generate, settle

_KEYS = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]
_PROGRESSION = {"R-ALL-4", "R-ALL-5", "R-ALL-6", "R-ALL-13"}


def spans_of(notes: list[tuple[str, int, int]]) -> list[int]:
    """The span of every stroke of two or more notes, by hand and onset."""
    strokes = collections.defaultdict[tuple[str, int], list[int]](list)
    for part, onset, midi in notes:
        strokes[part, onset].append(midi)
    return [max(s) - min(s) for s in strokes.values() if len(s) > 1]


def main(pieces: int, genres: list[Genre]) -> None:
    """Prints broken rules with an example each, spans, and milliseconds a bar."""
    broken = collections.Counter[str]()
    examples: dict[str, str] = {}
    spans, seconds, bars, bad = list[int](), 0.0, 0, 0
    for seed in range(pieces):
        rng = random.Random(seed)
        data = GENRES[rng.choice(genres)]
        settled = settle(
            MusicRequest(
                genre=data.genre, application=rng.choice(data.applications).slug, meter=rng.choice(data.meters),
                key=rng.choice(_KEYS), mode=rng.choice(("major", "minor")), difficulty=rng.randint(1, 5),
                bars=rng.choice((4, 7, 8, 12, 16, 32, 64)), seed=seed,
            )
        )  # fmt: skip
        progression = generate(settled)
        start = time.process_time()
        piece = arrange(progression, settled)
        seconds += time.process_time() - start
        bars += settled.bars
        found = [
            v
            for v in check_files(write_midi(piece), write_musicxml(piece), settled)
            if v.rule not in _PROGRESSION
        ]
        bad += bool(found)
        for violation in found:
            broken[violation.rule] += 1
            examples.setdefault(
                violation.rule, f"{piece.title}, seed {seed}, bar {violation.bar}: {violation.text}"
            )
        spans += spans_of([(n.part, n.onset, n.midi) for n in piece.notes if n.part in {"right", "left"}])
    print(f"{pieces} pieces, {bars} bars, {1000 * seconds / bars:.2f} ms a bar; {bad} pieces break a rule")
    for rule, times in broken.most_common():
        print(f"  {rule}: {times} ({examples[rule]})")
    wide, widest = sum(span > 14 for span in spans), max(spans)
    print(f"hand spans: {len(spans)} strokes, {wide} over 14 semitones, widest {widest}")


if __name__ == "__main__":
    wanted = [Genre(name) for name in sys.argv[2:]] or list(GENRES)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400, wanted)
