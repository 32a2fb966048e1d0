"""`scrivano prompts`, `scrivano task` and `scrivano post`: what people do beside reading and editing."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from scrivano.cli.app import app
from scrivano.core.errors import ScrivanoError
from scrivano.core.postgres import EmbeddedPostgres
from scrivano.llm.scripted.server import ScriptedServer
from scrivano.projects.public import DEFAULT_PROJECT
from tests.acceptance.studio import serving
from tests.conftest import make_clone

TEMPLATE = """
variables: {subject: {type: text}}
messages:
  - {role: system, content: You describe things in a few words.}
  - {role: user, content: "Describe {{ subject }}. Length: about 20 words."}
"""
DATASET = """
name: Tides
items:
  - {name: low, variables: {subject: ebb}, expectations: [{kind: words, least: 1, most: 500}]}
  - {name: high, variables: {subject: flood}, expectations: [{kind: contains, text: "no answer says this"}]}
"""


class Commands:
    """Calls commands; `json` gives what `--json` prints."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment

    def __call__(self, *arguments: str | Path) -> Result:
        done = CliRunner().invoke(app, [str(a) for a in arguments], env=self._environment)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    def json(self, *arguments: str | Path) -> Any:
        done = self(*arguments, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)


@pytest.fixture
def call(tmp_path: Path, postgres_server: EmbeddedPostgres, template_database: str) -> Iterator[Commands]:
    """Commands over a fresh database with a template `describe` in it."""
    (tmp_path / "describe.yaml").write_text(TEMPLATE)
    with ExitStack() as stack:
        url = stack.enter_context(make_clone(postgres_server, template_database))
        server = stack.enter_context(serving(ScriptedServer({})))
        commands = Commands(
            {
                "SCRIVANO_HOME": str(tmp_path / "home"),
                "SCRIVANO_DATABASE_URL": url,
                "SCRIVANO_DISCOVER_URLS": server.url,
            }
        )
        commands("prompts", "new", "describe", tmp_path / "describe.yaml", "--tag", "tides")
        yield commands


def test_prompts_are_made_labelled_and_protected(call: Commands, tmp_path: Path) -> None:
    text = tmp_path / "tone.txt"
    text.write_text("Kindly.")
    assert call.json("prompts", "new", "tone", text, "--part", "style")["info"]["number"] == 1
    call("prompts", "duplicate", "describe", "describe_too")
    call("prompts", "archive", "describe_too")
    assert [t["name"] for t in call.json("prompts", "list", "--tag", "tides")["templates"]] == ["describe"]
    call("prompts", "archive", "describe_too", "--back")
    dry = call("prompts", "edit", "describe", tmp_path / "describe.yaml", "--dry-run").stdout
    assert "stay as it is" in dry
    (tmp_path / "other.yaml").write_text(TEMPLATE.replace("few words", "few good words"))
    assert "new version" in call("prompts", "edit", "describe", tmp_path / "other.yaml", "--dry-run").stdout
    assert len(call.json("prompts", "versions", "describe")) == 1

    call("prompts", "label", "describe", "1", "reviewed")
    assert {each["label"] for each in call.json("prompts", "labels", "describe")} == {
        "production",
        "reviewed",
    }
    protected = call.json("prompts", "protect", "reviewed", "--role", f"{DEFAULT_PROJECT}:editor")
    assert protected["protected"] and protected["roles"][0]["role"] == "editor"
    assert set(call.json("prompts", "labels")) == {"production", "reviewed"}
    call("prompts", "protect", "reviewed", "--off")
    assert set(call.json("prompts", "labels")) == {"production"}
    call("prompts", "unlabel", "describe", "reviewed")
    assert [each["label"] for each in call.json("prompts", "labels", "describe")] == ["production"]


def test_an_evaluation_tells_ci_what_was_missed(call: Commands, tmp_path: Path) -> None:
    dataset, junit = tmp_path / "tides.yaml", tmp_path / "report.xml"
    dataset.write_text(DATASET)
    done = call("prompts", "eval", "describe", dataset, "--threshold", "0.6", "--junit", junit)
    assert done.exit_code == 1 and "1 of 2" in done.stdout and "no answer says this" in done.stderr
    suite = ElementTree.parse(junit).getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    assert [case.get("name") for case in suite if len(case)] == ["high"]
    assert call("prompts", "eval", "describe", "Tides", "--threshold", "0.5").exit_code == 0
    assert [each["size"] for each in call.json("prompts", "datasets")] == [2]
    assert [each["scores"][0]["score"] for each in call.json("prompts", "scores", "Tides")] == [0.5, 0.5]
    lost = call("prompts", "eval", "describe", "Tides", "--model", "nobody")
    assert lost.exit_code == 1, "calls without an answer are no success, whatever the threshold"


def test_results_go_to_posts_and_files_and_are_compared(call: Commands, tmp_path: Path) -> None:
    post = call.json("post", "new", "Tides and how to read them")["id"]
    out = tmp_path / "answer.md"
    done = call.json(
        "task", "run", "describe", "-s", "subject=ebb", "--to", f"post:{post}/summary", "--out", out
    )
    assert done["receipt"]["note"] == "a proposal" and out.read_text() == done["text"]
    again = call.json("task", "save", done["id"], "--to", f"post:{post}/audience")
    assert again["receipt"]["field"] == "audience"
    waiting = {p["action"] for p in call.json("post", "show", post)["proposals"]}
    assert waiting == {"task_summary", "task_audience"}
    assert call.json("task", "rate", done["id"], "4", "--comment", "good")["rating"] == 4

    inputs = tmp_path / "inputs.yaml"
    inputs.write_text("- {subject: ebb}\n- {subject: flood}\n")
    grid = call.json(
        "task", "compare", "describe", "--inputs", inputs, "--model", "scripted", "--model", "auto"
    )
    assert (len(grid["inputs"]), len(grid["variants"]), len(grid["cells"])) == (2, 2, 4)
    assert {cell["task"]["status"] for cell in grid["cells"]} == {"succeeded"}
    assert "flood" in call("task", "grid", grid["group_id"]).stdout


