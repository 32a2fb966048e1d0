"""Who may call a route. Every route of the API carries exactly one of these rules.

A rule is a dependency: `APIRouter(dependencies=PROJECT)`, `@router.get(..., dependencies=ADMINISTRATOR)`. `PROJECT`
looks at the ids in the path: each is owned by a project (see `OWNERS`), the caller has to be its viewer to read, its
editor to change, and to everybody else the thing does not exist (404). What names a project in its query or body asks
`require`; besides, every rule but `PUBLIC` and `ADMINISTRATOR` looks for ids of `OWNERS` in query and JSON body by
itself, so that a forgotten question lets nobody in.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import Depends, Request

from scrivano.accounts.public import Caller
from scrivano.api.callers import recognise, refuse_foreign_page
from scrivano.api.dependencies import Services
from scrivano.api.typed import typed
from scrivano.core.errors import NotAllowed, NotFound
from scrivano.projects.public import ProjectNotFound, Role
from scrivano.wiring import House

Owner = Callable[[House, str], Awaitable[UUID | None]]

OWNERS: dict[str, Owner] = {}
"""By the name of a parameter: the project that owns the thing of this id, None where there is no such thing. A
ValueError says that this can be no id."""

_OWNED: dict[tuple[str, str, str], UUID] = {}
"""What was found of them, by database, parameter and id: nothing ever moves to another project. What a person may do
there is asked anew with every request, and that a thing is gone its route says."""

_MOST_OWNED = 20_000
READING = ("GET", "HEAD", "OPTIONS")
_LONGEST_ID = 200
_DEEPEST = 20
_UNNAMED = ""
"""Stands for `project_id` where the caller names no project."""


async def current_caller(request: Request, house: Services) -> Caller:
    """Who calls. Raises NotAuthenticated where sign-in is on and nobody is signed in."""
    return await recognise(request, house)


CurrentCaller = Annotated[Caller, Depends(current_caller)]


async def require(house: House, caller: Caller, project_id: UUID, role: Role) -> None:
    """Raises NotFound where the caller is no member of the project, NotAllowed where they may do less than `role`.

    The only user of an installation without sign-in may do everything. What was found out once for a request holds
    until it is answered.
    """
    if not caller.everything and (project_id, role) not in caller.granted:
        await house.projects.require(project_id, caller, role)
        caller.granted.add((project_id, role))


def refuse_held(caller: Caller) -> None:
    """Raises NotAllowed for a key that is held to one project: what is its person's own lies beyond it."""
    if caller.key_id is not None and caller.project_id is not None:
        raise NotAllowed(
            "This API key is held to one project.", remedy="Sign in, or take a key that names no project."
        )


async def public(request: Request, house: Services) -> None:
    """Anybody, also without signing in; but not the pages of others."""
    refuse_foreign_page(request, house)


async def signed_in(request: Request, house: Services, caller: CurrentCaller) -> None:
    """Any person or key of this installation."""
    await _guard_given(request, house, caller)


async def administrator(caller: CurrentCaller) -> None:
    """Administrators of this installation."""
    if caller.role != "administrator" or caller.project_id is not None:
        raise NotAllowed(
            "Only administrators may do that.", remedy="Ask an administrator of this installation."
        )


async def member(request: Request, house: Services, caller: CurrentCaller) -> None:
    """Members of the project that owns what the path names: viewers to read, editors to change."""
    if caller.everything:
        return
    given = {name: str(value) for name, value in request.path_params.items()}
    owned = [(name, value) for name, value in given.items() if name in OWNERS]
    if given and not owned:
        # A route that forgot to say whose its things are is nobody's.
        raise NotFound("There is no such thing.")
    projects = {await _owner_of(house, caller, name, value) for name, value in owned} - {None}
    if len(projects) > 1:
        raise NotFound("These things do not belong to each other.")
    for project in projects:
        await require(house, caller, cast(UUID, project), _needed(request))
    await _guard_given(request, house, caller)


PUBLIC: list[Any] = [Depends(public), Depends(typed)]
SIGNED_IN: list[Any] = [Depends(signed_in), Depends(typed)]
ADMINISTRATOR: list[Any] = [Depends(administrator), Depends(typed)]
PROJECT: list[Any] = [Depends(member), Depends(typed)]


def _needed(request: Request) -> Role:
    return "viewer" if request.method in READING else "editor"


async def _owner_of(house: House, caller: Caller, name: str, value: str) -> UUID | None:
    """The project of a thing. None is only told to administrators: what no project owns is the installation's, and
    the route itself says where there is nothing. Raises NotFound."""
    known = (house.url, name, value)
    found = _OWNED.get(known)
    if found is None and len(value) <= _LONGEST_ID and value.isprintable():
        try:
            found = await OWNERS[name](house, value)
        except (ValueError, NotFound):
            found = None
        if found is not None and name != "project_id":
            if len(_OWNED) >= _MOST_OWNED:
                _OWNED.clear()
            _OWNED[known] = found
    if found is None and caller.role != "administrator":
        raise NotFound(
            f"There is no {name.removesuffix('_id').replace('_', ' ')} {value[:100]!r}.", field=name
        )
    return found


