"""The account of what the writer of a chapter was shown."""

from collections import Counter
from uuid import UUID

from pydantic import BaseModel, Field

from scrivano.core.errors import NotFound
from scrivano.prompts.context.public import LeftOut, Part, Selection

LISTED = 200


class NoContext(NotFound):
    """Nothing is recorded of what the writer of this chapter was shown."""


class ChapterContext(BaseModel):
    """What went into a prompt of a chapter, what stayed out, and why.

    `tokens` is the whole prompt by the model's own tokenizer where `counted_exactly`, else a careful estimate; it is
    never over `budget`. `tokens_without` is the prompt without any of this material.
    """

    run_id: str = Field(description="The run that wrote the chapter.")
    chapter: int
    prompt: str = Field(description="Name of the prompt.", examples=["write_chapter"])
    round: int = Field(default=0, description="Which continuation; 0 for a first draft.")
    request_key: str = Field(description="The key of the request in the log.")
    request_id: UUID | None = Field(default=None, description="The request itself, once it was answered.")
    model: str = Field(description="The model whose tokenizer counted; empty if none could be asked.")
    counted_exactly: bool
    budget: int = Field(description="Tokens that the whole prompt may have.")
    budget_raised: bool = Field(
        default=False, description="Whether what must be in the prompt is over the usual budget by itself."
    )
    tokens: int
    tokens_without: int
    parts: list[Part] = Field(description="What went in, in the order in which it is shown.")
    left_out: list[LeftOut] = Field(description=f"What stayed out, best first; at most {LISTED}.")
    left_out_in_all: dict[str, int] = Field(description="How many stayed out, by reason.")
    value: float = Field(description="What the chosen parts are worth together.")
    bound: float = Field(description="What no choice within the budget can exceed.")
    best_possible: bool = Field(description="Whether no choice is better by the parts' own counts.")


class ContextTaken(BaseModel):
    """That there is an account of what one prompt of a chapter was shown."""

    run_id: str = Field(description="The run that wrote the chapter.")
    prompt: str = Field(description="Name of the prompt.", examples=["write_chapter"])
    round: int = Field(default=0, description="Which continuation; 0 for a first draft.")
    model: str = Field(description="The model whose tokenizer counted; empty if none could be asked.")
    tokens: int = Field(description="Of the whole prompt.")


def account_of(selection: Selection) -> dict[str, object]:
    """The fields of a ChapterContext that the selection itself tells."""
    return {
        "parts": selection.parts,
        "left_out": selection.left_out[:LISTED],
        "left_out_in_all": dict(Counter(left.why for left in selection.left_out)),
        "value": selection.value,
        "bound": selection.bound,
        "best_possible": selection.exact,
    }
