"""A passage that a task writes anew is a proposal for that passage alone."""

from uuid import uuid4

import httpx
import pytest

from scrivano.api.app import make_app
from scrivano.core.errors import InvalidInput, NotFound
from scrivano.documents.public import Author
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.tasks.places import put_in
from scrivano.tasks.public import NewTask, SinkRef
from tests.integration.tasks.conftest import Open, finished
from tests.workshop import Workshop

TEXT = "The ropes are wet. 🪢\n\nShe ties a bowline.\n\nThe boat drifts."


async def chapter(place: Workshop) -> tuple[str, str]:
    """A book with one chapter: its id and its document's."""
    app = make_app(None, house=place.house)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://localhost"
    ) as client:
        file = {"file": ("knots.md", f"# Knots\n\n{TEXT}".encode())}
        book = (await client.post("/api/books/import", files=file)).json()["id"]
        first = (await client.get(f"/api/books/{book}/chapters/1")).json()
        assert first["text"] == TEXT
        return book, first["document_id"]


def passage(document: str, span: str) -> NewTask:
    return NewTask(
        template="rewrite_selection",
        variables={"passage": "She ties a bowline.", "wishes": "Shorter."},
        sink=SinkRef(kind="passage", id=document, field=span),
    )


async def test_only_the_passage_changes_and_the_request_stays_behind_it(studio: Open) -> None:
    place = await studio({"rule": [{"text": "She ties.\n"}]})
    _, document = await chapter(place)
    start = TEXT.index("She ties")
    new = passage(document, f"1:{start}-{start + 19}")
    task = await finished(place, await place.house.desk.tasks.create(new))
    assert task.receipt is not None and task.receipt.place, task.error
    documents = place.house.documents
    [info] = await documents.proposals.list((await documents.latest(document)).document_id)  # type: ignore[arg-type]
    assert str(info.id) == task.receipt.place
    proposal = await documents.proposals.get(info.document_id, info.id)
    assert [(h.removed, h.added) for h in proposal.hunks] == [(("She ties a bowline.",), ("She ties.",))]
    version = await documents.proposals.accept(info.document_id, info.id, expected_number=1, author=Author())
    assert version.text == TEXT.replace("She ties a bowline.", "She ties.")
    assert version.request_ids == (task.request_id,)


async def test_a_passage_that_is_not_there_is_refused_before_anything_is_paid_for(studio: Open) -> None:
    place = await studio(working=False)
    _, document = await chapter(place)
    tasks = place.house.desk.tasks
    for span in ("", "1", "1:5-2", "1:0-9999", "one:0-1"):
        with pytest.raises(InvalidInput):
            await tasks.create(passage(document, span))
    with pytest.raises(NotFound):
        await tasks.create(passage(document, "7:0-1"))
    with pytest.raises(NotFound):
        await tasks.create(passage(str(uuid4()), "1:0-1"))
    with pytest.raises(NotFound):
        await tasks.create(passage(document, "1:0-1").model_copy(update={"project_id": uuid4()}))
    assert DEFAULT_PROJECT and not place.model.ledger.entries


def test_the_space_around_a_passage_stays() -> None:
    text = "one two\n\nthree"
    assert put_in(text, 0, 3, "X\n") == "X two\n\nthree"
    assert put_in(text, 3, 9, " X ") == "one X\n\nthree"
    assert put_in(text, 7, 7, "X") == "one two\n\nX\n\nthree"
    assert put_in(text, len(text), len(text), "X") == "one two\n\nthree\n\nX"
    assert put_in("", 0, 0, "X") == "X"
