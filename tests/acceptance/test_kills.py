"""A sample of `benchmarks/kill_book.py`: a killed book is finished with the same bytes, and no call is paid for twice."""

import random

from benchmarks.kill_book import POINTS, measure


def test_a_book_whose_worker_is_killed_comes_out_the_same() -> None:
    points = tuple(random.Random(7).sample(POINTS, 2))
    outcome = measure(chapters=3, words=600, every=12, points=points, offset=2)
    assert outcome.kills >= len(points)
    assert outcome.different == []
    assert outcome.again == []
    assert outcome.unaccounted == []
