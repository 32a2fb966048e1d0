"""A pack's folder: reading it with every problem named, and writing it back.

<domain>/pack.toml
<domain>/<niche>/outlines/<name>.toml
<domain>/<niche>/chapters/<name>.md      a TOML head between two lines of +++, then Markdown
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from scrivano.packs.dto import ChapterFile, Finding, OutlineFile, PackFile, SampleKind
from scrivano.packs.text import count_words

MAX_BYTES = 1_000_000
FOLDERS: dict[SampleKind, tuple[str, str]] = {
    "outline": ("outlines", ".toml"),
    "chapter": ("chapters", ".md"),
}
_NAME = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
FileT = TypeVar("FileT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class SampleFile:
    """A sample as read. `key` is `domain/niche/outlines/name`; `hash` is over its content, not its bytes."""

    key: str
    niche: str
    kind: SampleKind
    content: OutlineFile | ChapterFile
    hash: str
    words: int


@dataclass(slots=True)
class PackFolder:
    """A pack as read: what could be understood, and what could not."""

    path: Path
    pack: PackFile | None = None
    samples: list[SampleFile] = field(default_factory=list[SampleFile])
    findings: list[Finding] = field(default_factory=list[Finding])

    def error(self, where: str, message: str) -> None:
        """Note an error."""
        self.findings.append(Finding(severity="error", where=where, message=message))

    def hash(self) -> str:
        """Identifies the whole content of the pack."""
        assert self.pack is not None
        samples = {sample.key: sample.hash for sample in self.samples}
        return content_hash({"pack": self.pack.model_dump(mode="json"), "samples": samples})


def read_pack(path: Path) -> PackFolder:
    """Read a pack's folder. Never raises for what is in it: `findings` say what is wrong."""
    folder = PackFolder(path)
    raw = _raw(folder, path / "pack.toml", "pack.toml")
    if raw is None:
        return folder
    folder.pack = _model(folder, "pack.toml", _toml(folder, "pack.toml", raw), PackFile)
    if folder.pack is None:
        return folder
    slugs = [niche.slug for niche in folder.pack.niche]
    for slug in sorted({slug for slug in slugs if slugs.count(slug) > 1}):
        folder.error("pack.toml", f"The niche {slug} is listed twice.")
    for slug in dict.fromkeys(slugs):
        for kind in FOLDERS:
            _read_samples(folder, folder.pack.slug, slug, kind)
    _name_strangers(folder, slugs)
    return folder


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 in hex of JSON content with sorted keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def write_pack(path: Path, pack: PackFile, samples: Iterable[tuple[str, OutlineFile | ChapterFile]]) -> None:
    """Write a pack below `path`; `samples` are contents by key. It reads back with the same hashes."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "pack.toml").write_text(_to_toml(pack), encoding="utf-8")
    for key, sample in samples:
        _, niche, folder, name = key.split("/")
        target = path / niche / folder
        target.mkdir(parents=True, exist_ok=True)
        if isinstance(sample, ChapterFile):
            head = _to_toml(sample, leave_out="text")
            (target / f"{name}.md").write_text(f"+++\n{head}+++\n{sample.text}\n", encoding="utf-8")
        else:
            (target / f"{name}.toml").write_text(_to_toml(sample), encoding="utf-8")


# --- reading --------------------------------------------------------------------------------------


def _read_samples(folder: PackFolder, domain: str, niche: str, kind: SampleKind) -> None:
    name, suffix = FOLDERS[kind]
    here = folder.path / niche / name
    if not here.is_dir():
        return
    for path in sorted(here.iterdir()):
        where = f"{niche}/{name}/{path.name}"
        if path.suffix != suffix or not _NAME.match(path.stem):
            folder.error(where, f"Only files named like a-few-words{suffix} belong here.")
            continue
        raw = _raw(folder, path, where)
        if raw is None:
            continue
        content = _outline(folder, where, raw) if kind == "outline" else _chapter(folder, where, raw)
        if content is None:
            continue
        key = f"{domain}/{niche}/{name}/{path.stem}"
        words = count_words(content.text) if isinstance(content, ChapterFile) else 0
        digest = content_hash(content.model_dump(mode="json"))
        folder.samples.append(SampleFile(key, niche, kind, content, digest, words))


def _outline(folder: PackFolder, where: str, raw: str) -> OutlineFile | None:
    return _model(folder, where, _toml(folder, where, raw), OutlineFile)


def _chapter(folder: PackFolder, where: str, raw: str) -> ChapterFile | None:
    parts = re.match(r"\A\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*\n(.*)\Z", raw, re.DOTALL | re.MULTILINE)
    if parts is None:
        folder.error(where, "The file should begin with a TOML head between two lines of +++.")
        return None
    head = _toml(folder, where, parts[1])
    if head is None:
        return None
    if "text" in head:
        folder.error(where, "text: belongs below the head, not in it.")
        return None
    return _model(folder, where, {**head, "text": parts[2]}, ChapterFile)


def _raw(folder: PackFolder, path: Path, where: str) -> str | None:
    if not path.is_file():
        folder.error(where, "The file is missing.")
    elif not path.resolve().is_relative_to(folder.path.resolve()):
        folder.error(where, "The file is a link that leads out of the pack.")
    elif path.stat().st_size > MAX_BYTES:
        folder.error(where, f"The file is larger than {MAX_BYTES:,} bytes.")
    else:
        try:
            text = path.read_bytes().decode()
        except (OSError, UnicodeDecodeError) as error:
            folder.error(where, f"The file can't be read as UTF-8 text: {error}")
            return None
        if "\0" not in text:
            return text.replace("\r\n", "\n")
        folder.error(where, "The file holds a NUL character; it is no text.")
    return None


def _toml(folder: PackFolder, where: str, raw: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(raw)
    except tomllib.TOMLDecodeError as error:
        folder.error(where, f"This is not valid TOML: {error}")
        return None


def _model(folder: PackFolder, where: str, values: dict[str, Any] | None, model: type[FileT]) -> FileT | None:
    if values is None:
        return None
    try:
        return model.model_validate(values)
    except ValidationError as error:
        for problem in error.errors():
            place = ".".join(str(part) for part in problem["loc"])
            known = ", ".join(model.model_fields)
            missing = {
                "missing": "is missing.",
                "extra_forbidden": f"is not a known key. Known here: {known}."
                if len(problem["loc"]) == 1
                else "is not a known key.",
            }.get(problem["type"], f"{problem['msg']}.")
            folder.error(where, f"{place}: {missing}")
        return None


def _name_strangers(folder: PackFolder, niches: list[str]) -> None:
    """What is in the folder and means nothing is most likely a slip of the pen."""
    allowed = {"pack.toml", "LICENSE", "README.md", *niches}
    for path in sorted(folder.path.iterdir()):
        if path.name not in allowed and not path.name.startswith("."):
            message = "Not listed as a niche in pack.toml." if path.is_dir() else "Not part of a pack."
            folder.findings.append(Finding(severity="warning", where=path.name, message=message))
    for niche in niches:
        if not (folder.path / niche).is_dir():
            continue
        for path in sorted((folder.path / niche).iterdir()):
            if path.name not in {name for name, _ in FOLDERS.values()} and not path.name.startswith("."):
                where = f"{niche}/{path.name}"
                folder.findings.append(
                    Finding(severity="warning", where=where, message="Not part of a niche.")
                )


# --- writing --------------------------------------------------------------------------------------


def _to_toml(model: BaseModel, *, leave_out: str = "") -> str:
    values = model.model_dump(mode="json", exclude={leave_out} if leave_out else None)
    plain = {k: v for k, v in values.items() if not _is_table_list(v)}
    lines = [f"{key} = {_value(value)}" for key, value in plain.items()]
    for key, tables in values.items():
        if key in plain:
            continue
        for table in tables:
            lines += ["", f"[[{key}]]", *(f"{k} = {_value(v)}" for k, v in table.items())]
    return "\n".join(lines) + "\n"


def _is_table_list(value: object) -> bool:
    if not isinstance(value, list):
        return False
    items = cast("list[object]", value)
    return bool(items) and isinstance(items[0], dict)


def _value(value: object) -> str:
    """A TOML value. JSON's strings, numbers and lists are TOML's but for a bare DEL, which TOML forbids."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
