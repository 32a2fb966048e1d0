"""What the steps of a post's run hand to each other. Plain data; every field survives a crash in the run's log."""

from uuid import UUID

from pydantic import BaseModel, Field, JsonValue

from scrivano.posts.dto import Mode
from scrivano.posts.workflow import WorkflowContent

RULES = "rules"


class PostOrder(BaseModel):
    """What starts a run: one action, or the stages up to `until`."""

    post_id: UUID
    action: str | None = None
    mode: Mode = "to_gate"
    until: str | None = None
    inputs: dict[str, JsonValue] = Field(default_factory=dict)
    model: str | None = None
    max_cost: float | None = None


class PostPlan(BaseModel):
    """What is decided at the beginning and holds to the end: the workflow, the models, the prompt versions."""

    post_id: UUID
    project_id: UUID
    user_id: UUID | None
    content: WorkflowContent
    first: str = Field(description="The stage that the post was in.")
    models: list[str] = Field(default_factory=list[str])
    prompts: dict[str, str] = Field(default_factory=dict)
    inputs: dict[str, JsonValue] = Field(default_factory=dict)
    unattended: bool = False
    single: bool = False


class Task(BaseModel):
    """One action of one stage."""

    stage: str
    action: str


class SectionTask(BaseModel):
    """One section to write or to edit."""

    number: int
    total: int
    heading: str
    points: list[str] = Field(default_factory=list[str])
    sources: list[int] = Field(default_factory=list[int])
    text: str = ""
    findings: list[dict[str, JsonValue]] = Field(default_factory=list[dict[str, JsonValue]])


class SectionText(BaseModel):
    """A section as it came out."""

    number: int
    heading: str
    text: str
    notes: list[str] = Field(default_factory=list[str])
    request_ids: list[UUID] = Field(default_factory=list[UUID])


class Outcome(BaseModel):
    """What an action led to: a proposal, or nothing to decide about; `notes` say why."""

    proposal_id: UUID | None = None
    notes: list[str] = Field(default_factory=list[str])


class Entered(BaseModel):
    """Whether a post is in a stage now; else `missing` says what holds it back."""

    stage: str
    missing: list[str] = Field(default_factory=list[str])


class PostRunResult(BaseModel):
    """How a run ended: where the post is, what was proposed, where it was published, and why it went no further."""

    post_id: UUID
    stage: str
    proposals: list[UUID] = Field(default_factory=list[UUID])
    published: list[str] = Field(default_factory=list[str], description="Addresses or places.")
    stopped: list[str] = Field(default_factory=list[str], description="What is missing, if anything.")
    notes: list[str] = Field(default_factory=list[str])


def section_number(plan: PostPlan, task: Task, section: SectionTask) -> str:
    """What a step that is given a section is about."""
    return f"{task.action}/{section.number:02}"


def task_name(plan: PostPlan, task: Task, *_: object) -> str:
    """What a step that is given an action is about."""
    return task.action
