"""What goes into the runs of tasks, and what comes out of them."""

from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import BaseModel


class TaskOrder(BaseModel):
    """Carry a task out. `live`: tell its text while it grows."""

    task_id: UUID
    live: bool = True


class TaskOutcome(BaseModel):
    """What became of it."""

    task_id: UUID
    status: Literal["succeeded", "failed"]
    words: int = 0
    cost: Decimal = Decimal(0)
    error: str | None = None


class EvaluationOrder(BaseModel):
    """Carry an evaluation out."""

    evaluation_id: UUID


class EvaluationPlan(BaseModel):
    """The tasks of an evaluation, by input and variant."""

    evaluation_id: UUID
    tasks: list[UUID]


class ItemScore(BaseModel):
    """How well an answer did, from 0 to 1."""

    task_id: UUID
    score: float


class EvaluationOutcome(BaseModel):
    """The score of each variant, from 0 to 1."""

    evaluation_id: UUID
    scores: list[float]
