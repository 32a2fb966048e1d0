"""People, their keys and second factors, invitations, and the audit trail."""

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from scrivano.accounts.public import (
    ApiKeyNotFound,
    ApiKeyView,
    AuditView,
    Caller,
    Code,
    Email,
    Line,
    LinkView,
    NewApiKey,
    NewLink,
    NotSetUp,
    Password,
    PersonRole,
    PersonView,
    SecondFactor,
)
from scrivano.api.access import ADMINISTRATOR, SIGNED_IN, CurrentCaller, refuse_held, require
from scrivano.api.callers import drop_session, visitor
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.api.values import Moment
from scrivano.core.errors import NotAllowed
from scrivano.projects.public import Role

router = APIRouter(prefix="/api", tags=["people"])

_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {}}, "description": "A ZIP archive with a folder for each feature."}
}
Scope = Literal["llm", "metrics", "read", "write", "admin"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Name(_Body):
    """What somebody is called."""

    name: Line


class PasswordChange(_Body):
    """The password so far (none where only a provider vouched for the person), and the one from now on."""

    old: Password | None = None
    new: Password


class Confirmation(_Body):
    """One's password, for what should not happen at a desk that was left for a minute."""

    password: Password | None = None


class CodeGiven(_Body):
    """A code of the authenticator app."""

    code: Code


class RecoveryCodes(BaseModel):
    """Each stands in once for a code. Told here and never again."""

    codes: list[str]


class PersonChange(_Body):
    """What shall be different; what is not given stays."""

    name: Line | None = None
    role: PersonRole | None = None
    disabled: bool | None = Field(default=None, description="Shut out, with sessions and keys.")


class Invitation(_Body):
    """Whom to invite, as what, and into which projects."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"email": "bo@example.org", "role": "member"}]}
    )

    email: Email
    role: PersonRole = "member"
    projects: dict[UUID, Role] = Field(default_factory=dict[UUID, Role], max_length=50)


class KeyRequest(_Body):
    """A key to be made. It acts for who makes it, no further than its scopes and its project reach."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "laptop", "scopes": ["llm", "read"]}]}
    )

    name: Line
    scopes: list[Scope] = Field(default_factory=lambda: list[Scope](["llm"]), min_length=1, max_length=5)
    project_id: UUID | None = None
    days: int | None = Field(
        default=None, ge=1, le=3650, description="Days until it expires; never by default."
    )


@router.get("/people/me", dependencies=SIGNED_IN)
async def get_me(house: Services, caller: CurrentCaller) -> PersonView:
    """One's own account. 409 where nobody signs in, or for a key that nobody owns."""
    return await house.entrance.people.get(_me(caller))


@router.patch("/people/me", dependencies=SIGNED_IN)
async def change_me(house: Services, caller: CurrentCaller, change: Name) -> PersonView:
    """Call oneself by another name."""
    return await house.entrance.people.rename(_here(caller), change.name)


@router.put("/people/me/password", status_code=204, dependencies=SIGNED_IN)
async def change_password(
    request: Request, house: Services, caller: CurrentCaller, change: PasswordChange
) -> None:
    """Change one's password. All other sessions end."""
    _here(caller)
    old = change.old.get_secret_value() if change.old else None
    await house.entrance.sign_in.change_password(caller, old, change.new.get_secret_value(), visitor(request))


@router.post("/people/me/second-factor", dependencies=SIGNED_IN)
async def begin_second_factor(
    request: Request, response: Response, house: Services, caller: CurrentCaller, confirmation: Confirmation
) -> SecondFactor:
    """A secret for an authenticator app. It counts once a first code of it was sent."""
    _here(caller)
    response.headers["Cache-Control"] = "no-store"
    return await house.entrance.sign_in.begin_second_factor(caller, _word(confirmation), visitor(request))


@router.put("/people/me/second-factor", dependencies=SIGNED_IN)
async def finish_second_factor(
    request: Request, response: Response, house: Services, caller: CurrentCaller, given: CodeGiven
) -> RecoveryCodes:
    """Turn the second factor on with a first code. All other sessions end."""
    _here(caller)
    response.headers["Cache-Control"] = "no-store"
    codes = await house.entrance.sign_in.finish_second_factor(caller, given.code, visitor(request))
    return RecoveryCodes(codes=list(codes))


