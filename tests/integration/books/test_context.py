"""What the writer of a chapter is shown: chosen under a budget, remembered, and told to whoever asks."""

import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest

from scrivano.api.app import make_app
from scrivano.books.context.public import ChapterContext, NoContext
from scrivano.books.public import Brief
from scrivano.llm.public import ModelChange
from scrivano.llm.scripted.tokens import count_prompt
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.references.public import Reference
from scrivano.runs.public import RunStatus, raise_for_failure
from tests.integration.books.conftest import Open
from tests.workshop import Workshop, small_brief

PEOPLE = """# The people

## Maren Oyle

Burn scar on the left palm, hidden in a glove.

## Tobias Ferrow

Limps on the right leg since a customs bullet.

## The heir (from chapter 3)

Maren is the daughter of the Regent.
"""


def reference(name: str, text: str, **more: Any) -> Reference:
    return Reference(
        name=name,
        title=text.splitlines()[0].lstrip("# "),
        media_type="text/markdown",
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        words=len(text.split()),
        text=text,
        **more,
    )


def novel(**changes: Any) -> Brief:
    return small_brief(
        **{
            "kind": "fiction",
            "title": "The Salt Lantern",
            "subject": None,
            "premise": "A lamplighter finds that a lamp was put out by a hand.",
            "words": 900,
            "chapters": 3,
            "characters": [
                {"name": "Maren Oyle", "role": "protagonist", "facts": ["Maren cannot swim."]},
                {"name": "Tobias Ferrow", "role": "smuggler", "facts": ["Tobias drinks only buttermilk."]},
            ],
            **changes,
        }
    )


OUTLINE = {
    "title": "The Salt Lantern",
    "subtitle": "",
    "summary": "",
    "chapters": [
        {"title": "Lamps", "summary": "Maren climbs the lamp house.", "points": ["her glove"], "share": 1.0},
        {
            "title": "The cutter",
            "summary": "Tobias takes Maren aboard.",
            "points": ["his leg"],
            "share": 1.0,
            "depends_on": [1],
        },
        {
            "title": "Whose daughter",
            "summary": "Maren learns of the Regent.",
            "points": ["the heir"],
            "share": 1.0,
        },
    ],
}
SCRIPT = {"rule": [{"match": {"contains": "Plan this novel"}, "json": OUTLINE}]}


def sent(place: Workshop, chapter: int) -> list[dict[str, str]]:
    """The messages that asked for a chapter's first draft."""
    assert place.model is not None
    (found,) = [
        e.messages
        for e in place.model.ledger.entries
        if f"Write chapter {chapter}," in e.messages[-1]["content"]
    ]
    return found


async def test_a_chapter_is_shown_what_bears_on_it_and_nothing_that_comes_later(workshop: Open) -> None:
    place = await workshop(SCRIPT)
    book, _ = await place.write(novel(), [reference("characters.md", PEOPLE)])
    first, third = (sent(place, n)[-1]["content"] for n in (1, 3))
    assert "Burn scar" in first and "Maren cannot swim." in first
    assert "daughter of the Regent" not in first
    assert "Maren learns of the Regent." not in first, "a later chapter's summary was shown"
    assert "daughter of the Regent" in third
    assert "Maren climbs the lamp house." in third

    account = await place.house.contexts.of(book.id, 1)
    out = {left.id: left.why for left in account.left_out}
    assert out["chapter 3"] == "revealed later"
    assert out["chapter 1"] == "is this chapter"
    assert [
        left for left in account.left_out if left.why == "revealed later" and left.source == "characters.md"
    ]
    (seen,) = [p for p in account.parts if "Burn scar" in p.text]
    assert seen.reasons["people"] > 0
    request = await place.house.llm.get_request(account.request_id) if account.request_id else None
    assert request is not None and request.purpose == "write_chapter"

    run_id = await place.house.books.rewrite(
        book.id, 1, instructions="Let the Regent's customs bullet be told."
    )
    raise_for_failure(await place.finish(book.model_copy(update={"run_id": run_id})))
    again = await place.house.contexts.of(book.id, 1, prompt="rewrite_chapter")
    assert again.run_id == run_id
    assert any("customs bullet" in p.text for p in again.parts)
    assert not any("daughter of the Regent" in p.text for p in again.parts)


async def test_the_whole_prompt_keeps_to_the_budget_by_the_models_own_tokenizer(workshop: Open) -> None:
    place = await workshop(SCRIPT)
    words = (
        "lamp",
        "house",
        "glove",
        "cutter",
        "leg",
        "Regent",
        "Maren",
        "Tobias",
        "herring",
        "salt",
        "rope",
        "tide",
    )
    notes = "\n\n".join(
        f"Note {n}: the {words[n % 12]} and the {words[n // 12 % 12]} were seen {n} times by watchman {n}, who told of it."
        for n in range(900)
    )
    book, _ = await place.write(novel(), [reference("notes.md", f"# Notes\n\n{notes}\n")])
    for number in (1, 2, 3):
        account = await place.house.contexts.of(book.id, number)
        exactly = count_prompt(m["content"] for m in sent(place, number))
        assert account.counted_exactly and not account.budget_raised
        assert exactly <= account.tokens <= account.budget == 8000
        assert account.tokens > 7000, "most of the budget was left unused"
        assert account.left_out_in_all["no room"] > 20
        assert len(account.left_out) <= 200


