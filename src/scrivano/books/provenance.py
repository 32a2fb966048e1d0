"""What wrote a book, and what it took.

`Facts` hold what does not vary from run to run: the same brief, model answers and sources give the same facts,
so they may stand inside the files. Everything measured (seconds, attempts, request ids, the bill) goes into
`Account.measured` alone.
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field, JsonValue

from scrivano.books.stages import AUTHOR, BUILT_IN
from scrivano.llm.public import Locality, RequestStatus, RequestView

KINDS = ("text", "image", "search")


class PromptFact(BaseModel):
    """The version of a template that was used; `hash` is that of its content, the same in every database."""

    name: str
    version: int
    hash: str


class SourceFact(BaseModel):
    """A text that sentences were taken from, or that was shown to the model."""

    kind: Literal["reference", "pack sample"]
    name: str
    title: str
    sha256: str | None = None
    sentences: int | None = None


class Facts(BaseModel):
    """What does not vary between runs."""

    writer: Literal["model", "built-in writer", "author"]
    generated_with: str
    models: list[str] = Field(default_factory=list)
    prompts: list[PromptFact] = Field(default_factory=list[PromptFact])
    sources: list[SourceFact] = Field(default_factory=list[SourceFact])
    scrivano: str
    edited_chapters: list[int] = Field(
        default_factory=list[int], description="Chapters whose newest version is a person's."
    )


class ChapterAccount(BaseModel):
    """One chapter: what it is, and which models and sources stand behind it."""

    number: int
    title: str
    words: int
    words_asked: int
    generated_with: str
    sources: list[str] = Field(default_factory=list)
    sentences: list[dict[str, str]] = Field(
        default_factory=list[dict[str, str]],
        description="Built-in writer: each sentence's text, source and passage, in order.",
    )
    notes: list[str] = Field(default_factory=list)
    version: int = Field(default=1, description="Number of the chapter's version in this book.")
    last_change_by: Literal["person", "run", "import"] = "run"


class Account(BaseModel):
    """`provenance.json`: the facts, the chapters, and under `measured` what this one run took."""

    title: str
    language: str
    words: int
    words_asked: int
    generated_with: str
    external_api_calls: int = Field(description="Requests to the cloud, of every kind.")
    calls: dict[str, dict[str, int]] = Field(description="Requests by locality and kind, as they went out.")
    facts: Facts
    chapters: list[ChapterAccount]
    measured: dict[str, JsonValue]


def writers(requests: Sequence[RequestView]) -> list[str]:
    """The models whose words stand in the book, by name: those that finished a call for prose."""
    prose = {"write_chapter", "continue_chapter", "revise_passage", "revise_chapter", "rewrite_chapter"}
    return sorted({r.model for r in requests if r.status is RequestStatus.FINISHED and r.purpose in prose})


def calls_by_kind(requests: Sequence[RequestView]) -> dict[str, dict[str, int]]:
    """How many attempts went where: cloud, local network and loopback, by text, image and search."""
    counted = Counter((r.locality, r.kind) for r in requests)
    return {
        locality.value: {kind: counted[(locality, kind)] for kind in KINDS}
        for locality in (Locality.CLOUD, Locality.LOCAL_NETWORK, Locality.LOOPBACK)
    }


def measured(requests: Sequence[RequestView], seconds: float) -> dict[str, JsonValue]:
    """Time, tokens, attempts and money of this run, overall and by step; the ids of every request."""
    by_purpose: dict[str, JsonValue] = {}
    for purpose in sorted({r.purpose for r in requests}):
        by_purpose[purpose] = _sums([r for r in requests if r.purpose == purpose])
    return {
        "seconds": round(seconds, 3),
        **_sums(requests),
        "by_step": by_purpose,
        "requests": [
            {
                "id": str(r.id),
                "step": r.purpose,
                "chapter": r.item or None,
                "model": r.model,
                "status": r.status.value,
                "cost_usd": str(r.cost),
                "seconds": r.seconds,
            }
            for r in requests
        ],
    }


def _sums(requests: Sequence[RequestView]) -> dict[str, JsonValue]:
    return {
        "attempts": len(requests),
        "finished": sum(r.status is RequestStatus.FINISHED for r in requests),
        "prompt_tokens": sum(r.usage.prompt_tokens for r in requests),
        "completion_tokens": sum(r.usage.completion_tokens for r in requests),
        "model_seconds": round(sum(r.seconds or 0.0 for r in requests), 3),
        "cost_usd": str(sum((r.cost for r in requests), Decimal(0))),
    }


def named(models: Sequence[str], writer: str = BUILT_IN) -> str:
    """The value of `generated_with`."""
    if models:
        return ", ".join(models)
    return "no model: the author's own text" if writer == AUTHOR else BUILT_IN
