"""Reading the whole: does each chapter agree with the references and the others? What does not is mended in place."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from scrivano.assessment.public import find_quote
from scrivano.books.bearing import bearing_on
from scrivano.books.dto import Brief
from scrivano.books.length import count_words
from scrivano.books.scaffolding import without_scaffolding
from scrivano.books.stages import ChapterDraft, ContinuityReport, Finding, Plan, Repair, chapter_number
from scrivano.books.steps.asking import Asking
from scrivano.books.steps.planning import brief_variables
from scrivano.references.public import Reference
from scrivano.runs.public import step

REPAIRS_A_CHAPTER = 3
# "Age: 34" of a character sheet proves something already.
_SHORTEST_FACT = 5
# What can be contradicted; to quote the tone or the readers proves nothing.
_MATERIAL = ("subject", "premise", "characters", "world", "notes", "references", "others")


class Checking:
    """One reading a chapter, one call a repair."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    @step(item=chapter_number)
    async def check_continuity(
        self, plan: Plan, draft: ChapterDraft, book: list[ChapterDraft]
    ) -> ContinuityReport:
        """What contradicts the references, the other chapters or the brief, proved by two quotations."""
        return await self.read(plan, draft, book, await self._asking.references(plan.book_id))

    async def read(
        self, plan: Plan, draft: ChapterDraft, book: Sequence[ChapterDraft], references: Sequence[Reference]
    ) -> ContinuityReport:
        """The reading itself, within a step."""
        shown = beside(plan.brief, draft, book, references)
        report, _ = await self._asking.structured(
            plan, "check_continuity", shown, ContinuityReport, item=str(draft.number)
        )
        return ContinuityReport(findings=[f for f in report.findings if proved(f, draft.text, shown)])

    @step(item=chapter_number)
    async def revise_passage(self, plan: Plan, draft: ChapterDraft, finding: Finding, round_: int) -> Repair:
        """The paragraph that holds the quotation, written anew so that the finding no longer applies."""
        before = passage_around(draft.text, finding)
        response = await self._asking.prose(
            plan,
            "revise_passage",
            {
                **brief_variables(plan.brief),
                "passage": before,
                "passage_words": count_words(before),
                "quote": finding.quote,
                "problem": finding.problem,
                "fix": finding.fix,
            },
            max_words=2 * len(before.split()) + 40,
            item=str(draft.number),
            round_=round_,
        )
        after, _ = without_scaffolding(response.text, title=draft.title)
        usable = response.finish_reason == "stop" and after.strip() and "\n#" not in f"\n{after}"
        return Repair(
            number=draft.number,
            before=before,
            after=after.strip() if usable else before,
            request_id=response.request_id,
        )


def beside(
    brief: Brief, draft: ChapterDraft, book: Sequence[ChapterDraft], references: Sequence[Reference]
) -> dict[str, object]:
    """A chapter with what it is checked against: the brief, the references that bear on it, the other chapters."""
    others = [d for d in book if d.number != draft.number]
    untold = [(f"Chapter {d.number}", d.text) for d in others if not d.memory]
    return {
        **brief_variables(brief),
        "number": draft.number,
        "chapter_title": draft.title,
        "text": draft.text,
        "references": [n.model_dump() for n in bearing_on(draft.text, references, draft.number, untold)],
        "others": [
            {"number": d.number, "summary": d.memory.summary, "facts": "; ".join(d.memory.facts)}
            for d in others
            if d.memory
        ],
    }


def proved(finding: Finding, text: str, shown: Mapping[str, object]) -> bool:
    """Whether the words at fault stand in the chapter, and those that they contradict in the material, or elsewhere
    in the chapter."""
    if not passage_around(text, finding):
        return False
    elsewhere = [text.replace(finding.quote, "\n"), *_texts([shown.get(name) for name in _MATERIAL])]
    return any(find_quote(piece, finding.against, _SHORTEST_FACT) for piece in elsewhere)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in cast("Mapping[str, object]", value).values():
            yield from _texts(inner)
    elif isinstance(value, Sequence):
        for inner in cast("Sequence[object]", value):
            yield from _texts(inner)


def passage_around(text: str, finding: Finding) -> str:
    """The paragraph that holds the finding's quotation verbatim, or an empty string."""
    if not finding.quote.strip():
        return ""
    return next((p for p in text.split("\n\n") if finding.quote in p and not p.startswith("#")), "")


def with_repairs(draft: ChapterDraft, repairs: list[Repair]) -> ChapterDraft:
    """The chapter with its passages replaced; one that an earlier repair has changed already stays."""
    text, ids = draft.text, list(draft.request_ids)
    for repair in repairs:
        if repair.before in text:
            text = text.replace(repair.before, repair.after, 1)
            ids.append(repair.request_id)
    return draft.model_copy(update={"text": text, "request_ids": ids})
