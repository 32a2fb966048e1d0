"""Reading a book back as it stands: its chapters with their texts, and what is true of it in every run."""

from dataclasses import dataclass
from uuid import UUID

from scrivano import __version__
from scrivano.books import repo
from scrivano.books.dto import BookOutline
from scrivano.books.files import Manuscript, ManuscriptChapter
from scrivano.books.length import count_words
from scrivano.books.manuscript import assemble
from scrivano.books.provenance import Facts, PromptFact, SourceFact, named, writers
from scrivano.books.stages import ChapterDraft, Edition, Plan
from scrivano.core.database import Database
from scrivano.documents.public import Documents, VersionInfo
from scrivano.llm.public import LLMService, RequestView
from scrivano.packs.public import Packs
from scrivano.prompts.public import Prompts
from scrivano.references.public import Reference


@dataclass(frozen=True)
class Shelved:
    """A book as it is stored. `sentences` are per chapter, empty for a model's; `versions` are those of the texts."""

    manuscript: Manuscript
    facts: Facts
    drafts: list[ChapterDraft]
    sentences: list[list[dict[str, str]]]
    versions: list[VersionInfo]


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

    async def newest(self, plan: Plan) -> Edition:
        """The newest text of each chapter that is stored."""
        async with self._database.read() as session:
            places = await repo.list_chapters(session, plan.book_id)
        texts = await self._documents.newest([place.document_id for place in places])
        return Edition(
            versions={p.number: texts[p.document_id][1].number for p in places if p.document_id in texts}
        )

    async def take(self, plan: Plan, run_id: str, edition: Edition) -> Shelved:
        """The book in this edition, whatever was saved since."""
        async with self._database.read() as session:
            row = await repo.get_book(session, plan.book_id)
            stored = await repo.list_chapters(session, plan.book_id)
            references = [
                Reference.model_validate(r) for r in await repo.get_references(session, plan.book_id)
            ]
        places = [place for place in stored if place.number in edition.versions]
        outline = BookOutline.model_validate(row.outline if row and row.outline else {})
        if row:
            # The author's name may have been changed since the run began, as the title in the outline.
            author = str(row.brief.get("author") or "")
            plan = plan.model_copy(update={"brief": plan.brief.model_copy(update={"author": author})})
        drafts: list[ChapterDraft] = []
        sentences: list[list[dict[str, str]]] = []
        versions: list[VersionInfo] = []
        for place in places:
            version = await self._documents.version(place.document_id, edition.versions[place.number])
            texts = {"text": version.text, "words": count_words(version.text)}
            drafts.append(ChapterDraft.model_validate({**place.facts, **texts}))
            versions.append(version)
            sentences.append([dict(s) for s in version.sources])
        edited = [d.number for d, v in zip(drafts, versions, strict=True) if v.author.kind == "person"]
        facts = (
            await self._facts(plan, run_id, references, sentences, [p.document_id for p in places])
        ).model_copy(update={"edited_chapters": edited})
        chapters = [ManuscriptChapter(title=d.title, markdown=d.text) for d in drafts]
        terms = await self._terms(plan, drafts)
        return Shelved(assemble(plan, outline, chapters, facts, terms), facts, drafts, sentences, versions)

    async def requests(self, plan: Plan, run_id: str) -> list[RequestView]:
        """Every attempt of the runs that stand behind the book, oldest first."""
        runs = dict.fromkeys([*plan.runs, run_id])
        return [request for run in runs for request in await self._llm.run_requests(run)]

    async def _facts(
        self,
        plan: Plan,
        run_id: str,
        references: list[Reference],
        sentences: list[list[dict[str, str]]],
        document_ids: list[UUID],
    ) -> Facts:
        requests = await self.requests(plan, run_id) if plan.writer == "model" or plan.runs else []
        if plan.runs:
            # What was only proposed, or replaced by a run from the beginning, stands behind no word of the book.
            behind = await self._documents.requests_behind(document_ids)
            models = writers([r for r in requests if r.id in behind])
        else:
            models = writers(requests)
        later = {r.prompt_version: r.prompt_name for r in requests if plan.runs and r.prompt_name}
        pinned = {version: name for name, version in plan.prompts.items()}
        return Facts(
            writer=plan.writer,
            generated_with=named(models, plan.writer),
            models=models,
            prompts=[
                await self._prompt_fact(name, version)
                for version, name in sorted(
                    {v: n for v, n in {**later, **pinned}.items() if v}.items(), key=lambda f: (f[1], f[0])
                )
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
