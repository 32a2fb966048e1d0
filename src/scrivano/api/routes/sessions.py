"""Coming in and going out: set-up, invitations, signing in and out, new passwords, OpenID Connect."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from scrivano.accounts.public import (
    Code,
    Email,
    Line,
    LinkView,
    NotAuthenticated,
    NotSetUp,
    Password,
    PersonView,
    SessionView,
    SignedIn,
    Token,
    csrf_token,
)
from scrivano.api.access import PUBLIC, SIGNED_IN, CurrentCaller, refuse_held
from scrivano.api.callers import (
    drop_session,
    is_secure,
    session_cookie,
    set_session,
    sign_in_needed,
    visitor,
)
from scrivano.api.dependencies import Services

router = APIRouter(prefix="/api", tags=["sign-in"])

_BROWSER_COOKIE = "scrivano-oidc"
_BROWSER_SECONDS = 600


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Ways(BaseModel):
    """How one comes in here. `needed`: people sign in. `set_up`: nobody has an account yet, the set-up link is next."""

    needed: bool
    set_up: bool
    reset_by_mail: bool
    provider: str | None = Field(description="What the button for single sign-on says, if there is one.")


class Credentials(_Body):
    """Address and password; `code` where the person has a second factor, or a recovery code in its place."""

    email: Email
    password: Password
    code: Code | None = None


class Entered(BaseModel):
    """Somebody who just signed in. Changes need `csrf_token` in the header `X-CSRF-Token`; the session itself is in a
    cookie that pages cannot read."""

    person: PersonView
    csrf_token: str
    expires_at: dt.datetime


class Current(BaseModel):
    """On whose behalf requests are answered: a person, a program with a key (`scopes`), or the only user."""

    kind: Literal["person", "key", "only user"]
    person: PersonView | None
    administrator: bool
    session_id: UUID | None
    csrf_token: str | None
    scopes: tuple[str, ...] | None
    project_id: UUID | None = Field(description="The one project that the key is held to.")


class SetUp(_Body):
    """What the first administrator chooses."""

    token: Token
    email: Email
    name: Line
    password: Password


class Acceptance(_Body):
    """What somebody who is invited chooses."""

    token: Token
    name: Line
    password: Password


class LinkQuestion(_Body):
    """A link's secret: what stands behind `#`."""

    kind: Literal["set_up", "invitation", "reset"]
    token: Token


class ResetQuestion(_Body):
    """Whose password was forgotten."""

    email: Email


class NewPassword(_Body):
    """A new password, by the secret of a reset link."""

    token: Token
    password: Password


@router.get("/sign-in", dependencies=PUBLIC)
async def ways_in(request: Request, house: Services) -> Ways:
    """How one comes in here."""
    oidc = house.entrance.oidc
    return Ways(
        needed=await sign_in_needed(request, house),
        set_up=not await house.entrance.people.anybody(),
        reset_by_mail=house.settings.smtp_url is not None,
        provider=oidc.label if oidc is not None else None,
    )


@router.post("/sessions", status_code=201, dependencies=PUBLIC)
async def sign_in(request: Request, response: Response, house: Services, who: Credentials) -> Entered:
    """Sign in with a password. Answer and time are the same for an address that nobody has.

    401 `code-needed`: send the code of the second factor as well. 429: wait for `Retry-After` seconds.
    """
    made = await house.entrance.sign_in.with_password(
        who.email,
        who.password.get_secret_value(),
        who.code,
        visitor(request),
        old=session_cookie(request, house),
    )
    return _entered(request, response, house, made)


@router.get("/sessions", dependencies=SIGNED_IN)
async def list_sessions(house: Services, caller: CurrentCaller) -> list[SessionView]:
    """One's open sessions, last used first. Not for keys that are held to one project."""
    refuse_held(caller)
    if caller.person_id is None:
        return []
    return await house.entrance.sessions.list(caller.person_id, caller.session_id)


@router.delete("/sessions", dependencies=SIGNED_IN)
async def sign_out_everywhere(
    request: Request,
    response: Response,
    house: Services,
    caller: CurrentCaller,
    others: Annotated[bool, Query(description="All but this one.")] = False,
) -> int:
    """End all of one's sessions; gives how many there were. Not for keys that are held to one project."""
    refuse_held(caller)
    ended = await house.entrance.sessions.end_all(caller, but_current=others)
    if not others:
        drop_session(response, request, house)
    return ended


@router.get("/sessions/current", dependencies=SIGNED_IN)
async def current(request: Request, house: Services, caller: CurrentCaller) -> Current:
    """Who one is here."""
    person = await house.entrance.people.get(caller.person_id) if caller.person_id else None
    token = session_cookie(request, house) if caller.session_id is not None else None
    return Current(
        kind="key" if caller.key_id else "person" if person else "only user",
        person=person,
        administrator=caller.role == "administrator",
        session_id=caller.session_id,
        csrf_token=csrf_token(token) if token else None,
        scopes=caller.scopes,
        project_id=caller.project_id,
    )


