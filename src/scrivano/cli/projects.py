"""`scrivano projects`: what books, posts, songs and references belong to, and who may do what there."""

from typing import Annotated
from uuid import UUID

import typer

from scrivano.cli.output import out, print_json, table
from scrivano.cli.people import MACHINE
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput
from scrivano.projects.public import ROLES, NewProject, ProjectNotFound, ProjectView, Role
from scrivano.wiring import House

app = typer.Typer(help="Projects and their members.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]


@app.command("list")
def list_projects(
    deleted: Annotated[bool, typer.Option("--deleted", help="Those in the bin.")] = False,
    as_json: JSON = False,
) -> None:
    """List all projects, last changed first."""

    async def body(house: House) -> None:
        projects = await house.projects.list(MACHINE, deleted=deleted)
        if as_json:
            print_json(projects)
            return
        rows = [[str(p.id), p.name, f"{p.changed_at:%Y-%m-%d %H:%M}"] for p in projects]
        table(["project", "name", "changed"], rows, empty="No project.")

    with_house(body)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    owner: Annotated[str | None, typer.Option(help="The address of the person whose it is.")] = None,
    as_json: JSON = False,
) -> None:
    """Make a project. Where people sign in, give its owner."""

    async def body(house: House) -> None:
        if owner is None and await house.entrance.people.anybody():
            raise InvalidInput("Whose project is it?", field="--owner", remedy="Give --owner EMAIL.")
        person = None if owner is None else await house.entrance.people.find(owner)
        made = await house.projects.create(_named(name), owner=person.id if person else None)
        if as_json:
            print_json(made)
        else:
            out.print(str(made.id), markup=False)

    with_house(body)


@app.command()
def members(
    project: Annotated[str, typer.Argument(help="The project's id, or its name.")],
    add: Annotated[str | None, typer.Option(help="The address of somebody to take in.")] = None,
    role: Annotated[str, typer.Option(help="viewer, editor or owner: what they may do.")] = "editor",
    remove: Annotated[str | None, typer.Option(help="The address of somebody to take out.")] = None,
    as_json: JSON = False,
) -> None:
    """List the members of a project; take somebody in, change their role, or take them out."""
    if role not in ROLES:
        raise InvalidInput(f"There is no role {role!r}.", field="--role", remedy=", ".join(ROLES))

    async def body(house: House) -> None:
        found = await _find(house, project)
        if add is not None:
            person = await house.entrance.people.find(add)
            wanted: Role = "owner" if role == "owner" else "viewer" if role == "viewer" else "editor"
            await house.projects.set_member(found.id, person.id, wanted, MACHINE)
        if remove is not None:
            person = await house.entrance.people.find(remove)
            await house.projects.drop_member(found.id, person.id, MACHINE)
        there = await house.projects.members(found.id)
        if as_json:
            print_json(there)
            return
        rows = [[m.email, m.name, m.role] for m in there]
        table(["address", "name", "role"], rows, empty="Nobody is a member.")

    with_house(body)


async def _find(house: House, wanted: str) -> ProjectView:
    try:
        return await house.projects.get(UUID(wanted), MACHINE)
    except ValueError:
        named = [p for p in await house.projects.list(MACHINE) if p.name == wanted]
    if not named:
        raise ProjectNotFound(f"There is no project {wanted!r}.", remedy="See: scrivano projects list")
    if len(named) > 1:
        raise InvalidInput(f"Several projects are called {wanted!r}.", field="project", remedy="Give the id.")
    return named[0]


def _named(name: str) -> NewProject:
    try:
        return NewProject(name=name)
    except ValueError:
        raise InvalidInput(
            "A project's name has 1 to 200 characters, none of them a control character.", field="name"
        ) from None
