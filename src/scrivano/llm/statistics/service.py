"""Counts, costs and savings by tier, feature and genre, and usage by time."""

import datetime as dt
from collections import defaultdict
from typing import Any

from scrivano.core.clock import now
from scrivano.core.errors import InvalidInput
from scrivano.llm.dto import CallContext, Locality
from scrivano.llm.log.names import Profile, clean, genre_of, names_of
from scrivano.llm.log.service import RequestLog
from scrivano.llm.money import dollars
from scrivano.llm.pool import Connection, Pool
from scrivano.llm.statistics import repo
from scrivano.llm.statistics.dto import GroupBy, Statistics, Step, Tally, TallyView, UsageRow, shown

_ROWS = 5_000
_EVERYTHING = ""
_FAR = 10_000_000
"""An hour that does not come."""

_Key = tuple[str, str, str | None]


class StatisticsRoom:
    """Reads the sums that the log writes. See `Statistics`."""

    def __init__(self, pool: Pool, log: RequestLog) -> None:
        self._pool = pool
        self._log = log

    async def statistics(self, feature: str | None = None) -> Statistics:
        """Sums since the last new start, of all features or of one."""
        async with self._pool.connection() as connection:
            rows = await _all(connection, feature)
            marks = {row["feature"]: row for row in await repo.fetch(connection, repo.MARKS)}
        tallies = {(row["tier"], row["feature"], row["genre"]): _tally(row) for row in rows}
        starts: list[dt.datetime] = []
        for key, tally in tallies.items():
            mark = _latest(marks.get(_EVERYTHING), marks.get(key[1]))
            if mark is not None:
                tallies[key] = tally.plus(_before(mark["before"], key), -1)
        for name in (_EVERYTHING, feature):
            if name is not None and name in marks:
                starts.append(marks[name]["started_at"])
        return _statistics(tallies, max(starts, default=None))

    async def start_anew(self, feature: str | None = None) -> None:
        """From now on statistics, of all or of one feature, count from zero. Nothing is deleted."""
        async with self._pool.connection() as connection, connection.transaction():
            rows = await _all(connection, feature)
            before = [{name: _plain(value) for name, value in row.items()} for row in rows]
            await repo.mark(connection, feature or _EVERYTHING, before)

    async def usage(
        self,
        *,
        since: dt.datetime,
        until: dt.datetime | None = None,
        step: Step = "day",
        by: GroupBy = "model",
        user_id: str | None = None,
        project_id: str | None = None,
        limit: int = 500,
    ) -> list[UsageRow]:
        """Sums by time and group, the newest first, the dearest first among those of a time. Hours are those of
        UTC; an hour that was begun counts whole. Raises InvalidInput for times that are no span."""
        until = until or now() + dt.timedelta(hours=1)
        if since >= until:
            raise InvalidInput(
                "The span ends before it begins.", field="since", remedy="Give an earlier time."
            )
        first, last = int(since.timestamp() // 3600), -int(-until.timestamp() // 3600)
        async with self._pool.connection() as connection:
            span = await _span(connection, first, last, by_hour=step == "hour")
            span["person"] = await repo.number_of(connection, user_id)
            span["project"] = await repo.number_of(connection, project_id)
            rows = await repo.fetch(connection, repo.usage(step, by), {**span, "limit": min(limit, _ROWS)})
        return [
            UsageRow(
                **(fields := _fields(row)),
                saved_usd=fields["would_have_cost"] + fields["from_cache"] - fields["cost"],
                start=_moment(row["start"]),
                group=row["group"],
            )
            for row in rows
        ]

    async def note_rules(self, context: CallContext, seconds: float = 0.0) -> None:
        """Count something that rules made, without any model: the tier `rules` of its feature and genre."""
        profile = Profile(
            "text",
            context.feature,
            context.purpose,
            None,
            None,
            "rules",
            "rules",
            Locality.LOOPBACK,
            clean(context.route_reason) or "rules",
            "rules",
        )
        names = {**names_of(context), "genre": genre_of(context)}
        async with self._pool.connection() as connection:
            numbers = self._log.numbers
            await numbers.learn(connection, {name for name in names.values() if name}, {profile})
            of = {column: numbers.name(name) or 0 for column, name in names.items()}
            values = [self._log.slot, numbers.profile(profile)]
            values += [of["person"], of["project"], of["api_key"], of["genre"], round(seconds * 1000)]
            await connection.execute(repo.ADD, values)


async def _all(connection: Connection, feature: str | None) -> list[repo.Row]:
    return await repo.fetch(
        connection, repo.ALL, {**await _span(connection, 0, _FAR, by_hour=False), "feature": feature}
    )


async def _span(connection: Connection, since: int, until: int, *, by_hour: bool) -> dict[str, Any]:
    """Which hours of a span are read as days, after adding up the days that are over by now."""
    state = (await repo.fetch(connection, repo.ROLLED))[0]
    rolled = state["rolled"]
    if rolled < state["may"]:
        rolled = await _roll(connection, state["may"])
    from_day = -(-since // 24) * 24
    to_day = from_day if by_hour else max(from_day, min(rolled, until // 24 * 24))
    return {
        "since": since,
        "until": until,
        "from_day": from_day,
        "to_day": to_day,
        "person": None,
        "project": None,
    }


async def _roll(connection: Connection, may: int) -> int:
    """Add up days that are over; another process may be at it, then what it has done so far counts."""
    async with connection.transaction():
        claimed = await repo.fetch(connection, repo.CLAIM)
        if claimed and claimed[0]["rolled"] < may:
            await connection.execute(repo.ROLL, [claimed[0]["rolled"], may])
            await connection.execute(repo.SET_ROLLED, [may])
            return may
    return (await repo.fetch(connection, repo.ROLLED))[0]["rolled"]


def _statistics(tallies: dict[_Key, Tally], since: dt.datetime | None) -> Statistics:
    total = Tally()
    by_tier: dict[str, Tally] = defaultdict(Tally)
    by_feature: dict[str, dict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))
    by_genre: dict[str, dict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))
    for (tier, feature, genre), tally in tallies.items():
        if not tally.attempts:
            continue
        total = total.plus(tally)
        by_tier[tier] = by_tier[tier].plus(tally)
        by_feature[feature][tier] = by_feature[feature][tier].plus(tally)
        if genre is not None:
            by_genre[genre][tier] = by_genre[genre][tier].plus(tally)
    return Statistics(
        since=since,
        total=shown(total),
        by_tier=_shown(by_tier),
        by_feature={name: _shown(tiers) for name, tiers in by_feature.items()},
        by_genre={name: _shown(tiers) for name, tiers in by_genre.items()},
    )


def _shown(tallies: dict[str, Tally]) -> dict[str, TallyView]:
    return {name: shown(tally) for name, tally in tallies.items()}


def _tally(row: dict[str, Any]) -> Tally:
    return Tally(**_fields(row))


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "attempts": int(row["attempts"]),
        "finished": int(row["finished"]),
        "hits": int(row["hits"]),
        "unpriced": int(row["unpriced"]),
        "prompt_tokens": int(row["prompt_tokens"]),
        "completion_tokens": int(row["completion_tokens"]),
        "cached_tokens": int(row["cached_tokens"]),
        "reasoning_tokens": int(row["reasoning_tokens"]),
        "seconds": float(row["ms"]) / 1000,
        "cost": dollars(int(row["cost"])),
        "would_have_cost": dollars(int(row["would_cost"])),
        "from_cache": dollars(int(row["saved"])),
    }


def _before(rows: list[dict[str, Any]], key: _Key) -> Tally:
    for row in rows:
        if (row["tier"], row["feature"], row["genre"]) == key:
            return _tally(row)
    return Tally()


def _latest(*marks: dict[str, Any] | None) -> dict[str, Any] | None:
    there = [mark for mark in marks if mark is not None]
    return max(there, key=lambda mark: mark["started_at"], default=None)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else int(value)


def _moment(hour: int | None) -> dt.datetime | None:
    return None if hour is None else dt.datetime.fromtimestamp(hour * 3600, dt.UTC)
