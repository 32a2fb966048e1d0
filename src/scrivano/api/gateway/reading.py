"""Reading a request's JSON with errors that name the field."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from scrivano.api.gateway.errors import BadRequest
from scrivano.llm.public import ContentPart, Tool

T = TypeVar("T", bound=BaseModel)
Fields = dict[str, Any]


def make(shape: type[T], where: str, fields: Mapping[str, Any]) -> T:
    """An instance of `shape`. Raises BadRequest that names the field, below `where`."""
    try:
        return shape(**fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        field = f"{where}.{path}".strip(".")
        raise BadRequest(f"{field}: {first['msg']}.", field=field) from error


def objects(value: Any, where: str) -> list[Fields]:
    """A list of objects. Raises BadRequest."""
    if not isinstance(value, list):
        raise BadRequest(f"{where} must be an array.", field=where)
    for number, item in enumerate(cast(list[Any], value)):
        if not isinstance(item, dict):
            raise BadRequest(f"{where}.{number} must be an object.", field=f"{where}.{number}")
    return cast(list[Fields], value)


def text(value: Any, where: str) -> str:
    """A text; None is an empty one. Raises BadRequest."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRequest(f"{where} must be a string.", field=where)
    return value


def flag(value: Any, where: str) -> bool:
    """True or false; None is false. Raises BadRequest."""
    if value is not None and not isinstance(value, bool):
        raise BadRequest(f"{where} must be true or false.", field=where)
    return value is True


def fields(value: Any, where: str) -> Fields:
    """An object; None is an empty one. Raises BadRequest."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRequest(f"{where} must be an object.", field=where)
    return cast(Fields, value)


def image(url: Any, where: str) -> ContentPart:
    """An image by its URL. Raises BadRequest for one that no model could fetch."""
    address = text(url, where)
    if not address.startswith(("https://", "http://", "data:image/")):
        raise BadRequest(f"{where} must be an https: URL or a data:image/… URL.", field=where)
    return ContentPart(type="image", image_url=address)


def content(parts: Iterable[ContentPart]) -> str | tuple[ContentPart, ...]:
    """Parts as a message has them; text alone is joined, which every model takes."""
    found = tuple(parts)
    if all(part.type == "text" for part in found):
        return "".join(part.text for part in found)
    return found


def tool(name: Any, description: Any, parameters: Any, where: str) -> Tool:
    """A tool that the model may call. Raises BadRequest."""
    given: Fields = {"name": name, "description": description or ""}
    if parameters:
        given["parameters"] = parameters
    made = make(Tool, where, given)
    if not made.name:
        raise BadRequest(f"{where}: a tool needs a name.", field=f"{where}.name")
    return made


def labels(value: Any, where: str) -> dict[str, str]:
    """What a caller notes about a request, as the log keeps it. Raises BadRequest."""
    noted: dict[str, str] = {}
    for key, item in fields(value, where).items():
        if len(noted) == 16:
            raise BadRequest(f"{where} may have 16 entries.", field=where)
        # PostgreSQL's JSON holds no NUL.
        noted[key[:64].replace("\x00", "")] = str(item)[:512].replace("\x00", "")
    return noted


def refuse(body: Fields, unsupported: Mapping[str, Any]) -> None:
    """Raises BadRequest where the caller asks for what would silently be missing from the answer."""
    for name, harmless in unsupported.items():
        value = body.get(name)
        if value is not None and value not in harmless:
            raise BadRequest(f"`{name}` is not supported here.", field=name, remedy="Leave it out.")
