"""A book written by a (scripted) model, from the order to the files."""

import json
import re
from decimal import Decimal

import pytest

from scrivano.assessment.public import length_score
from scrivano.books.length import count_words, ends_whole
from scrivano.books.public import Brief
from scrivano.core.errors import NotFound
from scrivano.llm.public import ModelChange, RequestStatus, TooDear
from scrivano.runs.public import RunStatus, raise_for_failure
from tests.integration.books.conftest import Open
from tests.integration.books.test_context import reference

FILES = {
    "book.pdf",
    "book.epub",
    "book.docx",
    "book.md",
    "cover.png",
    "cover.svg",
    "cover.pdf",
    "provenance.json",
}


async def test_a_brief_becomes_finished_files_with_an_exact_account(workshop: Open, brief: Brief) -> None:
    place = await workshop()
    book, result = await place.write(brief)

    assert {f.name for f in await place.house.books.files(book.id)} == FILES
    assert result.generated_with == "scripted"
    _, content = await place.house.books.file(book.id, "provenance.json")
    account = json.loads(content)
    assert place.model is not None
    assert account["external_api_calls"] == 0
    assert account["calls"]["loopback"]["text"] == len(place.model.ledger.entries)
    given = sum(entry.completion_tokens for entry in place.model.ledger.entries)
    assert account["measured"]["completion_tokens"] == given
    assert {p["name"] for p in account["facts"]["prompts"]} >= {"write_outline", "write_chapter"}
    assert [c["number"] for c in account["chapters"]] == [1, 2, 3, 4]


async def test_the_book_has_the_length_that_was_asked(workshop: Open, brief: Brief) -> None:
    place = await workshop()
    book, result = await place.write(brief)
    chapters = await place.house.books.chapters(book.id)
    assert result.words == sum(count_words(c.text) for c in chapters)
    assert abs(result.words - brief.words) <= brief.words * 0.03
    assert all(ends_whole(c.text) for c in chapters)


@pytest.mark.parametrize("factor", [0.2, 0.6, 1.7, 5.0])
async def test_models_that_write_too_little_or_too_much_are_brought_to_length(
    workshop: Open, brief: Brief, factor: float
) -> None:
    place = await workshop(
        {"rule": [{"match": {"pattern": r"about \d+"}, "prose": True, "length_factor": factor}]}
    )
    book, result = await place.write(brief)
    chapters = await place.house.books.chapters(book.id)
    asked = {c.number: c.words for c in book.outline.chapters} if book.outline else {}
    for chapter in chapters:
        assert length_score(count_words(chapter.text), asked[chapter.number]) >= 95, chapter.title
        sentences = re.findall(r"[^.!?\n]+[.!?]", chapter.text)
        assert len(sentences) == len(set(sentences)), "a sentence stands twice"
    assert abs(result.words - brief.words) <= brief.words * 0.03


async def test_a_stop_that_is_none_is_noticed_and_the_chapter_goes_on(workshop: Open, brief: Brief) -> None:
    rule = {"match": {"pattern": "Length: about \\d+ words"}, "prose": True, "early_stop": 0.4}
    place = await workshop({"rule": [rule]})
    book, result = await place.write(brief)
    assert abs(result.words - brief.words) <= brief.words * 0.03
    assert all(ends_whole(c.text) for c in await place.house.books.chapters(book.id))


async def test_samples_of_the_niche_are_shown_to_the_model(workshop: Open, brief: Brief) -> None:
    place = await workshop()
    niche = brief.model_copy(update={"domain": "ai_automation", "niche": "no_code_ai_tools", "subject": None})
    await place.write(niche)
    assert place.model is not None
    asked = ["".join(m["content"] for m in e.messages) for e in place.model.ledger.entries]
    samples = await place.house.packs.chapter_samples("ai_automation", "no_code_ai_tools")
    openings = [s.text[:80] for s in samples]
    chapters = [text for text in asked if "Pages that show the depth" in text]
    assert len(chapters) == 4
    assert all(sum(opening in text for opening in openings) == 2 for text in chapters)


async def test_an_outline_waits_for_its_approval_and_is_followed_as_edited(
    workshop: Open, brief: Brief
) -> None:
    place = await workshop()
    book = await place.order(brief.model_copy(update={"approve_outline": True}))
    run = await place.finish(book)
    assert (run.status, run.waiting_for) == (RunStatus.WAITING, "outline")
    edited = run.question
    edited["chapters"] = [{**edited["chapters"][0], "title": "A Title of My Own"}, edited["chapters"][1]]

    await place.house.runs.approve(book.run_id, "outline", approved=True, data=edited)
    run = await place.finish(book)
    raise_for_failure(run)
    chapters = await place.house.books.chapters(book.id)
    assert [c.title for c in chapters] == ["A Title of My Own", edited["chapters"][1]["title"]]


async def test_a_rejected_outline_ends_the_run_with_the_reason(workshop: Open, brief: Brief) -> None:
    place = await workshop()
    book = await place.order(brief.model_copy(update={"approve_outline": True}))
    await place.finish(book)
    await place.house.runs.approve(book.run_id, "outline", approved=False)
    run = await place.finish(book)
    assert run.status is RunStatus.FAILED
    assert run.error is not None
    assert "not approved" in run.error.message
    assert await place.house.books.chapters(book.id) == []


