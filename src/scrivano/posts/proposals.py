"""Use-cases of proposals: what an action would put into fields, until somebody accepts or rejects it."""

from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.ids import new_id
from scrivano.documents.public import Author, DocumentChanged
from scrivano.posts import repo
from scrivano.posts.desk import Desk, Opened
from scrivano.posts.dto import (
    Acceptance,
    PostChanged,
    PostNotFound,
    ProposalDecidedBefore,
    ProposalStatus,
    ProposalView,
    WrongField,
)
from scrivano.posts.models import ProposalRow
from scrivano.posts.values import checked
from scrivano.posts.workflow import BODY

_PERSON = Author()


class Proposals:
    """The proposals of posts."""

    def __init__(self, database: Database, desk: Desk) -> None:
        self._database = database
        self._desk = desk

    async def add(
        self,
        opened: Opened,
        stage: str,
        action: str,
        values: Mapping[str, JsonValue],
        *,
        made_by: Literal["model", "rules"],
        key: str,
        notes: Sequence[str] = (),
        request_ids: Sequence[UUID] = (),
        run_id: str | None = None,
    ) -> ProposalView:
        """Keep a proposal; under the same key again, the one that is there. It takes the place of earlier open
        ones of its action."""
        row = {
            "id": new_id(),
            "post_id": opened.row.id,
            "stage": stage,
            "action": action,
            "status": "open",
            "made_by": made_by,
            "before": {name: opened.mark(name) for name in values},
            "values": dict(values),
            "notes": list(notes),
            "request_ids": list(request_ids),
            "run_id": run_id,
            "key": key,
            "created_at": clock.now(),
        }
        async with self._database.begin() as session:
            await repo.supersede(session, opened.row.id, action, key)
            return view(await repo.add_proposal(session, row))

    async def list(
        self, post_id: UUID, *, status: ProposalStatus | None = None, limit: int = 100, offset: int = 0
    ) -> "list[ProposalView]":
        """A post's proposals, the newest first. Raises PostNotFound."""
        await self._desk.open(post_id)
        async with self._database.read() as session:
            rows = await repo.list_proposals(session, post_id, status=status, limit=limit, offset=offset)
        return [view(row) for row in rows]

    async def get(self, post_id: UUID, proposal_id: UUID) -> ProposalView:
        """A post's proposal. Raises PostNotFound."""
        async with self._database.read() as session:
            return view(await _row(session, post_id, proposal_id))

    async def accept(
        self,
        post_id: UUID,
        proposal_id: UUID,
        how: Acceptance | None = None,
        *,
        author: Author = _PERSON,
    ) -> ProposalView:
        """Put the proposed values, or a person's own in their place, into the fields.

        Raises ProposalDecidedBefore; PostChanged if a field was changed since the proposal was made, and then
        nothing is; WrongField.
        """
        how = how or Acceptance()
        opened = await self._desk.open(post_id)
        proposal = await self.get(post_id, proposal_id)
        _still_open(proposal)
        taken = _taken(proposal, how)
        values = {name: checked(opened.content, name, value) for name, value in taken.items()}
        for name in values:
            # A text that is there already was brought by an acceptance that was cut off.
            there = name == BODY and opened.body == values[name]
            if not there and opened.mark(name) != proposal.before.get(name):
                raise _changed(name)
        edited = any(values[name] != proposal.values.get(name) for name in values)

        async def decide(session: AsyncSession) -> None:
            row = await _row(session, post_id, proposal_id, lock=True)
            _still_open(view(row))
            row.status = "edited" if edited else "accepted"
            row.accepted = dict(values)
            row.decided_at = clock.now()

        try:
            await self._desk.apply(
                opened,
                values,
                kind=f"accepted {proposal.action}",
                author=author,
                revision=opened.row.revision,
                proposal_id=proposal_id,
                request_ids=proposal.request_ids,
                also=decide,
            )
        except DocumentChanged as error:
            raise _changed("body") from error
        return await self.get(post_id, proposal_id)

    async def reject(self, post_id: UUID, proposal_id: UUID) -> ProposalView:
        """Leave the fields as they are. Raises PostNotFound, ProposalDecidedBefore."""
        async with self._database.begin() as session:
            row = await _row(session, post_id, proposal_id, lock=True)
            _still_open(view(row))
            row.status = "rejected"
            row.decided_at = clock.now()
            await session.flush()
            return view(row)


async def _row(session: AsyncSession, post_id: UUID, proposal_id: UUID, *, lock: bool = False) -> ProposalRow:
    row = await repo.get_proposal(session, post_id, proposal_id, lock=lock)
    if row is None:
        raise PostNotFound(f"The post has no proposal {proposal_id}.")
    return row


def _taken(proposal: ProposalView, how: Acceptance) -> dict[str, JsonValue]:
    strange = sorted({*how.values, *(how.only or [])} - set(proposal.values))
    if strange:
        raise WrongField(
            f"The proposal is not about {strange[0]!r}.", field=strange[0], remedy="Change that field itself."
        )
    wanted = proposal.values if how.only is None else {n: proposal.values[n] for n in how.only}
    return {**wanted, **how.values}


def _still_open(proposal: ProposalView) -> None:
    if proposal.status != "open":
        raise ProposalDecidedBefore(f"The proposal was {proposal.status} already.")


def _changed(name: str) -> PostChanged:
    return PostChanged(
        f"The field {name!r} was changed since the proposal was made.",
        field=name,
        remedy="Let the action be done again, or take over by hand what you want of it.",
    )


def view(row: ProposalRow) -> ProposalView:
    """A proposal as others see it."""
    return ProposalView.model_validate(row)
