"""Songs from the request to the files, with and without a model, and changed afterwards."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from scrivano.api.app import make_app
from scrivano.core.errors import InvalidInput
from scrivano.music.public import MusicRequest, MusicResult, SongView, read_request
from scrivano.runs.public import RunStatus, raise_for_failure
from tests.workshop import Workshop, open_workshop

FILES = {
    "score.mid",
    "score.musicxml",
    "score.txt",
    "score.cho",
    "score.ireal.txt",
    "score.pdf",
    "score-1.svg",
}


@pytest.fixture
async def rules_only(database_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(database_url, tmp_path, model=False) as opened:
        yield opened


async def made(place: Workshop, request: MusicRequest, **how: Any) -> tuple[SongView, MusicResult]:
    song = await place.house.music.order(request, **how)
    run = await place.finish(song)  # type: ignore[arg-type] - anything with a run_id
    raise_for_failure(run)
    assert run.status is RunStatus.SUCCEEDED
    return await place.house.music.get(song.id), MusicResult.model_validate(run.output)


async def test_without_a_model_the_rules_make_the_song(rules_only: Workshop) -> None:
    song, result = await made(rules_only, MusicRequest(description="a gospel shout in Bb, 8 bars"))
    assert (song.settled.genre, song.settled.key, song.settled.bars) == ("gospel", "Bb", 8)
    assert (song.generation_method, song.made_by) == ("rules", "rules")
    assert set(result.files) >= FILES
    assert song.arrangement is not None
    assert {c.bar for c in song.arrangement.progression.chords} <= set(range(1, 9))
    statistics = await rules_only.house.music.statistics()
    assert statistics.overall["rules"] == 1
    assert statistics.genres == {"gospel": {"rules": 1}}


async def test_a_models_chords_stand_in_the_song(database_url: str, tmp_path: Path) -> None:
    bars = [["Cmaj7"], ["Am7"], ["Dm7"], ["G7"], ["Cmaj7"], ["Am7"], ["Dm7", "G7"], ["Cmaj7"]]
    script = {"rule": [{"match": {"contains": "chords of a piece"}, "json": {"bars": bars}}]}
    async with open_workshop(database_url, tmp_path, script) as place:
        request = MusicRequest(description="simple C major jazz progression", genre="jazz", key="C", bars=8)
        song, _ = await made(place, request)
        assert song.complexity.tier == "small-local"
        assert song.generation_method is not None
        assert song.generation_method.startswith("scripted")
        assert song.made_by in ("small-local", "large-local")
        requests = await place.house.llm.run_requests(song.run_id)
        assert [r.purpose for r in requests] == ["write_progression"]
        assert requests[0].prompt_version


@pytest.mark.parametrize(
    "reply",
    [
        {"text": "I cannot do that."},
        {"json": {"bars": [["H9", "Zz"]] * 3}},
        {"status": 500},
        {"garbage": True},
    ],
)
async def test_a_bad_model_never_harms_the_song(
    database_url: str, tmp_path: Path, reply: dict[str, Any]
) -> None:
    script = {"rule": [{"match": {"path": "chat"}, **reply}]}
    async with open_workshop(database_url, tmp_path, script) as place:
        song, result = await made(place, MusicRequest(genre="blues", key="G", bars=12))
        assert song.generation_method == "rules"
        assert len(result.notes) == 1
        assert any(
            told in result.notes[0] for told in ("The reply had no chords", "No model gave", "No model is in")
        )
        assert song.notes == result.notes
        assert song.arrangement is not None
        assert (song.arrangement.progression.bars, song.arrangement.progression.key) == (12, "G")


async def test_a_finished_song_is_changed_and_taken_back(rules_only: Workshop) -> None:
    music = rules_only.house.music
    song, _ = await made(rules_only, MusicRequest(genre="jazz", key="C", bars=8))
    assert song.arrangement is not None
    before = song.arrangement.progression

    changed = await music.changes.regenerate(song.id, locked=[1, 2, 7, 8], seed=5)
    assert changed.arrangement is not None
    after = changed.arrangement.progression
    for bar in (1, 2, 7, 8):
        assert [c for c in after.chords if c.bar == bar] == [c for c in before.chords if c.bar == bar]
    assert changed.version == 2

    moved = await music.changes.transpose(song.id, key="Eb")
    assert moved.settled.key == "Eb"
    suggested = await music.suggestions(song.id, 1)
    assert suggested
    assert all(s.reason.text for s in suggested)
    replaced = await music.changes.substitute(song.id, index=1, symbol=suggested[0].symbol)
    assert replaced.arrangement is not None
    assert replaced.arrangement.progression.chords[1].symbol == suggested[0].symbol

    restored = await music.changes.restore(song.id, 1)
    assert restored.arrangement is not None
    assert restored.arrangement.progression == before


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"key": "H#"}, "key"),
        ({"tempo": 0}, "tempo"),
        ({"tempo": 10_000}, "tempo"),
        ({"bars": "3.5"}, "bars"),
        ({"genre": "jazz", "application": "polka"}, "application"),
        ({"genre": "polka"}, "genre"),
    ],
)
async def test_a_wrong_request_names_the_field(
    rules_only: Workshop, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await rules_only.house.music.order(read_request(wrong))
    assert caught.value.field == field


async def test_a_song_over_http(rules_only: Workshop) -> None:
    transport = httpx.ASGITransport(make_app(None, house=rules_only.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://scrivano") as client:
        genres = (await client.get("/api/music/genres")).json()
        assert [g["slug"] for g in genres] == [
            "gospel", "jazz", "blues", "classical", "neo-soul", "reggae", "latin", "rnb"
        ]  # fmt: skip
        body = {"request": {"genre": "reggae", "key": "A", "mode": "minor", "bars": 8}}
        ordered = await client.post("/api/music/arrangements", json=body)
        assert ordered.status_code == 202
        song = ordered.json()
        await rules_only.finish(await rules_only.house.music.get(song["id"]))  # type: ignore[arg-type]
        files = (await client.get(f"/api/music/arrangements/{song['id']}/files")).json()
        assert {f["name"] for f in files} >= FILES
        midi = await client.get(f"/api/music/arrangements/{song['id']}/files/score.mid")
        assert midi.content.startswith(b"MThd")
        wrong = await client.post("/api/music/arrangements", json={"request": {"key": "H"}})
        assert (wrong.status_code, wrong.json()["field"]) == (422, "key")
