"""Everything about songs over REST: what is understood, lead sheets, changes, sound, preferences, bad input."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from scrivano.api.app import make_app
from scrivano.music.preferences.choices import Taste
from scrivano.runs.public import raise_for_failure
from scrivano.worker import pipelines, worker
from tests.workshop import Workshop, open_workshop

CHART = "| Dm7 | G7 | Cmaj7 | Am7 | Dm7 | Db7 | Cmaj7 | % |"
MELODY = """<?xml version="1.0"?>
<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>Voice</part-name></score-part></part-list>
<part id="P1">{}</part></score-partwise>"""
TUNE = [
    "C4 E4 G4 E4",
    "A4 G4 F4 E4",
    "D4 F4 A4 F4",
    "G4 F4 E4 D4",
    "E4 G4 C5 G4",
    "A4 C5 A4 F4",
    "G4 B4 D5 B4",
    "C5",
]


def melody(bars: list[str]) -> str:
    found: list[str] = []
    for number, bar in enumerate(bars, start=1):
        names = bar.split()
        head = (
            "<attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>"
            if number == 1
            else ""
        )
        notes = "".join(
            f"<note><pitch><step>{n[0]}</step><octave>{n[1]}</octave></pitch><duration>{4 // len(names)}</duration></note>"
            for n in names
        )
        found.append(f'<measure number="{number}">{head}{notes}</measure>')
    return MELODY.format("".join(found))


@dataclass
class Desk:
    """A person at the API, and a worker beside it."""

    place: Workshop
    http: httpx.AsyncClient

    async def ok(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.http.request(method, f"/api/music{path}", json=body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    async def song(self, **order: Any) -> dict[str, Any]:
        ordered = await self.ok("POST", "/arrangements", order)
        raise_for_failure(await self.place.house.runs.wait(ordered["run_id"]))
        return await self.ok("GET", f"/arrangements/{ordered['id']}")


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_workshop(database_url, tmp_path, model=False) as place:
        own = worker(place.house)
        await own.launch(pipelines(place.house))
        transport = httpx.ASGITransport(make_app(None, house=place.house))
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://scrivano") as client:
                yield Desk(place, client)
        finally:
            await own.stop()


async def test_a_request_is_understood_while_it_is_typed(desk: Desk) -> None:
    told = await desk.ok(
        "POST", "/understand", {"description": "a slow gospel ballad in Bb minor", "tempo": 200}
    )
    settled, origins = told["settled"], told["origins"]
    assert (settled["genre"], settled["key"], settled["mode"], settled["tempo"]) == (
        "gospel",
        "Bb",
        "minor",
        200,
    )
    assert (origins["key"], origins["tempo"], origins["bars"]) == ("read", "given", "usual")
    assert sum(section["bars"] for section in told["sections"]) == settled["bars"]
    assert any("200" in remark for remark in told["remarks"])
    assert 1 <= told["demand"]["level"] <= 10
    formed = await desk.ok("POST", "/understand", {"genre": "jazz", "form": "AABA", "bars": 32})
    assert [s["name"] for s in formed["sections"]] == ["A", "A", "B", "A"]
    sung = await desk.ok("POST", "/understand", {"genre": "rnb", "form": "verse-chorus-bridge", "bars": 32})
    assert [s["name"] for s in sung["sections"]] == ["Verse", "Chorus", "Bridge", "Chorus"]


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"key": "H#"}, "key", "Bb"),
    ({"tempo": 0}, "tempo", "30"),
    ({"tempo": 10_000}, "tempo", "320"),
    ({"tempo": "fast"}, "tempo", "30"),
    ({"bars": 3.5}, "bars", "64"),
    ({"bars": 65}, "bars", "64"),
    ({"genre": "jazz", "application": "polka"}, "application", "swing"),
    ({"genre": "polka"}, "genre", "neo-soul"),
    ({"genre": "reggae", "meter": "3/4"}, "meter", "4/4"),
    ({"description": "静かな夜の海の曲を書いてください"}, "description", "gospel"),
    ({"description": "x" * 100_000}, "description", "20000"),
    ({"difficulty": 9}, "difficulty", "5"),
    ({"genre": "jazz", "form": "XYZ"}, "form", "AABA"),
    ({"tonality": "C"}, "tonality", "key"),
]


async def test_bad_input_names_the_field_and_what_is_allowed(desk_without_worker: httpx.AsyncClient) -> None:
    for wrong, field, allowed in WRONG:
        for path, body in (("understand", wrong), ("arrangements", {"request": wrong})):
            answer = await desk_without_worker.post(f"/api/music/{path}", json=body)
            problem = answer.json()
            assert (answer.status_code, problem["field"]) == (422, field), (path, wrong)
            assert allowed in problem["remedy"], (path, wrong)


async def test_what_cannot_be_read_is_refused_with_its_place(desk_without_worker: httpx.AsyncClient) -> None:
    client = desk_without_worker
    for sheet, told in (
        ("| Dm7 | Gzz7 | C |", "Bar 2"),
        ("no chart at all", "no bars"),
        ("   ", "empty"),
        ("<score-partwise>", ""),
        ("irealb://%%%", ""),
        ("| C | | C |", "empty bar"),
    ):
        for path, body in (
            ("/analyses", {"lead_sheet": sheet}),
            ("/arrangements", {"lead_sheet": sheet}),
        ):
            answer = await client.post(f"/api/music{path}", json=body)
            assert (answer.status_code, answer.json()["field"]) == (422, "lead_sheet"), (sheet, answer.text)
            assert told in answer.json()["detail"]
    long = " | ".join(["C"] * 100)
    answer = await client.post("/api/music/arrangements", json={"lead_sheet": f"| {long} |"})
    assert (answer.status_code, answer.json()["field"]) == (422, "bars")
    for body in (
        {"lead_sheet_file": "§"},
        {"lead_sheet": "| C |", "lead_sheet_file": "AAAA"},
        {"lead_sheet": "a\0b"},
    ):
        assert (await client.post("/api/music/analyses", json=body)).status_code == 422
    answer = await client.post("/api/music/arrangements", json={"request": {"description": "a\0b"}})
    assert answer.status_code == 422


@pytest.fixture
async def desk_without_worker(database_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with open_workshop(database_url, tmp_path, model=False) as place:
        transport = httpx.ASGITransport(make_app(None, house=place.house))
        async with httpx.AsyncClient(transport=transport, base_url="http://scrivano") as client:
            yield client


async def test_a_lead_sheet_is_explained_and_arranged_as_its_author_wrote_it(desk: Desk) -> None:
    (told,) = await desk.ok("POST", "/analyses", {"lead_sheet": f"My Tune\n{CHART}"})
    assert (told["key"], told["mode"], told["key_found"], told["bars"]) == ("C", "major", True, 8)
    assert [c["roman"] for c in told["chords"]][:3] == ["ii7", "V7", "Imaj7"]
    assert [c["kind"] for c in told["chords"]][5] == "tritone-substitute"
    assert all(c["text"] for c in told["chords"])

    song = await desk.song(lead_sheet=f"My Tune\n{CHART}", request={"genre": "jazz", "tempo": 100})
    assert (song["title"], song["material"], song["generation_method"]) == ("My Tune", "chords", "lead sheet")
    symbols = [c["symbol"] for c in song["arrangement"]["progression"]["chords"]]
    assert symbols == ["Dm7", "G7", "Cmaj7", "Am7", "Dm7", "Db7", "Cmaj7", "Cmaj7"]
    short = await desk.song(lead_sheet=CHART, request={"genre": "latin", "bars": 4})
    assert short["settled"]["bars"] == 4
    link = await desk.http.get(f"/api/music/arrangements/{song['id']}/files/score.ireal.txt")
    (again,) = await desk.ok("POST", "/analyses", {"lead_sheet": link.text})
    assert [c["symbol"] for c in again["chords"]] == symbols


async def test_a_melody_gets_chords_and_is_kept_through_every_change(desk: Desk) -> None:
    song = await desk.song(lead_sheet=melody(TUNE), request={"genre": "rnb"}, title="Sung\u0001 &\ttold")
    assert song["title"] == "Sung & told"
    assert (song["material"], song["settled"]["key"], song["settled"]["bars"]) == ("melody", "C", 8)

    def sung(one: dict[str, Any]) -> list[tuple[int, int]]:
        return [(n["onset"], n["midi"]) for n in one["arrangement"]["notes"] if n["part"] == "melody"]

    first = sung(song)
    assert [midi for _, midi in first][:4] == [60, 64, 67, 64]
    again = await desk.ok("POST", f"/arrangements/{song['id']}/regenerate", {"seed": 3})
    assert sung(again) == first
    moved = await desk.ok("POST", f"/arrangements/{song['id']}/transpose", {"key": "Bb"})
    assert sung(moved) == [(onset, midi - 2) for onset, midi in first]
    spelled = next(n["pitch"] for n in moved["arrangement"]["notes"] if n["part"] == "melody")
    assert (spelled["step"], spelled["alter"], spelled["octave"]) == ("B", -1, 3)


async def test_a_song_is_changed_undone_heard_and_deleted(desk: Desk) -> None:
    song = await desk.song(request={"genre": "jazz", "key": "F", "bars": 8, "seed": 2}, model="rules")
    path = f"/arrangements/{song['id']}"
    assert song["notes"] == []
    assert await desk.ok("GET", f"{path}/check") == []
    first = song["arrangement"]["progression"]["chords"]

    locked = await desk.ok("PUT", f"{path}/locks", {"bars": [1, 2, 8]})
    assert (locked["version"], locked["arrangement"]["locked_bars"]) == (1, [1, 2, 8])
    anew = await desk.ok("POST", f"{path}/regenerate", {"seed": 11})
    for bar in (1, 2, 8):
        assert _bar(anew, bar) == _bar(song, bar)
    assert anew["arrangement"]["locked_bars"] == [1, 2, 8]
    refused = await desk.http.post(f"/api/music{path}/reharmonize", json={"first": 2, "last": 4})
    assert (refused.status_code, refused.json()["detail"]) == (422, "Bar 2 is locked.")

    offered = await desk.ok("GET", f"{path}/suggestions?index=3&limit=5")
    assert all(one["reason"]["text"] for one in offered)
    written = await desk.ok("POST", f"{path}/substitute", {"index": 3, "symbol": offered[0]["symbol"]})
    assert written["arrangement"]["progression"]["chords"][3]["symbol"] == offered[0]["symbol"]
    renamed = await desk.ok("PATCH", path, {"title": " A\u0001 <b>tune</b>\n& more\u000c"})
    assert renamed["title"] == "A <b>tune</b> & more"
    empty = await desk.http.patch(f"/api/music{path}", json={"title": "\u0001 "})
    assert (empty.status_code, empty.json()["field"]) == (422, "title")
    await desk.ok("POST", f"{path}/undo")
    easier = await desk.ok("POST", f"{path}/difficulty", {"difficulty": 1})
    assert easier["settled"]["difficulty"] == 1
    assert [c["symbol"] for c in easier["arrangement"]["progression"]["chords"]] == [
        c["symbol"] for c in written["arrangement"]["progression"]["chords"]
    ]

    for _ in range(3):
        back = await desk.ok("POST", f"{path}/undo")
    assert back["arrangement"]["progression"]["chords"] == first
    assert (back["undo"], back["redo"] is not None) == (None, True)
    nothing = await desk.http.post(f"/api/music{path}/undo")
    assert nothing.status_code == 409
    forth = await desk.ok("POST", f"{path}/redo")
    assert forth["arrangement"]["notes"] == anew["arrangement"]["notes"]
    versions = await desk.ok("GET", f"{path}/versions")
    assert versions[0]["number"] == forth["version"]
    old = await desk.ok("GET", f"{path}/versions/1")
    assert old["arrangement"]["progression"]["chords"] == first

    written_over = {"text": "no song at all", "expected_number": forth["version"]}
    text = await desk.http.put(f"/api/documents/{song['id']}/text", json=written_over)
    assert text.status_code == 200
    gone = await desk.http.get(f"/api/music{path}/versions/{forth['version'] + 1}")
    assert gone.status_code == 409
    whole = await desk.ok("POST", f"{path}/transpose", {"key": "F"})
    assert whole["arrangement"]["notes"]
    forth = await desk.ok("POST", f"{path}/versions/{forth['version']}/restore")

    roll = await desk.ok("GET", f"{path}/roll")
    assert [bar["number"] for bar in roll["bars"]] == list(range(1, 9))
    assert [bar["locked"] for bar in roll["bars"]][:3] == [True, True, False]
    assert sum(len(bar["notes"]) for bar in roll["bars"]) == len(forth["arrangement"]["notes"])
    assert roll["bars"][1]["chords"][0]["text"]
    assert roll["seconds"] == pytest.approx(8 * 4 * 60 / forth["settled"]["tempo"], abs=0.01)

    await desk.ok("DELETE", path)
    assert (await desk.http.get(f"/api/music{path}")).status_code == 404
    assert (await desk.http.get(f"/api/documents/{song['id']}")).status_code == 404
    counted = await desk.ok("GET", "/statistics")
    assert (counted["overall"]["rules"], counted["genres"]) == (1, {"jazz": {"rules": 1}})
    assert counted["money_by_genre"]["jazz"]["cost_usd"] == "0"
    reset = await desk.ok("POST", "/statistics/reset")
    assert (reset["overall"]["rules"], reset["since"] is not None) == (0, True)


def _bar(song: dict[str, Any], bar: int) -> list[Any]:
    return [c for c in song["arrangement"]["progression"]["chords"] if c["bar"] == bar]


async def test_a_song_is_heard_where_something_can_render_it(desk: Desk) -> None:
    there = await desk.ok("GET", "/sound")
    song = await desk.song(request={"genre": "blues", "bars": 4, "tempo": 200})
    path = f"/api/music/arrangements/{song['id']}/audio"
    answer = await desk.http.get(path)
    if not there["available"]:
        assert (answer.status_code, bool(answer.json()["remedy"])) == (503, True)
        pytest.skip("fluidsynth and a General MIDI sound font are missing")
    assert answer.content.startswith(b"OggS")
    kept = await desk.ok("GET", f"/arrangements/{song['id']}/files")
    assert "score.ogg" in {file["name"] for file in kept}
    await desk.ok("POST", f"/arrangements/{song['id']}/transpose", {"key": "E"})
    kept = await desk.ok("GET", f"/arrangements/{song['id']}/files")
    assert "score.ogg" not in {file["name"] for file in kept}


async def test_two_versions_are_compared_bar_by_bar(desk: Desk) -> None:
    song = await desk.song(request={"genre": "jazz", "key": "C", "bars": 8}, lead_sheet=CHART)
    path = f"/arrangements/{song['id']}"
    at = next(n for n, c in enumerate(song["arrangement"]["progression"]["chords"]) if c["bar"] == 2)
    other = (await desk.ok("GET", f"{path}/suggestions?index={at}"))[0]["symbol"]
    changed = await desk.ok("POST", f"{path}/substitute", {"index": at, "symbol": other})
    assert changed["version"] == 2
    told = await desk.ok("GET", f"{path}/diff?old=1&new=2")
    assert (told["changes"], told["moved"], len(told["bars"])) == ([], False, 8)
    assert [one["number"] for one in told["bars"] if one["state"] != "same"] == [2]
    assert told["bars"][1]["before"] == ["G7"]
    assert told["bars"][1]["after"] not in ([], ["G7"])
    assert told["bars"][1]["parts"]

    await desk.ok("POST", f"{path}/transpose", {"key": "Eb"})
    told = await desk.ok("GET", f"{path}/diff?old=2&new=3")
    assert {one["field"]: (one["before"], one["after"]) for one in told["changes"]}["key"] == ("C", "Eb")
    assert told["moved"]
    assert all(one["state"] == "chords" for one in told["bars"])

    await desk.ok("POST", f"{path}/difficulty", {"difficulty": 1})
    told = await desk.ok("GET", f"{path}/diff?old=3&new=4")
    assert {one["state"] for one in told["bars"]} <= {"same", "notes"}
    assert [one["field"] for one in told["changes"]] == ["difficulty"]
    assert (await desk.http.get(f"/api/music{path}/diff?old=1&new=9")).status_code == 404


async def test_what_people_choose_is_learnt_explained_and_forgotten(desk: Desk) -> None:
    song = await desk.song(request={"genre": "neo-soul", "key": "Eb", "bars": 8, "difficulty": 3})
    path = f"/arrangements/{song['id']}"
    before = await desk.ok("GET", "/preferences")
    assert (before["choices"], before["likings"], before["difficulty"]["learnt"]) == (0, [], False)
    plain = await desk.ok(
        "POST", "/next-chords", {"chords": ["Fm9", "Bb9"], "key": "Eb", "genre": "neo-soul"}
    )

    for bar in range(1, 7):
        await desk.ok("POST", f"{path}/reactions", {"kind": "keep" if bar % 2 else "dislike", "bar": bar})
    said = await desk.ok("POST", f"{path}/reactions", {"kind": "too-hard"})
    assert [one["bar"] for one in said] == [None, 1, 2, 3, 4, 5, 6]
    learnt = await desk.ok("GET", "/preferences")
    assert (learnt["reactions"], learnt["songs"]) == (7, 1)
    assert learnt["choices"] == sum(c["bar"] <= 6 for c in song["arrangement"]["progression"]["chords"])
    assert all(one["text"] for one in learnt["likings"])
    assert learnt["likings"]
    assert learnt["difficulty"]["level"] == 2
    assert learnt["difficulty"]["learnt"]
    after = await desk.ok(
        "POST", "/next-chords", {"chords": ["Fm9", "Bb9"], "key": "Eb", "genre": "neo-soul"}
    )
    assert [one["probability"] for one in after] != [one["probability"] for one in plain]

    told = await desk.ok("POST", "/understand", {"genre": "jazz"})
    assert (told["settled"]["difficulty"], told["origins"]["difficulty"]) == (2, "yours")
    asked = await desk.ok("POST", "/understand", {"genre": "jazz", "difficulty": 5})
    assert (asked["settled"]["difficulty"], asked["origins"]["difficulty"]) == (5, "given")

    said = await desk.ok("DELETE", f"{path}/reactions?bar=1")
    assert [one["bar"] for one in said] == [None, 2, 3, 4, 5, 6]
    choices = await desk.ok("GET", "/preferences/choices")
    assert 1 not in {one["bar"] for one in choices}
    await desk.ok("DELETE", f"/preferences/choices/{choices[0]['id']}")
    assert len(await desk.ok("GET", "/preferences/choices")) == len(choices) - 1
    exported = await desk.ok("GET", "/preferences/export")
    assert len(exported["choices"]) == len(choices) - 1
    assert exported["reactions"][0]["song_id"] == song["id"]

    wrong = await desk.http.post(f"/api/music{path}/reactions", json={"kind": "too-hard", "bar": 2})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "kind")
    wrong = await desk.http.post(f"/api/music{path}/reactions", json={"kind": "keep", "bar": 9})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "bar")

    of_all = await desk.ok("GET", "/preferences/reactions")
    assert [one["bar"] for one in of_all] == [None, 6, 5, 4, 3, 2]
    assert {(one["song_id"], one["played"]) for one in of_all} == {(song["id"], 3)}
    await desk.ok("DELETE", f"/preferences/reactions/{of_all[1]['id']}")
    assert 6 not in {one["bar"] for one in await desk.ok("GET", "/preferences/choices")}
    await desk.ok("DELETE", path)
    await desk.ok("DELETE", f"/preferences/reactions/{of_all[0]['id']}")
    assert [one["bar"] for one in await desk.ok("GET", "/preferences/reactions")] == [5, 4, 3, 2]
    assert not (await desk.ok("GET", "/preferences"))["difficulty"]["learnt"]
    assert (await desk.ok("GET", "/preferences"))["songs"] == 0
    gone = await desk.http.delete(f"/api/music/preferences/reactions/{of_all[0]['id']}")
    assert gone.status_code == 404

    await desk.ok("DELETE", "/preferences")
    assert await desk.ok("GET", "/preferences") == before
    forgotten = await desk.ok(
        "POST", "/next-chords", {"chords": ["Fm9", "Bb9"], "key": "Eb", "genre": "neo-soul"}
    )
    assert forgotten == plain


async def test_likings_are_shared_with_consent_alone(desk: Desk) -> None:
    song = await desk.song(request={"genre": "jazz", "key": "C", "bars": 8})
    arrangement = (await desk.place.house.music.get(UUID(song["id"]))).arrangement
    assert arrangement is not None
    tastes = desk.place.house.music.tastes
    people = [UUID(int=n) for n in range(1, 8)]
    for person in people:
        await tastes.change(person, shares=True)
        for bar in range(1, 9):
            await tastes.react(person, UUID(song["id"]), arrangement, bar, "keep" if bar % 2 else "reject")
    assert (await desk.ok("GET", "/preferences"))["others"] == 7
    new = await tastes.learner(UUID(int=99))
    neutral = new.weights - type(new)(Taste()).weights
    assert abs(neutral).max() > 0.01
    for person in people[:3]:
        await tastes.change(person, shares=False)
    told = await desk.ok("GET", "/preferences")
    assert (told["others"], told["others_count"]) == (4, False)
    alone = await tastes.learner(UUID(int=99))
    assert abs(alone.weights - type(new)(Taste()).weights).max() == 0
    await tastes.erase(people[-1])
    assert (await desk.ok("GET", "/preferences"))["others"] == 3
    files = [name async for name, _ in tastes.export(people[-1])]
    assert files == ["preferences.json"]
