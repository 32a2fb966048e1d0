"""Projects as others see them."""

from typing import Literal
from uuid import UUID

Role = Literal["viewer", "editor", "owner"]
ROLES: tuple[Role, ...] = ("viewer", "editor", "owner")
"""What a member may do, each including the one before: read, change, decide about members and deletion."""

DEFAULT_PROJECT = UUID("00000000-0000-7000-8000-000000000001")
"""The project that everything belongs to which was made without naming one."""