@router.delete("/sessions/current", status_code=204, dependencies=SIGNED_IN)
async def sign_out(request: Request, response: Response, house: Services, caller: CurrentCaller) -> None:
    """Sign out here."""
    if caller.session_id is not None:
        await house.entrance.sessions.end(caller.session_id, caller)
    drop_session(response, request, house)


@router.delete("/sessions/{session_id}", status_code=204, dependencies=SIGNED_IN)
async def end_session(house: Services, caller: CurrentCaller, session_id: UUID) -> None:
    """End one of one's own sessions. Not for keys that are held to one project."""
    refuse_held(caller)
    await house.entrance.sessions.end(session_id, caller)


@router.post("/links/look", dependencies=PUBLIC)
async def look_at_link(request: Request, house: Services, link: LinkQuestion) -> LinkView:
    """What a link is for, without using it."""
    return await house.entrance.links.look(link.kind, link.token.get_secret_value(), visitor(request))


@router.post("/set-up", status_code=201, dependencies=PUBLIC)
async def set_up(request: Request, response: Response, house: Services, new: SetUp) -> Entered:
    """Become the first administrator, by the link that `scrivano serve` prints, and sign in. What was made before
    there were accounts is theirs."""
    person, _ = await house.entrance.links.accept(
        "set_up",
        new.token.get_secret_value(),
        email=new.email,
        name=new.name,
        password=new.password.get_secret_value(),
        visitor=visitor(request),
    )
    await house.projects.welcome(person.id, {}, administrator=True)
    return await _enter(request, response, house, person.id, "set-up")


@router.post("/invitations/accept", status_code=201, dependencies=PUBLIC)
async def accept(request: Request, response: Response, house: Services, new: Acceptance) -> Entered:
    """Accept an invitation, and sign in."""
    person, grants = await house.entrance.links.accept(
        "invitation",
        new.token.get_secret_value(),
        email=None,
        name=new.name,
        password=new.password.get_secret_value(),
        visitor=visitor(request),
    )
    await house.projects.welcome(person.id, grants, administrator=person.role == "administrator")
    return await _enter(request, response, house, person.id, "invitation")


@router.post("/password-resets", status_code=202, dependencies=PUBLIC)
async def ask_for_reset(request: Request, house: Services, question: ResetQuestion) -> None:
    """Have a link for a new password sent, if somebody has this address; the answer does not tell."""
    await house.entrance.links.ask_reset(question.email, visitor(request))


@router.post("/password-resets/finish", status_code=204, dependencies=PUBLIC)
async def choose_password(request: Request, house: Services, new: NewPassword) -> None:
    """Choose a new password by such a link. All sessions end; the second factor stays."""
    await house.entrance.links.choose_password(
        new.token.get_secret_value(), new.password.get_secret_value(), visitor(request)
    )


@router.get("/oidc/start", status_code=303, response_class=RedirectResponse, dependencies=PUBLIC)
async def start_oidc(
    request: Request,
    house: Services,
    next: Annotated[str, Query(max_length=2000, description="A path of this service to go on to.")] = "/",
) -> RedirectResponse:
    """Send the browser to the provider for single sign-on."""
    oidc = house.entrance.oidc
    if oidc is None:
        raise NotSetUp("There is no provider for single sign-on here.")
    departure = await oidc.start(next)
    response = RedirectResponse(departure.url, status_code=303)
    response.set_cookie(
        _BROWSER_COOKIE,
        departure.browser,
        max_age=_BROWSER_SECONDS,
        path="/api/oidc",
        secure=is_secure(request, house),
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/oidc/callback", status_code=303, response_class=RedirectResponse, dependencies=PUBLIC)
async def finish_oidc(
    request: Request,
    house: Services,
    state: Annotated[str, Query(max_length=500)],
    code: Annotated[str, Query(max_length=4000)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
) -> RedirectResponse:
    """Where the provider sends the browser back to; opens the session."""
    oidc = house.entrance.oidc
    if oidc is None:
        raise NotSetUp("There is no provider for single sign-on here.")
    if error or not code:
        raise NotAuthenticated("The provider did not sign you in.", field="error", remedy="Begin again.")
    arrival = await oidc.finish(
        code=code,
        state=state,
        browser=request.cookies.get(_BROWSER_COOKIE, ""),
        visitor=visitor(request),
        old=session_cookie(request, house),
    )
    if arrival.grants is not None:
        person = arrival.signed_in.person
        administrator = person.role == "administrator"
        await house.projects.welcome(person.id, arrival.grants, administrator=administrator)
    response = RedirectResponse(arrival.next, status_code=303)
    set_session(response, request, house, arrival.signed_in)
    response.delete_cookie(_BROWSER_COOKIE, path="/api/oidc")
    return response


async def _enter(request: Request, response: Response, house: Services, id: UUID, how: str) -> Entered:
    old = session_cookie(request, house)
    return _entered(
        request, response, house, await house.entrance.sign_in.open_for(id, how, visitor(request), old)
    )


def _entered(request: Request, response: Response, house: Services, made: SignedIn) -> Entered:
    response.headers["Cache-Control"] = "no-store"
    token = set_session(response, request, house, made)
    return Entered(person=made.person, csrf_token=token, expires_at=made.expires_at)
