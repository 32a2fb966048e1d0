"""`scrivano post run`, and what a person does with proposals."""

from typing import Annotated

import typer

from scrivano.cli.book import run_here
from scrivano.cli.given import read_pairs, valid
from scrivano.cli.output import err, out, print_json
from scrivano.cli.post_shown import JSON, Pairs, Post, say_proposal, whole_post
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput
from scrivano.posts.public import (
    Acceptance,
    ActionOrder,
    PostRunResult,
    PostView,
    ProposalView,
    RunOrder,
    Started,
)
from scrivano.runs.public import raise_for_failure
from scrivano.wiring import House

Model = Annotated[str | None, typer.Option("--model", help="One model by name, or 'rules' for none at all.")]
Ceiling = Annotated[
    float | None, typer.Option("--max-cost", help="Ceiling in US dollars; it is never crossed.")
]


def run(
    post: Post,
    action: Annotated[str | None, typer.Option(help="Only this action; its result is a proposal.")] = None,
    until: Annotated[str | None, typer.Option(help="The last stage to carry out.")] = None,
    unattended: Annotated[
        bool, typer.Option("--unattended", help="Do not stop at gates; accept what is proposed.")
    ] = False,
    model: Model = None,
    max_cost: Ceiling = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Only start it: a running worker does it.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Carry out one action, or the stages up to the next gate; `scrivano runs approve` goes on from there."""

    async def body(house: House) -> None:
        found = await house.posts.find(post)
        if action is not None:
            started = await house.posts.automate(
                found.id, action, valid(ActionOrder, {"model": model, "max_cost": max_cost})
            )
        else:
            mode = "unattended" if unattended else "to_gate"
            given = {"mode": mode, "until": until, "model": model, "max_cost": max_cost}
            order = valid(RunOrder, given)
            started = await house.posts.run(found.id, order)
        if detach:
            print_json(started) if as_json else out.print(f"Started: {started.run_id}", markup=False)
            return
        await carry_out(house, started, as_json)

    with_house(body)


async def carry_out(house: House, started: Started, as_json: bool) -> None:
    """Work on a run here, and say what came of it."""
    run = await run_here(house, started.run_id, quiet=as_json)
    raise_for_failure(run)
    post = await house.posts.get(started.post_id)
    if as_json:
        print_json({"run": run, **await whole_post(house, post)})
        return
    if run.waiting_for:
        out.print(f"The run waits for you at the end of the stage {run.waiting_for}.", markup=False)
        out.print(f"See the post with: scrivano post show {str(post.id)[-8:]}", markup=False)
        out.print(f"Go on with:        scrivano runs approve {run.id} {run.waiting_for}", markup=False)
        return
    result = PostRunResult.model_validate(run.output)
    for note in result.notes:
        err.print(f"Note: {note}", markup=False)
    for line in result.stopped:
        out.print(f"stopped: {line}", markup=False)
    for place in result.published:
        out.print(f"published: {place}", markup=False)
    for proposal in await house.posts.proposals.list(post.id, status="open"):
        say_proposal(proposal)
    out.print(f"The post is in the stage {post.stage}.", markup=False)


def accept(
    post: Post,
    proposal: Annotated[
        str | None, typer.Argument(help="The proposal's id or its end; else the newest.")
    ] = None,
    fields: Pairs = None,
    as_json: JSON = False,
) -> None:
    """Take a proposal over; `--set` puts a value of your own in place of a proposed one."""
    values = read_pairs(fields or [])

    async def body(house: House) -> None:
        found, wanted = await _proposal(house, post, proposal)
        taken = await house.posts.proposals.accept(found.id, wanted.id, valid(Acceptance, {"values": values}))
        print_json(taken) if as_json else out.print(f"{taken.action}: {taken.status}", markup=False)

    with_house(body)


def reject(
    post: Post,
    proposal: Annotated[
        str | None, typer.Argument(help="The proposal's id or its end; else the newest.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Leave the fields as they are."""

    async def body(house: House) -> None:
        found, wanted = await _proposal(house, post, proposal)
        done = await house.posts.proposals.reject(found.id, wanted.id)
        print_json(done) if as_json else out.print(f"{done.action}: rejected", markup=False)

    with_house(body)


async def _proposal(house: House, post: str, proposal: str | None) -> tuple[PostView, ProposalView]:
    found = await house.posts.find(post)
    waiting = await house.posts.proposals.list(found.id, status="open")
    matching = [
        p
        for p in waiting
        if proposal is None or str(p.id).startswith(proposal) or str(p.id).endswith(proposal)
    ]
    if not matching:
        raise InvalidInput(
            "There is no such open proposal.", field="proposal", remedy="See: scrivano post show"
        )
    return found, matching[0]
