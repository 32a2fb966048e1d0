"""Passwords: argon2id, worked out beside the event loop, a few at a time."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
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
_SHORTEST_WORD = 3
_SHORTEST_ROW = 3
_MOST_PIECES = 3
_LONGEST_COMMON = 60
_FEWEST_FIGURES = 16
_AROUND = "0123456789!?.,;:*#@$%&+-_=()[]/ "
_DISGUISES = str.maketrans("013457@$!", "oleastasi")
_ROWS = (
    "12345678901234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
)
_WORDS = """
password passwort passwd pass motdepasse contrasena secret geheim admin administrator root user guest login
welcome willkommen hello hallo letmein changeme change default test testing qwerty qwertz azerty asdf master
monkey dragon football baseball basketball soccer hockey superman batman pokemon starwars princess sunshine
shadow iloveyou ilove love you me flower summer winter spring autumn sommer internet computer server google
facebook whatever trustno michael jennifer jordan charlie thomas jessica ashley daniel freedom angel cookie
chocolate butterfly liverpool arsenal chelsea samsung access killer hunter ranger buster tigger pepper ginger
cheese scrivano studio author writer book books my the is a i temp temporary new january february march april
june july august september october november december monday tuesday wednesday thursday friday
"""
_TAKEN_BY_EVERYBODY = frozenset(_WORDS.split())
"""The words at the head of every published list of passwords, with those that this service suggests."""


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
    parts = {part for word in known for part in (word.lower(), word.lower().partition("@")[0]) if part}
    if is_common(password.lower(), parts):
        raise WeakPassword(
            "This password is among the first that anybody would try.",
            field="password",
            remedy="Four or five words that do not belong together are easy to keep in mind.",
        )


def is_common(small: str, known: set[str]) -> bool:
    """Whether a guesser comes to this soon, in small letters: a few of the words that everybody takes or of `known`,
    with figures and signs around them; neighbours on the keyboard; a short number; the same over and over."""
    plain = "".join(c for c in small if c.isalnum())
    if len(set(small)) < _FEWEST_DISTINCT or small in known or _is_repeated(small):
        return True
    if plain.isdigit() and len(plain) < _FEWEST_FIGURES:
        return True
    words = {word for word in known if len(word) >= _SHORTEST_WORD} | _TAKEN_BY_EVERYBODY
    core = small.strip(_AROUND)
    # The figures of passw0rd are letters in disguise, those of password1 are not: it is read both ways.
    readings = {
        plain,
        *("".join(c for c in text if c.isalnum()) for text in (core, core.translate(_DISGUISES))),
    }
    return any(_is_made_of(text, words) for text in readings if text)


def _is_repeated(text: str) -> bool:
    """Whether it is a short piece again and again, the last time perhaps in part."""
    return any(
        all(a == b for a, b in zip(text, text[length:], strict=False))
        for length in range(1, len(text) // 2 + 1)
    )


def _is_made_of(text: str, words: set[str]) -> bool:
    """Whether a few common words, rows of keys and sequences, one after the other, are all there is."""
    if len(text) > _LONGEST_COMMON:
        return False
    pieces = {0: 0}
    for end in range(1, len(text) + 1):
        ways = [
            count + 1
            for start, count in pieces.items()
            if text[start:end] in words or (end - start >= _SHORTEST_ROW and _is_row(text[start:end]))
        ]
        if ways:
            pieces[end] = min(ways)
    return pieces.get(len(text), _MOST_PIECES + 1) <= _MOST_PIECES


def _is_row(text: str) -> bool:
    return any(text in row or text in row[::-1] for row in _ROWS)
