"""The editor's desk in a book's run: assessed, revised, assessed again, the best version kept, every round stored."""

from pathlib import Path
from typing import Any

from scrivano.books.public import Brief
from tests.workshop import open_workshop, small_brief

CRITERIA = ("substance", "correctness", "argument", "clarity", "style")
FIRST = "The first version of this chapter speaks of benches and lamps in general terms."
SECOND = "The second version names a bench of ninety centimetres and a lamp of eight hundred lumens."


def chapter(opening: str) -> str:
    parts = [f"Workshop detail {n} concerns the {n * 7}th drawer with its labels." for n in range(1, 60)]
    return " ".join([opening, *parts])


def verdicts(score: float, quote: str) -> dict[str, Any]:
    fields = {"score": score, "quote": quote, "why": "It is so.", "advice": "Name the bench."}
    return {"verdicts": [{"criterion": c, **fields} for c in CRITERIA]}


def script(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return {
        "rule": [
            {"match": {"pattern": "(?s)second version names.*What you judge"}, "json": second},
            {"match": {"contains": "What you judge"}, "json": first},
            {"match": {"contains": "Write the whole chapter anew"}, "text": chapter(SECOND)},
            {"match": {"contains": "Write chapter 1"}, "text": chapter(FIRST)},
        ]
    }


def one_chapter(**changes: Any) -> Brief:
    return small_brief(words=500, chapters=1, **changes)


async def test_a_chapter_below_the_bar_is_revised_with_the_findings_and_the_better_one_stands(
    database_url: str, tmp_path: Path
) -> None:
    answers = script(verdicts(30, FIRST), verdicts(95, SECOND))
    async with open_workshop(database_url, tmp_path, answers) as place:
        book, _ = await place.write(one_chapter(revision_rounds=3, revision_bar=80))
        (view,) = await place.house.books.chapters(book.id)
        assert SECOND in view.text and FIRST not in view.text
        scores = [s for s in await place.house.assessments.scores(book_id=book.id) if s.chapter == 1]
        assert [(s.round, s.rubric_score, s.kept) for s in scores] == [(0, 30, False), (1, 95, True)]
        assert scores[0].criteria == dict.fromkeys(CRITERIA, 30)
        assert any(f.quote == FIRST and f.advice == "Name the bench." for f in scores[0].findings)
        assert all(s.model == "scripted" and s.prompt_version for s in scores)
        assert place.model is not None
        (revision,) = [
            e
            for e in place.model.ledger.entries
            if "Write the whole chapter anew" in e.messages[-1]["content"]
        ]
        assert f'At "{FIRST}": It is so. Wanted: Name the bench.' in revision.messages[-1]["content"]
        trend = await place.house.assessments.trend(book.project_id, "model")
        assert [(t.group, t.count, t.mean) for t in trend] == [("scripted", 1, round(scores[1].combined, 2))]


async def test_a_revision_that_is_no_better_is_left_and_the_rounds_end(
    database_url: str, tmp_path: Path
) -> None:
    answers = script(verdicts(50, FIRST), verdicts(20, SECOND))
    async with open_workshop(database_url, tmp_path, answers) as place:
        book, _ = await place.write(one_chapter(revision_rounds=2, revision_bar=99))
        (view,) = await place.house.books.chapters(book.id)
        assert FIRST in view.text
        scores = [s for s in await place.house.assessments.scores(book_id=book.id) if s.chapter == 1]
        assert [(s.round, s.kept) for s in scores] == [(0, True), (1, False), (2, False)]


async def test_made_up_quotations_do_not_count(database_url: str, tmp_path: Path) -> None:
    invented = verdicts(0, "This sentence stands nowhere in the chapter.")
    async with open_workshop(database_url, tmp_path, script(invented, invented)) as place:
        book, _ = await place.write(one_chapter(revision_rounds=1, revision_bar=1))
        scores = [s for s in await place.house.assessments.scores(book_id=book.id) if s.chapter == 1]
        assert [(s.rubric_score, s.criteria) for s in scores] == [(None, {})]
        assert scores[0].combined == scores[0].score


async def test_every_book_of_a_model_is_measured_without_a_call(database_url: str, tmp_path: Path) -> None:
    async with open_workshop(database_url, tmp_path) as place:
        book, _ = await place.write(small_brief(words=900, chapters=2))
        scores = await place.house.assessments.scores(book_id=book.id)
        assert [s.chapter for s in scores] == [None, 1, 2]
        assert place.model is not None
        requests = await place.house.llm.run_requests(book.run_id)
        assert not {r.purpose for r in requests} & {"assess_chapter", "revise_chapter"}
