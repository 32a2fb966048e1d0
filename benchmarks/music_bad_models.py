"""Models that answer badly, through everything that a song goes through: order, run, model server, mending, files.

Each of the requests (all genres, keys and modes, 4 to 24 bars) gets a reply that is corrupted in one of fourteen ways.
Counted are songs that ended with the bars, key, meter and tempo asked for, with all files, no hard rule broken (by the
independent checker), the person told of what was done, and a truthful generation method: `rules` where nothing of the
reply can have been used, the model's name in it where the reply's chords stand in the song.

Run: python -m benchmarks.music_bad_models [--songs N]
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from scrivano.music.progression import generate, settle
from scrivano.music.public import Genre, MusicRequest
from scrivano.music.theory import key_of
from scrivano.runs.public import RunStatus
from scrivano.worker import pipelines, worker
from tests.workshop import open_workshop

KEYS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
USELESS = {"invalid symbols", "prose", "empty", "refusal", "server error", "garbage", "numbers"}
"""Ways of which nothing can be in the song."""


def bars_of(request: MusicRequest) -> list[list[str]]:
    """Good chords for a request: what the rules make of another seed."""
    settled = settle(request.model_copy(update={"seed": request.seed + 1000}))
    made = generate(settled)
    return [[c.symbol for c in made.chords if c.bar == bar] for bar in range(1, made.bars + 1)]


def corrupted(way: str, good: list[list[str]], request: MusicRequest, dice: random.Random) -> dict[str, Any]:
    """What the model server does, in the terms of its script."""
    whole = json.dumps({"bars": good})
    match way:
        case "too few bars":
            return {"json": {"bars": good[: max(1, len(good) // 2)]}}
        case "too many bars":
            return {"json": {"bars": good * 3}}
        case "another key":
            other = request.model_copy(update={"key": dice.choice([k for k in KEYS if k != request.key])})
            return {"json": {"bars": bars_of(other)}}
        case "invalid symbols":
            return {"json": {"bars": [[dice.choice(("H9", "Zz", "Qmaj7", "??"))] for _ in good]}}
        case "some invalid symbols":
            return {"json": {"bars": [["Zz"] if dice.random() < 0.3 else bar for bar in good]}}
        case "prose":
            return {"text": "Certainly! Let me think about harmony for a while. " * dice.randint(1, 9)}
        case "cut off":
            return {"text": whole[: dice.randint(12, max(13, len(whole) - 4))]}
        case "empty":
            return {"json": {"bars": [[] for _ in good]}}
        case "refusal":
            return {"text": "I am sorry, I cannot do that."}
        case "server error":
            return {"status": 500}
        case "garbage":
            return {"garbage": True}
        case "numbers":
            return {"json": {"bars": [[dice.randint(0, 127)] for _ in good]}}
        case "crowded bars":
            return {"json": {"bars": [bar * 9 for bar in good]}}
        case _:
            shuffled = [bar[:] for bar in good]
            dice.shuffle(shuffled)
            return {"text": f"Here you are:\n```json\n{json.dumps({'bars': shuffled})}\n```\nEnjoy!"}


WAYS = (
    "too few bars", "too many bars", "another key", "invalid symbols", "some invalid symbols", "prose", "cut off",
    "empty", "refusal", "server error", "garbage", "numbers", "crowded bars", "shuffled and wrapped in prose",
)  # fmt: skip


def cases(count: int, dice: random.Random) -> list[tuple[str, MusicRequest, dict[str, Any]]]:
    """Requests with what comes back for each."""
    found: list[tuple[str, MusicRequest, dict[str, Any]]] = []
    for number in range(count):
        mode = "minor" if dice.random() < 0.4 else "major"
        request = MusicRequest(
            description=f"case {number:04d} of a trial",
            genre=dice.choice(list(Genre)),
            key=str(key_of(dice.choice(KEYS), mode).tonic),
            mode=mode,
            bars=dice.choice((4, 7, 8, 12, 16, 24)),
            seed=number,
        )
        way = WAYS[number % len(WAYS)]
        found.append((way, request, corrupted(way, bars_of(request), request, dice)))
    return found


async def judge(count: int) -> tuple[Counter[str], list[str]]:
    """How many songs of each way were all right, and what was wrong with the others."""
    wanted = cases(count, random.Random(20261121))
    script = {"rule": [{"match": {"contains": request.description}, **reply} for _, request, reply in wanted]}
    good, bad = Counter[str](), list[str]()
    with tempfile.TemporaryDirectory() as home:
        async with open_workshop(None, Path(home), script) as place:
            own = worker(place.house)
            await own.launch(pipelines(place.house))
            try:
                for start in range(0, len(wanted), 25):
                    batch = wanted[start : start + 25]
                    songs = [await place.house.music.order(r, model="scripted") for _, r, _ in batch]
                    for (way, request, _), song in zip(batch, songs, strict=True):
                        problem = await fault(place.house, way, request, song.id, song.run_id)
                        if problem is None:
                            good[way] += 1
                        else:
                            bad.append(f"{way}, {request.description}: {problem}")
            finally:
                await own.stop()
    return good, bad


async def fault(house: Any, way: str, request: MusicRequest, song_id: Any, run_id: str) -> str | None:
    """What is wrong with a song; None for nothing."""
    run = await house.runs.wait(run_id)
    if run.status is not RunStatus.SUCCEEDED:
        return f"the run {run.status}: {run.error}"
    song = await house.music.get(song_id)
    settled, piece = settle(request), song.arrangement.progression
    if (piece.bars, piece.key, piece.mode, piece.meter, song.settled.tempo) != (
        settled.bars, settled.key, settled.mode, settled.meter, settled.tempo,
    ):  # fmt: skip
        return "not what was asked for"
    if broken := await house.music.check(song_id):
        return f"breaks {broken[0].rule}: {broken[0].text}"
    method = song.generation_method
    if way in USELESS and method != "rules":
        return f"claims to be by {method}"
    if method == "rules" and not song.notes:
        return "says nothing of the model's failure"
    if method not in ("rules", "scripted", "scripted + rules"):
        return f"claims to be by {method}"
    if (song.made_by == "rules") != (method == "rules"):
        return f"{method} is counted as {song.made_by}"
    names = {file.name for file in await house.music.files(song_id)}
    return None if {"score.mid", "score.musicxml", "score.pdf", "score.ireal.txt"} <= names else "lacks files"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--songs", type=int, default=500)
    count = parser.parse_args().songs
    started, spent = time.perf_counter(), time.process_time()
    good, bad = asyncio.run(judge(count))
    for way in WAYS:
        print(f"  {way:32s} {good[way]} of {len(range(WAYS.index(way), count, len(WAYS)))}")
    for line in bad:
        print("  NOT:", line)
    print(
        f"{sum(good.values())} of {count} songs as asked; {time.perf_counter() - started:.0f} s, "
        f"{time.process_time() - spent:.0f} s of CPU"
    )


if __name__ == "__main__":
    main()