async def _guard_given(request: Request, house: House, caller: Caller) -> None:
    """Ask for each project, and each thing of a project, that query or body name."""
    if caller.everything:
        return
    asked = dict.fromkeys(await _given(request))
    for name, value in asked:
        if name in ("project_id", _UNNAMED):
            project = _project(value)
        else:
            project = await _owner_of(house, caller, name, value)
        if project is not None:
            try:
                await require(house, caller, project, _needed(request))
            except NotFound:
                if name != _UNNAMED:
                    raise
                raise ProjectNotFound(
                    "No project is named, and the one that is taken then is not yours.",
                    field="project_id",
                    remedy="Name one of yours as project_id: GET /api/projects lists them.",
                ) from None


def _project(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise NotFound(f"There is no project {value[:100]!r}.", field="project_id") from None


async def _given(request: Request) -> list[tuple[str, str]]:
    dependant: Any = getattr(request.scope.get("route"), "dependant", None)
    found = [(name, value) for name, value in request.query_params.multi_items() if _is_owned(name)]
    for field in getattr(dependant, "query_params", ()):
        if field.alias == "project_id" and field.alias not in request.query_params:
            found += _default(field.field_info.default)
    taken = getattr(dependant, "body_params", ())
    # A route that takes no body of FastAPI's may read its own as it comes in: that is left to it.
    return [*found, *await _given_in_body(request, taken)] if taken else found


async def _given_in_body(request: Request, taken: Any) -> list[tuple[str, str]]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        form = await request.form()
        return [(n, v) for n, v in form.multi_items() if isinstance(v, str) and _is_owned(n)]
    try:
        body: Any = await request.json()
    except (ValueError, RecursionError):
        return []  # the route itself says what is wrong with it
    found = list(_ids_in(body, _DEEPEST))
    for field in taken:
        known: Any = getattr(field.field_info.annotation, "model_fields", {})
        if "project_id" in known and not (isinstance(body, dict) and "project_id" in body):
            found += _default(known["project_id"].default)
    return found


def _default(value: Any) -> list[tuple[str, str]]:
    """The project that a route takes where the caller names none."""
    return [(_UNNAMED, str(value))] if isinstance(value, UUID) else []


def _ids_in(value: Any, deep: int) -> Iterator[tuple[str, str]]:
    if deep == 0:
        return
    if isinstance(value, dict):
        for name, inner in cast("dict[str, Any]", value).items():
            if isinstance(inner, str) and _is_owned(name):
                yield name, inner
            elif isinstance(inner, list) and name.endswith("_ids") and _is_owned(name[:-1]):
                yield from ((name[:-1], x) for x in cast("list[Any]", inner) if isinstance(x, str))
            else:
                yield from _ids_in(inner, deep - 1)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from _ids_in(inner, deep - 1)


def _is_owned(name: str) -> bool:
    return name == "project_id" or name in OWNERS


async def _project_itself(house: House, value: str) -> UUID | None:
    return UUID(value)


async def _book(house: House, value: str) -> UUID | None:
    return await house.books.project_of(UUID(value))


async def _song(house: House, value: str) -> UUID | None:
    return await house.music.project_of(UUID(value))


async def _run(house: House, value: str) -> UUID | None:
    return UUID((await house.runs.get(value)).project_id or "")


async def _request(house: House, value: str) -> UUID | None:
    owner = (await house.llm.get_request(UUID(value))).project_id
    return UUID(owner) if owner else None


async def _cover(house: House, value: str) -> UUID | None:
    return await house.covers.project_of(UUID(value))


_PARTS = {"books": "book_id", "music": "song_id", "posts": "post_id"}
"""Whose a text may be: by the feature that owns it, the parameter that names the feature's own things."""


async def _document(house: House, value: str) -> UUID | None:
    owner = await house.documents.owner(UUID(value))
    whose = OWNERS.get(_PARTS.get(owner.feature, "")) if owner else None
    return await whose(house, owner.id) if owner and whose else None


async def _proposal(house: House, value: str) -> UUID | None:
    document = await house.documents.proposals.document_of(UUID(value))
    return await _document(house, str(document)) if document else None


async def _comment(house: House, value: str) -> UUID | None:
    document = await house.documents.comments.document_of(UUID(value))
    return await _document(house, str(document)) if document else None


OWNERS["project_id"] = _project_itself
OWNERS["book_id"] = _book
OWNERS["song_id"] = _song
OWNERS["run_id"] = _run
OWNERS["request_id"] = _request
OWNERS["document_id"] = _document
OWNERS["proposal_id"] = _proposal
OWNERS["comment_id"] = _comment
OWNERS["cover_id"] = _cover


def _of_task(kind: str) -> Owner:
    async def owner(house: House, value: str) -> UUID | None:
        return await house.desk.tasks.project_of(kind, value)

    return owner


for _kind in ("task", "group", "dataset", "evaluation", "schedule"):
    OWNERS[f"{_kind}_id"] = _of_task(_kind)
