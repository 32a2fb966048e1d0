"""`scrivano post`: from an idea to a published post."""

from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import yaml
from pydantic import BaseModel, ValidationError

from scrivano.cli.book import run_here
from scrivano.cli.output import err, out, print_json, table
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput
from scrivano.posts.public import (
    Acceptance,
    ActionOrder,
    NewPost,
    NewSource,
    PostEdit,
    PostRunResult,
    PostView,
    ProposalView,
    RunOrder,
    Started,
)
from scrivano.publishing.public import NewTarget
from scrivano.runs.public import raise_for_failure
from scrivano.wiring import House

Given = TypeVar("Given", bound=BaseModel)

app = typer.Typer(help="Posts: from an idea to a published page.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
Post = Annotated[str, typer.Argument(help="The post's id, or the beginning or end of it.")]
Model = Annotated[str | None, typer.Option("--model", help="One model by name, or 'rules' for none at all.")]
Ceiling = Annotated[
    float | None, typer.Option("--max-cost", help="Ceiling in US dollars; it is never crossed.")
]
Pairs = Annotated[
    list[str] | None,
    typer.Option("--set", help="FIELD=VALUE, the value as YAML; @FILE reads it. May be given several times."),
]


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
    post = _valid(NewPost, {**given, "fields": read_pairs(fields or [])})

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
        whole = await _whole(house, found)
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


async def _whole(house: House, post: PostView) -> dict[str, Any]:
    return {
        "post": post,
        "sources": await house.posts.sources(post.id),
        "proposals": await house.posts.proposals.list(post.id, status="open"),
        "publications": await house.posts.publications(post.id),
        "costs": await house.posts.costs(post.id),
    }


@app.command()
def edit(post: Post, fields: Pairs = None, as_json: JSON = False) -> None:
    """Change fields of a post: `--set body=@text.md --set tags='[glue, tables]'`."""
    values = read_pairs(fields or [])
    if not values:
        raise InvalidInput("There is nothing to change.", field="--set", remedy="Write --set FIELD=VALUE.")

    async def body(house: House) -> None:
        found = await house.posts.find(post)
        done = await house.posts.edit(
            found.id, _valid(PostEdit, {"revision": found.revision, "fields": values})
        )
        _say_post(done, as_json)

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
            source = await house.posts.add_source(found.id, _valid(NewSource, given))
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
        _say_post(await house.posts.move(found.id, stage), as_json)

    with_house(body)


@app.command()
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
                found.id, action, _valid(ActionOrder, {"model": model, "max_cost": max_cost})
            )
        else:
            mode = "unattended" if unattended else "to_gate"
            given = {"mode": mode, "until": until, "model": model, "max_cost": max_cost}
            order = _valid(RunOrder, given)
            started = await house.posts.run(found.id, order)
        if detach:
            print_json(started) if as_json else out.print(f"Started: {started.run_id}", markup=False)
            return
        await _carry_out(house, started, as_json)

    with_house(body)


async def _carry_out(house: House, started: Started, as_json: bool) -> None:
    run = await run_here(house, started.run_id, quiet=as_json)
    raise_for_failure(run)
    post = await house.posts.get(started.post_id)
    if as_json:
        print_json({"run": run, **await _whole(house, post)})
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
        _say_proposal(proposal)
    out.print(f"The post is in the stage {post.stage}.", markup=False)


@app.command()
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
        taken = await house.posts.proposals.accept(
            found.id, wanted.id, _valid(Acceptance, {"values": values})
        )
        print_json(taken) if as_json else out.print(f"{taken.action}: {taken.status}", markup=False)

    with_house(body)


@app.command()
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


@app.command()
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
            await _carry_out(house, await house.posts.automate(found.id, "publish"), as_json)
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


@app.command()
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


@app.command("add-target")
def add_target(
    name: Annotated[str, typer.Argument(help="What it is called here.")],
    kind: Annotated[str, typer.Option(help="hugo jekyll astro wordpress ghost atom email")],
    settings: Pairs = None,
    secret_file: Annotated[
        Path | None, typer.Option("--secret-file", help="A file with its secret; - reads standard input.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Add a place to publish to: `--kind wordpress --set url=https://example.org --set username=me`."""
    secret = None
    if secret_file is not None:
        raw = typer.get_text_stream("stdin").read() if str(secret_file) == "-" else _text(secret_file)
        secret = raw.strip()
    given = {"name": name, "kind": kind, "settings": read_pairs(settings or []), "secret": secret}

    async def body(house: House) -> None:
        made = await house.publishing.add_target(_valid(NewTarget, given))
        print_json(made) if as_json else out.print(f"{made.name}: {made.kind}", markup=False)

    with_house(body)


def _valid(kind: type[Given], given: dict[str, Any]) -> Given:
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{first['msg']}.", field=field) from error


def read_pairs(pairs: list[str]) -> dict[str, Any]:
    """`FIELD=VALUE` as a table: values are YAML, or with `@` the text of a file. Raises InvalidInput."""
    values: dict[str, Any] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise InvalidInput(f"{pair!r} is not FIELD=VALUE.", field="--set")
        try:
            values[name] = _text(Path(value[1:])) if value.startswith("@") else yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise InvalidInput(f"The value of {name} is no YAML.", field="--set") from error
    return values


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read as text.", field="--set") from error


def _say_post(post: PostView, as_json: bool) -> None:
    if as_json:
        print_json(post)
        return
    out.print(f"{post.title}: {post.stage}, revision {post.revision}", markup=False)
    for line in post.missing:
        out.print(f"missing: {line}", markup=False)


def _say_proposal(proposal: ProposalView) -> None:
    out.print(f"proposal {str(proposal.id)[-8:]} ({proposal.action}, by {proposal.made_by}):", markup=False)
    for name, value in proposal.values.items():
        shown = value if isinstance(value, str) else yaml.safe_dump(value, allow_unicode=True).strip()
        out.print(f"  {name}: {shown}", markup=False)


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
