"""Prompts as files: all of them out, and in again with the same hashes; and in from other programs."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput
from scrivano.prompts import finding, repo, repo_labels, saving
from scrivano.prompts.archive import Archive, Taking, closure, part_out, template_out
from scrivano.prompts.canonical import part_hash
from scrivano.prompts.dto import PRODUCTION, Author, LabelProtected
from scrivano.prompts.foreign import ForeignFormat, guess_format, read_foreign
from scrivano.prompts.sandbox import Sandbox
from scrivano.prompts.starter_files import PartFile, TemplateFile

Format = Literal["auto", "scrivano", "llm", "promptfoo", "csv", "json"]
_IMPORTER = Author(kind="import")
_LARGEST = 64_000_000
_NOTE = "Imported."
FileT = TypeVar("FileT", bound=BaseModel)


class ImportReport(BaseModel):
    """What an import brought: names with new versions, names that had all of it already, and what was left out."""

    model_config = ConfigDict(frozen=True)

    format: str
    new: list[str]
    unchanged: list[str]
    notes: list[str]


class PromptFiles:
    """Export and import."""

    def __init__(self, database: Database, sandbox: Sandbox | None = None) -> None:
        """Without a sandbox no Jinja2 templates can be taken in."""
        self._database = database
        self._sandbox = sandbox

    async def export(self, names: Sequence[str] = ()) -> str:
        """The parts and templates named, or all, with every version and label, as YAML.

        With a template come the parts and templates that any of its versions pins. Raises PromptNotFound.
        """
        async with self._database.read() as session:
            parts, templates = await closure(session, names)
            archive = Archive(
                parts=[await part_out(session, name) for name in sorted(parts)],
                templates=[await template_out(session, name) for name in sorted(templates)],
            )
        whole = archive.model_dump(mode="json", exclude_defaults=True)
        return yaml.dump(
            {"scrivano_prompts": 1, **whole},
            Dumper=_Dumper,
            allow_unicode=True,
            sort_keys=False,
            width=10_000,
        )

    async def take_in(
        self,
        text: str,
        *,
        file_name: str = "import.yaml",
        format: Format = "auto",
        author: Author = _IMPORTER,
        trusted: bool = True,
    ) -> ImportReport:
        """Import a file, all of it or nothing. What is there already, by its hash, makes no new version.

        Versions of an export keep content, pins and hash; its labels move to where they were. Prompts of other programs
        become templates in production. Raises InvalidInput for a file that cannot be read, LabelProtected.
        """
        if len(text) > _LARGEST:
            raise InvalidInput(f"The file is longer than {_LARGEST:,} characters.", field="file")
        kind = guess_format(text, file_name) if format == "auto" else format
        if kind == "scrivano":
            return await self._take_own(text, author, trusted)
        stem = file_name.rsplit("/", 1)[-1].rsplit(".", 1)[0] or "prompt"
        foreign = read_foreign(text, _as_foreign(kind), stem)
        new, same = await self._take_files((), foreign.templates, author, trusted)
        return ImportReport(format=kind, new=new, unchanged=same, notes=foreign.notes)

    async def _take_own(self, text: str, author: Author, trusted: bool) -> ImportReport:
        whole = _parsed(text)
        if "scrivano_prompts" not in whole:
            return await self._take_single(whole, author, trusted)
        archive = _valid(Archive, whole)
        async with self._database.begin() as session:
            await repo.lock_edits(session)
            protected = await repo_labels.protected_labels(session)
            taking = Taking(session, author, trusted, protected, self._sandbox)
            for part in archive.parts:
                await taking.part(part)
            await taking.templates(archive.templates)
        return ImportReport(format="scrivano", new=taking.new, unchanged=taking.same, notes=[])

    async def _take_single(self, whole: Mapping[str, Any], author: Author, trusted: bool) -> ImportReport:
        """A file that holds one part or one template, as those that come with Scrivano."""
        parts = [_valid(PartFile, whole)] if "text" in whole else []
        templates = [] if parts else [_valid(TemplateFile, whole)]
        new, same = await self._take_files(parts, templates, author, trusted)
        return ImportReport(format="scrivano", new=new, unchanged=same, notes=[])

    async def _take_files(
        self, parts: Sequence[PartFile], templates: Sequence[TemplateFile], author: Author, trusted: bool
    ) -> tuple[list[str], list[str]]:
        new: list[str] = []
        same: list[str] = []
        async with self._database.begin() as session:
            await repo.lock_edits(session)
            if not trusted and PRODUCTION in await repo_labels.protected_labels(session):
                raise LabelProtected(f"The label {PRODUCTION} is protected.", field="label")
            for part in parts:
                (new if await self._take_part(session, part, author) else same).append(part.name)
            for file in templates:
                (new if await self._take_template(session, file, author) else same).append(file.name)
        return new, same

    async def _take_part(self, session: AsyncSession, file: PartFile, author: Author) -> bool:
        """Whether the part, or this version of it, is new."""
        content = file.content()
        if await repo.get_part(session, file.name) is None:
            part = await saving.new_part(
                session, file.name, file.kind, file.description, file.tags, file.order, file.language
            )
        else:
            part = await finding.part(session, file.name, lock=True)
            known = {row.content_hash for row in await repo.part_versions(session, part.id)}
            if part_hash(content) in known:
                return False
        await saving.save_part(session, part, content, _NOTE, author, PRODUCTION, self._sandbox)
        return True

    async def _take_template(self, session: AsyncSession, file: TemplateFile, author: Author) -> bool:
        """Whether the template, or this version of it, is new."""
        if await repo.get_template(session, file.name) is None:
            template = await saving.new_template(session, file.name, file.description, file.tags)
        else:
            template = await finding.template(session, file.name, lock=True)
        before = await repo.template_versions(session, template.id)
        saved = await saving.save(
            session,
            template,
            file.content(),
            _NOTE,
            author,
            PRODUCTION,
            self._sandbox,
            existing=before,
        )
        return saved.info.id not in {row.id for row in before}


def _parsed(text: str) -> dict[str, JsonValue]:
    try:
        whole = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidInput(f"The file is no YAML: {error}", field="file") from error
    if not isinstance(whole, dict):
        raise InvalidInput("The file holds no prompts.", field="file")
    return whole  # pyright: ignore[reportUnknownVariableType]


def _valid(kind: type[FileT], whole: object) -> FileT:
    try:
        return kind.model_validate(whole)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise InvalidInput(
            f"The file is not as it should be: {where}: {first['msg']}.", field=where
        ) from error


def _as_foreign(kind: str) -> ForeignFormat:
    assert kind in ("llm", "promptfoo", "csv", "json")
    return kind


class _Dumper(yaml.SafeDumper):
    """Texts of several lines are written as lines where YAML can give every character back."""


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
