"""What readers of events get."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel


class Event(BaseModel, frozen=True):
    """Something that happened. `id` counts from 1 within its topic, without gaps, in order of commit."""

    id: int
    topic: str
    kind: str
    data: dict[str, Any]
    created_at: datetime
