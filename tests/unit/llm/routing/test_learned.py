import gzip
import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scrivano.core.errors import InvalidInput, NotFound
from scrivano.llm.routing import learned
from scrivano.llm.routing.dto import Example
from scrivano.llm.routing.evaluation import area, calibration_error, curve, evaluate
from scrivano.llm.routing.features import Recipe, Words
from scrivano.llm.routing.learned import LearnedRouter, packaged_router
from scrivano.llm.routing.training import read_examples, train

HARD = ["whale migration", "lunar eclipses", "fungal spores", "sonata form"]
EASY = ["green tea", "house cats", "door locks", "wool socks"]
WHALES = "Question 7: tell me of whale migration and rain"
TEA = "Question 7: tell me of green tea and rain"
SMALL = Recipe(waves=64, places=1 << 10)


def made_up(size: int, seed: int = 0) -> list[Example]:
    """Prompts in which the small model mostly fails on the hard subjects and hardly on the easy ones."""
    dice = random.Random(seed)
    found: list[Example] = []
    for number in range(size):
        hard = dice.random() < 0.5
        subject = dice.choice(HARD if hard else EASY)
        prompt = f"Question {number}: tell me of {subject} and {dice.choice(['rain', 'sun', 'wind'])}"
        weak = dice.random() > (0.7 if hard else 0.1)
        found.append(Example(prompt, weak, dice.random() > 0.1))
    return found


@pytest.fixture(scope="module")
def router() -> LearnedRouter:
    return train(made_up(400), recipe=SMALL, source="made up")


def test_it_learns_which_prompts_need_the_large_model(router: LearnedRouter) -> None:
    fresh = made_up(600, seed=1)
    found = evaluate(fresh, [router.gain(e.prompt) for e in fresh])
    assert found.low > 0.6
    failures = np.array([router.failure(e.prompt) for e in fresh])
    assert calibration_error(np.array([1 - e.weak_correct for e in fresh]), failures) < 0.1
    assert router.card.apgr > 0.6 and router.card.examples == 400 and router.card.source == "made up"


def test_a_level_is_a_chance_of_failure(router: LearnedRouter) -> None:
    hard, easy = router.score(WHALES), router.score(TEA)
    for found in (hard, easy):
        assert found.failure is not None
        assert found.level - 1 <= 10 * found.failure <= found.level
        assert found.raw == pytest.approx(10 * found.failure + 0.5)
    assert hard.level > easy.level
    assert any(reason.evidence in ("whale", "migration") for reason in hard.reasons)


def test_prompts_unlike_all_examples_get_no_wild_answer(router: LearnedRouter) -> None:
    for prompt in ("", "tea", "日本語" * 50, "if not, why not? " * 500, "∀x∃y " * 300):
        assert -1.5 < router.gain(prompt) < 1.5


def test_reasons_add_up_to_what_was_foretold(router: LearnedRouter) -> None:
    found = router.score(WHALES)
    foretold = sum(reason.weight for reason in found.reasons)
    assert float(router.curve.chances(foretold)) == pytest.approx(found.failure, abs=1e-6)
    assert found.gain == pytest.approx(router.gain(WHALES))


def test_the_same_examples_give_the_same_router(router: LearnedRouter) -> None:
    again = train(made_up(400), recipe=SMALL)
    assert again.gain("whale song") == router.gain("whale song")


def test_it_survives_its_file(router: LearnedRouter, tmp_path: Path) -> None:
    path = tmp_path / "router.npz"
    router.save(path)
    back = LearnedRouter.load(path)
    assert back.card == router.card
    for prompt in ("whale", "", "日本語", "x" * 20_000):
        assert back.score(prompt) == router.score(prompt)


@pytest.mark.parametrize("content", [b"", b"not a router", b"PK\x03\x04 nor this"])
def test_other_files_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "router.npz"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="no trained router"):
        LearnedRouter.load(path)


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        LearnedRouter.load(tmp_path / "none.npz")


def test_a_pickle_is_never_run(tmp_path: Path) -> None:
    path = tmp_path / "router.npz"
    with path.open("wb") as file:
        np.savez(file, head=np.array([{"a": 1}], dtype=object))
    with pytest.raises(InvalidInput):
        LearnedRouter.load(path)


