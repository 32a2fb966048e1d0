"""What saving a part would change, before it is saved: in each template that is made with it, and in those around."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from scrivano.core.database import Database
from scrivano.core.errors import ScrivanoError
from scrivano.llm.public import LLMError, LLMService, bound
from scrivano.prompts import compiled, engine, finding, repo_usage, rows
from scrivano.prompts.dto import PartContent, Variable
from scrivano.prompts.service import Prompts


class Affected(BaseModel):
    """A template that saving a part would change. `change` is the difference in tokens where all of it is shown;
    `broken` says why it would no longer hold together, so that the part could not be saved."""

    model_config = ConfigDict(frozen=True)

    name: str
    version: int
    uses: int
    change: int
    indirect: bool = False
    broken: str | None = None


class Impact(BaseModel):
    """What saving a part would change. `exact` counts are by the tokenizer of `model`, others bounds."""

    model_config = ConfigDict(frozen=True)

    part: str
    templates: list[Affected]
    model: str | None
    exact: bool


class Impacts:
    """Looks ahead; saves nothing."""

    def __init__(self, database: Database, prompts: Prompts, llm: LLMService) -> None:
        self._database = database
        self._prompts = prompts
        self._llm = llm

    async def of_part(self, part: str, content: PartContent, *, model: str = "auto") -> Impact:
        """The templates that saving this text of a part would change, those that include one of them as well.

        Raises PromptNotFound. A template that would break says so instead of raising.
        """
        async with self._database.read() as session:
            found = await finding.part(session, part)
            uses = await repo_usage.usage_of_part(session, found.id)
            pinned = await repo_usage.part_contents(session, list({use[2] for use in uses})) if uses else ()
            included = await repo_usage.templates_having(session, found.id)
        before = {row.id: rows.part_content(row) for row in pinned}
        counts, exact, counted_by = await self._counts(
            [content.text, *(b.text for b in before.values())], model
        )
        change = {id: counts[0] - count for id, count in zip(before, counts[1:], strict=True)}
        languages = {use[4] for use in uses}
        faults: dict[str, str] = {}
        if "jinja2" in languages or _suspect(content, list(before.values())):
            faults = await self._faults(found.id, part, content, {use[0]: use[4] for use in uses}, before)
        affected = [
            Affected(
                name=name, version=number, uses=times, change=times * change[id], broken=faults.get(name)
            )
            for name, number, id, times, _ in uses
        ]
        if included:
            affected += await self._indirect(part, content, included, next(iter(change.values())))
        return Impact(part=part, templates=affected, model=counted_by, exact=exact)

    async def _counts(self, texts: Sequence[str], model: str) -> tuple[list[int], bool, str | None]:
        try:
            counts, found = await self._llm.count_tokens(texts, model)
        except LLMError:
            return [bound(text) for text in texts], False, None
        return [count.tokens for count in counts], all(count.exact for count in counts), found.name

    async def _faults(
        self,
        part_id: UUID,
        part: str,
        content: PartContent,
        languages: Mapping[str, str],
        before: Mapping[UUID, PartContent],
    ) -> dict[str, str]:
        """Why templates would not hold together with the new text, by their names. Many are looked at together: only
        those that more than their declarations decide about are assembled."""
        read = {
            language: await self._names_read(part, content, language) for language in set(languages.values())
        }
        gone = {name for each in before.values() for name in each.variables} - set(content.variables)
        async with self._database.read() as session:
            declaring = await repo_usage.declared_beside_part(session, part_id)
            ids = [row[1] for row in declaring]
            beside: dict[UUID, set[str]] = {}
            for id, variables in await repo_usage.variables_of_parts(session, ids, part_id):
                beside.setdefault(id, set()).update(variables)
            whole = await repo_usage.including_others(session, ids)
            whole |= await repo_usage.mentioning(session, ids, sorted(gone), part_id) if gone else set()
        faults: dict[str, str] = {}
        for name, id, own in declaring:
            if id in whole:
                fault = await self._assembled(name, part, content)
            else:
                known = {*own, *beside.get(id, ()), *content.variables}
                types = {key: str(each.get("type", "text")) for key, each in own.items()}
                fault = _fault(name, part, content.variables, types, read[languages[name]], known)
            if fault:
                faults[name] = fault
        return faults

    async def _names_read(self, part: str, content: PartContent, language: str) -> set[str] | str:
        """The variables that the text reads, or why it cannot be read."""
        try:
            if language == "jinja2":
                return await self._prompts.jinja_names(part, content.text)
            return engine.names_used(engine.parse(content.text, where=part))
        except ScrivanoError as error:
            return error.message

    async def _assembled(self, template: str, part: str, content: PartContent) -> str | None:
        """Why a template would not hold together with the new text."""
        shown = await self._prompts.show(template)
        if part not in shown.parts:
            return None
        changed = shown.parts[part].model_copy(update={"content": content})
        try:
            compiled.compile_version(shown.model_copy(update={"parts": {**shown.parts, part: changed}}))
        except ScrivanoError as error:
            return error.message
        return None

    async def _indirect(
        self, part: str, content: PartContent, direct: set[UUID], change: int
    ) -> list[Affected]:
        """Templates that include others with the part; how often it stands in them is counted in what they become."""
        found: dict[str, Affected] = {}
        waiting, seen = list(direct), set[UUID]()
        while waiting:
            template_id = waiting.pop()
            async with self._database.read() as session:
                outers = [(t.id, t.name) for t in await repo_usage.templates_including(session, template_id)]
            for outer_id, name in outers:
                if outer_id in seen:
                    continue
                seen.add(outer_id)
                waiting.append(outer_id)
                shown = await self._prompts.show(name)
                template = await self._prompts.compiled(name, version_id=str(shown.info.id))
                uses = sum(piece.where == part for message in template.messages for piece in message.pieces)
                types = {key: each.type for key, each in shown.content.variables.items()}
                found[name] = Affected(
                    name=name,
                    version=shown.info.number,
                    uses=uses,
                    change=uses * change,
                    indirect=True,
                    broken=_fault(name, part, content.variables, types, set(), set()),
                )
        return [found[name] for name in sorted(found)]


def _fault(
    name: str,
    part: str,
    variables: Mapping[str, Variable],
    types: Mapping[str, str],
    read: set[str] | str,
    known: set[str],
) -> str | None:
    """Why a template that declares variables of these `types` would not hold together; `read` is what the part's text
    reads, or why it cannot be read."""
    for key, variable in variables.items():
        if key in types and types[key] != variable.type:
            return compiled.other_type(key, types[key], name, variable.type, "part", part)
    if isinstance(read, str):
        return read
    missing = sorted(read - known)
    return compiled.undeclared(missing[0], part) if missing else None


def _suspect(content: PartContent, before: Sequence[PartContent]) -> bool:
    """Whether the new text may break a template: where it reads or declares other variables than the old ones did."""
    if any(each.variables != content.variables for each in before):
        return True
    try:
        names = engine.names_used(engine.parse(content.text))
        old = [engine.names_used(engine.parse(each.text)) for each in before]
    except ScrivanoError:
        return True
    return bool(names - set(content.variables) - (set.intersection(*old) if old else set()))
