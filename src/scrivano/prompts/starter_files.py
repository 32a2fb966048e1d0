"""The starter files: prompts that come with Scrivano, as YAML beside this module.

`starter/<template>.yaml` holds a template, `starter/parts/<part>.yaml` a part that templates share. They are
loaded into the database once; from there on the database is what counts.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from scrivano.core.errors import InvalidInput
from scrivano.prompts.dto import (
    Engine,
    MessageContent,
    Name,
    PartContent,
    PartKind,
    PromptSettings,
    TemplateContent,
    Variable,
    VariableName,
)

STARTER = Path(__file__).parent / "starter"

FileT = TypeVar("FileT", "PartFile", "TemplateFile")


class PartFile(BaseModel):
    """A part as a file holds it."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    kind: PartKind
    description: str
    tags: list[str] = []
    order: int = 0
    language: str = "en"
    variables: dict[VariableName, Variable] = {}
    text: str

    def content(self) -> PartContent:
        """What is versioned of it."""
        return PartContent(text=self.text.strip(), variables=self.variables)


class TemplateFile(BaseModel):
    """A template as a file holds it."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    description: str
    tags: list[str] = []
    variables: dict[VariableName, Variable] = {}
    settings: PromptSettings = PromptSettings()
    answer: str | None = None
    engine: Engine = "default"
    messages: list[MessageContent]

    def content(self) -> TemplateContent:
        """What is versioned of it."""
        return TemplateContent(
            variables=self.variables,
            settings=self.settings,
            answer=self.answer,
            engine=self.engine,
            messages=tuple(self.messages),
        )


@dataclass(frozen=True, slots=True)
class StarterSet:
    """The files of a starter folder as bytes, and a digest over them."""

    folder: Path
    files: tuple[tuple[str, bytes], ...]
    digest: str

    def parts(self) -> list[PartFile]:
        """The parts. Raises InvalidInput naming the file that is wrong."""
        return [_read(name, raw, PartFile) for name, raw in self.files if name.startswith("parts/")]

    def templates(self) -> list[TemplateFile]:
        """The templates. Raises InvalidInput naming the file that is wrong."""
        return [_read(name, raw, TemplateFile) for name, raw in self.files if "/" not in name]


def read_starter(folder: Path = STARTER) -> StarterSet:
    """Read the files of a folder without understanding them yet."""
    paths = sorted([*folder.glob("*.yaml"), *folder.glob("parts/*.yaml")])
    files = tuple((path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths)
    return StarterSet(folder, files, _digest(files))


def _digest(files: Sequence[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256()
    for name, raw in files:
        digest.update(f"{name}\0{len(raw)}\0".encode() + raw)
    return digest.hexdigest()


def _read(name: str, raw: bytes, kind: type[FileT]) -> FileT:
    try:
        return kind.model_validate(yaml.safe_load(raw))
    except (yaml.YAMLError, ValidationError) as error:
        raise InvalidInput(f"The prompt file {name} is not valid: {error}", field=name) from error
