"""What other features may use of `projects`."""

from scrivano.projects.bin import Bin
from scrivano.projects.dto import (
    DEFAULT_PROJECT,
    ROLES,
    LastOwner,
    MemberView,
    NewProject,
    NotInProject,
    ProjectChange,
    ProjectNotFound,
    ProjectView,
    Role,
    at_least,
)
from scrivano.projects.service import Projects

__all__ = [
    "DEFAULT_PROJECT",
    "ROLES",
    "Bin",
    "LastOwner",
    "MemberView",
    "NewProject",
    "NotInProject",
    "ProjectChange",
    "ProjectNotFound",
    "ProjectView",
    "Projects",
    "Role",
    "at_least",
]
