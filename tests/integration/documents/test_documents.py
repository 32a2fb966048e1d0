"""Versions of a text: none is lost, and nobody writes over what they haven't seen."""

import asyncio
import uuid

import pytest

from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput
from scrivano.documents.public import (
    Author,
    DocumentChanged,
    DocumentNotFound,
    Documents,
    DocumentView,
    Owner,
)

RUN = Author(kind="run", id="run-1")
BOOK = Owner(feature="books", id="b1")


@pytest.fixture
def documents(database: Database) -> Documents:
    return Documents(database)


@pytest.fixture
async def chapter(documents: Documents) -> DocumentView:
    return await documents.create("chapter", "One", owner=BOOK)


async def test_versions_are_numbered_from_one_and_keep_what_belongs_to_them(
    documents: Documents, chapter: DocumentView
) -> None:
    request = uuid.uuid4()
    await documents.add_version(
        chapter.id,
        "First.",
        expected_number=0,
        author=RUN,
        request_ids=[request],
        note="draft",
        sources=[{"text": "First.", "source_id": "notes.md"}],
    )
    await documents.add_version(chapter.id, "Second.", expected_number=1)
    first = await documents.version(chapter.id, 1)
    assert (first.text, first.author, first.request_ids, first.note) == ("First.", RUN, (request,), "draft")
    assert first.sources == ({"text": "First.", "source_id": "notes.md"},)
    assert (await documents.latest(chapter.id)).text == "Second."
    assert [v.number for v in await documents.versions(chapter.id)] == [2, 1]
    assert (await documents.get(chapter.id)).number == 2


async def test_of_two_who_save_at_once_one_is_told(documents: Documents, chapter: DocumentView) -> None:
    saves = (documents.add_version(chapter.id, text, expected_number=0) for text in ("a", "b", "c"))
    results = await asyncio.gather(*saves, return_exceptions=True)
    assert sorted(type(r).__name__ for r in results) == ["DocumentChanged", "DocumentChanged", "VersionView"]


async def test_an_outdated_save_says_what_to_do(documents: Documents, chapter: DocumentView) -> None:
    await documents.add_version(chapter.id, "mine", expected_number=0)
    with pytest.raises(DocumentChanged, match="version 1 by now") as raised:
        await documents.add_version(chapter.id, "yours", expected_number=0)
    assert raised.value.remedy


async def test_a_repeated_save_under_a_key_leaves_one_version(
    documents: Documents, chapter: DocumentView
) -> None:
    first = await documents.add_version(chapter.id, "a", expected_number=0, author=RUN, key="run/step")
    await documents.add_version(chapter.id, "b", expected_number=1)
    again = await documents.add_version(chapter.id, "a", expected_number=0, author=RUN, key="run/step")
    assert again == first
    assert (await documents.get(chapter.id)).number == 2


async def test_put_makes_the_document_and_skips_what_is_there(documents: Documents) -> None:
    wanted = uuid.uuid4()
    for text in ("a", "a", "b"):
        await documents.put(wanted, kind="chapter", title=f"T{text}", text=text, author=RUN, owner=BOOK)
    assert [v.number for v in await documents.versions(wanted)] == [2, 1]
    assert [(d.id, d.title) for d in await documents.of(BOOK)] == [(wanted, "Tb")]


async def test_restore_adds_a_version_and_keeps_the_rest(documents: Documents, chapter: DocumentView) -> None:
    await documents.add_version(chapter.id, "a", expected_number=0, author=RUN, sources=[{"source_id": "s"}])
    await documents.add_version(chapter.id, "b", expected_number=1)
    restored = await documents.restore(chapter.id, 1, expected_number=2)
    assert (restored.number, restored.text, restored.note) == (3, "a", "Restored from version 1.")
    assert restored.sources == ({"source_id": "s"},)
    assert (await documents.version(chapter.id, 2)).text == "b"


async def test_the_diff_is_line_by_line(documents: Documents, chapter: DocumentView) -> None:
    await documents.add_version(chapter.id, "one\ntwo\nthree", expected_number=0)
    await documents.add_version(chapter.id, "one\n2\nthree", expected_number=1)
    diff = await documents.diff(chapter.id, 1, 2)
    assert [(line.kind, line.text) for line in diff.lines] == [
        ("same", "one"),
        ("removed", "two"),
        ("added", "2"),
        ("same", "three"),
    ]
    assert "-two\n+2" in diff.unified


async def test_creating_again_under_an_id_gives_what_is_there(
    documents: Documents, chapter: DocumentView
) -> None:
    again = await documents.create("other", "Other", document_id=chapter.id)
    assert again == chapter


async def test_what_is_not_there_and_what_is_no_text(documents: Documents, chapter: DocumentView) -> None:
    nowhere = uuid.uuid4()
    for failing in (
        documents.get(nowhere),
        documents.latest(chapter.id),
        documents.version(chapter.id, 1),
        documents.versions(nowhere),
        documents.add_version(nowhere, "x", expected_number=0),
        documents.diff(chapter.id, 1, 2),
    ):
        with pytest.raises(DocumentNotFound):
            await failing
    with pytest.raises(InvalidInput, match="NUL"):
        await documents.add_version(chapter.id, "a\0b", expected_number=0)


async def test_the_newest_of_many_documents_come_at_once(documents: Documents, chapter: DocumentView) -> None:
    other = await documents.create("chapter", "Two", owner=BOOK)
    empty = await documents.create("chapter", "Three", owner=BOOK)
    await documents.add_version(chapter.id, "First.", expected_number=0)
    await documents.add_version(chapter.id, "Second.", expected_number=1)
    await documents.add_version(other.id, "Other.", expected_number=0)
    await documents.add_version(other.id, "Another.", expected_number=1, author=RUN)
    found = await documents.newest([chapter.id, other.id, empty.id, uuid.uuid4()])
    assert {d: (v.text, v.number, view.open_proposals) for d, (view, v) in found.items()} == {
        chapter.id: ("Second.", 2, 0),
        other.id: ("Other.", 1, 1),
    }
