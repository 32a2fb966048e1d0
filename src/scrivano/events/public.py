"""What other rooms may use of events."""

from scrivano.events.dto import Event
from scrivano.events.service import EventLog

__all__ = ["Event", "EventLog"]