@router.post("/people/me/second-factor/remove", status_code=204, dependencies=SIGNED_IN)
async def remove_second_factor(
    request: Request, house: Services, caller: CurrentCaller, confirmation: Confirmation
) -> None:
    """Sign in with the password alone from now on."""
    _here(caller)
    await house.entrance.sign_in.drop_second_factor(caller, _word(confirmation), visitor(request))


@router.get("/people/me/export", response_class=Response, responses=_ZIP, dependencies=SIGNED_IN)
async def export_me(house: Services, caller: CurrentCaller) -> Response:
    """Everything that is kept about oneself. Not for keys that are held to one project."""
    refuse_held(caller)
    return _archive(await house.personal.export(_me(caller), caller))


@router.post("/people/me/erase", status_code=204, dependencies=SIGNED_IN)
async def erase_me(
    request: Request,
    response: Response,
    house: Services,
    caller: CurrentCaller,
    confirmation: Confirmation,
) -> None:
    """Delete one's account and what is kept about oneself. What was written in projects with others stays theirs."""
    person_id = _here(caller)
    await house.entrance.sign_in.confirm(caller, _word(confirmation), visitor(request))
    await house.personal.erase(person_id, caller)
    drop_session(response, request, house)


@router.get("/people", dependencies=ADMINISTRATOR)
async def list_people(house: Services, limit: Limit = 50, offset: Offset = 0) -> list[PersonView]:
    """Everybody with an account, by address."""
    return await house.entrance.people.list(limit=limit, offset=offset)


@router.get("/people/{person_id}", dependencies=ADMINISTRATOR)
async def get_person(house: Services, person_id: UUID) -> PersonView:
    """One person."""
    return await house.entrance.people.get(person_id)


@router.patch("/people/{person_id}", dependencies=ADMINISTRATOR)
async def change_person(
    house: Services, caller: CurrentCaller, person_id: UUID, change: PersonChange
) -> PersonView:
    """Change name or role, shut somebody out or let them in again. There is always an administrator left."""
    people = house.entrance.people
    if change.role is not None:
        await people.set_role(person_id, change.role, caller)
        house.accounts.forget()
    if change.disabled is not None:
        await people.set_disabled(person_id, change.disabled, caller)
        house.accounts.forget()
    if change.name is not None:
        await people.rename(person_id, change.name)
    return await people.get(person_id)


@router.delete("/people/{person_id}", status_code=204, dependencies=ADMINISTRATOR)
async def remove_person(house: Services, caller: CurrentCaller, person_id: UUID) -> None:
    """Delete an account and what is kept about its person. 409 while others work in a project that is theirs alone."""
    await house.personal.erase(person_id, caller)
    house.accounts.forget()


@router.get("/people/{person_id}/export", response_class=Response, responses=_ZIP, dependencies=ADMINISTRATOR)
async def export_person(house: Services, caller: CurrentCaller, person_id: UUID) -> Response:
    """Everything that is kept about a person, to be handed to them."""
    return _archive(await house.personal.export(person_id, caller))


@router.post("/people/{person_id}/reset-link", status_code=201, dependencies=ADMINISTRATOR)
async def make_reset_link(house: Services, caller: CurrentCaller, person_id: UUID) -> NewLink:
    """A link by which the person chooses a new password, to be handed to them. It works once, for two hours."""
    return await house.entrance.links.reset(person_id, caller)


@router.delete("/people/{person_id}/second-factor", status_code=204, dependencies=ADMINISTRATOR)
async def clear_second_factor(house: Services, caller: CurrentCaller, person_id: UUID) -> None:
    """Take away somebody's second factor, when telephone and recovery codes are lost."""
    await house.entrance.sign_in.clear_second_factor(person_id, caller)


@router.get("/invitations", dependencies=ADMINISTRATOR)
async def list_invitations(house: Services) -> list[LinkView]:
    """Invitations that were not accepted yet, newest first."""
    return await house.entrance.links.invitations()


@router.post("/invitations", status_code=201, dependencies=ADMINISTRATOR)
async def invite(house: Services, caller: CurrentCaller, new: Invitation) -> NewLink:
    """Invite somebody. The link works once, for seven days; it is sent by e-mail too where that is set up."""
    for project_id in new.projects:
        await require(house, caller, project_id, "owner")
    grants: dict[UUID, str] = dict(new.projects)
    return await house.entrance.links.invite(new.email, new.role, grants, caller)


