"""Use-cases of `prompts`: render, pin, load; with those of reading and editing."""

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from scrivano.core.database import Database
from scrivano.llm.public import Message
from scrivano.prompts import compiled, engine, finding, loading, repo, repo_labels
from scrivano.prompts.compiled import Compiled, Piece
from scrivano.prompts.dto import (
    PRODUCTION,
    PromptNotFound,
    RenderedPrompt,
    StarterReport,
    TemplateContent,
    TemplateSyntax,
)
from scrivano.prompts.editing import Editing
from scrivano.prompts.models import Template
from scrivano.prompts.sandbox import Sandbox
from scrivano.prompts.starter_files import STARTER, StarterSet, read_starter

_KEPT = 256


class Prompts(Editing):
    """The prompts of this installation. Versions never change, so those in use stay in memory, compiled."""

    def __init__(self, database: Database, sandbox: Sandbox | None = None) -> None:
        super().__init__(database, sandbox)
        self._compiled: OrderedDict[UUID, Compiled] = OrderedDict()

    async def render(
        self,
        name: str,
        variables: Mapping[str, object],
        *,
        version_id: str | None = None,
        label: str = PRODUCTION,
    ) -> RenderedPrompt:
        """The exact messages of a template with these values, by pinned version or by label.

        Values are JSON, Pydantic models or tuples; None counts as not given. A value is never read as a
        template. Raises PromptNotFound, MissingVariable, UnknownVariable, WrongValue, TooMuch.
        """
        return await self.fill(await self.compiled(name, version_id=version_id, label=label), variables)

    async def locate(self, name: str, version: int | str = PRODUCTION) -> tuple[UUID, int]:
        """Id and number of a template's version, by number or label. Raises PromptNotFound."""
        number = int(version) if isinstance(version, int) or version.isdecimal() else None
        label = None if number is not None else str(version)
        async with self._database.read() as session:
            found = await repo.version_id(session, name, number, label)
            if found is None:
                await finding.template(session, name)
                if label is not None:
                    raise finding.no_label(name, label)
                raise PromptNotFound(f"{name} has no version {version}.", field="version")
        return found[0], found[1]

    async def compiled(
        self, name: str, *, version_id: str | None = None, label: str = PRODUCTION
    ) -> Compiled:
        """A template's version ready to be filled in. Raises PromptNotFound."""
        wanted = finding.as_id(version_id) if version_id is not None else await self._labelled(name, label)
        template = await self._compiled_version(wanted)
        if template.name != name:
            raise PromptNotFound(f"Version {wanted} belongs to the prompt {template.name}, not to {name}.")
        return template

    async def assemble(self, content: TemplateContent, name: str = "unsaved") -> Compiled:
        """Content that is not saved, ready to be filled in, with the parts and templates now in production.

        Raises what saving it would raise.
        """
        async with self._database.begin() as session:
            parts = await finding.production_parts(session, content.part_names())
            included = await finding.production_templates(session, content.template_names())
            making = loading.Making(Template(name=name, description=""), content, parts, included)
            return await loading.check(session, making, self._sandbox)

    def check(self, template: Compiled, given: Mapping[str, object], later: Collection[str] = ()) -> None:
        """Raise what filling in would raise for these values; those of the variables named come later."""
        for name in later:
            compiled.check_known(template, name)
        stand_ins = {name: compiled.stand_in(name, template.variables[name]) for name in later}
        compiled.begin(template, {**given, **stand_ins})

    async def names_read(self, template: Compiled, pieces: Sequence[Piece]) -> set[str]:
        """The variables that pieces of a template read, their conditions included."""
        sources = [piece.source for piece in pieces if piece.source is not None]
        found = await self._sandbox.check(template.name, sources) if self._sandbox and sources else []
        names = {name for each in found for name in each}
        for piece in pieces:
            names |= engine.names_used(piece.nodes) | {each.path[0] for each in piece.conditions}
        return names

    async def jinja_names(self, where: str, text: str) -> set[str]:
        """The variables that a Jinja2 text reads. Raises TemplateSyntax or TooMuch, naming `where`."""
        if self._sandbox is None:
            raise TemplateSyntax("Jinja2 templates cannot be checked here.", field="engine")
        return set((await self._sandbox.check(where, [text]))[0])

    async def fill(self, template: Compiled, variables: Mapping[str, object]) -> RenderedPrompt:
        """The messages of a template that is ready. Raises as `render`."""
        filling = compiled.begin(template, variables)
        if not filling.sources:
            return compiled.finish(filling)
        if self._sandbox is None:
            raise TemplateSyntax("Jinja2 templates cannot be filled in here.", field="engine")
        sources = [piece.source or "" for piece in filling.sources]
        return compiled.finish(filling, await self._sandbox.render(template.name, sources, filling.values))

    async def source(self, name: str, variables: Mapping[str, object]) -> tuple[list[Message], str]:
        """Messages and version id under `production`: the port through which `llm` gets its own prompts."""
        prompt = await self.render(name, variables)
        return prompt.messages, prompt.version_id

    async def pin(self, names: Sequence[str], *, label: str = PRODUCTION) -> dict[str, str]:
        """Version ids of these templates, for a run that is to use the same ones to its end.

        Raises PromptNotFound if one has no version under the label.
        """
        async with self._database.read() as session:
            found = dict(await repo_labels.labelled_versions(session, names, label))
        for name in names:
            if name not in found:
                raise finding.no_label(name, label)
        return {name: str(found[name]) for name in names}

    async def load_starter(self, starter: StarterSet | None = None) -> StarterReport:
        """Bring the prompts that come with Scrivano into the database.

        Costs one query when nothing changed. New starter versions are added beside what is there; a label
        that a person moved stays where it is.
        """
        return await loading.load(self._database, starter or read_starter(STARTER))

    async def _labelled(self, name: str, label: str) -> UUID:
        async with self._database.read() as session:
            found = await repo_labels.labelled_versions(session, [name], label)
        if not found:
            raise finding.no_label(name, label)
        return found[0][1]

    async def _compiled_version(self, version_id: UUID) -> Compiled:
        if version_id not in self._compiled:
            async with self._database.read() as session:
                version = await finding.version(session, version_id)
            self._compiled[version_id] = compiled.compile_version(version)
            while len(self._compiled) > _KEPT:
                self._compiled.popitem(last=False)
        self._compiled.move_to_end(version_id)
        return self._compiled[version_id]