async def test_what_a_chapter_builds_on_is_always_shown(workshop: Open) -> None:
    memory = {
        "summary": "The lamp was put out.",
        "facts": ["The twelfth step creaks."],
        "names": [],
        "open_threads": [],
    }
    place = await workshop(
        {"rule": [*SCRIPT["rule"], {"match": {"contains": "Note what this chapter"}, "json": memory}]}
    )
    book, _ = await place.write(novel())
    account = await place.house.contexts.of(book.id, 2)
    (part,) = [p for p in account.parts if p.id == "memory 1"]
    assert part.required
    assert part.text in sent(place, 2)[-1]["content"]
    other = await place.house.contexts.of(book.id, 3)
    assert not [p for p in other.parts if p.kind == "memory"], "chapter 3 depends on nothing"


async def test_a_brief_longer_than_the_budget_raises_it_where_the_model_can_read_it(workshop: Open) -> None:
    place = await workshop(SCRIPT)
    long = " ".join(f"In year {n} the lamps were counted again." for n in range(480))[:19_900]
    book, _ = await place.write(novel(premise=long, notes=long))
    account = await place.house.contexts.of(book.id, 1)
    assert account.budget_raised
    assert account.tokens == account.budget > 8000


async def test_a_brief_that_no_model_can_read_is_refused_with_what_to_do(workshop: Open) -> None:
    place = await workshop({**SCRIPT, "context_length": 4096})
    long = " ".join(f"In year {n} the lamps were counted again." for n in range(480))[:19_900]
    book = await place.order(novel(premise=long))
    run = await place.finish(book)
    assert run.status is RunStatus.FAILED
    assert run.error is not None and run.error.remedy


async def test_the_account_is_shown_by_api_and_command_line(
    workshop: Open, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await workshop(SCRIPT)
    book, _ = await place.write(novel(), [reference("characters.md", PEOPLE)])
    app = make_app(None, house=place.house)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get(f"/api/books/{book.id}/chapters/1/context")
        assert answer.status_code == 200, answer.text
        account = ChapterContext.model_validate(answer.json())
        assert account.parts and account.run_id == book.run_id
        taken = (await client.get(f"/api/books/{book.id}/chapters/1/contexts")).json()
        assert [(one["prompt"], one["round"], one["run_id"], one["tokens"]) for one in taken] == [
            ("write_chapter", 0, book.run_id, account.tokens)
        ]
        assert (await client.get(f"/api/books/{book.id}/chapters/9/contexts")).json() == []
        for path in (
            f"/api/books/{book.id}/chapters/9/context",
            f"/api/books/{book.run_id}/chapters/1/context",
            f"/api/books/{book.id}/chapters/1/context?round=9",
            f"/api/books/{book.id}/chapters/1/context?run_id=other",
        ):
            missing = await client.get(path)
            assert missing.status_code == 404, path
        wrong = await client.get(f"/api/books/{book.id}/chapters/0/context")
        assert wrong.status_code == 422
    await place.house.books.delete(book.id)
    with pytest.raises(NoContext):
        await place.house.contexts.of(book.id, 1)


async def test_a_book_without_a_model_has_no_account(workshop: Open) -> None:
    place = await workshop(model=False)
    book = await place.order(small_brief(domain="ai_automation", niche="no_code_ai_tools", subject=None))
    raise_for_failure(await place.finish(book))
    with pytest.raises(NoContext):
        await place.house.contexts.of(book.id, 1)


async def test_a_reference_shows_where_it_was_used_and_vectors_help_to_choose(workshop: Open) -> None:
    place = await workshop({**SCRIPT, "embedding_dimensions": 64})
    house = place.house
    await house.llm.registry.discover()
    [model] = await house.llm.reachable_models()
    able = model.capabilities | {"embeddings"}
    await house.llm.registry.change_model(model.id, ModelChange(capabilities=able))
    added = await house.library.add(
        DEFAULT_PROJECT, "harbour.md", b"# Harbour\n\nThe lamp on the pier burns salt.", kind="world-building"
    )
    await house.intake.convert(added.id)
    assert (await house.intake.embed(added.id)).embedding_model
    book, _ = await place.write(novel(), await house.library.get_many(DEFAULT_PROJECT, [added.id]))
    uses = await house.library.uses(added.id)
    assert {(u.feature, u.item_id) for u in uses} == {("books", str(book.id))}
    assert {u.place for u in uses} >= {"chapter 1"}
    account = await house.contexts.of(book.id, 1)
    [part] = [p for p in account.parts if p.id == "reference harbour.md#1"]
    assert part.reasons.get("likeness", 0.0) > 0
