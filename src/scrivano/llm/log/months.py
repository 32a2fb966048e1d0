"""Months as partitions, and ids as moments: an id of version 7 begins with its milliseconds."""

import datetime as dt
from uuid import UUID


def moment_of(id: UUID) -> dt.datetime:
    """When the id was made, to the millisecond."""
    return dt.datetime.fromtimestamp((id.int >> 80) / 1000, dt.UTC)


def month_of(id: UUID) -> int:
    """The month of the id in UTC, as `202611`."""
    moment = moment_of(id)
    return moment.year * 100 + moment.month


def first_id(moment: dt.datetime) -> UUID:
    """An id below all that are made from `moment` on."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def bounds(month: int) -> tuple[UUID, UUID]:
    """The ids of a month: from the first up to, but not, the second."""
    year, number = divmod(month, 100)
    start = dt.datetime(year, number, 1, tzinfo=dt.UTC)
    end = dt.datetime(year + number // 12, number % 12 + 1, 1, tzinfo=dt.UTC)
    return first_id(start), first_id(end)
