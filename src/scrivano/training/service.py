"""Use-cases of `training`: consent, samples from choices and edits, looking at them, deleting them."""

from difflib import SequenceMatcher
from typing import Any
from uuid import UUID

from scrivano.assessment.public import ComparisonOrder, ComparisonView
from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.ids import new_id
from scrivano.documents.public import Documents
from scrivano.training import repo
from scrivano.training.dto import (
    Consent,
    ConsentView,
    NoConsent,
    NothingToLearn,
    SampleKind,
    SampleNotFound,
    SampleView,
)
from scrivano.training.models import SampleRow

# An edit that leaves less than this of a paragraph's letters is another text, not a correction.
RELATED = 0.3


class Training:
    """Samples that authors agreed to. None is made without the project's consent at that moment."""

    def __init__(self, database: Database, documents: Documents) -> None:
        self._database = database
        self._documents = documents

    async def consent(self, project_id: UUID) -> ConsentView:
        """What the project agrees to; nothing, until somebody said so."""
        async with self._database.read() as session:
            row = await repo.get_consent(session, project_id)
        if row is None:
            return ConsentView(project_id=project_id)
        return ConsentView.model_validate(row, from_attributes=True)

    async def give_consent(
        self, project_id: UUID, consent: Consent, *, user_id: UUID | None = None
    ) -> ConsentView:
        """Agree or withdraw. What is withdrawn takes the samples made under it along."""
        async with self._database.begin() as session:
            await repo.get_consent(session, project_id, lock=True)
            await repo.put_consent(session, project_id, consent.choices, consent.edits, user_id, clock.now())
            if not consent.choices:
                await repo.drop_samples(session, project_id, kind="choice")
            if not consent.edits:
                await repo.drop_samples(session, project_id, kind="edit")
        return await self.consent(project_id)

    async def from_choice(
        self, comparison: ComparisonView, *, user_id: UUID | None = None
    ) -> SampleView | None:
        """The sample of a choice between two texts; None without consent, for a tie, and for a judge's choice."""
        if comparison.scope == "book" or comparison.chosen in (None, "tie"):
            return None  # a whole book is longer than any sample
        if comparison.chosen_by != "author":
            return None
        chosen = next(s for s in comparison.sides if s.place == comparison.chosen)
        rejected = next(s for s in comparison.sides if s.place != comparison.chosen)
        order = comparison.order
        try:
            return await self._keep(
                comparison.project_id,
                "choice",
                user_id,
                source=f"comparison/{comparison.id}",
                domain=order.domain,
                niche=order.niche,
                language=order.language,
                prompt=_asked(order),
                chosen=chosen.text,
                rejected=rejected.text,
                facts={"reason": comparison.reason, "models": [chosen.model, rejected.model]},
            )
        except NoConsent:
            return None

    async def from_edit(
        self,
        project_id: UUID,
        document_id: UUID,
        *,
        domain: str = "",
        niche: str = "",
        language: str = "en",
        user_id: UUID | None = None,
    ) -> SampleView:
        """The sample of an edit: the newest version by a person against the run's version that it went out from.

        Raises NoConsent, DocumentNotFound, and NothingToLearn where no person has edited a run's text.
        """
        if not (await self.consent(project_id)).edits:
            raise _not_agreed()
        versions = await self._documents.versions(document_id)
        edited = next((v for v in versions if v.author.kind == "person"), None)
        written = next(
            (v for v in versions if edited and v.number < edited.number and v.author.kind == "run"), None
        )
        if edited is None or written is None:
            raise NothingToLearn(
                f"No person has edited what a run wrote in document {document_id}.",
                field="document_id",
                remedy="Edit a chapter that a model wrote, then try again.",
            )
        before = await self._documents.version(document_id, written.number)
        after = await self._documents.version(document_id, edited.number)
        pairs = changed_paragraphs(before.text, after.text)
        if not pairs:
            raise NothingToLearn(
                "The edit changed nothing that a model could learn from.", field="document_id"
            )
        title = (await self._documents.get(document_id)).title
        return await self._keep(
            project_id,
            "edit",
            user_id,
            # A text that is saved again and again makes one sample, which grows with it.
            source=f"document/{document_id}/{written.number}",
            domain=domain,
            niche=niche,
            language=language,
            prompt=title,
            chosen="\n\n".join(a for _, a in pairs),
            rejected="\n\n".join(b for b, _ in pairs),
            facts={
                "document_id": str(document_id),
                "versions": [written.number, edited.number],
                "paragraphs": len(pairs),
                "request_ids": [str(r) for r in before.request_ids],
            },
        )

    async def _keep(
        self, project_id: UUID, kind: SampleKind, user_id: UUID | None, *, source: str, **values: Any
    ) -> SampleView:
        async with self._database.begin() as session:
            consent = await repo.get_consent(session, project_id, lock=True)
            if consent is None or not (consent.choices if kind == "choice" else consent.edits):
                raise _not_agreed()
            sample_id = await repo.put_sample(
                session,
                {
                    "id": new_id(),
                    "project_id": project_id,
                    "user_id": user_id,
                    "kind": kind,
                    "source": source,
                    "consent_at": consent.given_at,
                    "created_at": clock.now(),
                    **values,
                },
            )
            row = await repo.get_sample(session, sample_id)
            assert row is not None
            return _view(row)

    async def sample(self, sample_id: UUID) -> SampleView:
        """One sample. Raises SampleNotFound."""
        async with self._database.read() as session:
            row = await repo.get_sample(session, sample_id)
        if row is None:
            raise SampleNotFound(f"There is no sample {sample_id}.")
        return _view(row)

    async def samples(
        self, project_id: UUID, *, kind: SampleKind | None = None, limit: int = 50, offset: int = 0
    ) -> list[SampleView]:
        """A project's samples, newest first."""
        async with self._database.read() as session:
            rows = await repo.samples(session, project_id, kind, limit=limit, offset=offset)
        return [_view(row) for row in rows]

    async def delete(self, sample_id: UUID) -> None:
        """Delete one sample. Raises SampleNotFound."""
        await self.sample(sample_id)
        async with self._database.begin() as session:
            await repo.drop_sample(session, sample_id)

    async def forget_project(self, project_id: UUID) -> None:
        """Delete a project's samples and its consent."""
        async with self._database.begin() as session:
            await repo.drop_samples(session, project_id)
            await repo.drop_consent(session, project_id)

    async def delete_all(self, project_id: UUID, *, user_id: UUID | None = None) -> int:
        """Delete a project's samples, or one person's of them; returns how many there were."""
        async with self._database.begin() as session:
            return await repo.drop_samples(session, project_id, user_id=user_id)


def _not_agreed() -> NoConsent:
    return NoConsent(
        field="project_id", remedy="Agree first: PUT /api/training/consent, or `scrivano compare consent`."
    )


def changed_paragraphs(before: str, after: str) -> list[tuple[str, str]]:
    """Paragraphs that were corrected, before and after. What was only added or only taken out is none of them."""
    old, new = _paragraphs(before), _paragraphs(after)
    pairs: list[tuple[str, str]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "replace":
            continue
        for left, right in zip(old[i1:i2], new[j1:j2], strict=False):
            if SequenceMatcher(None, left, right, autojunk=False).quick_ratio() >= RELATED:
                pairs.append((left, right))
    return pairs


def _paragraphs(text: str) -> list[str]:
    return [p.strip() for p in text.split("\n\n") if p.strip()]


def _asked(order: ComparisonOrder) -> str:
    """What both texts were to be, in a few lines of data."""
    lines = [order.chapter_title, order.chapter_summary, *order.points, order.audience, order.tone]
    return "\n".join(line for line in lines if line)


def _view(row: SampleRow) -> SampleView:
    return SampleView.model_validate(row, from_attributes=True)
