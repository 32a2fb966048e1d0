"""A sample of `benchmarks/posts.py`: a post whose worker is killed is published once, with its sources."""

import random

from benchmarks.posts import POINTS, measure
from scrivano.core.postgres import EmbeddedPostgres
from tests.conftest import make_clone


def test_a_post_whose_worker_is_killed_is_published_once(
    postgres_server: EmbeddedPostgres, template_database: str
) -> None:
    point = random.Random(5).choice(POINTS[:3])
    with make_clone(postgres_server, template_database) as url:
        outcome, by_hand = measure(29, (point, "publish.accepted:wordpress"), most=1, url=url)
    assert outcome.kills == 2
    assert outcome.copies == []
    assert outcome.uncited == []
    assert outcome.different == []
    assert outcome.again == []
    assert by_hand == {"hugo": 1, "wordpress": 1, "ghost": 1}
