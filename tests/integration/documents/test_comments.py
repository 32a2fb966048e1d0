"""Comments follow their passage through versions, and outlive it."""

import uuid

import pytest

from scrivano.core.database import Database
from scrivano.core.errors import Conflict, InvalidInput
from scrivano.documents.public import Author, DocumentNotFound, Documents

PERSON = Author(id="p-1")
TEXT = "The gate stood open. Rain fell.\n\nIn the evening a letter lay on the step, unopened."


@pytest.fixture
def documents(database: Database) -> Documents:
    return Documents(database)


@pytest.fixture
async def chapter(documents: Documents) -> uuid.UUID:
    made = await documents.create("chapter", "One")
    await documents.add_version(made.id, TEXT, expected_number=0)
    return made.id


async def test_a_comment_follows_its_passage(documents: Documents, chapter: uuid.UUID) -> None:
    made = await documents.comments.add(chapter, "Rain fell.", "Heavily?", author=PERSON)
    assert (made.start, made.end, made.author) == (21, 31, PERSON)
    await documents.add_version(chapter, "Prologue.\n\n" + TEXT, expected_number=1)
    assert (await documents.comments.get(chapter, made.id)).start == 32
    await documents.add_version(chapter, "Nothing of it.", expected_number=2)
    gone = await documents.comments.get(chapter, made.id)
    assert (gone.start, gone.end, gone.quote) == (None, None, "Rain fell.")
    await documents.restore(chapter, 1, expected_number=3)
    assert (await documents.comments.get(chapter, made.id)).start == 21


async def test_discussions_are_settled_and_opened_again(documents: Documents, chapter: uuid.UUID) -> None:
    first = await documents.comments.add(chapter, "letter", "From whom?", author=PERSON)
    reply = await documents.comments.reply(chapter, first.id, "The aunt.")
    await documents.comments.reply(chapter, reply.id, "Which?")
    await documents.comments.add(chapter, "gate", "Colour?")
    with pytest.raises(Conflict):
        await documents.comments.resolve(chapter, reply.id)
    settled = await documents.comments.resolve(chapter, first.id, author=PERSON)
    assert settled.resolved_at and settled.resolved_by == "p-1"
    assert len(await documents.comments.list(chapter, resolved=True)) == 3
    assert [c.body for c in await documents.comments.list(chapter, resolved=False)] == ["Colour?"]
    assert (await documents.comments.resolve(chapter, first.id, resolved=False)).resolved_at is None
    edited = await documents.comments.edit(chapter, reply.id, "The uncle.")
    assert (edited.body, edited.parent_id) == ("The uncle.", first.id)
    assert edited.edited_at
    await documents.comments.delete(chapter, first.id)
    assert [c.body for c in await documents.comments.list(chapter)] == ["Colour?"]


async def test_what_is_not_there_cannot_be_commented(documents: Documents, chapter: uuid.UUID) -> None:
    made = await documents.comments.add(chapter, "gate", "x")
    other = await documents.create("chapter", "Two")
    for failing in (
        documents.comments.get(other.id, made.id),
        documents.comments.delete(other.id, made.id),
        documents.comments.reply(other.id, made.id, "x"),
        documents.comments.add(other.id, "gate", "x"),
        documents.comments.add(chapter, "gate", "x", version_number=7),
        documents.comments.list(uuid.uuid4()),
    ):
        with pytest.raises(DocumentNotFound):
            await failing
    for quote, body in (("dragon", "x"), ("", "x"), ("gate", " "), ("ga\0te", "x"), ("gate", "x\0")):
        with pytest.raises(InvalidInput):
            await documents.comments.add(chapter, quote, body)
    assert await documents.comments.document_of(made.id) == chapter
