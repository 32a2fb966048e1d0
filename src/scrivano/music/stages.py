"""What the steps of a song hand to each other."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from scrivano.llm.public import Complexity
from scrivano.music.dto import Progression, Settled
from scrivano.projects.public import DEFAULT_PROJECT

RULES = "rules"


class MusicOrder(BaseModel):
    """What starts a run: the stored song. `model` is one by name, or `rules`."""

    song_id: UUID
    model: str | None = None


class MusicPlan(BaseModel):
    """What holds to the end: the settled request, how demanding it is, and whom to ask."""

    song_id: UUID
    title: str
    settled: Settled
    complexity: Complexity
    models: list[str] = Field(default_factory=list[str], description="In the order in which they are asked.")
    tiers: dict[str, str] = Field(default_factory=dict[str, str], description="Model to its tier.")
    prompt: str = ""
    use: Literal["chords", "melody"] | None = Field(
        default=None, description="What a person brought: chords to arrange or a melody to harmonize."
    )
    project_id: UUID = DEFAULT_PROJECT
    user_id: UUID | None = None
    personal: bool = False
    wanted: str | None = Field(default=None, description="The model that the order names.")


class Harmony(BaseModel):
    """The chords, and who made them. `notes` say what was done to a model's reply."""

    progression: Progression
    generation_method: str
    made_by: str
    notes: list[str] = Field(default_factory=list[str])


class MusicResult(BaseModel):
    """How a run ended."""

    song_id: UUID
    title: str
    generation_method: str
    chords: str = Field(description="The chart in one line a section.")
    files: list[str]
    notes: list[str] = Field(default_factory=list[str])
