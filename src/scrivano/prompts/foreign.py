"""Prompts of other programs as ours: `llm` templates, promptfoo configurations, CSV and JSON of an older prompt store.

Nothing is run and no file is opened: what a configuration only points at is told in the notes.
"""

import csv
import io
import json
import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import yaml
from pydantic import ValidationError

from scrivano.core.errors import InvalidInput, ScrivanoError
from scrivano.prompts import engine
from scrivano.prompts.dto import MessageContent, PromptSettings, Variable
from scrivano.prompts.starter_files import TemplateFile

ForeignFormat = Literal["llm", "promptfoo", "csv", "json"]

_SIMPLE_TAG = re.compile(r"\{\{-?\s*([A-Za-z_]\w*)\s*-?\}\}")
_NAMES = ("name", "title", "act", "label", "id", "key")
_TEXTS = ("prompt", "text", "content", "template", "user", "body")
_OPTIONS = ("temperature", "top_p", "max_tokens", "seed", "stop")
_ROLES = ("system", "user", "assistant", "tool")


@dataclass
class Foreign:
    """The templates found, and what could not be taken over."""

    templates: list[TemplateFile] = field(default_factory=list[TemplateFile])
    notes: list[str] = field(default_factory=list[str])


def read_foreign(text: str, format: ForeignFormat, stem: str) -> Foreign:
    """The prompts of a file; `stem` names what has no name of its own. Raises InvalidInput."""
    found = Foreign()
    try:
        match format:
            case "llm":
                _llm(found, yaml.safe_load(text), stem)
            case "promptfoo":
                _promptfoo(found, yaml.safe_load(text), stem)
            case "csv":
                _records(found, csv.DictReader(io.StringIO(text)), stem)
            case "json":
                _json(found, json.loads(text), stem)
    except (yaml.YAMLError, json.JSONDecodeError, csv.Error, RecursionError) as error:
        raise InvalidInput(f"The file cannot be read as {format}: {error}", field="file") from error
    if not found.templates:
        raise InvalidInput(
            f"There is no prompt in this file that could be read as {format}.",
            field="file",
            remedy="Check the format; `--format` names another one.",
        )
    return found


def guess_format(text: str, file_name: str) -> str:
    """`scrivano`, or the format of another program, by the file's name and its first keys. Raises InvalidInput."""
    if file_name.lower().endswith(".csv"):
        return "csv"
    try:
        whole = json.loads(text) if file_name.lower().endswith(".json") else yaml.safe_load(text)
    except (yaml.YAMLError, json.JSONDecodeError, RecursionError) as error:
        raise InvalidInput(f"The file cannot be read: {error}", field="file") from error
    if isinstance(whole, dict):
        keys = {str(key) for key in cast(dict[object, object], whole)}
        if "scrivano_prompts" in keys or {"name", "messages"} <= keys or {"name", "kind", "text"} <= keys:
            return "scrivano"
        if "prompts" in keys and keys & {"providers", "tests", "targets", "defaultTest", "description"}:
            return "promptfoo"
        if not file_name.lower().endswith(".json") and keys & {"prompt", "system"}:
            return "llm"
        return "json" if file_name.lower().endswith(".json") else "promptfoo" if "prompts" in keys else "json"
    return "llm" if isinstance(whole, str) else "json"


def slug(name: str) -> str:
    """A prompt's name made of any other."""
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return (words if words[:1].isalpha() else f"prompt_{words}".rstrip("_"))[:80]


def _llm(found: Foreign, whole: Any, stem: str) -> None:
    """A template of the `llm` command: `$name` is a variable, `$$` a dollar."""
    table: dict[str, Any] = {"prompt": whole} if isinstance(whole, str) else _table(whole)
    for key in set(table) - {"prompt", "system", "model", "defaults", "options", "schema_object", "name"}:
        found.notes.append(f"{stem}: `{key}` is not taken over.")
    variables: dict[str, Variable] = {}
    messages: list[tuple[str, str]] = []
    for role, key in (("system", "system"), ("user", "prompt")):
        if table.get(key):
            messages.append((role, _from_dollars(str(table[key]), _table(table.get("defaults")), variables)))
    if "prompt" not in table:
        variables["input"] = Variable(help="What is to be worked on.")
        messages.append(("user", "{{ input }}"))
    settings = _settings(found, stem, {**_table(table.get("options")), "model": table.get("model")})
    if isinstance(table.get("schema_object"), dict):
        settings["answer_schema"] = table["schema_object"]
    _add(
        found, str(table.get("name") or stem), "Imported from an llm template.", messages, variables, settings
    )


