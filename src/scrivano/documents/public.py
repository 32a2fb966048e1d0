"""What other features may use of `documents`."""

from scrivano.documents.dto import (
    Author,
    Diff,
    DiffLine,
    DocumentChanged,
    DocumentNotFound,
    DocumentView,
    Owner,
    VersionInfo,
    VersionView,
)
from scrivano.documents.service import Documents

__all__ = [
    "Author",
    "Diff",
    "DiffLine",
    "DocumentChanged",
    "DocumentNotFound",
    "DocumentView",
    "Documents",
    "Owner",
    "VersionInfo",
    "VersionView",
]
