"""Ids of tasks that something else sets up: the same each time it does, and sorted by time like all others."""

import hashlib
from datetime import datetime
from uuid import UUID

_TIME_BITS = 80


def part_id(whole: UUID, name: str) -> UUID:
    """The id of a part of something that has a UUIDv7: as old as that, and the same for the same name."""
    return _made(whole.int >> _TIME_BITS, f"{whole}/{name}")


def moment_id(whole: UUID, moment: datetime) -> UUID:
    """The id of what something does at a moment."""
    milliseconds = int(moment.timestamp() * 1000)
    return _made(milliseconds, f"{whole}/{milliseconds}")


def _made(milliseconds: int, name: str) -> UUID:
    rest = int.from_bytes(hashlib.sha256(name.encode()).digest()[:10], "big")
    value = (milliseconds & ((1 << 48) - 1)) << _TIME_BITS | rest
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    return UUID(int=(value & ~(0x3 << 62)) | (0x2 << 62))