def _from_dollars(text: str, defaults: Mapping[str, Any], variables: dict[str, Variable]) -> str:
    pieces: list[str] = []
    at = 0
    for match in string.Template.pattern.finditer(text):
        pieces.append(_literal(text[at : match.start()]))
        name = match["named"] or match["braced"]
        if name:
            default = defaults.get(name)
            variables[name] = Variable(default=None if default is None else str(default))
            pieces.append(f"{{{{ {name} }}}}")
        else:
            pieces.append("$")
        at = match.end()
    return "".join([*pieces, _literal(text[at:])])


def _promptfoo(found: Foreign, whole: Any, stem: str) -> None:
    table = _table(whole)
    prompts = table.get("prompts")
    listed: list[Any] = (
        [prompts] if isinstance(prompts, (str, dict)) else list(cast(list[Any], prompts or []))
    )
    values = [
        _table(test).get("vars")
        for test in cast(list[Any], table.get("tests") or [])
        if isinstance(test, dict)
    ]
    samples = {str(key): value for each in values for key, value in _table(each).items()}
    for number, prompt in enumerate(listed, start=1):
        entry = _table(prompt) if isinstance(prompt, dict) else {"raw": prompt}
        raw = entry.get("raw") or entry.get("id") or ""
        name = str(entry.get("label") or (entry.get("id") if entry.get("raw") else "") or f"{stem} {number}")
        if (
            not isinstance(raw, str)
            or raw.startswith(("file://", "exec:"))
            or re.search(r"\.(txt|json|py|js|md)$", raw)
        ):
            found.notes.append(f"{name}: it points at a file ({raw}); import that file as well.")
            continue
        settings = _settings(found, name, _table(entry.get("config")))
        _add(found, name, "Imported from promptfoo.", _chat(raw), None, settings, samples)


def _chat(raw: str) -> list[tuple[str, str]]:
    """The messages of a prompt that may be a chat as JSON."""
    if raw.lstrip().startswith("["):
        try:
            listed = json.loads(raw)
        except json.JSONDecodeError:
            return [("user", raw)]
        if all(isinstance(each, dict) and "content" in each for each in listed):
            return [(str(each.get("role", "user")), str(each["content"])) for each in listed]
    return [("user", raw)]


def _json(found: Foreign, whole: Any, stem: str) -> None:
    if isinstance(whole, dict):
        table = _table(cast(object, whole))
        inner = next((table[key] for key in ("prompts", "templates", "items", "data") if key in table), None)
        if isinstance(inner, (list, dict)):
            _json(found, inner, stem)
            return
        if all(isinstance(value, str) for value in table.values()) and not set(table) & set(_TEXTS):
            _records(found, ({"name": name, "prompt": text} for name, text in table.items()), stem)
            return
        if all(isinstance(value, dict) for value in table.values()):
            _records(found, ({"name": name, **_table(value)} for name, value in table.items()), stem)
            return
        _records(found, [table], stem)
        return
    records = [
        {"prompt": each} if isinstance(each, str) else _table(each) for each in cast(list[Any], whole or [])
    ]
    _records(found, records, stem)


def _records(found: Foreign, records: Iterable[Mapping[str, Any]], stem: str) -> None:
    """Rows of a table, by whatever their columns are called."""
    for number, record in enumerate(records, start=1):
        row = {str(key).strip().lower(): value for key, value in record.items() if value not in (None, "")}
        name = str(next((row[key] for key in _NAMES if key in row), f"{stem} {number}"))
        messages: list[tuple[str, str]] = []
        if isinstance(row.get("messages"), list):
            messages = [(str(m.get("role", "user")), str(m.get("content", ""))) for m in row["messages"]]
        else:
            text = next((str(row[key]) for key in _TEXTS if key in row), "")
            system = str(row.get("system") or row.get("system_prompt") or "")
            messages = [("system", system)] if system else []
            messages += [("user", text)] if text else []
        if not messages:
            found.notes.append(f"{name}: it has no text.")
            continue
        tags = row.get("tags") or row.get("category") or ""
        given = cast(list[Any], tags) if isinstance(tags, list) else re.split(r"[,;|]", str(tags))
        listed = [str(tag) for tag in given]
        description = str(row.get("description") or "Imported.")
        settings = _settings(found, name, {key: row.get(key) for key in (*_OPTIONS, "model")})
        _add(
            found, name, description, messages, None, settings, tags=[t.strip() for t in listed if t.strip()]
        )


