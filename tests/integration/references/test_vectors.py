"""References found by their meaning, where a local embedding model is there."""

from pathlib import Path

import pytest

from scrivano.llm.public import ModelChange
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
