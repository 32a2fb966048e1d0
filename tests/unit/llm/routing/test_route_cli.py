import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from scrivano.cli import route
from scrivano.core.errors import InvalidInput

app = typer.Typer()
app.add_typer(route.app, name="route")
app.command("complexity")(route.complexity)


def call(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, list(words), input=stdin)


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    path = tmp_path / "examples.jsonl"
    rows = [
        {
            "prompt": f"{number}: {'a riddle of whales' if number % 2 else 'a cup of tea'}",
            "weak_correct": number % 2 == 0 or number % 3 == 0,
            "strong_correct": number % 10 > 0,
        }
        for number in range(240)
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def test_complexity_says_level_tier_and_reasons() -> None:
    found = json.loads(call("complexity", "an experimental waltz", "--bars", "40", "--json").stdout)
    assert (found["score"], found["level"], found["tier"]) == (10.0, 10, "cloud")
    assert found["reasons"][0] == {
        "rule": "asks for new ground",
        "weight": 2.0,
        "evidence": "experimental",
    }
    prose = call("complexity", "a simple waltz").stdout
    assert "level 4 (score 4): small-local" in prose and "-1  asks for something simple: simple" in prose


def test_complexity_of_other_prompts() -> None:
    found = json.loads(call("complexity", "Why not?", "--rules", "text", "--json").stdout)
    assert {"reasoning words", "negations"} <= {reason["rule"] for reason in found["reasons"]}
    refused = call("complexity", "Why not?", "--rules", "text", "--bars", "3")
    assert isinstance(refused.exception, InvalidInput) and refused.exception.field == "bars"


def test_train_then_eval_show_and_score(examples: Path, tmp_path: Path) -> None:
    router = str(tmp_path / "router.npz")
    trained = json.loads(
        call("route", "train", str(examples), "--out", router, "--labels", "200", "--json").stdout
    )
    assert trained["card"]["examples"] == 200 and trained["card"]["source"] == "examples.jsonl"

    judged = json.loads(
        call(
            "route", "eval", str(examples), "--strategy", "learned", "--router", router, "--json"
        ).stdout
    )  # fmt: skip
    assert judged["apgr"] > 0.6 and judged["low"] <= judged["apgr"] <= judged["high"]

    shown = json.loads(call("route", "show", "--router", router, "--json").stdout)
    assert shown["card"] == trained["card"]
    assert [tier["name"] for tier in shown["tiers"]] == ["small-local", "large-local", "cloud"]

    lines = '{"prompt": "a riddle of whales"}\n\n{"prompt": "a cup of tea"}\n'
    scored = call("route", "score", "--strategy", "learned", "--router", router, stdin=lines)
    hard, easy = map(float, scored.stdout.split())
    assert hard > easy


def test_prose_of_train_eval_and_show(examples: Path, tmp_path: Path) -> None:
    router = str(tmp_path / "router.npz")
    assert (
        "Trained on 240 examples from examples.jsonl"
        in call("route", "train", str(examples), "--out", router).stdout
    )
    assert "APGR" in call("route", "eval", str(examples)).stdout
    assert "8 to 10" in call("route", "show").stdout


def test_rules_score_lines() -> None:
    lines = "".join(json.dumps({"prompt": text}) + "\n" for text in ("Hello", "Explain why, unless " * 20))
    low, high = map(float, call("route", "score", "--strategy", "rules", stdin=lines).stdout.split())
    assert low < high


@pytest.mark.parametrize("line", ["{", "[1]", '"text"', '{"text": "x"}', '{"prompt": 1}', "3"])
def test_a_line_without_prompt_is_named(line: str) -> None:
    found = call("route", "score", stdin='{"prompt": "fine"}\n' + line)
    assert isinstance(found.exception, InvalidInput) and found.exception.field == "line 2"
