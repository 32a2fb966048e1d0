"""Passwords: argon2id, worked out beside the event loop, a few at a time."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from scrivano.accounts.dto import LONGEST_PASSWORD, SHORTEST_PASSWORD, WeakPassword

_Result = TypeVar("_Result")
COST = {"time_cost": 3, "memory_cost": 65_536, "parallelism": 4}
"""Of each hash: RFC 9106, second recommended option. Memory is in KiB."""

_AT_ONCE = 2
_MOST_WAITING = 64
_FEWEST_DISTINCT = 5


class Passwords:
    """Makes and checks hashes. Each takes 64 MiB and some hundredths of a second, so no more than two are worked out
    at once; the rest waits its turn."""

    def __init__(self) -> None:
        hasher = Argon2Hasher(
            time_cost=COST["time_cost"], memory_cost=COST["memory_cost"], parallelism=COST["parallelism"]
        )
        self._hash = PasswordHash((hasher,))
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="passwords")
        self._nobody: str | None = None
        self._waiting = 0

    @property
    def busy(self) -> bool:
        """Whether so many wait that a further one had better come back later."""
        return self._waiting >= _MOST_WAITING

    async def make(self, password: str) -> str:
        """The hash of a password, with its salt and settings."""
        return await self._run(partial(self._hash.hash, password))

    async def check(self, password: str, known: str | None) -> tuple[bool, str | None]:
        """Whether this is the password, and a better hash of it where the settings have changed.

        Takes as long where `known` is None: whoever asks cannot tell a name that is unknown from a wrong password.
        """
        if known is None:
            if self._nobody is None:
                self._nobody = await self.make("nobody has this password")
            await self._run(partial(self._verify, password, self._nobody))
            return False, None
        return await self._run(partial(self._verify, password, known))

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password: str, known: str) -> tuple[bool, str | None]:
        try:
            return self._hash.verify_and_update(password, known)
        except UnknownHashError:
            return False, None

    async def _run(self, work: "partial[_Result]") -> _Result:
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def check_strength(password: str, *known: str) -> None:
    """Raises WeakPassword. `known` are words that a guesser would try, such as name and address."""
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword(
            f"A password has at least {SHORTEST_PASSWORD} characters.",
            field="password",
            remedy="Four or five words that do not belong together are easy to keep in mind.",
        )
    if len(password) > LONGEST_PASSWORD:
        raise WeakPassword(f"A password has at most {LONGEST_PASSWORD} characters.", field="password")
    small = password.lower()
    parts = {part for word in known for part in (word.lower(), word.lower().partition("@")[0]) if part}
    if len(set(small)) < _FEWEST_DISTINCT or small in parts or _is_sequence(small):
        raise WeakPassword(
            "This password is among the first that anybody would try.",
            field="password",
            remedy="Four or five words that do not belong together are easy to keep in mind.",
        )


def _is_sequence(text: str) -> bool:
    steps = {ord(b) - ord(a) for a, b in pairwise(text)}
    return len(steps) == 1
