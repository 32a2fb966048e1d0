"""Nobody reads or changes what is not theirs: every route of the OpenAPI document, with every id that it takes in
path, query and body, as nobody, stranger, viewer, editor and as programs with keys."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from psycopg import sql

from scrivano.api import access
from scrivano.api.app import make_app
from scrivano.api.listing import routes_of
from scrivano.llm.scripted.server import ScriptedServer
from tests.integration.accounts.guests import Browser, join, open_installation, set_up
from tests.integration.api.access_makers import CANARY, MAKERS, VALUES, World

RULES: dict[Any, str] = {
    access.public: "PUBLIC",
    access.signed_in: "SIGNED_IN",
    access.administrator: "ADMINISTRATOR",
    access.member: "PROJECT",
}
OWNERS_ONLY = {
    ("DELETE", "/api/projects/{project_id}"),
    ("POST", "/api/projects/{project_id}/members"),
    ("PUT", "/api/projects/{project_id}/members/{person_id}"),
    ("DELETE", "/api/projects/{project_id}/members/{person_id}"),
    ("PUT", "/api/projects/{project_id}/place"),
    # The remark is another's.
    ("DELETE", "/api/documents/{document_id}/comments/{comment_id}"),
}
"""Of these an editor may do none; documented at each."""

OF_A_PERSON = {"session_id", "key_id", "person_id", "invitation_id"}
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
UNRELATED = {
    "sessions",
    "sign_in_guesses",
    "audit_trail",
    "people",
    "account_links",
    "oidc_attempts",
    "llm_instances",
}
"""Tables in which being refused may leave a trace, or that change by themselves."""


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    rules: tuple[str, ...]
    parameters: tuple[dict[str, Any], ...]
    body: dict[str, Any]

    @property
    def name(self) -> str:
        """How failures call it."""
        return f"{self.method} {self.path}"

    @property
    def in_path(self) -> list[str]:
        """The names of the parameters in its path."""
        return [p["name"] for p in self.parameters if p["in"] == "path"]

    @property
    def owned(self) -> list[str]:
        """Those of them that a project owns."""
        return [name for name in self.in_path if name in access.OWNERS]


def _operations(app: Any) -> list[Operation]:
    rules: dict[tuple[str, str], tuple[str, ...]] = {}
    for path, methods, dependant, _ in routes_of(app):
        found = tuple(RULES[d.call] for d in dependant.dependencies if d.call in RULES)
        rules.update({(method, path): found for method in methods})
    document = app.openapi()
    schemas = document["components"]["schemas"]
    found_operations: list[Operation] = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            schema = next(iter(content.values()), {}).get("schema", {})
            key = (method.upper(), path)
            found_operations.append(
                Operation(
                    *key,
                    rules.get(key, ()),
                    tuple(operation.get("parameters", ())),
                    _resolve(schema, schemas, 6),
                )
            )
    return found_operations


def _resolve(schema: Any, schemas: dict[str, Any], deep: int) -> Any:
    """A schema with its references filled in, some levels deep."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _resolve(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas, deep - 1) if deep else {}
        return {k: _resolve(v, schemas, deep) for k, v in schema.items()}
    return [_resolve(x, schemas, deep) for x in schema] if isinstance(schema, list) else schema


