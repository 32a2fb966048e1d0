"""What other features may use of `documents`."""

from scrivano.documents.dto import (
    Author,
    CommentView,
    Diff,
    DiffLine,
    DiffUnit,
    DocumentChanged,
    DocumentNotFound,
    DocumentView,
    Hunk,
    Owner,
    ProposalConflict,
    ProposalDecided,
    ProposalInfo,
    ProposalStatus,
    ProposalView,
    VersionInfo,
    VersionView,
)
from scrivano.documents.personal import DocumentData
from scrivano.documents.service import Documents

__all__ = [
    "Author",
    "CommentView",
    "Diff",
    "DiffLine",
    "DiffUnit",
    "DocumentChanged",
    "DocumentData",
    "DocumentNotFound",
    "DocumentView",
    "Documents",
    "Hunk",
    "Owner",
    "ProposalConflict",
    "ProposalDecided",
    "ProposalInfo",
    "ProposalStatus",
    "ProposalView",
    "VersionInfo",
    "VersionView",
]
