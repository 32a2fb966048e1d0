"""`scrivano book assess` on any Markdown."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scrivano.cli.app import app
from scrivano.core.errors import InvalidInput

TEXT = "# The Bench\n\n## Height\n\nThe bench is 95 cm high.\n\n## Wood\n\nThe top is oak. It is oiled twice a year.\n"


@pytest.fixture
def folder(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCRIVANO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SCRIVANO_DATABASE_URL", database_url)
    (tmp_path / "book.md").write_text(TEXT)
    (tmp_path / "notes.md").write_text("The bench is 90 cm high.\n")
    (tmp_path / "outline.toml").write_text(
        '[[chapters]]\ntitle = "Height"\npoints = ["height of the bench"]\n[[chapters]]\ntitle = "Glue"\npoints = ["hide glue"]\n'
    )
    return tmp_path


def test_a_file_is_assessed_with_outline_and_references(folder: Path) -> None:
    arguments = ["book", "assess", str(folder / "book.md"), "--json"]
    arguments += ["--outline", str(folder / "outline.toml"), "--references", str(folder / "notes.md")]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert [c["title"] for c in report["chapters"]] == ["Height", "Wood"]
    findings = [f for c in report["chapters"] for m in c["measures"] for f in m["findings"]]
    assert any(
        f["measure"] == "contradictions" and f["quote"] == "The bench is 95 cm high." for f in findings
    )
    assert any("hide glue" in f["why"] for f in findings)


def test_people_get_a_page(folder: Path) -> None:
    done = CliRunner().invoke(app, ["book", "assess", str(folder / "book.md")])
    assert done.exit_code == 0, done.output
    assert "of 100" in done.stdout and "wholeness" in done.stdout


def test_a_file_that_is_not_there_is_the_persons_mistake(folder: Path) -> None:
    done = CliRunner().invoke(app, ["book", "assess", str(folder / "none.md")])
    assert isinstance(done.exception, InvalidInput)
    assert "does not exist" in done.exception.message