def test_a_router_of_another_release_has_to_be_trained_again(
    router: LearnedRouter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "router.npz"
    router.save(path)
    monkeypatch.setattr(learned, "EXTRACTOR", 10_000)
    with pytest.raises(InvalidInput, match="another release"):
        LearnedRouter.load(path)


def test_the_router_that_comes_along_is_small_and_works() -> None:
    path = Path(learned.__file__).parent / "data" / "router.npz"
    assert path.stat().st_size < 5_000_000
    found = packaged_router()
    assert found.card.examples > 0 and found.card.apgr > 0.6
    scored = found.score(
        "Which of the following is NOT a mammal?\nA. Whale\nB. Bat\nC. Shark\nD. Seal\nAnswer:"
    )
    assert scored.failure is not None and 0 < scored.failure < 1


@pytest.mark.parametrize(
    ("examples", "problem"),
    [
        (made_up(10), "too few"),
        ([made_up(1)[0]] * 300, "too few"),
        ([replace(e, weak_correct=1, strong_correct=1) for e in made_up(100)], "nothing to choose"),
        ([replace(e, strong_correct=0) for e in made_up(100)], "nothing to choose"),
        ([], "too few"),
    ],
)
def test_examples_that_teach_nothing_are_refused(examples: list[Example], problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        train(examples, recipe=SMALL)


def test_apgr_of_known_orders() -> None:
    examples = [Example("", weak, 1.0) for weak in [0.0] * 50 + [1.0] * 50]
    perfect = evaluate(examples, [1 - e.weak_correct for e in examples])
    # Two scores only: the line goes from none to the half that needs it, then to all.
    assert set(perfect.points) == {(0.0, 0.5), (0.5, 1.0), (1.0, 1.0)}
    assert perfect.value == pytest.approx(0.75)
    falling = evaluate(examples, [-n for n in range(100)])
    assert falling.value == pytest.approx(0.75)
    assert evaluate(examples, list(range(100))).value == pytest.approx(0.25)
    assert evaluate(examples, [0.0] * 100).value == pytest.approx(0.5)


def test_apgr_against_a_slow_reading_of_the_method() -> None:
    dice = np.random.default_rng(3)
    scores = np.round(dice.standard_normal(501), 1)
    weak, strong = (dice.random(501) < 0.6).astype(float), (dice.random(501) < 0.8).astype(float)
    edges = np.quantile(scores, np.linspace(0, 1, 11))
    points: list[tuple[float, float]] = []
    for number, edge in enumerate(edges):
        large = scores >= edge if number < 10 else scores > edge
        points.append((float(large.mean()), float(np.where(large, strong, weak).mean())))
    points.sort()
    share, quality = np.array(points).T
    over = np.trapezoid(quality, share) - np.trapezoid(np.full(11, weak.mean()), share)
    whole = np.trapezoid(np.full(11, strong.mean()), share) - np.trapezoid(np.full(11, weak.mean()), share)
    assert area(scores, weak, strong) == pytest.approx(over / whole)
    assert curve(scores, weak, strong)[0].tolist() == pytest.approx(share.tolist())


def test_the_interval_holds_the_value_and_the_same_seed_gives_it_again() -> None:
    examples = made_up(300)
    scores = [len(e.prompt) for e in examples]
    found = evaluate(examples, scores)
    assert found.low < found.value < found.high
    assert found == evaluate(examples, scores)


@pytest.mark.parametrize("scores", [[0.5], [0.1, float("nan")]])
def test_scores_have_to_fit(scores: list[float]) -> None:
    with pytest.raises(InvalidInput):
        evaluate([Example("a", 0, 1), Example("b", 1, 1)], scores)


def test_models_of_equal_quality_leave_nothing_to_judge() -> None:
    with pytest.raises(InvalidInput, match="equally good"):
        evaluate([Example("a", 1, 1), Example("b", 0, 0)], [1, 2])


def test_rows_of_words_multiply_as_a_matrix_does() -> None:
    words = Words(np.array([0, 2, 2, 3]), np.array([0, 3, 3]), np.array([1.0, 2.0, 4.0]))
    matrix = np.array([[1.0, 0, 0, 2], [0, 0, 0, 0], [0, 0, 0, 4]])
    vector, rows = np.array([1.0, 2, 3, 4]), np.array([5.0, 6, 7])
    assert words.dot(vector).tolist() == (matrix @ vector).tolist()
    assert words.transposed_dot(rows, 4).tolist() == (matrix.T @ rows).tolist()


def test_examples_are_read_plain_and_packed(tmp_path: Path) -> None:
    line = json.dumps({"prompt": "p", "weak_correct": True, "strong_correct": 0.5, "subject": "s"}) + "\n\n"
    (tmp_path / "a.jsonl").write_text(line)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(line.encode()))
    found = read_examples([tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz"])
    assert found == [Example("p", 1.0, 0.5)] * 2
    assert found[0].gain == -0.5


@pytest.mark.parametrize(
    "line",
    ['{"prompt": "p"}', "[]", "{", '{"prompt": 3, "weak_correct": 0, "strong_correct": 1}',
     '{"prompt": "p", "weak_correct": 2, "strong_correct": 1}',
     '{"prompt": "p", "weak_correct": "maybe", "strong_correct": 1}'],
)  # fmt: skip
def test_a_line_that_is_no_example_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"prompt": "p", "weak_correct": 0, "strong_correct": 1}\n' + line)
    with pytest.raises(InvalidInput, match="Line 2"):
        read_examples([path])


def test_files_that_are_not_there_or_not_packed(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_examples([tmp_path / "none.jsonl"])
    (tmp_path / "a.gz").write_bytes(b"plain")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_examples([tmp_path / "a.gz"])


def test_nothing_but_numpy_is_loaded_for_it() -> None:
    code = (
        "import sys, scrivano.llm.routing.public\n"
        "print([m for m in ('sklearn', 'scipy', 'torch', 'sqlalchemy') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
