"""`scrivano route` and `scrivano complexity`: how demanding a request is, and the router that learns it."""

import random
import sys
from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated, Any

import orjson
import typer

from scrivano.cli.output import err, out, print_json, table
from scrivano.core.errors import InvalidInput
from scrivano.llm import public as llm

app = typer.Typer(help="The router: train it, judge it, look at it, ask it.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]


class Strategy(StrEnum):
    """Who scores."""

    RULES = "rules"
    LEARNED = "learned"


class RuleSet(StrEnum):
    """Whose rules score."""

    MUSIC = "music"
    TEXT = "text"


Files = Annotated[
    list[Path],
    typer.Argument(
        help="JSON Lines, plain or .gz: objects with prompt, weak_correct and strong_correct (true, false, 0 to 1)."
    ),
]
By = Annotated[Strategy, typer.Option("--strategy", help="The rules, or a trained router.")]
Router = Annotated[
    Path | None,
    typer.Option("--router", help="A router that `route train` wrote; without it the one that comes along."),
]


def complexity(
    text: Annotated[str, typer.Argument(help="The request.")],
    bars: Annotated[int | None, typer.Option("--bars", help="How many bars of music are asked for.")] = None,
    rules: Annotated[
        RuleSet, typer.Option("--rules", help="Rules for music, or for prompts of any other kind.")
    ] = RuleSet.MUSIC,
    as_json: JSON = False,
) -> None:
    """Say how demanding a request is, from 1 to 10, which tier answers it, and why."""
    run_complexity(text, bars, as_json, rules)


def run_complexity(
    text: str, bars: int | None, as_json: bool, rules: RuleSet = RuleSet.MUSIC
) -> llm.Complexity:
    """Score and print. Raises InvalidInput for bars where the rules are not those for music."""
    if rules is RuleSet.TEXT and bars is not None:
        raise InvalidInput("Bars belong to music.", field="bars", remedy="Leave --bars out, or --rules text.")
    found = llm.score_music(text, bars) if rules is RuleSet.MUSIC else llm.score_text(text)
    if as_json:
        print_json(found.as_dict())
        return found
    out.print(f"level {found.level} (score {found.score:.4g}): {found.tier}", markup=False)
    base = llm.packaged(rules)["base"]
    out.print(f"  {base:+.4g}  where every request starts", markup=False)
    for reason in found.reasons:
        out.print(f"  {reason.weight:+.4g}  {reason.rule}: {reason.evidence}", markup=False)
    return found


@app.command("train")
def train_command(
    files: Files,
    out_file: Annotated[Path, typer.Option("--out", help="Where to write the router.")] = Path("router.npz"),
    labels: Annotated[
        int | None, typer.Option("--labels", min=1, help="Use only so many examples, drawn at random.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the draw and the training.")] = 0,
    as_json: JSON = False,
) -> None:
    """Train a router on prompts whose answers by a small and a large model are known to be right or wrong."""
    run_route_train(files, out_file, labels=labels, seed=seed, as_json=as_json)


def run_route_train(
    files: list[Path], out_file: Path, *, labels: int | None = None, seed: int = 0, as_json: bool = False
) -> "llm.LearnedRouter":
    """Train, write and report. Takes seconds; one core is enough."""
    examples = llm.read_examples(files)
    if labels is not None and labels < len(examples):
        examples = random.Random(seed).sample(examples, labels)
    router = llm.train(examples, seed=seed, source=", ".join(path.name for path in files))
    router.save(out_file)
    if as_json:
        print_json({"router": str(out_file), "card": asdict(router.card)})
    else:
        _show_card(router)
        out.print(f"Written to {out_file}: {out_file.stat().st_size:,} bytes.", markup=False)
    return router


@app.command("eval")
def eval_command(
    files: Files, strategy: By = Strategy.RULES, router: Router = None, as_json: JSON = False
) -> None:
    """Judge a router by the average performance gap recovered (APGR); 0.5 is chance.

    A learned router's figure counts only for prompts that it was not trained on.
    """
    run_route_eval(files, strategy, router=router, as_json=as_json)


def run_route_eval(
    files: list[Path], strategy: Strategy, *, router: Path | None = None, as_json: bool = False
) -> None:
    """Score, judge and report."""
    examples = llm.read_examples(files)
    score = _scorer(strategy, router)
    found = llm.evaluate(examples, [score(example.prompt) for example in examples])
    if as_json:
        print_json({"strategy": strategy, "apgr": found.value, **asdict(found)})
        return
    out.print(
        f"APGR {found.value:.4f} (95 %: {found.low:.4f} to {found.high:.4f}) on {found.examples:,} examples; "
        f"small model right {found.weak:.1%}, large model {found.strong:.1%}",
        markup=False,
    )
    rows = [[f"{share:.1%}", f"{quality:.1%}"] for share, quality in found.points]
    table(["calls to the large model", "right"], rows, empty="")


@app.command()
def show(router: Router = None, as_json: JSON = False) -> None:
    """Show the tiers, and where a trained router comes from and what it has shown."""
    found = llm.LearnedRouter.load(router) if router else llm.packaged_router()
    tiers = llm.packaged("tiers")["tier"]
    if as_json:
        print_json({"tiers": tiers, "card": asdict(found.card)})
        return
    rows = [[f"{tier['from']} to {tier['to']}", tier["name"], tier["starter"]] for tier in tiers]
    table(["levels", "tier", "a model of the class of"], rows, empty="")
    _show_card(found)


def _show_card(router: "llm.LearnedRouter") -> None:
    card = router.card
    source = f" from {card.source}" if card.source else ""
    lines = (
        f"Trained on {card.examples:,} examples{source}",
        f"small model right {card.weak:.1%}, large model {card.strong:.1%}",
        f"APGR {card.apgr:.3f} on prompts not trained on (mean of {card.recipe['folds']} folds)",
        f"foretold chance of failure is off by {card.calibration_error:.1%} on average",
    )
    for line in lines:
        out.print(line, markup=False)


@app.command()
def score(strategy: By = Strategy.RULES, router: Router = None) -> None:
    """Read JSON lines with a prompt from standard input, write a score for each; higher means a stronger model."""
    run_route_score(strategy, router=router)


def run_route_score(
    strategy: Strategy,
    *,
    router: Path | None = None,
    lines: IO[bytes] | None = None,
    scores: IO[bytes] | None = None,
) -> None:
    """A score a line, in the order of the prompts. Blank lines are passed over.

    Raises InvalidInput, with its number, for a line that is no object with a prompt; scores of the lines before
    it are out by then.
    """
    score = _scorer(strategy, router)
    target = scores or sys.stdout.buffer
    for number, line in enumerate(lines or sys.stdin.buffer, 1):
        if line.strip():
            target.write(b"%.17g\n" % score(_prompt(line, number)))
    target.flush()


def _prompt(line: bytes, number: int) -> str:
    try:
        found: Any = orjson.loads(line)["prompt"]
    except (orjson.JSONDecodeError, KeyError, TypeError, IndexError) as error:
        raise _no_prompt(number) from error
    if not isinstance(found, str):
        raise _no_prompt(number)
    return found


def _no_prompt(number: int) -> InvalidInput:
    return InvalidInput(
        f"Line {number} has no prompt.", field=f"line {number}", remedy='Each line: {"prompt": "…"}'
    )


def _scorer(strategy: Strategy, router: Path | None) -> Callable[[str], float]:
    if strategy is Strategy.LEARNED:
        return (llm.LearnedRouter.load(router) if router else llm.packaged_router()).gain
    if router is not None:
        err.print("The rules need no router; --router is not used.")
    return llm.read_text_rules().raw
