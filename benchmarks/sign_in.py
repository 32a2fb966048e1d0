"""Ten thousand guesses at a password: from one address, and from ten thousand.

Prints how many guesses were looked at, how many were refused, how long the guesser would have to wait for the next
one, what the audit trail holds, and whether the person themselves still comes in from where they always sit.

Run it with: python -m benchmarks.sign_in [--guesses N] [--from one|many]
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from scrivano.accounts.public import TooManyAttempts, Visitor, WrongPassword
from scrivano.core.clock import now
from scrivano.core.settings import Settings
from scrivano.wiring import House, open_house

PASSWORD = "seven quiet herons"
EMAIL = "ada@example.org"
DESK = Visitor(address="192.0.2.10")
AT_ONCE = 8


async def main(guesses: int, which: list[str]) -> None:
    """Make an installation, and guess."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), discover_urls="off")
        async with open_house(settings) as house:
            link = await house.entrance.links.set_up()
            assert link is not None
            token = link.url.partition("#")[2]
            await house.entrance.links.accept(
                "set_up", token, email=EMAIL, name="Ada", password=PASSWORD, visitor=DESK
            )
            await house.entrance.sign_in.with_password(EMAIL, PASSWORD, None, DESK)
            for name in which:
                await _guess(
                    house, f"{name} address{'es' if name == 'many' else ''}", guesses, name == "many"
                )
            began = time.perf_counter()
            await house.entrance.sign_in.with_password(EMAIL, PASSWORD, None, DESK)
            print(f"the person comes in at their own desk: yes, in {time.perf_counter() - began:.2f} s")


async def _guess(house: House, name: str, guesses: int, many: bool) -> None:
    since = now()
    outcomes = {"looked at": 0, "refused": 0, "right": 0}
    longest = 0.0
    numbers = iter(range(guesses))

    async def guesser() -> None:
        nonlocal longest
        for n in numbers:
            address = f"2001:db8:{n >> 8:x}:{n & 255:x}::1" if many else "203.0.113.7"
            email = EMAIL if many else f"{EMAIL}{n % 50 or ''}"
            try:
                await house.entrance.sign_in.with_password(
                    email, f"guess {n}", None, Visitor(address=address)
                )
                outcomes["right"] += 1
            except WrongPassword:
                outcomes["looked at"] += 1
            except TooManyAttempts as error:
                outcomes["refused"] += 1
                longest = max(longest, error.retry_after)

    began = time.perf_counter()
    await asyncio.gather(*[guesser() for _ in range(AT_ONCE)])
    seconds = time.perf_counter() - began
    failed = await house.entrance.audit.list(kind="sign_in_failed", since=since, limit=guesses)
    slowed = await house.entrance.audit.list(kind="sign_in_slowed", since=since, limit=guesses)
    print(
        f"{guesses} guesses from {name}, {AT_ONCE} at a time, in {seconds:.1f} s: {outcomes['looked at']} looked at, "
        f"{outcomes['refused']} refused, {outcomes['right']} right; next one in {longest:.0f} s at most; "
        f"in the audit trail {len(failed)} failed, {len(slowed)} times slowed"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guesses", type=int, default=10_000)
    parser.add_argument("--from", dest="which", choices=("one", "many"), action="append")
    given = parser.parse_args()
    asyncio.run(main(given.guesses, given.which or ["one", "many"]))