def _sample(schema: dict[str, Any], deep: int = 6) -> Any:
    """A value that fits a schema as well as this needs: what is required, and examples where there are some."""
    for key in ("example", "default", "const"):
        if key in schema and schema[key] is not None:
            return schema[key]
    if schema.get("examples"):
        return schema["examples"][0]
    if schema.get("enum"):
        return schema["enum"][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return _sample(schema[key][0], deep)
    match schema.get("type"):
        case "object" | None if "properties" in schema and deep:
            required = schema.get("required", ())
            return {k: _sample(v, deep - 1) for k, v in schema["properties"].items() if k in required}
        case "array":
            return [_sample(schema.get("items", {}), deep - 1)] * max(1, schema.get("minItems", 0))
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "string":
            if schema.get("format") == "uuid":
                return "0190163d-8694-739b-aea5-966c26f8ad91"
            return "a" * max(1, schema.get("minLength", 1))
    return {}


def _ids_of(schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where in a body an id may stand that is a project's."""
    for inner in (schema.get("anyOf") or []) + (schema.get("oneOf") or []) + (schema.get("allOf") or []):
        yield from _ids_of(inner, path)
    for name, inner in (schema.get("properties") or {}).items():
        if name in access.OWNERS or (name.endswith("_ids") and name[:-1] in access.OWNERS):
            yield (*path, name)
        elif isinstance(inner, dict):
            yield from _ids_of(inner, (*path, name))


def _nest(path: tuple[str, ...], value: Any) -> Any:
    for name in reversed(path):
        value = {name: [value] if name.endswith("_ids") else value}
    return value


OPERATIONS = _operations(make_app(None))
REACHABLE = [o for o in OPERATIONS if all(name in MAKERS or name in VALUES for name in o.in_path)]
"""Those that these tests can call; that there are no others is a test of its own."""


def test_every_route_has_exactly_one_rule() -> None:
    wrong = [f"{o.name}: {list(o.rules) or 'no rule'}" for o in OPERATIONS if len(o.rules) != 1]
    assert not wrong, "Give each of these one of PUBLIC, SIGNED_IN, ADMINISTRATOR, PROJECT:\n" + "\n".join(
        wrong
    )


def test_every_path_of_a_project_says_whose_its_things_are() -> None:
    wrong = [o.name for o in OPERATIONS if o.rules == ("PROJECT",) and o.in_path and not o.owned]
    assert not wrong, "No id in these paths is in OWNERS, so nobody may call them:\n" + "\n".join(wrong)


def test_every_path_parameter_is_known_to_these_tests() -> None:
    names = {name for o in OPERATIONS for name in o.in_path}
    unknown = sorted(names - set(MAKERS) - set(VALUES))
    assert not unknown, (
        f"Add {unknown} to tests/integration/api/access_makers.py: to MAKERS what makes one such thing in a project,"
        " to VALUES what is no id."
    )
    homeless = sorted(n for n in names & set(access.OWNERS) if n not in MAKERS)
    assert not homeless, f"Add makers for {homeless} to tests/integration/api/access_makers.py"


class Attempt:
    """Collects what went wrong, so that one run shows all of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.count = 0
        self.wrong: list[str] = []

    async def __call__(
        self,
        who: str,
        browser: Browser,
        operation: Operation,
        allowed: set[int] | None,
        *,
        query: dict[str, str] | None = None,
        body: Any = None,
        headers: dict[str, str] | None = None,
        never: set[int] = frozenset(),  # type: ignore[assignment]
        own: dict[str, str] | None = None,
    ) -> httpx.Response | None:
        """`own` are ids of the path that are not the world's."""
        path = operation.path
        for name in operation.in_path:
            value = (own or {}).get(name) or (await self.world.of(name) if name in MAKERS else VALUES[name])
            path = path.replace(f"{{{name}}}", value)
        given = {**self._required(operation), **(query or {})}
        content = body if body is not None or operation.method == "GET" else {}
        answer = await browser.http.request(
            operation.method,
            path,
            params=given,
            json=content if operation.method in CHANGING else None,
            headers={"Accept": "application/json", **_token(browser), **(headers or {})},
        )
        self.count += 1
        where = f"{who}: {operation.name} {query or ''}{body if body else ''} -> {answer.status_code}"
        if answer.status_code >= 500:
            self.wrong.append(f"{where} {answer.text[:300]}")
        if allowed is not None and answer.status_code not in allowed:
            self.wrong.append(f"{where}, not one of {sorted(allowed)} {answer.text[:200]}")
        if answer.status_code in never:
            self.wrong.append(f"{where} {answer.text[:200]}")
        if allowed is not None and CANARY in answer.text:
            self.wrong.append(f"{where} tells what is inside")
        return answer

    @staticmethod
    def _required(operation: Operation) -> dict[str, str]:
        return {
            p["name"]: str(_sample(p["schema"]))
            for p in operation.parameters
            if p["in"] == "query" and p.get("required")
        }


def _token(browser: Browser) -> dict[str, str]:
    token = browser.http.cookies.get("scrivano-csrf")
    return {"X-CSRF-Token": token} if token else {}


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with (
        ScriptedServer({}) as model,
        open_installation(database_url, tmp_path, discover_urls=model.url) as house,
    ):
        admin = await set_up(house)
        project = (await admin.ok("POST", "/api/projects", {"name": CANARY}))["id"]
        made = World(house, admin, UUID(project))
        names = {name for o in REACHABLE for name in o.in_path} | set(access.OWNERS)
        for name in sorted(names & set(MAKERS)):
            await made.of(name)
        yield made


async def _state(url: str) -> dict[str, str]:
    """A digest of every table that being refused must leave alone."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        found = await connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = sorted(name for (name,) in await found.fetchall() if name not in UNRELATED)
        digests: dict[str, str] = {}
        for name in names:
            query = sql.SQL("SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM {} t")
            row = await (await connection.execute(query.format(sql.Identifier(name)))).fetchone()
            assert row is not None
            digests[name] = row[0]
    return digests


async def _keys(world: World) -> dict[str, dict[str, str]]:
    """Keys of the project's own owner: one held to another project, one that may do nothing here but ask models."""
    other = (await world.admin.ok("POST", "/api/projects", {"name": "Another"}))["id"]
    asked = {
        "key held to another project": {"scopes": ["read", "write"], "project_id": other},
        "key for models alone": {"scopes": ["llm"]},
    }
    made: dict[str, dict[str, str]] = {}
    for who, what in asked.items():
        secret = (await world.admin.ok("POST", "/api/keys", {"name": who, **what}))["secret"]
        made[who] = {"Authorization": f"Bearer {secret}"}
    reader = {"name": "reader", "scopes": ["read"], "project_id": str(world.project)}
    secret = (await world.admin.ok("POST", "/api/keys", reader))["secret"]
    made["key that reads"] = {"Authorization": f"Bearer {secret}"}
    return made


async def test_no_stranger_reaches_anything(world: World, database_url: str) -> None:
    stranger = await join(world.house, world.admin, "eve@example.org")
    nobody, program = Browser(world.house), Browser(world.house)
    keys = await _keys(world)
    before = await _state(database_url)
    attempt = Attempt(world)
    for o in REACHABLE:
        if o.rules == ("PUBLIC",):
            continue
        await attempt("nobody", nobody, o, {401})
        await attempt("key for models alone", program, o, {401}, headers=keys["key for models alone"])
        if o.rules == ("ADMINISTRATOR",):
            await attempt("stranger", stranger, o, {403})
        elif o.owned or (set(o.in_path) & OF_A_PERSON):
            await attempt("stranger", stranger, o, {403, 404})
            await attempt("stranger, full body", stranger, o, {403, 404}, body=_sample(o.body))
        if o.owned:
            held = keys["key held to another project"]
            await attempt("key held to another project", program, o, {403, 404}, headers=held)
            if o.method in CHANGING:
                await attempt("key that reads", program, o, {401, 403}, headers=keys["key that reads"])
        await _with_ids_elsewhere(attempt, o, stranger)
    assert not attempt.wrong, f"{len(attempt.wrong)} of {attempt.count}:\n" + "\n".join(attempt.wrong)
    after = await _state(database_url)
    changed = [name for name in before if before[name] != after[name] and name != "api_keys"]
    assert not changed, f"Refused requests changed {changed}"
    assert attempt.count > 4 * len(REACHABLE)


async def _with_ids_elsewhere(attempt: Attempt, o: Operation, stranger: Browser) -> None:
    """The project's ids in query and body, and its default left out."""
    if o.rules == ("ADMINISTRATOR",) or o.owned:
        return
    for p in o.parameters:
        if p["in"] == "query" and p["name"] in access.OWNERS:
            query = {p["name"]: await attempt.world.of(p["name"])}
            await attempt("stranger", stranger, o, {403, 404}, query=query)
            if p["schema"].get("default") is not None:
                await attempt("stranger, by default", stranger, o, {403, 404})
    for path in _ids_of(o.body):
        value = await attempt.world.of(path[-1].removesuffix("s") if path[-1].endswith("_ids") else path[-1])
        full = _sample(o.body)
        body = {**full, **_nest(path, value)} if isinstance(full, dict) else _nest(path, value)
        await attempt("stranger", stranger, o, {403, 404}, body=body)
        await attempt("stranger", stranger, o, {403, 404}, body=_nest(path, value))
    if o.method in CHANGING and (o.body.get("properties") or {}).get("project_id", {}).get("default"):
        await attempt("stranger, by default", stranger, o, {403, 404, 422}, body=_sample(o.body))


async def test_a_viewer_reads_and_changes_nothing(world: World, database_url: str) -> None:
    viewer = await join(world.house, world.admin, "vi@example.org", projects={str(world.project): "viewer"})
    before = await _state(database_url)
    attempt = Attempt(world)
    for o in (o for o in REACHABLE if o.rules == ("PROJECT",) and o.owned):
        if o.method in CHANGING:
            await attempt("viewer", viewer, o, {403})
            await attempt("viewer, full body", viewer, o, {403}, body=_sample(o.body))
        else:
            exact = o.path.endswith("}") and o.owned == o.in_path
            answer = await attempt("viewer", viewer, o, None, never={401, 403})
            if exact and answer is not None and answer.status_code not in (200, 422):
                attempt.wrong.append(f"viewer: {o.name} -> {answer.status_code} {answer.text[:200]}")
    for o in (o for o in REACHABLE if o.rules == ("ADMINISTRATOR",)):
        await attempt("viewer", viewer, o, {403})
    assert not attempt.wrong, f"{len(attempt.wrong)} of {attempt.count}:\n" + "\n".join(attempt.wrong)
    after = await _state(database_url)
    assert [n for n in before if before[n] != after[n]] == []


async def test_an_editor_changes_things_but_not_who_belongs_to_the_project(world: World) -> None:
    editor = await join(world.house, world.admin, "ed@example.org", projects={str(world.project): "editor"})
    attempt = Attempt(world)
    things = [o for o in REACHABLE if o.owned and o.rules != ("ADMINISTRATOR",)]
    for o in sorted(things, key=lambda o: (o.method == "DELETE", o.path.count("/") * -1)):
        if (o.method, o.path) in OWNERS_ONLY:
            await attempt("editor", editor, o, {403}, body=_sample(o.body))
        elif o.path != "/api/projects/{project_id}/restore":
            await attempt("editor", editor, o, None, never={401, 403})
    for o in (o for o in REACHABLE if o.rules == ("ADMINISTRATOR",)):
        await attempt("editor", editor, o, {403})
    assert not attempt.wrong, f"{len(attempt.wrong)} of {attempt.count}:\n" + "\n".join(attempt.wrong)


async def test_an_editor_elsewhere_cannot_bring_these_ids_into_what_is_theirs(
    world: World, database_url: str
) -> None:
    """The editor of another project names this project's things, those that runs made among them: in place of any id
    of a path whose other ids are the editor's own, in the query, and in the body."""
    other = (await world.admin.ok("POST", "/api/projects", {"name": "Elsewhere"}))["id"]
    editor = await join(world.house, world.admin, "ed@example.org", projects={other: "editor"})
    theirs = World(world.house, world.admin, UUID(other))
    for name in sorted({name for o in REACHABLE for name in o.owned}):
        await theirs.of(name)
    before = await _state(database_url)
    attempt = Attempt(world)
    for o in (o for o in REACHABLE if o.rules != ("ADMINISTRATOR",)):
        for name in o.owned if o.method in CHANGING or len(o.owned) > 1 else ():
            own = {n: theirs.made[n] for n in o.owned if n != name}
            await attempt("editor elsewhere", editor, o, {403, 404}, body=_sample(o.body), own=own)
        own = {n: theirs.made[n] for n in o.owned}
        for query in _queries(o):
            found = {name: await world.of(name) for name in query}
            await attempt(
                "editor elsewhere", editor, o, {403, 404}, query=found, body=_sample(o.body), own=own
            )
        for where in _ids_of(o.body):
            value = await world.of(where[-1].removesuffix("s") if where[-1].endswith("_ids") else where[-1])
            body = _with(_sample(o.body), where, value)
            await attempt("editor elsewhere", editor, o, {403, 404}, body=body, own=own)
    assert not attempt.wrong, f"{len(attempt.wrong)} of {attempt.count}:\n" + "\n".join(attempt.wrong)
    after = await _state(database_url)
    assert [n for n in before if before[n] != after[n]] == []
    assert attempt.count > 150


def _queries(o: Operation) -> Iterator[list[str]]:
    """The ids that a query of it takes, one at a time."""
    for p in o.parameters:
        if p["in"] == "query" and p["name"] in access.OWNERS:
            yield [p["name"]]


def _with(body: Any, path: tuple[str, ...], value: str) -> Any:
    """`body` with an id somewhere in it, all else as it is."""
    name, *rest = path
    whole = dict(body) if isinstance(body, dict) else {}
    if rest:
        return {**whole, name: _with(whole.get(name), tuple(rest), value)}
    return {**whole, name: [value] if name.endswith("_ids") else value}


async def test_a_project_in_the_bin_is_gone_for_all_but_its_owners(world: World) -> None:
    editor = await join(world.house, world.admin, "ed@example.org", projects={str(world.project): "editor"})
    where = f"/api/projects/{world.project}"
    book = f"/api/books/{await world.of('book_id')}"
    assert (await editor("GET", book)).status_code == 200
    await world.admin.ok("DELETE", where)
    assert (await editor("GET", book)).status_code == 404
    assert (await world.admin("GET", book)).status_code == 404
    assert (await editor("POST", f"{where}/restore")).status_code == 404
    assert [p["name"] for p in await world.admin.ok("GET", "/api/projects?deleted=true")] == [CANARY]
    await world.admin.ok("POST", f"{where}/restore")
    assert (await editor("GET", book)).status_code == 200
