from uuid import uuid4

import pytest

from scrivano.llm.breakers import LONGEST_REST, Breakers, BreakerState
from scrivano.llm.providers.base import AttemptFailed, Trouble

MODEL, PROVIDER = uuid4(), uuid4()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breakers(clock: Clock) -> Breakers:
    return Breakers(clock)


def fail(breakers: Breakers, trouble: Trouble = Trouble.BROKEN, retry_after: float | None = None) -> None:
    breakers.failed(MODEL, PROVIDER, AttemptFailed(trouble, "x", retry_after=retry_after))


def test_it_opens_after_three_failures_in_a_row(breakers: Breakers) -> None:
    fail(breakers)
    fail(breakers)
    breakers.succeeded(MODEL)
    fail(breakers)
    fail(breakers)
    assert breakers.admits(MODEL, PROVIDER)
    fail(breakers)
    assert breakers.state(MODEL) is BreakerState.OPEN
    assert not breakers.admits(MODEL, PROVIDER)


def test_one_probe_at_a_time_and_an_answer_closes_it(breakers: Breakers, clock: Clock) -> None:
    for _ in range(3):
        fail(breakers)
    clock.now = 2.0
    assert breakers.state(MODEL) is BreakerState.HALF_OPEN
    assert breakers.admits(MODEL, PROVIDER)
    assert not breakers.admits(MODEL, PROVIDER)
    breakers.undecided(MODEL, PROVIDER)
    assert breakers.admits(MODEL, PROVIDER)
    breakers.succeeded(MODEL)
    assert breakers.state(MODEL) is BreakerState.CLOSED


def test_whoever_comes_back_is_probed_within_the_longest_rest(breakers: Breakers, clock: Clock) -> None:
    waits: list[float] = []
    fail(breakers, Trouble.UNREACHABLE)
    for _ in range(8):
        began = clock.now
        while not breakers.admits(MODEL, PROVIDER):
            clock.now += 0.1
        waits.append(clock.now - began)
        fail(breakers, Trouble.UNREACHABLE)
    assert waits[0] < waits[1] < waits[2]
    assert max(waits) <= LONGEST_REST + 0.1
    breakers.succeeded(PROVIDER)
    assert breakers.admits(MODEL, PROVIDER)


def test_a_retry_after_is_kept_by_later_requests(breakers: Breakers, clock: Clock) -> None:
    fail(breakers, Trouble.OVERLOADED, retry_after=20)
    clock.now = 19.9
    assert not breakers.admits(MODEL, PROVIDER)
    clock.now = 20.0
    assert breakers.admits(MODEL, PROVIDER)


def test_the_requests_own_fault_closes_nothing_off(breakers: Breakers) -> None:
    for _ in range(9):
        fail(breakers, Trouble.REFUSED)
    assert breakers.admits(MODEL, PROVIDER)


def test_a_lost_probe_holds_nobody_back_for_ever(breakers: Breakers, clock: Clock) -> None:
    for _ in range(3):
        fail(breakers)
    clock.now = 2.0
    assert breakers.admits(MODEL)
    clock.now = 123.0
    assert breakers.admits(MODEL)
