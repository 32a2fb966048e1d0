"""Slowing down whoever guesses: by address and by name, with delays that grow, over all processes."""

import datetime as dt
import ipaddress
from dataclasses import dataclass

from scrivano.accounts import repo_sessions as repo
from scrivano.accounts.audit import Audit
from scrivano.accounts.dto import TooManyAttempts, Visitor
from scrivano.core.clock import now
from scrivano.core.database import Database

LONGEST_DELAY = 900.0
"""Seconds."""

FREE_BY_NAME = 5
FREE_BY_ADDRESS = 20
"""How many failures go without delay; then it is a second, two, four … A household or an office shares an address."""

_MEMORY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Limited:
    """What an attempt counts against: a key, and how many failures are free."""

    key: str
    free: int


class Guesses:
    """Counts attempts in the database. An attempt counts as failed until it is known to be right."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    async def admit(self, limits: list[Limited], visitor: Visitor, subject: str) -> None:
        """Count an attempt against each. Raises TooManyAttempts, before anything was looked at."""
        for limited in limits:
            moment = now()
            async with self._database.begin() as session:
                until = await repo.attempt(
                    session,
                    limited.key,
                    moment,
                    free=limited.free,
                    longest=LONGEST_DELAY,
                    memory=_MEMORY,
                )
                if until is None:
                    continue
                if await repo.refused(session, limited.key) == 1:
                    # One line for each delay: a flood of attempts must not become a flood of lines.
                    await self._audit.note(
                        session, "sign_in_slowed", visitor, subject=subject, limit=limited.key.split(":")[0]
                    )
            wait = max((until - moment).total_seconds(), 1.0)
            raise TooManyAttempts(
                f"Too many attempts. Try again in {_spelled(wait)}.",
                retry_after=wait,
                remedy="If you forgot your password, have it reset.",
            )

    async def right(self, limits: list[Limited]) -> None:
        """The attempt was none of a guesser: a name begins anew, an address has one failure less."""
        async with self._database.begin() as session:
            for limited in limits:
                if limited.key.startswith("address:"):
                    await repo.take_back(session, limited.key, now())
                else:
                    await repo.forget(session, limited.key)
            await repo.forget_old(session, now() - 7 * _MEMORY)


def by_address(visitor: Visitor) -> Limited:
    """The limit of an address. Of IPv6 the first 64 bits count: the rest is anybody's to choose."""
    place = visitor.address
    try:
        ip = ipaddress.ip_address(place)
    except ValueError:
        return Limited(f"address:{place[:100]}", FREE_BY_ADDRESS)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return Limited(f"address:{ip.ipv4_mapped}", FREE_BY_ADDRESS)
        return Limited(f"address:{ipaddress.ip_network((int(ip) >> 64 << 64, 64))}", FREE_BY_ADDRESS)
    return Limited(f"address:{ip}", FREE_BY_ADDRESS)


def _spelled(seconds: float) -> str:
    whole = int(-(-seconds // 1))
    if whole < 90:
        return f"{whole} second{'s' if whole != 1 else ''}"
    return f"{-(-whole // 60)} minutes"
