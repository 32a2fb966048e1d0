"""Bad replies of models never harm: bars, key and meter are kept and every rule holds."""

import json
import random
from typing import Any

import pytest
from test_generation import assert_valid, every_request, request

from scrivano.music.dto import Settled
from scrivano.music.progression import generate
from scrivano.music.progression.repair import repair
from scrivano.music.progression.reply import ModelReply, read_reply
from scrivano.music.theory import key_of

GOOD = [["Dm7", "G7"], ["Cmaj7"], ["Em7b5", "A7"], ["Dm7"], ["Fm7"], ["Bb7"], ["Dm7", "G7"], ["Cmaj7"]]


def symbols(reply: object, key: str = "C") -> list[list[str]]:
    return [[str(c) for c in bar] for bar in read_reply(reply, key_of(key))]


@pytest.mark.parametrize(
    "reply",
    [
        ModelReply(bars=GOOD),
        {"bars": GOOD},
        {"progression": [" ".join(bar) for bar in GOOD]},
        {"bars": [{"bar": i + 1, "chords": bar} for i, bar in enumerate(GOOD)]},
        {
            "measures": [
                {"number": i + 1, "chords": [{"symbol": s} for s in bar]} for i, bar in enumerate(GOOD)
            ]
        },
        json.dumps({"bars": GOOD}),
        "Here you are:\n```json\n" + json.dumps({"bars": GOOD}) + "\n```\nEnjoy!",
        "| Dm7 G7 | Cmaj7 | Em7b5 A7 | Dm7 |\n| Fm7 | Bb7 | Dm7 G7 | Cmaj7 |",
        json.dumps({"bars": GOOD})[:-2],
        {"sections": [{"name": "A", "bars": GOOD[:4]}, {"name": "B", "bars": GOOD[4:]}]},
        {"bars": [["D:min7", "G:7"], *GOOD[1:]]},
        {"bars": [["ii7", "V7"], ["Imaj7"], *GOOD[2:]]},
    ],
)
def test_many_shapes_are_read(reply: object) -> None:
    assert symbols(reply) == GOOD


@pytest.mark.parametrize(
    "reply", ["", "I am sorry, I cannot do that.", None, 7, {}, [], {"bars": None}, [[[[[[[[]]]]]]]]]
)
def test_nothing_is_found_where_nothing_is(reply: object) -> None:
    assert not any(read_reply(reply, key_of("C")))


def test_a_good_reply_is_kept_whole() -> None:
    settled = request("jazz", bars=8)
    repaired = repair({"bars": GOOD}, settled)
    assert repaired.kept == tuple(range(1, 9))
    assert repaired.changes == ()
    assert [c.symbol for c in repaired.progression.chords] == [s for bar in GOOD for s in bar]
    assert repaired.method("qwen") == "qwen"


def test_a_reply_in_another_key_is_transposed_and_spelled() -> None:
    settled = request("jazz", bars=8, key="Gb")
    repaired = repair({"bars": GOOD}, settled)
    assert repaired.method("qwen") == "qwen"
    assert [c.symbol for c in repaired.progression.chords][:5] == ["Abm7", "Db7", "Gbmaj7", "Bbm7b5", "Eb7"]
    assert "transposed" in repaired.changes[0]


def test_bars_without_chords_are_filled_and_said() -> None:
    settled = request("jazz", bars=8)
    repaired = repair({"bars": [*GOOD[:2], ["???"], *GOOD[3:]]}, settled)
    assert 3 not in repaired.kept
    assert repaired.method("qwen") == "qwen + rules"
    assert_valid(settled, repaired.progression)


def test_triads_get_the_sevenths_that_jazz_wants() -> None:
    settled = request("jazz", bars=4)
    repaired = repair({"bars": [["C"], ["Dm"], ["G7"], ["C"]]}, settled)
    assert_valid(settled, repaired.progression)
    assert len(repaired.kept) >= 3


def test_nothing_usable_is_rules() -> None:
    settled = request("gospel", bars=8)
    repaired = repair("no music today", settled)
    assert repaired.method("qwen") == "rules"
    assert_valid(settled, repaired.progression)


