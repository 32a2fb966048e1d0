"""Reading a book back as it stands: its chapters with their texts, and what is true of it in every run."""

from dataclasses import dataclass

from scrivano import __version__
from scrivano.books import repo
from scrivano.books.dto import BookOutline
from scrivano.books.files import Manuscript, ManuscriptChapter
from scrivano.books.manuscript import assemble
from scrivano.books.provenance import Facts, PromptFact, SourceFact, named, writers
from scrivano.books.stages import BUILT_IN, ChapterDraft, Plan
from scrivano.core.database import Database
from scrivano.documents.public import Documents
from scrivano.llm.public import LLMService
from scrivano.packs.public import Packs
from scrivano.prompts.public import Prompts
from scrivano.references.public import Reference


@dataclass(frozen=True)
class Shelved:
    """A book as it is stored. `sentences` are per chapter, empty for a model's."""

    manuscript: Manuscript
    facts: Facts
    drafts: list[ChapterDraft]
    sentences: list[list[dict[str, str]]]


class Shelf:
    """Puts a stored book together for typesetting and for its account."""

    def __init__(
        self, database: Database, documents: Documents, llm: LLMService, prompts: Prompts, packs: Packs
    ) -> None:
        self._database = database
        self._documents = documents
        self._llm = llm
        self._prompts = prompts
        self._packs = packs

    async def take(self, plan: Plan, run_id: str) -> Shelved:
        """The book as it stands now, with the chapters that are stored."""
        async with self._database.begin() as session:
            row = await repo.get_book(session, plan.book_id)
            places = await repo.list_chapters(session, plan.book_id)
            references = [
                Reference.model_validate(r) for r in await repo.get_references(session, plan.book_id)
            ]
        outline = BookOutline.model_validate(row.outline if row and row.outline else {})
        drafts: list[ChapterDraft] = []
        sentences: list[list[dict[str, str]]] = []
        for place in places:
            version = await self._documents.latest(place.document_id)
            drafts.append(ChapterDraft.model_validate({**place.facts, "text": version.text}))
            sentences.append([dict(s) for s in version.sources])
        facts = await self._facts(plan, run_id, references, sentences)
        chapters = [ManuscriptChapter(title=d.title, markdown=d.text) for d in drafts]
        terms = await self._terms(plan, drafts)
        return Shelved(assemble(plan, outline, chapters, facts, terms), facts, drafts, sentences)

    async def _facts(
        self, plan: Plan, run_id: str, references: list[Reference], sentences: list[list[dict[str, str]]]
    ) -> Facts:
        models = writers(await self._llm.run_requests(run_id)) if plan.writer != BUILT_IN else []
        return Facts(
            writer=plan.writer,
            generated_with=named(models),
            models=models,
            prompts=[
                await self._prompt_fact(name, version) for name, version in sorted(plan.prompts.items())
            ],
            sources=_sources(references, [s for chapter in sentences for s in chapter]),
            scrivano=__version__,
        )

    async def _prompt_fact(self, name: str, version_id: str) -> PromptFact:
        version = await self._prompts.show_version(version_id)
        return PromptFact(name=name, version=version.info.number, hash=version.info.hash)

    async def _terms(self, plan: Plan, drafts: list[ChapterDraft]) -> list[str]:
        """What the index may hold: names that the chapters brought in, and the niche's own vocabulary."""
        terms = [name for draft in drafts if draft.memory for name in draft.memory.names]
        brief = plan.brief
        if brief.domain and brief.niche:
            niche = await self._packs.niche(brief.domain, brief.niche)
            samples = await self._packs.chapter_samples(brief.domain, brief.niche)
            terms += [*niche.keywords, *(topic for sample in samples for topic in sample.topics)]
        return terms


def _sources(references: list[Reference], sentences: list[dict[str, str]]) -> list[SourceFact]:
    counts: dict[str, int] = {}
    titles: dict[str, str] = {}
    for sentence in sentences:
        source = sentence["source_id"]
        counts[source] = counts.get(source, 0) + 1
        titles[source] = sentence["source_title"]
    facts = [
        SourceFact(
            kind="reference",
            name=reference.name,
            title=reference.title,
            sha256=reference.sha256,
            sentences=counts.get(reference.name) if sentences else None,
        )
        for reference in references
    ]
    own = {reference.name for reference in references}
    facts += [
        SourceFact(kind="pack sample", name=source, title=titles[source], sentences=count)
        for source, count in sorted(counts.items())
        if source not in own
    ]
    return facts
