"""A sample of `benchmarks/kill_book.py`: a killed book is finished with the same bytes, and no call is paid for twice."""

import random

import pytest

from benchmarks.kill_book import POINTS, measure


@pytest.mark.parametrize("point", random.Random(7).sample(POINTS, 2))
def test_a_book_whose_worker_is_killed_comes_out_the_same(point: str) -> None:
    outcome = measure(chapters=3, words=600, every=9, points=(point,), offset=2)
    assert outcome.kills >= 1
    assert outcome.different == []
    assert outcome.again == []
    assert outcome.unaccounted == []
