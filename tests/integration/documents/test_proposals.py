"""Proposals: a run never writes over a person, and a person decides, in whole or in part."""

import uuid

import pytest

from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput, NotAllowed
from scrivano.documents.public import (
    Author,
    DocumentChanged,
    DocumentNotFound,
    Documents,
    Owner,
    ProposalConflict,
    ProposalDecided,
    VersionView,
)

RUN, LATER, PERSON = Author(kind="run", id="run-1"), Author(kind="run", id="run-2"), Author(id="p-1")
BOOK = Owner(feature="books", id="b1")
DRAFT = "One.\n\nTwo.\n\nThree."


@pytest.fixture
def documents(database: Database) -> Documents:
    return Documents(database)


async def put(documents: Documents, document: uuid.UUID, text: str, author: Author = RUN) -> VersionView:
    return await documents.put(document, kind="chapter", title="One", text=text, author=author, owner=BOOK)


@pytest.fixture
async def edited(documents: Documents) -> uuid.UUID:
    """A run's draft, and a person's edit of its third paragraph on top."""
    document = uuid.uuid4()
    await put(documents, document, DRAFT)
    await documents.add_version(document, DRAFT.replace("Three", "3"), expected_number=1, author=PERSON)
    return document


async def test_a_run_that_meets_a_person_proposes(documents: Documents, edited: uuid.UUID) -> None:
    met = await put(documents, edited, DRAFT.replace("One", "1"))
    assert (met.number, met.text) == (2, "One.\n\nTwo.\n\n3.")
    assert met.proposal_id is not None
    assert (await documents.get(edited)).open_proposals == 1
    proposal = await documents.proposals.get(edited, met.proposal_id)
    assert (proposal.base_number, proposal.author, proposal.status) == (1, RUN, "open")
    assert [(h.line, h.removed, h.added, h.applies) for h in proposal.hunks] == [
        (1, ("One.",), ("1.",), True)
    ]
    taken = await documents.proposals.accept(edited, met.proposal_id, expected_number=2, author=PERSON)
    assert (taken.number, taken.text, taken.author) == (3, "1.\n\nTwo.\n\n3.", PERSON)
    assert (await documents.proposals.get(edited, met.proposal_id)).result_number == 3


async def test_a_step_that_is_repeated_proposes_once(documents: Documents, edited: uuid.UUID) -> None:
    first = await put(documents, edited, "Other.")
    assert first.proposal_id is not None
    await documents.proposals.reject(edited, first.proposal_id, author=PERSON)
    assert (await put(documents, edited, "Other.")).proposal_id == first.proposal_id
    assert [p.status for p in await documents.proposals.list(edited)] == ["rejected"]
    # What a person has built upon is no news either.
    assert (await put(documents, edited, DRAFT)).proposal_id is None
    assert len(await documents.proposals.list(edited)) == 1


async def test_what_a_run_mends_takes_the_place_of_what_it_proposed(
    documents: Documents, edited: uuid.UUID
) -> None:
    await put(documents, edited, "First try.")
    await put(documents, edited, "From another run.", LATER)
    await put(documents, edited, "Second try.")
    assert [p.status for p in await documents.proposals.list(edited)] == ["open", "open", "superseded"]
    assert len(await documents.proposals.list(edited, status="open")) == 2


async def test_saving_as_a_run_over_a_person_proposes_as_well(
    documents: Documents, edited: uuid.UUID
) -> None:
    for _ in range(2):
        met = await documents.add_version(edited, "Mine.", expected_number=2, author=RUN, key="run/step")
        assert (met.number, met.author) == (2, PERSON)
    assert len(await documents.proposals.list(edited)) == 1


async def test_parts_are_taken_and_collisions_are_named(documents: Documents, edited: uuid.UUID) -> None:
    met = await put(documents, edited, "1.\n\nTwo.\n\nThird.")
    assert met.proposal_id is not None
    proposal = await documents.proposals.get(edited, met.proposal_id)
    assert [h.applies for h in proposal.hunks] == [True, False]
    with pytest.raises(ProposalConflict, match="hunk 1"):
        await documents.proposals.accept(edited, proposal.id, expected_number=2)
    for wrong in ([], [0, 7], [-1]):
        with pytest.raises(InvalidInput):
            await documents.proposals.accept(edited, proposal.id, expected_number=2, hunks=wrong)
    with pytest.raises(DocumentChanged) as raised:
        await documents.proposals.accept(edited, proposal.id, expected_number=1, hunks=[0])
    assert raised.value.versions == {"expected": 1, "newest": 2}
    taken = await documents.proposals.accept(edited, proposal.id, expected_number=2, hunks=[0], author=PERSON)
    assert taken.text == "1.\n\nTwo.\n\n3."
    assert (await documents.proposals.list(edited))[0].status == "partly"
    with pytest.raises(ProposalDecided):
        await documents.proposals.accept(edited, proposal.id, expected_number=3, hunks=[0])
    with pytest.raises(ProposalDecided):
        await documents.proposals.reject(edited, proposal.id)


async def test_a_proposal_can_be_taken_as_it_is(documents: Documents, edited: uuid.UUID) -> None:
    met = await put(documents, edited, "All new.")
    assert met.proposal_id is not None
    taken = await documents.proposals.accept(edited, met.proposal_id, expected_number=2, replace=True)
    assert taken.text == "All new."
    assert (await documents.version(edited, 2)).text.endswith("3.")


async def test_a_person_without_the_newest_may_propose(documents: Documents, edited: uuid.UUID) -> None:
    await documents.proposals.add(edited, DRAFT + "\n\nFour.", base_number=1, author=Author(id="p-2"))
    again = await documents.proposals.add(edited, DRAFT + "\n\nFour.", base_number=1, author=Author(id="p-2"))
    assert [p.id for p in await documents.proposals.list(edited)] == [again.id]
    shown = await documents.proposals.get(edited, again.id)
    assert shown.newest_number == 2
    with pytest.raises(DocumentNotFound):
        await documents.proposals.add(edited, "x", base_number=9)
    with pytest.raises(InvalidInput):
        await documents.proposals.add(edited, "x\0", base_number=1)


async def test_proposals_belong_to_their_document(documents: Documents, edited: uuid.UUID) -> None:
    met = await put(documents, edited, "Other.")
    assert met.proposal_id is not None
    other = await documents.create("chapter", "Two", owner=BOOK)
    for failing in (
        documents.proposals.get(other.id, met.proposal_id),
        documents.proposals.reject(other.id, met.proposal_id),
        documents.proposals.accept(other.id, met.proposal_id, expected_number=0),
        documents.proposals.list(uuid.uuid4()),
    ):
        with pytest.raises(DocumentNotFound):
            await failing
    assert await documents.proposals.document_of(met.proposal_id) == edited


async def test_a_person_saves_over_a_run_and_imports_do_not_wait(documents: Documents) -> None:
    document = uuid.uuid4()
    await put(documents, document, "Imported.", Author(kind="import"))
    await put(documents, document, "Run.")
    await put(documents, document, "Person.", PERSON)
    assert [v.author.kind for v in await documents.versions(document)] == ["person", "run", "import"]


async def test_only_the_owner_forgets(documents: Documents, edited: uuid.UUID) -> None:
    with pytest.raises(NotAllowed):
        await documents.forget(Owner(feature="posts", id="b1"), [edited])
    await documents.forget(BOOK, [edited, uuid.uuid4()])
    assert await documents.owner(edited) is None