async def test_the_ceiling_is_never_crossed_and_what_is_written_is_kept(workshop: Open, brief: Brief) -> None:
    place = await workshop()
    registry = place.house.llm.registry
    await registry.discover()
    (model,) = await registry.models()
    await registry.change_model(model.id, ModelChange(input_mtok=Decimal(3), output_mtok=Decimal(15)))

    book = await place.order(brief, max_cost=0.05)
    run = await place.finish(book)
    assert run.status is RunStatus.FAILED
    with pytest.raises(TooDear):
        raise_for_failure(run)
    assert (await place.house.llm.run_totals(book.run_id)).cost <= Decimal("0.05")

    await place.house.llm.set_budget("run", book.run_id, 5)
    await place.house.runs.resume(book.run_id)
    run = await place.finish(book)
    raise_for_failure(run)
    requests = await place.house.llm.run_requests(book.run_id)
    finished = [r.key for r in requests if r.status is RequestStatus.FINISHED]
    assert len(finished) == len(set(finished)), "a finished call was made again"


async def test_chapters_wait_only_for_those_they_depend_on(workshop: Open, brief: Brief) -> None:
    chapters = [
        {"title": f"Part {n}", "summary": "S.", "points": ["a", "b"], "share": 1.0, "depends_on": d}
        for n, d in [(1, []), (2, [1]), (3, []), (4, [2])]
    ]
    outline = {"title": "T", "subtitle": "", "summary": "", "chapters": chapters}
    place = await workshop({"rule": [{"match": {"contains": "Plan this book"}, "json": outline}]})
    await place.write(brief)
    assert place.model is not None
    texts = {
        re.search(r"Write chapter (\d)", text).group(1): text  # type: ignore[union-attr]
        for e in place.model.ledger.entries
        if "Write chapter" in (text := "".join(m["content"] for m in e.messages))
    }
    known = {n: "What earlier chapters have established" in text for n, text in texts.items()}
    assert known == {"1": False, "2": True, "3": False, "4": True}


async def test_a_contradiction_is_mended_where_it_stands(workshop: Open, brief: Brief) -> None:
    text = "## The bench\n\nThe bench is nine feet long. It stands by the north window.\n\nEvery tool has a nail."
    finding = {
        "quote": "The bench is nine feet long.",
        "against": "The bench measures seven feet.",
        "problem": "It was seven.",
        "fix": "Say seven.",
    }
    notes = [reference("shop", "# The shop\n\nThe bench measures seven feet.")]
    place = await workshop(
        {
            "rule": [
                {"match": {"contains": "Write chapter 2"}, "text": text},
                {"match": {"contains": "Find the sentences of chapter 2"}, "json": {"findings": [finding]}},
                {"match": {"contains": "Find the sentences"}, "json": {"findings": []}},
                {
                    "match": {"contains": "Write this passage anew"},
                    "text": "The bench is seven feet long. It stands by the north window.",
                },
            ]
        }
    )
    book, _ = await place.write(brief, notes)
    second = (await place.house.books.chapters(book.id))[1].text
    assert "The bench is seven feet long. It stands by the north window." in second
    assert "nine feet" not in second


@pytest.mark.parametrize(
    ("quote", "against"),
    [
        ("Nobody wrote this sentence.", "The bench measures seven feet."),
        ("The bench is nine feet long.", "The bench measures twelve feet."),
        ("The bench is nine feet long.", "The bench is nine feet long."),
        ("The bench is nine feet long.", ""),
    ],
)
async def test_a_finding_without_two_true_quotations_changes_nothing(
    workshop: Open, brief: Brief, quote: str, against: str
) -> None:
    text = "## The bench\n\nThe bench is nine feet long. It stands by the north window.\n\nEvery tool has a nail."
    finding = {"quote": quote, "against": against, "problem": "P", "fix": "F"}
    notes = [reference("shop", "# The shop\n\nThe bench measures seven feet.")]
    place = await workshop(
        {
            "rule": [
                {"match": {"contains": "Write chapter 2"}, "text": text},
                {"match": {"contains": "Find the sentences"}, "json": {"findings": [finding]}},
            ]
        }
    )
    book, _ = await place.write(brief, notes)
    requests = await place.house.llm.run_requests(book.run_id)
    assert "revise_passage" not in {r.purpose for r in requests}


async def test_the_same_order_gives_the_same_bytes(workshop: Open, brief: Brief) -> None:
    place = await workshop()
    first, _ = await place.write(brief)
    second, _ = await place.write(brief)
    digests = [
        {f.name: f.sha256 for f in await place.house.books.files(b.id) if f.name != "provenance.json"}
        for b in (first, second)
    ]
    assert digests[0] == digests[1]


async def test_an_unknown_model_is_refused_before_anything_starts(workshop: Open, brief: Brief) -> None:
    place = await workshop()
    with pytest.raises(NotFound, match="scriptd") as caught:
        await place.order(brief, model="scriptd")
    assert "scripted" in (caught.value.remedy or "")
    assert await place.house.books.list() == []


async def test_a_model_that_vanishes_leaves_what_is_written(workshop: Open, brief: Brief) -> None:
    refusing = {"match": {"contains": "Write chapter 3"}, "status": 503}
    place = await workshop({"rule": [refusing]})
    book = await place.order(brief)
    run = await place.finish(book)
    assert run.status is RunStatus.FAILED
    assert run.error is not None
    assert run.error.remedy
    assert {c.number for c in await place.house.books.chapters(book.id)} == {1, 2, 4}


async def test_a_model_that_only_refuses_ends_the_run_with_what_to_do(workshop: Open, brief: Brief) -> None:
    refusal = "I'm sorry, but I can't help with that."
    place = await workshop({"rule": [{"match": {"pattern": "Length: about"}, "text": refusal}]})
    book = await place.order(brief)
    run = await place.finish(book)
    assert run.status is RunStatus.FAILED
    assert run.error is not None
    assert "usable words" in run.error.message
    assert "--model" in (run.error.remedy or "")
