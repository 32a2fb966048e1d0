"""References found by their meaning, where a local embedding model is there."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from scrivano.core.ids import new_id
from scrivano.llm.public import CallContext, LLMError, ModelChange
from scrivano.projects.public import DEFAULT_PROJECT
from tests.workshop import Workshop, open_workshop

NOTES = "# Notes\n\n" + "\n\n".join(f"Passage number {n} speaks of subject {n * n}." for n in range(40))


async def embedding(place: Workshop) -> None:
    """Let the scripted model make vectors."""
    await place.house.llm.registry.discover()
    [model] = await place.house.llm.reachable_models()
    await place.house.llm.registry.change_model(model.id, ModelChange(capabilities=frozenset({"embeddings"})))


async def test_passages_get_vectors_of_a_local_model_and_are_found_by_them(
    database_url: str, tmp_path: Path
) -> None:
    script = {"models": ["embedder"], "embedding_dimensions": 64}
    async with open_workshop(database_url, tmp_path, script) as place:
        await embedding(place)
        library, intake = place.house.library, place.house.intake
        added = await library.add(DEFAULT_PROJECT, "notes.md", NOTES.encode())
        await intake.convert(added.id)
        read = await intake.embed(added.id)
        assert read.embedding_model and read.embedding_model.endswith("/embedder")
        assert place.model is not None
        asked = len(place.model.ledger.entries)
        assert (await intake.embed(added.id)).embedding_model == read.embedding_model
        assert len(place.model.ledger.entries) == asked, "what has vectors gets none again"
        found = await library.search(DEFAULT_PROJECT, "Passage number 7 speaks of subject 49.", 5)
        assert any(hit.by_meaning for hit in found) and found[0].passage.number == 8
        await place.model.stop()
        alone = await library.search(DEFAULT_PROJECT, "subject 49", 5)
        assert alone and not any(hit.by_meaning for hit in alone), "without the model words are left"


async def test_nothing_is_embedded_by_a_model_in_the_cloud(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_workshop(database_url, tmp_path, {"models": ["embedder"]}) as place:
        await embedding(place)
        reachable = place.house.llm.reachable_models

        async def far_away() -> object:
            return [model.model_copy(update={"locality": "cloud"}) for model in await reachable()]

        monkeypatch.setattr(place.house.llm, "reachable_models", far_away)
        added = await place.house.library.add(DEFAULT_PROJECT, "notes.md", NOTES.encode())
        await place.house.intake.convert(added.id)
        assert (await place.house.intake.embed(added.id)).embedding_model is None


STORES = """# Stores

## The shed

Diesel for the generator stands behind the door, in four red cans.

## The sick bay

The doctor keeps bandages, splints and morphine in the white cupboard.

## The pantry

Flour, beans and smoked fish last the keepers until the boat comes in spring.
"""


async def brought(place: Workshop, name: str, text: str) -> UUID:
    """A file that is read and made findable by meaning, as the run does it."""
    added = await place.house.library.add(DEFAULT_PROJECT, name, text.encode())
    await place.house.intake.convert(added.id)
    await place.house.intake.embed(added.id)
    return added.id


async def test_without_any_model_a_passage_is_found_that_shares_no_word_with_the_question(
    database_url: str, tmp_path: Path
) -> None:
    async with open_workshop(database_url, tmp_path, model=False) as place:
        library = place.house.library
        reference = await brought(place, "stores.md", STORES)
        assert (await library.get(reference)).embedding_model is None, "no model is named, as none was asked"
        for question, heading in (("surgeon", "The sick bay"), ("fuel", "The shed"), ("food", "The pantry")):
            found = await library.search(DEFAULT_PROJECT, question, 5)
            assert found and found[0].passage.headings[-1] == heading, question
            assert found[0].by_meaning and not found[0].by_words
        assert await library.search(new_id(), "fuel", 5) == [], "nothing of another project is found"
        later = await library.change_passage(reference, 1, 4)
        assert later.headings[-1] == "The shed"
        early = await library.search(DEFAULT_PROJECT, "fuel", 5, up_to_chapter=3)
        assert "The shed" not in {hit.passage.headings[-1] for hit in early}
        assert await library.search(DEFAULT_PROJECT, "fuel", 5, kinds=["character"]) == []
        context = CallContext(feature="references", purpose="search_references")
        assert await library.directions(DEFAULT_PROJECT, "fuel", context) is None


async def test_a_model_that_comes_later_takes_the_place_of_built_in_vectors(
    database_url: str, tmp_path: Path
) -> None:
    script = {"models": ["writer"], "embedding_dimensions": 64}
    async with open_workshop(database_url, tmp_path, script) as place:
        library, intake = place.house.library, place.house.intake
        stores = await brought(place, "stores.md", STORES)
        notes = await brought(place, "notes.md", NOTES)
        assert (await library.get(stores)).embedding_model is None
        await embedding(place)
        read = await intake.embed(notes)
        assert read.embedding_model and read.embedding_model.endswith("/writer")
        context = CallContext(feature="references", purpose="search_references")
        directions = await library.directions(DEFAULT_PROJECT, "fuel", context)
        assert directions is not None and {key[0] for key in directions.passages} == {notes}
        mixed = await library.search(DEFAULT_PROJECT, "fuel", 50)
        assert stores in {hit.reference_id for hit in mixed if hit.by_meaning}, "each is searched by its own"
        question = "Passage number 7 speaks of subject 49."
        [best, *_] = await library.search(DEFAULT_PROJECT, question, 50)
        assert best.reference_id == notes and best.by_meaning
        assert (await intake.embed(stores)).embedding_model == read.embedding_model
        directions = await library.directions(DEFAULT_PROJECT, "fuel", context)
        assert directions is not None and {key[0] for key in directions.passages} == {notes, stores}
        assert {len(vector) for vector in directions.passages.values()} == {64}


async def test_a_model_that_fails_on_the_way_leaves_built_in_vectors(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = {"models": ["embedder"], "embedding_dimensions": 64}
    async with open_workshop(database_url, tmp_path, script) as place:
        await embedding(place)
        embed, asked = place.house.llm.embed, 0

        async def once(*given: Any, **how: Any) -> object:
            nonlocal asked
            asked += 1
            if asked > 1:
                raise LLMError("It is gone.")
            return await embed(*given, **how)

        monkeypatch.setattr(place.house.llm, "embed", once)
        reference = await brought(place, "notes.md", NOTES)
        assert asked == 2 and (await place.house.library.get(reference)).embedding_model is None
        found = await place.house.library.search(DEFAULT_PROJECT, "a numbered passage about some subject", 50)
        assert len([hit for hit in found if hit.by_meaning]) > 32, "those of the first order too"


async def test_texts_that_built_in_vectors_tell_little_of_are_found_by_words_alone(
    database_url: str, tmp_path: Path
) -> None:
    async with open_workshop(database_url, tmp_path, model=False) as place:
        library = place.house.library
        await brought(
            place, "vorrat.md", "Der Diesel für den Motor steht hinter der Tür in vier roten Kannen."
        )
        await brought(place, "מחסן.md", "הסולר עומד מאחורי הדלת בארבעה מכלים אדומים.")
        await brought(place, "仓库.md", "柴油放在门后的四个红色罐子里。")
        for question, name in (("Diesel", "vorrat.md"), ("הסולר", "מחסן.md"), ("柴油", "仓库.md")):
            found = await library.search(DEFAULT_PROJECT, question, 5)
            assert [hit.passage.source for hit in found] == [name]
            assert not any(hit.by_meaning for hit in found)