def _settings(found: Foreign, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that are ours; text as in a CSV is read as a number."""
    settings: dict[str, Any] = {}
    for key, value in given.items():
        if value is None or key not in (*_OPTIONS, "model"):
            continue
        wanted = [value] if key == "stop" and isinstance(value, str) else value
        try:
            PromptSettings.model_validate({key: wanted})
        except ValidationError:
            found.notes.append(f"{name}: the setting `{key}` ({value!r}) is not taken over.")
            continue
        settings[key] = wanted
    return settings


def _add(
    found: Foreign,
    name: str,
    description: str,
    messages: Iterable[tuple[str, str]],
    variables: dict[str, Variable] | None,
    settings: Mapping[str, Any],
    samples: Mapping[str, Any] | None = None,
    tags: Iterable[str] = (),
) -> None:
    """A template of these messages, in the language that they are written in."""
    given = [(role if role in _ROLES else "user", text) for role, text in messages]
    language = "default"
    if variables is None:
        variables, language, given = _understood(given, samples or {})
    taken = {template.name for template in found.templates}
    own = slug(name)
    ours = (
        own
        if own not in taken
        else next(f"{own[:76]}_{n}" for n in range(2, 10_000) if f"{own[:76]}_{n}" not in taken)
    )
    try:
        found.templates.append(
            TemplateFile(
                name=ours,
                description=description[:2000],
                tags=list(tags),
                variables=variables,
                settings=PromptSettings.model_validate(dict(settings)),
                engine="jinja2" if language == "jinja2" else "default",
                messages=[MessageContent.model_validate({"role": r, "content": t}) for r, t in given],
            )
        )
    except ValidationError as error:
        found.notes.append(f"{name}: {error.errors()[0]['msg']}.")


def _understood(
    messages: list[tuple[str, str]], samples: Mapping[str, Any]
) -> tuple[dict[str, Variable], str, list[tuple[str, str]]]:
    """Variables and language of texts with tags: ours if they hold nothing but names, else Jinja2 if they look like it,
    else text that means nothing but itself."""
    names = {name: None for _, text in messages for name in _SIMPLE_TAG.findall(text)}
    rest = [_SIMPLE_TAG.sub("", text) for _, text in messages]
    if any("{%" in text or "{{" in text for text in rest):
        if any(re.search(r"\{%.*?%\}", text, re.S) for text in rest):
            loose = {n: None for t in rest for n in re.findall(r"\b(?:if|in|\{\{)\s+([A-Za-z_]\w*)", t)}
            inner = {n for t in rest for n in re.findall(r"\bfor\s+([A-Za-z_]\w*)\s+in\b", t)}
            known = [n for n in {**names, **loose} if n not in inner | {"not", "loop"}]
            return {n: _typed(samples.get(n)) for n in known}, "jinja2", messages
        return {}, "default", [(role, _literal(text)) for role, text in messages]
    plain = [(role, _SIMPLE_TAG.sub(r"{{ \1 }}", text)) for role, text in messages]
    try:
        for _, text in plain:
            engine.parse(text)
    except ScrivanoError:
        return {}, "default", [(role, _literal(text)) for role, text in messages]
    return {n: _typed(samples.get(n)) for n in names}, "default", plain


def _typed(sample: Any) -> Variable:
    """A variable of the type that a sample value has."""
    match sample:
        case bool():
            return Variable(type="flag")
        case int() | float():
            return Variable(type="number")
        case list():
            return Variable(type="list")
        case dict():
            return Variable(type="json")
        case _:
            return Variable()


def _literal(text: str) -> str:
    return text.replace("{{", r"\{{")


def _table(value: Any) -> dict[str, Any]:
    return (
        {str(key): item for key, item in cast(dict[Any, Any], value).items()}
        if isinstance(value, dict)
        else {}
    )
