"""What `posts` takes and gives, and what can go wrong with it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from scrivano.core.errors import Conflict, InvalidInput, NotFound
from scrivano.posts.workflow import Name, WorkflowContent

ProposalStatus = Literal["open", "accepted", "edited", "rejected"]
Mode = Literal["to_gate", "unattended"]
Short = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")]
Note = Annotated[str, StringConstraints(max_length=1000, pattern=r"^[^\x00]*$")]


class WorkflowNotFound(NotFound):
    """There is no such workflow or version."""


class WorkflowTaken(Conflict):
    """A workflow of this name exists already."""


class WorkflowChanged(Conflict):
    """Somebody else saved this workflow in the meantime."""


class WorkflowWrong(InvalidInput):
    """The workflow does not hold together."""


class PostNotFound(NotFound):
    """There is no such post, stage, action, proposal or source."""


class PostChanged(Conflict):
    """Somebody else changed this post in the meantime."""


class StageNotReady(Conflict):
    """The rules of the stage do not hold yet."""


class ProposalDecidedBefore(Conflict):
    """This proposal was accepted or rejected already."""


class WrongField(InvalidInput):
    """A field's value is not of its kind."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class NewWorkflow(BaseModel):
    """A workflow to keep under a name."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    content: WorkflowContent
    note: Note = ""


class WorkflowChange(BaseModel):
    """A new version on top of version `expected`."""

    model_config = ConfigDict(extra="forbid")

    content: WorkflowContent
    expected: int = Field(ge=1, le=1_000_000, description="The version that it was made from.")
    note: Note = ""


class WorkflowView(_Frozen):
    """A workflow in one version; `latest` is the newest one's number."""

    id: UUID
    project_id: UUID
    name: str
    number: int
    latest: int
    note: str
    created_at: datetime
    archived: bool
    content: WorkflowContent


class NewPost(BaseModel):
    """A post to begin. Without a workflow it follows the one named `blog_post`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"topic": "Which glue holds an old table", "targets": ["my-blog"]}]},
    )

    topic: Annotated[str, StringConstraints(max_length=20_000, pattern=r"^[^\x00]*$")] = ""
    title: Short = ""
    workflow: Name = "blog_post"
    targets: list[Short] = Field(default_factory=list[str], max_length=50)
    fields: dict[Name, JsonValue] = Field(default_factory=dict, max_length=100)


class PostEdit(BaseModel):
    """A person's change. `revision` is the one that was seen; with another one by now nothing is changed."""

    model_config = ConfigDict(extra="forbid")

    revision: int = Field(ge=1, le=1_000_000_000)
    fields: dict[Name, JsonValue] = Field(min_length=1, max_length=100)


class PostView(_Frozen):
    """A post. `fields` holds the body as well; `body_version` is its number, 0 while there is none."""

    id: UUID
    project_id: UUID
    workflow: str
    workflow_id: UUID
    workflow_version: int
    stage: str
    title: str
    fields: dict[str, JsonValue]
    body_version: int
    document_id: UUID
    revision: int
    missing: list[str] = Field(description="What is still missing before the post may leave its stage.")
    open_proposals: int
    archived: bool
    created_at: datetime
    updated_at: datetime


class PostInfo(_Frozen):
    """A post in a list."""

    id: UUID
    title: str
    workflow_id: UUID
    workflow_version: int
    stage: str
    revision: int
    archived: bool
    created_at: datetime
    updated_at: datetime


class SourceView(_Frozen):
    """A page that a post can rest on. Texts point at it as `[^number]`; only kept ones may be cited."""

    number: int
    url: str
    title: str
    excerpt: str
    published: str | None
    query: str
    kept: bool
    found_at: datetime


class NewSource(BaseModel):
    """A source that a person adds."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[^\s\x00\x85]+$")]
    title: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
    excerpt: Annotated[str, StringConstraints(max_length=20_000, pattern=r"^[^\x00]*$")] = ""
    published: Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00]*$")] | None = None


class ProposalView(_Frozen):
    """What an action would put into fields: `before` and `values` side by side. `made_by` is `model` or `rules`.

    Of the body, `before` holds the version that the proposal was made from.
    """

    id: UUID
    post_id: UUID
    stage: str
    action: str
    status: ProposalStatus
    made_by: str
    before: dict[str, JsonValue]
    values: dict[str, JsonValue]
    accepted: dict[str, JsonValue] | None
    notes: list[str]
    request_ids: list[UUID]
    run_id: str | None
    created_at: datetime
    decided_at: datetime | None


class Acceptance(BaseModel):
    """How a proposal is taken. `values` are a person's own in place of the proposed ones; `only` takes some fields."""

    model_config = ConfigDict(extra="forbid")

    values: dict[Name, JsonValue] = Field(default_factory=dict, max_length=100)
    only: list[Name] | None = Field(default=None, max_length=100)


class ChangeView(_Frozen):
    """A change of a post: per field what it held before and after. Of the body the versions' numbers."""

    revision: int
    kind: str
    changes: dict[str, Any]
    author_kind: str
    author_id: str | None
    proposal_id: UUID | None
    at: datetime


class ActionOrder(BaseModel):
    """One action to carry out. `inputs` go before what the post's fields give the template."""

    model_config = ConfigDict(extra="forbid")

    inputs: dict[Name, JsonValue] = Field(default_factory=dict, max_length=50)
    model: Short | None = Field(default=None, description="One model by name, or `rules` for none at all.")
    max_cost: float | None = Field(default=None, ge=0, le=1_000_000, description="Ceiling in US dollars.")


class RunOrder(BaseModel):
    """Several stages to carry out: to the next gate and on, or without asking."""

    model_config = ConfigDict(extra="forbid")

    mode: Mode = "to_gate"
    until: Name | None = Field(default=None, description="The last stage to carry out; without it, all.")
    model: Short | None = Field(default=None, description="One model by name, or `rules` for none at all.")
    max_cost: float | None = Field(default=None, ge=0, le=1_000_000, description="Ceiling in US dollars.")


class Started(_Frozen):
    """A run that was started. Follow it at `/api/runs/{run_id}/events`."""

    run_id: str
    post_id: UUID


class PostRunView(_Frozen):
    """A run that worked on a post, with its requests and cost in US dollars."""

    run_id: str
    what: str
    created_at: datetime
    requests: int
    cost: Decimal


class PostCosts(_Frozen):
    """What a post cost so far, in US dollars, and by which runs."""

    requests: int
    external_requests: int
    prompt_tokens: int
    completion_tokens: int
    cost: Decimal
    runs: list[PostRunView]


class ActionPreview(_Frozen):
    """What an action would send now: the exact messages, prefilled from the post, with hash and bounds of cost.

    An action that goes section by section makes `calls` of them: the messages are those of the first, tokens and
    cost those of all.
    """

    template: str
    version: int
    hash: str
    messages: list[dict[str, JsonValue]]
    variables: dict[str, JsonValue]
    model: str | None
    prompt_tokens: int | None
    cost_low: Decimal | None
    cost_high: Decimal | None
    calls: int = 1
    note: str = ""
