"""What may go into a prompt, the scene that it is for, and the account of what went in."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from scrivano.core.errors import InvalidInput

CandidateKind = Literal[
    "character", "style", "world", "timeline", "research", "glossary", "outline", "memory", "sample", "other"
]
CastRole = Literal["protagonist", "antagonist", "major", "minor"]
Why = Literal["revealed later", "is this chapter", "said already", "no room", "says nothing here"]


class RequiredTooLong(InvalidInput):
    """What has to be in the prompt is longer than the budget."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Candidate(_Frozen):
    """A piece of material that may be shown to the model.

    `text` is what would be shown. From `from_chapter` on it may be told. `chapter` is the one that an outline entry,
    a summary or a memory tells of; `headings` what the text stands under, outermost first. `prior` is what it is worth
    whatever the scene: from 0.2 on it goes in wherever there is room.
    """

    id: str
    kind: CandidateKind
    text: str
    source: str = ""
    headings: tuple[str, ...] = ()
    from_chapter: int = 1
    chapter: int | None = None
    required: bool = False
    prior: float = Field(default=0.0, ge=0.0, le=10.0)
    vector: tuple[float, ...] | None = Field(default=None, repr=False)


class CastMember(_Frozen):
    """Somebody the book tells of, and what else they are called."""

    name: str
    aliases: tuple[str, ...] = ()
    role: CastRole = "minor"


class Scene(_Frozen):
    """The chapter at hand. `needs` are the chapters whose events it builds on; `vector` is that of its outline."""

    number: int = Field(ge=1)
    title: str
    summary: str = ""
    points: tuple[str, ...] = ()
    needs: tuple[int, ...] = ()
    genre: str = "general"
    vector: tuple[float, ...] | None = Field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece that went in. `reasons` are what the score is made of before the weight of its `kind`.

    `tokens` counts the piece as it is shown, with what parts it from the next. `cut`, such as `3 of 9 sentences`, is
    empty if it went in whole.
    """

    id: str
    kind: CandidateKind
    source: str
    text: str
    tokens: int
    score: float
    reasons: dict[str, float]
    required: bool = False
    cut: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A piece that stayed out, and why; `instead` is the one that says the same, if that is why."""

    id: str
    kind: CandidateKind
    source: str
    tokens: int
    score: float
    reasons: dict[str, float]
    why: Why
    instead: str = ""


class Selection(_Frozen):
    """What went in, in the order in which it is shown, what stayed out, and how good the choice is.

    `tokens` counts `text` as a whole, which is not the sum of the parts. `value` is what the chosen parts are worth
    together, `bound` what no choice within the budget can exceed as far as parts' own counts tell; `exact` if the
    choice is the best of all by these counts.
    """

    text: str
    tokens: int
    budget: int
    parts: list[Part]
    left_out: list[LeftOut]
    value: float
    bound: float
    exact: bool