def corrupted(settled: Settled, rng: random.Random) -> object:
    """A reply that began as a valid one and went wrong in one or several ways."""
    source = (
        settled
        if rng.random() < 0.6
        else request(rng.choice(("jazz", "reggae", "classical")), bars=settled.bars)
    )
    if rng.random() < 0.4:
        source = source.model_copy(
            update={"key": rng.choice(("C", "Eb", "F#", "A")), "seed": rng.randrange(999)}
        )
    rows: list[list[str]] = [[] for _ in range(source.bars)]
    for span in generate(source).chords:
        rows[span.bar - 1].append(span.symbol)
    reply: Any = {"bars": rows}
    for _ in range(rng.randint(1, 3)):
        reply = rng.choice(CORRUPTIONS)(reply, rng)
    return reply


def _rows(reply: Any) -> list[Any]:
    return list(reply["bars"]) if isinstance(reply, dict) and isinstance(reply.get("bars"), list) else [["C"]]


def _drop(reply: Any, rng: random.Random) -> Any:
    rows = _rows(reply)
    return {"bars": rows[: rng.randrange(len(rows) + 1)]}


def _repeat(reply: Any, rng: random.Random) -> Any:
    return {"bars": _rows(reply) * rng.randint(2, 9)}


def _garble(reply: Any, rng: random.Random) -> Any:
    words = (
        "H7",
        "Cmaj7777",
        "",
        "🎵",
        "N.C.",
        "Db/Fbb",
        "x" * 300,
        "Gsus9#13",
        "Bbb7",
        "rest",
        "A:min/x",
        "%",
    )
    rows = [list(row) if isinstance(row, list) else [str(row)] for row in _rows(reply)]
    for _ in range(rng.randint(1, 12)):
        if rows:
            rows[rng.randrange(len(rows))] = [rng.choice(words) for _ in range(rng.randint(0, 6))]
    return {"bars": rows}


def _foreign(reply: Any, rng: random.Random) -> Any:
    rows = _rows(reply)
    roots = ("C", "F#", "Bb", "E", "Ab", "Cb", "B#")
    kinds = ("maj7#11", "m", "7alt", "dim7", "aug", "m7b5", "sus4", "5", "13", "")
    for i in range(0, len(rows), rng.randint(1, 4)):
        rows[i] = [rng.choice(roots) + rng.choice(kinds) for _ in range(rng.randint(1, 5))]
    return {"bars": rows}


def _truncate(reply: Any, rng: random.Random) -> Any:
    text = reply if isinstance(reply, str) else json.dumps(reply)
    return text[: rng.randrange(len(text) + 1)]


def _wrap(reply: Any, rng: random.Random) -> Any:
    text = reply if isinstance(reply, str) else json.dumps(reply)
    return f"Sure! A fine progression in C:\n\n```json\n{text}\n```\n\nA big thank you, and enjoy | have fun | bye"


def _retype(reply: Any, rng: random.Random) -> Any:
    return rng.choice(
        (None, 3, [], [[]], {"bars": {"1": "C"}}, {"bars": [None, 3, ["C", None]]}, [reply], "{" * 500)
    )


CORRUPTIONS = (_drop, _repeat, _garble, _foreign, _truncate, _wrap, _retype)


@pytest.mark.parametrize("part", range(10))
def test_five_hundred_corrupted_replies_give_five_hundred_valid_progressions(part: int) -> None:
    rng = random.Random(f"corrupted {part}")
    for number, (genre, application, tonic, mode, bars, meter) in enumerate(rng.sample(every_request(), 50)):
        # Long ones take long and fail no other way than short ones: one in ten.
        bars = bars if number % 10 == 0 else min(bars, 12)
        key = key_of(tonic, "major" if mode == "major" else "minor")
        settled = request(
            genre, application, key=str(key.tonic), mode=mode, bars=bars, meter=meter, seed=rng.randrange(99)
        )
        reply = corrupted(settled, rng)
        repaired = repair(reply, settled)
        assert_valid(settled, repaired.progression)
        assert all(1 <= bar <= bars for bar in repaired.kept)
        assert repaired.method("m") in {"m", "m + rules", "rules"}
