"""What was done to a post: its versions, its changes, where it went. And the workflows that posts follow."""

from pathlib import Path
from typing import Annotated

import typer
import yaml

from scrivano.cli.given import valid, yaml_of
from scrivano.cli.output import out, print_json, table
from scrivano.cli.post_shown import JSON, Post, say_post
from scrivano.cli.session import with_house
from scrivano.posts.public import NewWorkflow, WorkflowChange, WorkflowContent, WorkflowView
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.wiring import House

Number = Annotated[int, typer.Argument(min=1, max=2**31 - 1)]


def versions(post: Post, as_json: JSON = False) -> None:
    """List the versions of a post's text, newest first."""

    async def body(house: House) -> None:
        found = await house.posts.versions((await house.posts.find(post)).id)
        if as_json:
            print_json(found)
            return
        rows = [[str(v.number), v.author.kind, f"{v.created_at:%Y-%m-%d %H:%M}", v.note] for v in found]
        table(["version", "by", "saved", "note"], rows, empty="The post has no text yet.")

    with_house(body)


def diff(post: Post, old: Number, new: Number, as_json: JSON = False) -> None:
    """Compare two versions of a post's text."""

    async def body(house: House) -> None:
        compared = await house.posts.diff((await house.posts.find(post)).id, old, new)
        print_json(compared) if as_json else typer.echo(compared.unified)

    with_house(body)


def restore(post: Post, number: Number, as_json: JSON = False) -> None:
    """Bring an older version of a post's text back as the newest."""

    async def body(house: House) -> None:
        say_post(await house.posts.restore((await house.posts.find(post)).id, number), as_json)

    with_house(body)


def history(post: Post, as_json: JSON = False) -> None:
    """List who changed what, and what was sent where, newest first."""

    async def body(house: House) -> None:
        found = await house.posts.find(post)
        changes = await house.posts.history(found.id)
        places = await house.posts.publications(found.id)
        sent = {
            place.target: await house.publishing.history(place.target_id, str(found.id)) for place in places
        }
        if as_json:
            print_json({"changes": changes, "sent": sent})
            return
        rows = [
            [f"{c.at:%Y-%m-%d %H:%M}", str(c.revision), c.kind, c.author_kind, ", ".join(c.changes)]
            for c in changes
        ]
        table(["when", "revision", "what", "by", "fields"], rows, empty="Nothing was changed yet.")
        for name, events in sent.items():
            for event in events:
                out.print(f"{event.at:%Y-%m-%d %H:%M} {name}: {event.kind}", markup=False)

    with_house(body)


def archive(
    post: Post,
    back: Annotated[bool, typer.Option("--back", help="Bring it back instead.")] = False,
    as_json: JSON = False,
) -> None:
    """Take a post out of the lists; nothing is deleted."""

    async def body(house: House) -> None:
        found = await house.posts.find(post)
        say_post(await house.posts.archive(found.id, archived=not back), as_json)

    with_house(body)


def workflows(
    name: Annotated[str | None, typer.Argument(help="Show this one as YAML, to be changed.")] = None,
    as_json: JSON = False,
) -> None:
    """List the workflows that posts follow, or show one."""

    async def body(house: House) -> None:
        if name is None:
            found = await house.posts.workflows.list()
            if as_json:
                print_json(found)
                return
            rows = [[w.name, str(w.number), ", ".join(s.name for s in w.content.stages)] for w in found]
            table(["workflow", "version", "stages"], rows, empty="No workflow yet.")
            return
        shown = await house.posts.workflows.named(name, DEFAULT_PROJECT)
        if as_json:
            print_json(shown)
        else:
            content = shown.content.model_dump(mode="json", exclude_defaults=True)
            typer.echo(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), nl=False)

    with_house(body)


def save_workflow(
    name: Annotated[str, typer.Argument(help="The workflow's name; a new one begins with version 1.")],
    file: Annotated[Path, typer.Argument(help="Its content as YAML, as `workflows NAME` shows it.")],
    note: Annotated[str, typer.Option(help="Why it was changed.")] = "",
    as_json: JSON = False,
) -> None:
    """Save a new version of a workflow. Posts that follow it keep the version that they began with."""
    content = valid(WorkflowContent, yaml_of(file, "file"))

    async def body(house: House) -> None:
        known = {each.name: each for each in await house.posts.workflows.list(limit=500)}
        saved: WorkflowView
        if name in known:
            change = valid(WorkflowChange, {"content": content, "expected": known[name].latest, "note": note})
            saved = await house.posts.workflows.change(known[name].id, change)
        else:
            made = valid(NewWorkflow, {"name": name, "content": content, "note": note})
            saved = await house.posts.workflows.create(made)
        print_json(saved) if as_json else out.print(f"{name}: version {saved.number}", markup=False)

    with_house(body)
