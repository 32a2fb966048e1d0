"""What other rooms may use of posts."""

from scrivano.posts.dto import (
    Acceptance,
    ActionOrder,
    ActionPreview,
    ChangeView,
    NewPost,
    NewSource,
    NewWorkflow,
    PostChanged,
    PostCosts,
    PostEdit,
    PostInfo,
    PostNotFound,
    PostView,
    ProposalStatus,
    ProposalView,
    RunOrder,
    Short,
    SourceView,
    StageNotReady,
    Started,
    WorkflowChange,
    WorkflowView,
)
from scrivano.posts.places import PostPlace
from scrivano.posts.previewing import Previewing
from scrivano.posts.service import Posts
from scrivano.posts.stages import PostRunResult
from scrivano.posts.workflow import Name, WorkflowContent
from scrivano.posts.workflows import Workflows, read_workflow

__all__ = [
    "Acceptance",
    "ActionOrder",
    "ActionPreview",
    "ChangeView",
    "Name",
    "NewPost",
    "NewSource",
    "NewWorkflow",
    "PostChanged",
    "PostCosts",
    "PostEdit",
    "PostInfo",
    "PostNotFound",
    "PostPlace",
    "PostRunResult",
    "PostView",
    "Posts",
    "Previewing",
    "ProposalStatus",
    "ProposalView",
    "RunOrder",
    "Short",
    "SourceView",
    "StageNotReady",
    "Started",
    "WorkflowChange",
    "WorkflowContent",
    "WorkflowView",
    "Workflows",
    "read_workflow",
]
