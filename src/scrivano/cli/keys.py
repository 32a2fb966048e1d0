"""`scrivano keys`: API keys for programs that ask models through Scrivano."""

import datetime as dt
from typing import Annotated

import typer

from scrivano.accounts.public import ApiKeyNotFound, ApiKeyView
from scrivano.cli.output import err, out, print_json, table
from scrivano.cli.session import with_gatehouse
from scrivano.core.clock import now
from scrivano.core.errors import InvalidInput
from scrivano.gatehouse import Gatehouse

app = typer.Typer(help="API keys for programs that ask models through Scrivano.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for, such as laptop.")],
    scopes: Annotated[
        list[str] | None,
        typer.Option(
            "--scope", help="llm (the default), metrics, read, write, admin; may be given several times."
        ),
    ] = None,
    project: Annotated[str | None, typer.Option(help="The project whose requests it makes.")] = None,
    user: Annotated[str | None, typer.Option(help="The person whose requests it makes.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires; never by default.")] = None,
    as_json: JSON = False,
) -> None:
    """Make a key. It is shown this once: only its hash is kept."""

    async def body(house: Gatehouse) -> None:
        expires = None if days is None else now() + dt.timedelta(days=days)
        made = await house.accounts.create_key(
            name, scopes=scopes or ("llm",), project_id=project, user_id=user, expires_at=expires
        )
        if as_json:
            print_json({**made.key.model_dump(mode="json"), "secret": made.secret})
            return
        out.print(made.secret, markup=False)
        err.print("Keep it now: it cannot be shown again.")

    with_gatehouse(body)


@app.command("list")
def list_keys(
    revoked: Annotated[bool, typer.Option("--all", help="Those too that were taken back.")] = False,
    as_json: JSON = False,
) -> None:
    """List the keys, oldest first, without their secrets."""

    async def body(house: Gatehouse) -> None:
        keys = await house.accounts.list_keys(revoked=revoked)
        if as_json:
            print_json(keys)
            return
        table(
            ["id", "name", "begins", "scopes", "last used", ""],
            [
                [str(k.id), k.name, k.prefix + "…", ", ".join(k.scopes), _moment(k.last_used_at), _state(k)]
                for k in keys
            ],
            empty="There is no key. Make one with: scrivano keys create NAME",
        )

    with_gatehouse(body)


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="The key's id, its name, or how it begins.")],
    as_json: JSON = False,
) -> None:
    """Take a key back. It ends to work within three seconds."""

    async def body(house: Gatehouse) -> None:
        wanted = key.removesuffix("…")
        found = [
            k
            for k in await house.accounts.list_keys()
            if wanted in (str(k.id), k.name)
            or (len(wanted) > 12 and k.prefix.startswith(wanted[: len(k.prefix)]))
        ]
        if not found:
            raise ApiKeyNotFound(f"There is no valid key {key!r}.", field="key", remedy="scrivano keys list")
        if len(found) > 1:
            ids = ", ".join(str(k.id) for k in found)
            raise InvalidInput(f"Several keys match: {ids}.", field="key", remedy="Give an id.")
        revoked = await house.accounts.revoke_key(found[0].id)
        if as_json:
            print_json(revoked)
        else:
            out.print(f"Revoked {revoked.name}.", markup=False)

    with_gatehouse(body)


def _moment(moment: dt.datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment else "never"


def _state(key: ApiKeyView) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now() else ""
