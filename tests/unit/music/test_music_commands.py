"""`scrivano music` where it needs no database: what is there, what is meant, files read, judged, learnt from."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scrivano.cli.music import app
from scrivano.core.errors import InvalidInput
from scrivano.music.arrange import arrange
from scrivano.music.expecting import Expecting
from scrivano.music.files import write_ireal, write_midi, write_musicxml
from scrivano.music.predictor.corpus import BILLBOARD, read_corpus
from scrivano.music.predictor.model import ChordPredictor
from scrivano.music.progression import generate, read_request, settle
from scrivano.music.public import Genre, train

CHART = "My Tune\n[A]\n| Dm7 | G7 | Cmaj7 | Am7 |\n[B]\n| Dm7 | Db7 | Cmaj7 | % |\n"


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.stdout


def read(*arguments: str, code: int = 0) -> Any:
    return json.loads(run(*arguments, "--json", code=code))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A reggae tune's MIDI file and score."""
    settled = settle(read_request({"genre": "reggae", "bars": 8, "key": "A", "mode": "minor"}))
    piece = arrange(generate(settled), settled, title="Riddim")
    (tmp_path / "score.mid").write_bytes(write_midi(piece))
    (tmp_path / "score.musicxml").write_bytes(write_musicxml(piece))
    (tmp_path / "link.txt").write_text(write_ireal(piece))
    return tmp_path


def test_genres_are_data() -> None:
    found = read("genres")
    assert len(found) == 8
    assert all(g["meters"] and g["forms"] and g["applications"] for g in found)
    assert all(a["tempo"][0] <= a["tempo"][1] <= a["tempo"][2] for g in found for a in g["applications"])
    assert "dancehall" in run("genres")


def test_a_description_is_understood() -> None:
    told = read("understand", "eight bars of fast bebop in F sharp")
    assert (told["settled"]["genre"], told["settled"]["application"]) == ("jazz", "bebop")
    assert (told["settled"]["key"], told["settled"]["bars"], told["origins"]["bars"]) == ("F#", 8, "read")
    assert "bebop" in run("understand", "eight bars of fast bebop in F sharp")


def test_a_chart_is_analysed(tmp_path: Path) -> None:
    chart = tmp_path / "tune.txt"
    chart.write_text(CHART)
    (told,) = read("analyse", str(chart))
    assert [c["roman"] for c in told["chords"]][:2] == ["ii7", "V7"]
    assert "tritone-substitute" in run("analyse", str(chart))
    chart.write_text("| Dm7 | Hxx |")
    with pytest.raises(InvalidInput, match="Bar 2") as caught:
        run("analyse", str(chart))
    assert (caught.value.field, caught.value.exit_code) == ("lead_sheet", 2)
    with pytest.raises(InvalidInput, match="cannot be read"):
        run("analyse", str(tmp_path / "nothing"))


def test_files_are_judged_by_what_they_say_or_by_what_was_asked(files: Path) -> None:
    sound = read("check", str(files / "score.mid"))
    assert (sound["broken"], sound["expected"]["genre"], sound["expected"]["key"]) == ([], "reggae", "A")
    assert "No rule" in CliRunner().invoke(app, ["check", str(files / "score.musicxml")]).output
    wrong = read("check", str(files / "score.mid"), "--key", "C", code=1)
    assert "R-ALL-3" in {one["rule"] for one in wrong["broken"]}
    other = read("check", str(files / "score.mid"), "--genre", "latin", code=1)
    assert any(one["rule"].startswith("R-LATIN") for one in other["broken"])
    (files / "score.mid").write_bytes(b"MThd nonsense")
    with pytest.raises(InvalidInput) as caught:
        run("check", str(files / "score.mid"))
    assert caught.value.field == "midi"
    with pytest.raises(InvalidInput, match="no file"):
        run("check", str(files / "nothing.mid"))
    with pytest.raises(InvalidInput, match="neither"):
        run("check", str(files / "link.txt"))


@pytest.mark.parametrize(
    ("option", "value", "field"),
    [
        ("--key", "H#", "key"),
        ("--tempo", "0", "tempo"),
        ("--tempo", "10,000", "tempo"),
        ("--bars", "3.5", "bars"),
        ("--genre", "polka", "genre"),
        ("--application", "polka", "application"),
        ("--difficulty", "many", "difficulty"),
        ("--description", "x" * 100_000, "description"),
        ("--lead-sheet", "irealb://%%%", "lead_sheet"),
    ],
)
def test_bad_input_is_refused_before_anything_is_opened(option: str, value: str, field: str) -> None:
    extra = ["--genre", "jazz"] if option == "--application" else []
    with pytest.raises(InvalidInput) as caught:
        run("write", option, value, *extra)
    assert (caught.value.field, caught.value.exit_code) == (field, 2)


def test_training_on_lead_sheets_changes_what_is_expected(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = files / "sheets"
    odd.mkdir()
    for number in range(40):
        (odd / f"{number}.txt").write_text(
            f"Tune {number}\nKey: C\n| C | Gbmaj7 | C | Gbmaj7 | C | Gbmaj7 | C | C |\n"
        )
    monkeypatch.setattr("scrivano.music.learning.train_from", _small)
    made = train([odd], files / "home" / "chords.npz", genre=Genre.JAZZ)
    assert (made.named_songs, made.songs, made.size < 5_000_000) == (40, 90, True)
    before = Expecting().after(["C"], "C", "major", Genre.JAZZ)
    after = Expecting(files / "home" / "chords.npz").after(["C"], "C", "major", Genre.JAZZ)

    def chance(offer: Any) -> float:
        return sum(o.probability for o in offer.options if o.symbol.startswith(("Gbmaj", "F#maj")))

    assert chance(after) > 5 * chance(before) + 0.05
    (odd / "0.txt").write_text("| C | Qq |")
    with pytest.raises(InvalidInput, match=r"0\.txt") as caught:
        train([odd], files / "home" / "chords.npz")
    assert caught.value.field == "corpus"


def _small(paths: Any, out: Path, extra: Any = (), seed: int = 0) -> Any:
    """Training on a tenth of the Billboard songs, since all of them take half a minute."""
    model = ChordPredictor.train([*read_corpus(BILLBOARD)[:50], *extra], seed)
    model.save(out)
    return model


def test_a_damaged_model_is_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "chords.npz"
    broken.write_bytes(b"not a model")
    shipped = Expecting().after(["Dm7", "G7"], "C", "major", None)
    assert Expecting(broken).after(["Dm7", "G7"], "C", "major", None) == shipped
