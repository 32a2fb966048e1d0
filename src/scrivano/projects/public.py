"""What other features may use of `projects`."""

from scrivano.projects.dto import DEFAULT_PROJECT, ROLES, Role

__all__ = ["DEFAULT_PROJECT", "ROLES", "Role"]
