"""A sample of `benchmarks/posts.py`: a post whose worker is killed is published once, with its sources."""

import random

from benchmarks.posts import POINTS, measure


def test_a_post_whose_worker_is_killed_is_published_once() -> None:
    point = random.Random(5).choice(POINTS[:3])
    outcome, by_hand = measure(every=29, points=(point, "publish.accepted:wordpress"), offset=1, most=1)
    assert outcome.kills == 2
    assert outcome.copies == []
    assert outcome.uncited == []
    assert outcome.different == []
    assert outcome.again == []
    assert by_hand == {"hugo": 1, "wordpress": 1, "ghost": 1}
