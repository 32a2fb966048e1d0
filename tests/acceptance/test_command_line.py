"""The command line as a person meets it: what it makes, and what it says when something is wrong."""

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.studio import Studio

EXAMPLES = Path(__file__).parents[2] / "examples"
BRIEF = 'subject = "hedges"\nwords = 600\nchapters = 3\n'
Open = Callable[..., Studio]


def written(folder: Path, text: str, name: str = "brief.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def flat(text: str) -> str:
    """What a command said, whatever the width of its lines."""
    return " ".join(text.split())


def test_a_book_is_written_listed_shown_and_exported(open_studio: Open, tmp_path: Path) -> None:
    place = open_studio(model=False, embedded=True)
    done = place.json("book", "write", EXAMPLES / "no-code-ai-tools.toml", "--out", tmp_path / "out")
    assert done["book"]["generated_with"] == "built-in writer"
    paths = [Path(p) for p in done["paths"]]
    assert {p.suffix for p in paths} >= {".pdf", ".epub", ".docx", ".md", ".json"}
    assert all(p.stat().st_size > 1000 for p in paths)

    (listed,) = place.json("book", "list")
    shown = place.json("book", "show", listed["id"])
    assert shown["book"]["provenance"]["external_api_calls"] == 0
    again = place.json("book", "export", listed["run_id"], "--out", tmp_path / "again")
    first = {p.name: p.read_bytes() for p in paths}
    assert {Path(p).name: Path(p).read_bytes() for p in again["paths"]} == first


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('domain = "ai_automation"\nniche = "no_code_tools"\n', ["no_code_tools", "no_code_ai_tools"]),
        ('subject = "x"\nwords = "many"\n', ["words", "whole number"]),
        ('subject = "x"\nlenght = 3\n', ["lenght", "not a field"]),
        ("subject = \n", ["TOML"]),
        ('kind = "fiction"\nwords = 900\n', ["premise"]),
        ('subject = "x"\nreferences = ["../../etc/passwd"]\n', ["references"]),
        ('subject = "x"\nreferences = ["empty.md"]\n', ["empty.md", "empty"]),
        ('subject = "x"\nreferences = ["binary.md"]\n', ["binary.md"]),
        ('subject = "x"\nreferences = ["missing.md"]\n', ["missing.md"]),
    ],
)
def test_a_wrong_brief_gives_a_sentence_and_exit_code_2(
    open_studio: Open, tmp_path: Path, text: str, says: list[str]
) -> None:
    (tmp_path / "empty.md").write_bytes(b"")
    (tmp_path / "binary.md").write_bytes(bytes(range(256)) * 50)
    place = open_studio(model=False)
    done = place.run("book", "write", written(tmp_path, text), "--out", tmp_path / "out", check=False)
    assert done.returncode == 2, done.stderr
    assert all(word in flat(done.stderr) for word in says), done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_fiction_without_a_model_is_refused_with_what_to_do(open_studio: Open, tmp_path: Path) -> None:
    place = open_studio(model=False)
    done = place.run("book", "write", EXAMPLES / "novella.toml", "--out", tmp_path / "out", check=False)
    assert done.returncode == 2
    assert "cannot invent a story" in flat(done.stderr)
    assert "Ollama" in done.stderr


def test_characters_that_no_font_has_are_named_with_the_remedy(open_studio: Open, tmp_path: Path) -> None:
    place = open_studio()
    brief = written(tmp_path, BRIEF + 'title = "工房の本"\n')
    done = place.run("book", "write", brief, "--out", tmp_path / "out", check=False)
    assert done.returncode == 2, done.stderr
    assert "U+5DE5" in done.stderr
    assert "fonts" in done.stderr


@pytest.mark.parametrize(
    "title", ["كتاب الورشة", "Salt 🧂 and 🔥", '#eval("x") <b>*bold*</b> $x^2$ \\\\ `code`']
)
def test_titles_in_other_scripts_emoji_and_markup_are_shown_as_they_are(
    open_studio: Open, tmp_path: Path, title: str
) -> None:
    place = open_studio()
    brief = written(
        tmp_path, json.dumps({"subject": "x", "words": 600, "chapters": 3, "title": title}), "b.json"
    )
    done = place.json("book", "write", brief, "--out", tmp_path / "out")
    assert done["book"]["title"] == title


def test_a_database_that_is_down_is_said_with_exit_code_1(open_studio: Open, tmp_path: Path) -> None:
    place = open_studio(model=False)
    place.environment["SCRIVANO_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
    done = place.run("book", "write", written(tmp_path, BRIEF), check=False)
    assert done.returncode == 1
    assert "database" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_stops_cleanly_and_the_run_goes_on_when_resumed(open_studio: Open, tmp_path: Path) -> None:
    hanging = {"match": {"contains": "Write chapter 2"}, "hang_after": 20, "times": 1}
    place = open_studio({"rule": [hanging]})
    out = tmp_path / "out"
    process = place.start("book", "write", written(tmp_path, BRIEF), "--out", out)
    assert process.stderr is not None
    for line in process.stderr:  # the other chapters are kept while the second hangs
        if line.startswith("keep chapter 3"):
            break
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 130, rest
    run = place.query("SELECT run_id FROM books")[0][0]
    assert f"scrivano runs resume {run}" in flat(rest)

    before = {e.request_hash for e in place.model.ledger.finished} if place.model else set()
    place.run("runs", "resume", run)
    assert place.model is not None
    finished = [e.request_hash for e in place.model.ledger.finished]
    assert before < set(finished)
    assert len(finished) == len(set(finished)), "a finished call was made again"
    place.run("book", "export", run, "--out", out)
    assert {p.suffix for p in out.iterdir()} >= {".pdf", ".epub", ".docx", ".md"}


def test_a_backup_is_restored_elsewhere_with_the_same_files(open_studio: Open, tmp_path: Path) -> None:
    place = open_studio()
    place.run("book", "write", written(tmp_path, BRIEF), "--out", tmp_path / "out")
    place.run("backup", tmp_path / "all.tar")
    refused = place.run("restore", tmp_path / "all.tar", check=False)
    assert refused.returncode == 2
    assert "not empty" in flat(refused.stderr)

    before = place.query("SELECT name, sha256 FROM book_files ORDER BY name")
    place.run("restore", tmp_path / "all.tar", "--replace")
    assert place.query("SELECT name, sha256 FROM book_files ORDER BY name") == before

    (tmp_path / "torn.tar").write_bytes((tmp_path / "all.tar").read_bytes()[:-20_000])
    torn = place.run("restore", tmp_path / "torn.tar", "--replace", check=False)
    assert torn.returncode == 2
    assert place.query("SELECT name, sha256 FROM book_files ORDER BY name") == before
