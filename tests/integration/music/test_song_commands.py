"""`scrivano music` with the database behind it: a song is written, changed, judged by its writer, and deleted."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scrivano.cli.music import app
from scrivano.core.errors import Conflict, InvalidInput, NotFound

CHART = "My Tune\n| Dm7 | G7 | Cmaj7 | Am7 | Dm7 | Db7 | Cmaj7 | % |\n"


def read(*arguments: str | Path) -> Any:
    result = CliRunner().invoke(app, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_song_from_the_command_line(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRIVANO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SCRIVANO_DATABASE_URL", database_url)
    monkeypatch.setenv("SCRIVANO_DISCOVER_URLS", "off")
    sheet, folder = tmp_path / "tune.txt", tmp_path / "out"
    sheet.write_text(CHART)
    made = read("write", "--lead-sheet", sheet, "--genre", "jazz", "--audio", "none", "--out", folder)
    assert made["song"]["title"] == "My Tune"
    assert {path.name for path in folder.iterdir()} >= {
        "score.mid",
        "score.musicxml",
        "score.txt",
        "score.pdf",
    }

    (offered, *_) = read("suggest", "--song", "last", "--chord", "6", "--limit", "1")
    changed = read("substitute", made["song"]["id"][-8:], "--chord", "6", "--with", offered["symbol"])
    assert changed["song"]["arrangement"]["progression"]["chords"][5]["symbol"] == offered["symbol"]
    assert read("preferences")["choices"] == 1
    moved = read("transpose", "last", "--key", "Eb", "--out", tmp_path / "eb")
    assert moved["song"]["settled"]["key"] == "Eb"
    assert "Key: Eb major" in (tmp_path / "eb" / "score.txt").read_text()
    assert read("undo", "last")["song"]["settled"]["key"] == "C"
    assert read("stats")["genres"] == {"jazz": {"rules": 1}}

    for arguments, error in (
        (["lock", "last", "1-99"], InvalidInput),
        (["transpose", "last", "--key", "H#"], InvalidInput),
        (["show", "nothing"], NotFound),
        (["redo", "last", "--out", str(sheet)], InvalidInput),
    ):
        with pytest.raises(error) as caught:
            CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert caught.value.exit_code == 2
    deleted = CliRunner().invoke(app, ["delete", "last"], catch_exceptions=False)
    assert "Deleted" in deleted.stdout
    assert read("list") == []
    with pytest.raises((NotFound, Conflict)):
        CliRunner().invoke(app, ["show", "last"], catch_exceptions=False)
