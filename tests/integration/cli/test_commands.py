"""Commands in this process, over a fresh database and a scripted model."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from scrivano.cli.app import app
from scrivano.core.errors import ScrivanoError
from scrivano.core.postgres import EmbeddedPostgres
from scrivano.llm.scripted.server import ScriptedServer
from tests.acceptance.studio import serving
from tests.conftest import make_clone

BRIEF = 'subject = "hedges"\nwords = 600\nchapters = 3\n'
Call = Callable[..., Any]


class Commands:
    """Calls commands; `json` gives what `--json` prints."""

    def __init__(self, environment: dict[str, str], model: ScriptedServer) -> None:
        self._environment = environment
        self.model = model

    def __call__(self, *arguments: str | Path, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(app, [str(a) for a in arguments], env=self._environment, input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def json(self, *arguments: str | Path, stdin: str | None = None) -> Any:
        result = self(*arguments, "--json", stdin=stdin)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


@pytest.fixture
def scrivano(tmp_path: Path, postgres_server: EmbeddedPostgres, template_database: str) -> Iterator[Commands]:
    with ExitStack() as stack:
        url = stack.enter_context(make_clone(postgres_server, template_database))
        server = stack.enter_context(serving(ScriptedServer({})))
        environment = {
            "SCRIVANO_HOME": str(tmp_path / "home"),
            "SCRIVANO_DATABASE_URL": url,
            "SCRIVANO_DISCOVER_URLS": server.url,
        }
        yield Commands(environment, server)


def test_models_are_added_listed_and_removed_and_keys_never_come_back(scrivano: Commands) -> None:
    added = scrivano.json("models", "add", scrivano.model.url, "--key-stdin", stdin="sk-canary-123\n")
    assert [m["name"] for m in added] == ["scripted"]
    scrivano("models", "add", scrivano.model.url, "--model", "other", "--price-in", "3", "--price-out", "15")
    listed = scrivano.json("models", "list")
    assert {m["name"] for m in listed} == {"scripted", "other"}
    assert {m["name"]: float(m["output_mtok"]) for m in listed}["other"] == 15
    shown = scrivano("models", "list").stdout
    assert "other" in shown
    assert "canary" not in shown + json.dumps(listed)
    assert scrivano("models", "remove", "other").exit_code == 0
    assert [m["name"] for m in scrivano.json("models", "list")] == ["scripted"]
    with pytest.raises(ScrivanoError, match="nothing-like-this"):
        scrivano("models", "remove", "nothing-like-this")


def test_discovery_says_what_it_found(scrivano: Commands) -> None:
    assert "scripted" in scrivano("models", "discover", scrivano.model.url).stdout
    found = scrivano("models", "discover", "http://127.0.0.1:9")
    assert found.exit_code == 0
    assert "No model server answers" in found.stderr


def test_a_run_waits_is_approved_and_shown(scrivano: Commands, tmp_path: Path) -> None:
    brief = tmp_path / "brief.toml"
    brief.write_text(BRIEF + "approve_outline = true\n")
    waiting = scrivano("book", "write", brief, "--out", tmp_path / "out")
    (run,) = scrivano.json("runs", "list")
    assert run["status"] == "waiting"
    assert f"scrivano runs approve {run['id']}" in " ".join(waiting.output.split())
    edited = tmp_path / "outline.json"
    outline = run["question"]
    outline["chapters"] = outline["chapters"][:2]
    edited.write_text(json.dumps(outline))
    assert scrivano("runs", "approve", run["id"], "outline", "--edit", edited).exit_code == 0
    shown = scrivano.json("runs", "show", run["id"])
    assert shown["run"]["status"] == "succeeded"
    assert {s["step"] for s in shown["steps"]} >= {"plan_book", "write_outline", "write_chapter", "make_file"}
    (book,) = scrivano.json("book", "list")
    assert len(scrivano.json("book", "show", book["id"])["chapters"]) == 2
    assert "write_chapter" in scrivano("runs", "show", run["id"]).stdout
    scrivano("book", "export", run["id"], "--out", tmp_path / "out")
    assert list((tmp_path / "out").glob("*.pdf"))


def test_a_finished_run_is_retried_and_forked(scrivano: Commands, tmp_path: Path) -> None:
    brief = tmp_path / "brief.toml"
    brief.write_text(BRIEF)
    done = scrivano.json("book", "write", brief, "--out", tmp_path / "out")
    asked = len(scrivano.model.ledger.entries)
    again = scrivano.json("runs", "fork", done["run"]["id"], "--from", "draw_cover")
    assert again["status"] == "succeeded"
    assert len(scrivano.model.ledger.entries) == asked, "a fork asked again what was answered before its step"
    anew = scrivano.json("runs", "retry", done["run"]["id"])
    assert anew["status"] == "succeeded"
    with pytest.raises(ScrivanoError):
        scrivano("runs", "cancel", anew["id"])


def test_prompts_are_listed_shown_edited_and_rolled_back(scrivano: Commands, tmp_path: Path) -> None:
    names = {t["name"] for t in scrivano.json("prompts", "list")["templates"]}
    assert names >= {"write_outline", "write_chapter", "llm_reask", "write_progression"}
    assert "author of" in scrivano("prompts", "show", "write_chapter").stdout
    text = tmp_path / "part.txt"
    text.write_text("Answer with the text of the book alone, and nothing else at all.")
    assert "write_chapter" in scrivano("prompts", "edit", "prose_only", text, "--note", "shorter").stdout
    versions = scrivano.json("prompts", "versions", "write_chapter")
    assert {v["number"] for v in versions} == {1, 2}
    assert "nothing else at all" in scrivano("prompts", "diff", "write_chapter", "1", "2").stdout
    assert scrivano("prompts", "label", "write_chapter", "1").exit_code == 0
    assert scrivano.json("prompts", "show", "write_chapter")["info"]["number"] == 1


def test_packs_are_exported_checked_removed_and_installed(scrivano: Commands, tmp_path: Path) -> None:
    scrivano("packs", "export", "ai_automation", tmp_path)
    folder = tmp_path / "ai_automation"
    assert scrivano("packs", "check", folder).exit_code == 0
    scrivano("packs", "remove", "ai_automation")
    assert {d["slug"] for d in scrivano.json("packs", "list")} == {
        "parenting_preschool_learning",
        "ecommerce_digital_products",
    }
    assert scrivano("packs", "install", folder).exit_code == 0
    assert len(scrivano.json("packs", "list")) == 3
    (folder / "pack.toml").write_text("format = 1\n")
    assert scrivano("packs", "check", folder).exit_code == 2


def test_music_is_written_and_counted(scrivano: Commands, tmp_path: Path) -> None:
    done = scrivano.json(
        "music",
        "write",
        "--genre",
        "blues",
        "--key",
        "G",
        "--bars",
        "12",
        "--model",
        "rules",
        "--out",
        tmp_path,
    )
    assert done["song"]["generation_method"] == "rules"
    assert {Path(p).suffix for p in done["paths"]} >= {".mid", ".musicxml", ".pdf", ".svg"}
    assert scrivano.json("music", "stats")["overall"]["rules"] == 1
    assert "blues" in scrivano("music", "stats").stdout
    assert "shuffle" in scrivano("music", "genres").stdout


def test_the_database_says_where_it_is(scrivano: Commands) -> None:
    assert scrivano("db", "url").stdout.startswith("postgresql://")
    assert "up to date" in scrivano("db", "upgrade").output


def test_complexity_says_its_reasons(scrivano: Commands) -> None:
    found = scrivano.json("complexity", "Experimental avant-garde fusion with unusual modulations")
    assert found["tier"] == "cloud"
    assert found["reasons"]
