"""`scrivano post publish`, and the places that posts go to."""

from pathlib import Path
from typing import Annotated

import typer

from scrivano.cli.given import read_pairs, text_of, valid
from scrivano.cli.output import out, print_json, table
from scrivano.cli.post_runs import carry_out
from scrivano.cli.post_shown import JSON, Pairs, Post
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.publishing.public import NewTarget, TargetChange
from scrivano.wiring import House

SecretFile = Annotated[
    Path | None, typer.Option("--secret-file", help="A file with its secret; - reads standard input.")
]


def publish(
    post: Post,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")
    ] = False,
    target: Annotated[
        list[str] | None, typer.Option("--target", help="With --dry-run: only these targets.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Publish a post to its targets: once each, however often this is done."""

    async def body(house: House) -> None:
        found = await house.posts.find(post)
        if not dry_run:
            await carry_out(house, await house.posts.automate(found.id, "publish"), as_json)
            return
        previews = await house.posts.preview_publishing(found.id, target)
        if as_json:
            print_json(previews)
            return
        for preview in previews:
            out.print(f"{preview.target.name} ({preview.target.kind}): {preview.action}", markup=False)
            for planned in preview.steps:
                out.print(f"  {planned.method} {planned.place}  {planned.summary}".rstrip(), markup=False)
                out.print(planned.body, markup=False)

    with_house(body)


def targets(as_json: JSON = False) -> None:
    """List the places that posts can go to."""

    async def body(house: House) -> None:
        found = await house.publishing.targets()
        if as_json:
            print_json(found)
            return
        rows = [
            [t.name, t.kind, t.settings.url or t.settings.host or t.settings.folder or "-"] for t in found
        ]
        table(["target", "kind", "where"], rows, empty="No target yet. Add one: scrivano post add-target")

    with_house(body)


def add_target(
    name: Annotated[str, typer.Argument(help="What it is called here.")],
    kind: Annotated[str, typer.Option(help="hugo jekyll astro wordpress ghost atom email")],
    settings: Pairs = None,
    secret_file: SecretFile = None,
    as_json: JSON = False,
) -> None:
    """Add a place to publish to: `--kind wordpress --set url=https://example.org --set username=me`."""
    given = {
        "name": name,
        "kind": kind,
        "settings": read_pairs(settings or []),
        "secret": _secret(secret_file),
    }

    async def body(house: House) -> None:
        made = await house.publishing.add_target(valid(NewTarget, given))
        print_json(made) if as_json else out.print(f"{made.name}: {made.kind}", markup=False)

    with_house(body)


def change_target(
    name: Annotated[str, typer.Argument(help="The target's name.")],
    settings: Pairs = None,
    secret_file: SecretFile = None,
    as_json: JSON = False,
) -> None:
    """Change settings or secret of a target; what is not given stays. A new address needs the secret again."""
    values, secret = read_pairs(settings or []), _secret(secret_file)
    if not values and secret is None:
        raise InvalidInput("There is nothing to change.", field="--set", remedy="Write --set FIELD=VALUE.")

    async def body(house: House) -> None:
        (target,) = await house.publishing.named([name], DEFAULT_PROJECT)
        wanted = {**target.settings.model_dump(mode="json"), **values} if values else None
        change = valid(TargetChange, {"settings": wanted, "secret": secret})
        changed = await house.publishing.change_target(target.id, change)
        print_json(changed) if as_json else out.print(f"{changed.name}: changed", markup=False)

    with_house(body)


def remove_target(name: Annotated[str, typer.Argument(help="The target's name.")]) -> None:
    """Forget a target and the record of what went there; what is there stays."""

    async def body(house: House) -> None:
        (target,) = await house.publishing.named([name], DEFAULT_PROJECT)
        await house.publishing.remove_target(target.id)
        out.print(f"{name}: removed", markup=False)

    with_house(body)


def _secret(file: Path | None) -> str | None:
    if file is None:
        return None
    raw = typer.get_text_stream("stdin").read() if str(file) == "-" else text_of(file, "--secret-file")
    return raw.strip()
