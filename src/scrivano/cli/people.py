"""`scrivano people`: who has an account here. Whoever may run this command on the machine may do all of it."""

import datetime as dt
from typing import Annotated

import typer

from scrivano.accounts.public import Caller, NewLink, PersonRole
from scrivano.cli.output import err, out, print_json, table
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput
from scrivano.wiring import House

app = typer.Typer(help="Who has an account here: list, invite, reset, disable.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
Email = Annotated[str, typer.Argument(help="The person's e-mail address.")]

MACHINE = Caller(name="command line", address="this machine")


@app.command("list")
def list_people(as_json: JSON = False) -> None:
    """List everybody with an account, by address."""

    async def body(house: House) -> None:
        people = await house.entrance.people.list()
        if as_json:
            print_json(people)
            return
        table(
            ["address", "name", "role", "second factor", "last signed in", ""],
            [
                [
                    p.email,
                    p.name,
                    p.role,
                    "yes" if p.second_factor else "no",
                    _moment(p.last_sign_in_at),
                    "disabled" if p.disabled_at else "",
                ]
                for p in people
            ],
            empty="Nobody has an account: the service knows no sign-in on this machine. "
            "Make the first with: scrivano people invite EMAIL",
        )

    with_house(body)


@app.command()
def invite(
    email: Email,
    role: Annotated[
        str, typer.Option(help="member or administrator; the first of all is administrator.")
    ] = "",
    as_json: JSON = False,
) -> None:
    """Print a link by which somebody makes an account. It works once; the first person's for a day, others' for seven.

    Once somebody has an account, everybody signs in.
    """
    if role not in ("", "member", "administrator"):
        raise InvalidInput(f"There is no role {role!r}.", field="--role", remedy="member or administrator")

    async def body(house: House) -> None:
        first = not await house.entrance.people.anybody()
        wanted: PersonRole = "administrator" if role == "administrator" or (first and not role) else "member"
        if first and wanted == "member":
            raise InvalidInput("The first person of all is administrator.", field="--role")
        _show(await house.entrance.links.invite(email, wanted, {}, MACHINE), as_json)

    with_house(body)


@app.command()
def reset(email: Email, as_json: JSON = False) -> None:
    """Print a link by which a person chooses a new password. It works once, for two hours."""

    async def body(house: House) -> None:
        person = await house.entrance.people.find(email)
        _show(await house.entrance.links.reset(person.id, MACHINE), as_json)

    with_house(body)


@app.command()
def disable(
    email: Email,
    undo: Annotated[bool, typer.Option("--undo", help="Let them in again.")] = False,
    as_json: JSON = False,
) -> None:
    """Shut somebody out, with all sessions and keys. Nothing of theirs is deleted."""

    async def body(house: House) -> None:
        person = await house.entrance.people.find(email)
        changed = await house.entrance.people.set_disabled(person.id, not undo, MACHINE)
        if as_json:
            print_json(changed)
        else:
            out.print(f"{changed.email} is {'let in again' if undo else 'shut out'}.", markup=False)

    with_house(body)


@app.command("role")
def set_role(
    email: Email,
    role: Annotated[str, typer.Argument(help="member or administrator.")],
    as_json: JSON = False,
) -> None:
    """Make somebody administrator or member."""
    if role not in ("member", "administrator"):
        raise InvalidInput(f"There is no role {role!r}.", field="role", remedy="member or administrator")

    async def body(house: House) -> None:
        person = await house.entrance.people.find(email)
        wanted: PersonRole = "administrator" if role == "administrator" else "member"
        changed = await house.entrance.people.set_role(person.id, wanted, MACHINE)
        if as_json:
            print_json(changed)
        else:
            out.print(f"{changed.email} is {changed.role}.", markup=False)

    with_house(body)


def _show(made: NewLink, as_json: bool) -> None:
    if as_json:
        print_json({**made.link.model_dump(mode="json"), "url": made.url})
        return
    out.print(made.url, markup=False, soft_wrap=True)
    err.print(f"Hand it over by {made.link.expires_at:%Y-%m-%d %H:%M} UTC: it cannot be shown again.")


def _moment(moment: dt.datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment else "never"
