"""`scrivano models`: what is known of a model is changed, it is tried out, and keys get a new lock."""

import base64
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scrivano.cli.app import app
from scrivano.core.errors import InvalidInput, NotFound
from scrivano.core.postgres import EmbeddedPostgres
from scrivano.llm.scripted.server import ScriptedServer
from tests.acceptance.studio import serving
from tests.conftest import make_clone
from tests.tiny_gguf import write_tiny_gguf


class Models:
    """Calls `scrivano models`."""

    def __init__(self, environment: dict[str, str], url: str) -> None:
        self.environment = environment
        self.url = url

    def __call__(self, *arguments: str, stdin: str | None = None, **more: str) -> str:
        done = CliRunner().invoke(app, ["models", *arguments], env={**self.environment, **more}, input=stdin)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.stdout

    def json(self, *arguments: str, **more: Any) -> Any:
        return json.loads(self(*arguments, "--json", **more))


@pytest.fixture
def models(tmp_path: Path, postgres_server: EmbeddedPostgres, template_database: str) -> Iterator[Models]:
    with ExitStack() as stack:
        url = stack.enter_context(make_clone(postgres_server, template_database))
        server = stack.enter_context(serving(ScriptedServer({"api_key": "sk-canary-77"})))
        environment = {
            "SCRIVANO_HOME": str(tmp_path / "home"),
            "SCRIVANO_DATABASE_URL": url,
            "SCRIVANO_DISCOVER_URLS": "off",
        }
        yield Models(environment, server.url)


def test_a_model_is_changed_and_tried(models: Models) -> None:
    models("add", models.url, "--key-stdin", stdin="sk-canary-77\n")
    changed = models.json("change", "scripted", "--tier", "large-local", "--price-out", "2.5", "--disable")
    assert (changed["tier"], float(changed["output_mtok"]), changed["enabled"]) == ("large-local", 2.5, False)
    models("change", "scripted", "--enable")
    answer = models.json("test", "scripted", "What is two and two?")
    assert answer["text"] and answer["model"] == "scripted"
    with pytest.raises(InvalidInput, match="tier"):
        models("change", "scripted", "--tier", "giant")
    with pytest.raises(InvalidInput, match="Nothing"):
        models("change", "scripted")
    with pytest.raises(NotFound, match="other"):
        models("test", "other")


def test_keys_get_a_new_lock_without_being_entered_again(models: Models) -> None:
    old, new = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
    models("add", models.url, "--key-stdin", stdin="sk-canary-77\n", SCRIVANO_SECRET_KEY=old)
    assert models("reseal", SCRIVANO_SECRET_KEY=f"{new},{old}").startswith("1 ")
    assert models("reseal", SCRIVANO_SECRET_KEY=f"{new},{old}").startswith("0 ")
    assert models.json("test", "scripted", SCRIVANO_SECRET_KEY=new)["text"]


def test_a_provider_of_another_kind_is_added_by_name(models: Models) -> None:
    added = models.json("add", "https://api.anthropic.com", "--kind", "anthropic", "--model", "claude-x")
    assert [(m["name"], m["tier"]) for m in added] == [("claude-x", "cloud")]
    with pytest.raises(InvalidInput, match="kind"):
        models("add", "https://example.org", "--kind", "telepathy", "--model", "m")


def test_a_file_with_a_model_needs_no_name(models: Models, tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="the extra scrivano[llama] is not installed")
    file = write_tiny_gguf(tmp_path / "tiny.gguf")
    assert models("add", str(file), "--kind", "llama_cpp", "--name", "own").split() == ["own/tiny"]
    assert [m["name"] for m in models.json("list")] == ["tiny"]
