"""What the OpenAPI document says about every route alike: how one signs in, and which problems it answers with."""

from collections.abc import Iterator
from typing import Any, cast

from fastapi import FastAPI

from scrivano.api import access
from scrivano.api.errors import MEDIA_TYPE, Problem
from scrivano.api.idempotency import costs
from scrivano.api.listing import routes_of

_MEANS = {
    400: "What was sent cannot be read, or this cannot be done with it.",
    401: "Nobody is signed in, and no valid API key came along.",
    402: "A budget or ceiling holds it back.",
    403: "The caller may not do this.",
    404: "There is no such thing, or not for this caller.",
    409: "It does not fit with how things are: changed meanwhile, in another state, or there already.",
    413: "More than is taken at once.",
    415: "This kind of content is not taken here.",
    422: "A value is not valid; `field` names it.",
    429: "Too much at once; `Retry-After` says when to try again.",
    502: "A service elsewhere gave no usable answer.",
    503: "Something that this needs is not there at the moment.",
}
_RULES = {access.signed_in, access.administrator, access.member}
_READING = {"get", "head", "options"}
DECIMAL = r"^[+-]?[0-9]{1,20}(\.[0-9]{1,20})?$"
SECURITY: list[dict[str, list[str]]] = [{"key": []}, {"session": []}]
SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key with the scope that this takes."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "scrivano",
        "description": "The session of a browser. Changes also take the header `X-CSRF-Token` with the value of the "
        "cookie `scrivano-csrf`. By https both cookies' names begin with `__Host-`.",
    },
}


def install(app: FastAPI) -> None:
    """Have the application describe itself with sign-in and problems."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(app, plain())
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi


def _complete(app: FastAPI, document: dict[str, Any]) -> None:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = SCHEMES
    _plain_decimals(document)
    _named_keys(document)
    _tags_required(document, schemas)
    for path, methods, dependant, _ in routes_of(app):
        calls = set(_calls(dependant))
        for method in map(str.lower, methods):
            operation = document["paths"].get(path.replace(":path}", "}"), {}).get(method)
            if operation is not None:
                _describe(method, operation, calls)


def _plain_decimals(value: Any) -> None:
    """Pydantic's pattern of decimal numbers asks what is ahead, and lets empty text through where that is not known."""
    if isinstance(value, dict):
        known = cast("dict[str, Any]", value)
        if str(known.get("pattern", "")).startswith("^(?!^[-+.]*$)"):
            known["pattern"] = DECIMAL
        kinds = [k for k in known.get("anyOf", ()) if k != {"type": "null"}]
        if len(kinds) == 2 and kinds[0].get("type") == "number" and kinds[1] == {"type": "string"}:
            # Where a decimal has bounds, nothing is said of its text.
            kinds[1]["pattern"] = DECIMAL.replace("[+-]?", "[+]?")
        for inner in known.values():
            _plain_decimals(inner)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            _plain_decimals(inner)


def _named_keys(value: Any) -> None:
    """Pydantic describes values under keys of a pattern, and leaves open what else may be there: nothing."""
    if isinstance(value, dict):
        known = cast("dict[str, Any]", value)
        by_pattern = known.get("patternProperties")
        alone = isinstance(by_pattern, dict) and len(cast("dict[str, Any]", by_pattern)) == 1
        if alone and "additionalProperties" not in known:
            ((pattern, inner),) = known.pop("patternProperties").items()
            known |= {"propertyNames": {"pattern": pattern}, "additionalProperties": inner}
        for inner in list(known.values()):
            _named_keys(inner)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            _named_keys(inner)


def _tags_required(value: Any, schemas: dict[str, Any]) -> None:
    """What a value of several kinds is told apart by has to be there, also where each kind has it by default."""
    if isinstance(value, dict):
        known = cast("dict[str, Any]", value)
        tag: Any = known.get("discriminator")
        if isinstance(tag, dict) and "mapping" in tag:
            for reference in cast("dict[str, Any]", tag)["mapping"].values():
                schema = schemas[reference.rsplit("/", 1)[1]]
                needed: set[str] = {
                    *schema.get("required", ()),
                    str(cast("dict[str, Any]", tag)["propertyName"]),
                }
                schema["required"] = sorted(needed)
        for inner in list(known.values()):
            _tags_required(inner, schemas)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            _tags_required(inner, schemas)


def _describe(method: str, operation: dict[str, Any], calls: set[Any]) -> None:
    if calls & _RULES:
        operation["security"] = SECURITY
    answers = operation["responses"]
    answers.pop("422", None)
    for status in sorted(_statuses(method, operation, calls)):
        answers.setdefault(str(status), _answer(status))


def _calls(dependant: Any) -> Iterator[Any]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)


def _statuses(method: str, operation: dict[str, Any], calls: set[Any]) -> set[int]:
    in_path = any(p["in"] == "path" for p in operation.get("parameters", ()))
    found: set[int] = {403, 503}
    if calls & _RULES or method not in _READING:
        found.add(401)
    if access.public in calls and method not in _READING:
        found.add(429)
    if operation.get("parameters") or "requestBody" in operation:
        found |= {404, 422}
    if access.public in calls and operation.get("parameters"):
        found |= {400, 401, 409, 429}
    if in_path or method not in _READING:
        found |= {404, 409}
    if "requestBody" in operation:
        found |= {400, 404, 413, 422}
    if costs in calls:
        found |= {402, 429}
    return found


def _answer(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": _MEANS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
