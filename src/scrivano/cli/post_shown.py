"""What the commands of posts share: their options, and how a post is shown."""

from typing import Annotated, Any

import typer
import yaml

from scrivano.cli.output import out, print_json
from scrivano.posts.public import PostView, ProposalView
from scrivano.wiring import House

JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
Post = Annotated[str, typer.Argument(help="The post's id, or the beginning or end of it.")]
Pairs = Annotated[
    list[str] | None,
    typer.Option("--set", help="FIELD=VALUE, the value as YAML; @FILE reads it. May be given several times."),
]


async def whole_post(house: House, post: PostView) -> dict[str, Any]:
    """A post with all that belongs to it."""
    return {
        "post": post,
        "sources": await house.posts.sources(post.id),
        "proposals": await house.posts.proposals.list(post.id, status="open"),
        "publications": await house.posts.publications(post.id),
        "costs": await house.posts.costs(post.id),
    }


def say_post(post: PostView, as_json: bool) -> None:
    """Where a post is, and what it lacks."""
    if as_json:
        print_json(post)
        return
    out.print(f"{post.title}: {post.stage}, revision {post.revision}", markup=False)
    for line in post.missing:
        out.print(f"missing: {line}", markup=False)


def say_proposal(proposal: ProposalView) -> None:
    """A proposal with its values."""
    out.print(f"proposal {str(proposal.id)[-8:]} ({proposal.action}, by {proposal.made_by}):", markup=False)
    for name, value in proposal.values.items():
        shown = value if isinstance(value, str) else yaml.safe_dump(value, allow_unicode=True).strip()
        out.print(f"  {name}: {shown}", markup=False)