def test_schedules_are_kept_paused_and_removed(call: Commands) -> None:
    made = call.json("task", "schedule", "add", "weekly", "0 7 * * 1", "describe", "-s", "subject=ebb")
    assert made["active"]
    assert not call.json("task", "schedule", "pause", "weekly")["active"]
    moved = call.json("task", "schedule", "change", made["id"], "--cron", "30 6 * * *")
    assert moved["cron"] == "30 6 * * *"
    assert call.json("task", "schedule", "resume", "weekly")["active"]
    call("task", "schedule", "remove", "weekly")
    assert call.json("task", "schedule", "list") == []


def test_a_post_has_a_past_and_its_workflow_is_a_file(call: Commands, tmp_path: Path) -> None:
    post = call.json("post", "new", "Tides")["id"]
    for text in ("Low water.", "High water."):
        call("post", "edit", post, "--set", f"body={text}")
    assert [each["number"] for each in call.json("post", "versions", post)] == [2, 1]
    assert "+High water." in call("post", "diff", post, "1", "2").stdout
    assert call.json("post", "restore", post, "1")["fields"]["body"] == "Low water."
    assert call.json("post", "history", post)["changes"][0]["kind"] == "restored version 1"
    assert call.json("post", "archive", post)["archived"]
    assert call.json("post", "list") == []

    file = tmp_path / "flow.yaml"
    file.write_text(call("post", "workflows", "blog_post").stdout)
    assert call.json("post", "save-workflow", "own_flow", file)["number"] == 1
    assert call.json("post", "new", "Ebb", "--workflow", "own_flow")["workflow"] == "own_flow"

    call("post", "add-target", "site", "--kind", "hugo", "--set", "folder=one")
    assert call.json("post", "change-target", "site", "--set", "folder=two")["settings"]["folder"] == "two"
    call("post", "remove-target", "site")
    assert call.json("post", "targets") == []


BAD: list[list[str]] = [
    ["task", "run"],
    ["task", "run", "Not A Name"],
    ["task", "run", "describe"],
    ["task", "run", "describe", "-s", "subject"],
    ["task", "run", "describe", "-s", "subject:={"],
    ["task", "run", "describe", "-s", "subject=@/nowhere"],
    ["task", "run", "describe", "-s", "other=x", "-s", "subject=y"],
    ["task", "run", "describe", "-s", "subject=y", "--to", "post"],
    ["task", "run", "describe", "-s", "subject=y", "--to", "post:none/summary"],
    ["task", "run", "describe", "-s", "subject=y", "--version", "99999999999999999999"],
    ["task", "run", "describe", "--from", "subject"],
    ["task", "compare", "describe", "--inputs", "{text}"],
    ["task", "save", str(DEFAULT_PROJECT)],
    ["task", "schedule", "add", "x", "never", "describe", "-s", "subject=y"],
    ["task", "schedule", "remove", "nobody"],
    ["prompts", "new", "Not A Name", "{text}"],
    ["prompts", "new", "fine", "{text}"],
    ["prompts", "edit", "describe", "{text}"],
    ["prompts", "edit", "describe", "{binary}"],
    ["prompts", "label", "describe", "1", "Not A Label"],
    ["prompts", "label", "describe", "7"],
    ["prompts", "preview", "describe", "--version", "NO"],
    ["prompts", "protect", "reviewed", "--role", "nobody:editor"],
    ["prompts", "protect", "reviewed", "--role", f"{DEFAULT_PROJECT}:king"],
    ["prompts", "protect", "reviewed", "--role", "00000000-0000-7000-8000-000000000099:owner"],
    ["prompts", "unlabel", "describe", "production"],
    ["prompts", "eval", "describe", "nowhere"],
    ["prompts", "eval", "describe", "{text}"],
    ["prompts", "eval", "Not A Name", "{text}"],
    ["prompts", "import", "{binary}"],
    ["post", "save-workflow", "x", "{text}"],
    ["post", "remove-target", "nobody"],
]


def test_bad_input_is_a_sentence_on_the_command_line_too(call: Commands, tmp_path: Path) -> None:
    text, binary = tmp_path / "text", tmp_path / "binary"
    text.write_text("just: [words\n")
    binary.write_bytes(b"\xff\xfe\x00")
    before = call.json("prompts", "list")
    odd: list[tuple[list[str], object]] = []
    for given in BAD:
        arguments = [
            each.format(text=text, binary=binary) if "{" in each[:1] and "}" in each else each
            for each in given
        ]
        try:
            done = call(*arguments)
        except ScrivanoError as error:
            if not error.message:
                odd.append((given, error))
        except Exception as error:
            odd.append((given, error))
        else:
            if done.exit_code == 0:
                odd.append((given, done.output))
    assert odd == []
    assert call.json("prompts", "list") == before
    assert call.json("task", "list")["items"] == []
