"""`scrivano post`: from an idea to a published post."""

from typing import Annotated

import typer
import yaml

from scrivano.cli import post_history, post_places, post_runs
from scrivano.cli.given import read_pairs, valid
from scrivano.cli.output import out, print_json, table
from scrivano.cli.post_shown import JSON, Pairs, Post, say_post, whole_post
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput
from scrivano.posts.public import NewPost, NewSource, PostEdit
from scrivano.wiring import House

app = typer.Typer(help="Posts: from an idea to a published page.", no_args_is_help=True)


@app.command()
def new(
    topic: Annotated[str, typer.Argument(help="What the post is about, in your own words.")],
    title: Annotated[str, typer.Option(help="What it is called; else the topic's first line.")] = "",
    target: Annotated[list[str] | None, typer.Option("--target", help="Where it is to be published.")] = None,
    workflow: Annotated[str, typer.Option(help="The workflow that it follows.")] = "blog_post",
    fields: Pairs = None,
    as_json: JSON = False,
) -> None:
    """Begin a post."""
    given = {"topic": topic, "title": title, "workflow": workflow, "targets": target or []}
    post = valid(NewPost, {**given, "fields": read_pairs(fields or [])})

    async def body(house: House) -> None:
        made = await house.posts.create(post)
        if as_json:
            print_json(made)
        else:
            out.print(f"{made.id}  {made.title}", markup=False)
            out.print(f"Go on with: scrivano post run {str(made.id)[-8:]}", markup=False)

    with_house(body)


@app.command("list")
def list_posts(
    stage: Annotated[str | None, typer.Option(help="Only posts in this stage.")] = None, as_json: JSON = False
) -> None:
    """List the posts, newest first."""

    async def body(house: House) -> None:
        posts = await house.posts.list(stage=stage)
        if as_json:
            print_json(posts)
            return
        rows = [[str(p.id)[-8:], p.title, p.stage, f"{p.updated_at:%Y-%m-%d %H:%M}"] for p in posts]
        table(
            ["post", "title", "stage", "changed"], rows, empty="No post yet. Begin: scrivano post new TOPIC"
        )

    with_house(body)


@app.command()
def show(post: Post, as_json: JSON = False) -> None:
    """Show a post: its fields, sources, open proposals, where it is published and what it cost."""

    async def body(house: House) -> None:
        found = await house.posts.find(post)
        whole = await whole_post(house, found)
        if as_json:
            print_json(whole)
            return
        out.print(f"[bold]{_plain(found.title)}[/]  ({found.stage}, revision {found.revision})")
        for name, value in found.fields.items():
            if value not in (None, "", []):
                shown = value if isinstance(value, str) else yaml.safe_dump(value, allow_unicode=True).strip()
                out.print(f"{name}: {shown}", markup=False)
        for source in whole["sources"]:
            sign = "kept" if source.kept else "    "
            out.print(f"[^{source.number}] {sign} {source.title}: {source.url}", markup=False)
        for line in found.missing:
            out.print(f"missing: {line}", markup=False)
        for proposal in whole["proposals"]:
            out.print(f"proposal {str(proposal.id)[-8:]}: {proposal.action}", markup=False)
        for place in whole["publications"]:
            out.print(f"{place.target}: {place.status} {place.url or place.remote_id or ''}", markup=False)
        out.print(f"cost: ${whole['costs'].cost} in {whole['costs'].requests} requests", markup=False)

    with_house(body)


@app.command()
def edit(post: Post, fields: Pairs = None, as_json: JSON = False) -> None:
    """Change fields of a post: `--set body=@text.md --set tags='[glue, tables]'`."""
    values = read_pairs(fields or [])
    if not values:
        raise InvalidInput("There is nothing to change.", field="--set", remedy="Write --set FIELD=VALUE.")

    async def body(house: House) -> None:
        found = await house.posts.find(post)
        done = await house.posts.edit(
            found.id, valid(PostEdit, {"revision": found.revision, "fields": values})
        )
        say_post(done, as_json)

    with_house(body)


@app.command("source")
def add_source(
    post: Post,
    url: Annotated[str, typer.Argument(help="The page's address, or the number of a source that was found.")],
    title: Annotated[str, typer.Option(help="The page's title.")] = "",
    excerpt: Annotated[str, typer.Option(help="What it says, in its own words.")] = "",
    drop: Annotated[bool, typer.Option("--drop", help="Keep this source no longer.")] = False,
    as_json: JSON = False,
) -> None:
    """Add a source, or keep one that a search found."""

    async def body(house: House) -> None:
        found = await house.posts.find(post)
        if url.isdigit():
            source = await house.posts.keep_source(found.id, int(url[:9]), kept=not drop)
        else:
            given = {"url": url, "title": title or url, "excerpt": excerpt}
            source = await house.posts.add_source(found.id, valid(NewSource, given))
        if as_json:
            print_json(source)
        else:
            sign = "kept" if source.kept else "not kept"
            out.print(f"[^{source.number}] {source.title}: {sign}", markup=False)

    with_house(body)


@app.command()
def move(
    post: Post,
    stage: Annotated[str | None, typer.Argument(help="Where to; without it, the next stage.")] = None,
    as_json: JSON = False,
) -> None:
    """Move a post to another stage."""

    async def body(house: House) -> None:
        found = await house.posts.find(post)
        say_post(await house.posts.move(found.id, stage), as_json)

    with_house(body)


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


for command in (
    post_runs.run,
    post_runs.accept,
    post_runs.reject,
    post_places.publish,
    post_places.targets,
    post_history.versions,
    post_history.diff,
    post_history.restore,
    post_history.history,
    post_history.archive,
    post_history.workflows,
):
    app.command()(command)
app.command("add-target")(post_places.add_target)
app.command("change-target")(post_places.change_target)
app.command("remove-target")(post_places.remove_target)
app.command("save-workflow")(post_history.save_workflow)