@router.delete("/invitations/{invitation_id}", status_code=204, dependencies=ADMINISTRATOR)
async def withdraw_invitation(house: Services, caller: CurrentCaller, invitation_id: UUID) -> None:
    """Take an invitation back."""
    await house.entrance.links.withdraw(invitation_id, caller)


@router.get("/keys", dependencies=SIGNED_IN)
async def list_keys(
    house: Services,
    caller: CurrentCaller,
    everybody: Annotated[bool, Query(description="Of all people and programs; for administrators.")] = False,
    revoked: Annotated[bool, Query(description="Those too that were taken back.")] = False,
) -> list[ApiKeyView]:
    """One's own API keys, oldest first, without their secrets. Not for keys that are held to one project."""
    refuse_held(caller)
    if everybody and caller.role != "administrator":
        raise NotAllowed("Only administrators see the keys of others.", field="everybody")
    if everybody or caller.everything:
        return await house.accounts.list_keys(revoked=revoked)
    if caller.person_id is None:
        return []
    return await house.accounts.keys_of(caller.person_id, revoked=revoked)


@router.post("/keys", status_code=201, dependencies=SIGNED_IN)
async def make_key(house: Services, response: Response, caller: CurrentCaller, new: KeyRequest) -> NewApiKey:
    """Make a key. Its secret is in this answer and nowhere else: only its hash is kept."""
    _no_key(caller)
    if caller.role != "administrator" and {"admin", "metrics"} & set(new.scopes):
        raise NotAllowed("Only administrators make keys of that scope.", field="scopes")
    if new.project_id is not None:
        await require(house, caller, new.project_id, "viewer")
    expires = None if new.days is None else dt.datetime.now(dt.UTC) + dt.timedelta(days=new.days)
    response.headers["Cache-Control"] = "no-store"
    return await house.accounts.create_key(
        new.name,
        scopes=new.scopes,
        project_id=str(new.project_id) if new.project_id else None,
        user_id=str(caller.person_id) if caller.person_id else None,
        expires_at=expires,
        by=caller,
    )


@router.delete("/keys/{key_id}", dependencies=SIGNED_IN)
async def revoke_key(house: Services, caller: CurrentCaller, key_id: UUID) -> ApiKeyView:
    """Take a key back: one's own, or for administrators anybody's. It ends to work within three seconds."""
    key = await house.accounts.get_key(key_id)
    if str(key.id) != str(caller.key_id):
        refuse_held(caller)
    if caller.role != "administrator" and (caller.person_id is None or key.user_id != str(caller.person_id)):
        raise ApiKeyNotFound(f"There is no API key {key_id}.", field="key_id")
    return await house.accounts.revoke_key(key_id, by=caller)


@router.get("/audit", dependencies=ADMINISTRATOR)
async def list_audit(
    house: Services,
    kind: Annotated[str | None, Query(max_length=100, pattern=r"^[a-z_]+$")] = None,
    person_id: UUID | None = None,
    since: Moment | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[AuditView]:
    """Who signed in or tried to, which keys, roles and links were made, what was deleted; newest first."""
    moment = since.replace(tzinfo=dt.UTC) if since is not None and since.tzinfo is None else since
    return await house.entrance.audit.list(
        kind=kind, person_id=person_id, since=moment, limit=limit, offset=offset
    )


def _me(caller: Caller) -> UUID:
    if caller.person_id is None:
        raise NotSetUp(
            "Nobody is signed in here, so there is no account.",
            remedy="Make one with: scrivano people invite EMAIL --role administrator",
        )
    return caller.person_id


def _here(caller: Caller) -> UUID:
    """The person at the browser: a key that leaked must not be enough to take an account over."""
    _no_key(caller)
    return _me(caller)


def _no_key(caller: Caller) -> None:
    if caller.key_id is not None and "admin" not in (caller.scopes or ()):
        raise NotAllowed("An API key may not do that.", remedy="Sign in.")
    if caller.key_id is not None and caller.person_id is not None:
        raise NotAllowed("An API key may not do that for its person.", remedy="Sign in.")


def _word(confirmation: Confirmation) -> str | None:
    return confirmation.password.get_secret_value() if confirmation.password else None


def _archive(content: bytes) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="scrivano-personal-data.zip"'}
    return Response(content, media_type="application/zip", headers={**headers, "Cache-Control": "no-store"})
