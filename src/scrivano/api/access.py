"""Who may call a route. Every route of the API carries exactly one of these rules.

A rule is a dependency: `APIRouter(dependencies=PROJECT)`, `@router.get(..., dependencies=ADMINISTRATOR)`. `PROJECT`
looks at the ids in the path: each is owned by a project (see `OWNERS`), the caller has to be its viewer to read, its
editor to change, and to everybody else the thing does not exist (404). What names a project in its query or body asks
`require`.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request

from scrivano.accounts.public import Caller
from scrivano.api.dependencies import Services
from scrivano.projects.public import Role
from scrivano.wiring import House

Owner = Callable[[House, str], Awaitable[UUID | None]]

OWNERS: dict[str, Owner] = {}
"""By the name of a path parameter: the project that owns the thing of this id, None where there is no such thing."""


async def current_caller(request: Request, house: Services) -> Caller:
    """Who calls. Raises NotAuthenticated where sign-in is on and nobody is signed in."""
    return Caller()


CurrentCaller = Annotated[Caller, Depends(current_caller)]


async def require(house: House, caller: Caller, project_id: UUID, role: Role) -> None:
    """Raises NotFound where the caller is no member of the project, NotAllowed where they may do less than `role`."""


async def public() -> None:
    """Anybody, also without signing in."""


async def signed_in(caller: CurrentCaller) -> None:
    """Any person or key of this installation."""


async def administrator(caller: CurrentCaller) -> None:
    """Administrators of this installation."""


async def member(request: Request, house: Services, caller: CurrentCaller) -> None:
    """Members of the project that owns what the path names: viewers to read, editors to change."""


PUBLIC: list[Any] = [Depends(public)]
SIGNED_IN: list[Any] = [Depends(signed_in)]
ADMINISTRATOR: list[Any] = [Depends(administrator)]
PROJECT: list[Any] = [Depends(member)]
