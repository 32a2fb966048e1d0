"""What people of one server have in common, for those who are new to it: only from people who consent.

It is computed from the tastes given and stored nowhere else: whoever withdraws consent or deletes their choices is out
of it the next time it is made.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from scrivano.music.preferences.choices import Taste
from scrivano.music.preferences.features import Matrix
from scrivano.music.preferences.learner import Learner, Prior

FEWEST_PEOPLE = 5
"""Below this, what is common to all might show what one of them likes."""

_FEWEST_CHOICES = 5
_DOUBT = 3.0


def shared_prior(tastes: Iterable[Taste]) -> Prior:
    """A prior from the likings of those who share and have made choices; neutral with fewer than `FEWEST_PEOPLE`."""
    return prior_from([weights for taste in tastes if (weights := shared_weights(taste)) is not None])


def shared_weights(taste: Taste) -> Matrix | None:
    """What a person gives to the others; None without consent or with too few choices."""
    if not taste.shares or len(taste.choices) < _FEWEST_CHOICES:
        return None
    return Learner(taste).weights


def prior_from(people_weights: Sequence[Sequence[float] | Matrix]) -> Prior:
    """A prior from people's weights; those of another make than this program's do not count.

    The mean of a few people is drawn towards the neutral one, and where people differ the prior stays open.
    """
    neutral = Prior.neutral()
    found = [weights for weights in people_weights if len(weights) == len(neutral.mean)]
    if len(found) < FEWEST_PEOPLE:
        return neutral
    weights = np.array(found, np.float64)
    people = len(found)
    mean = (weights.sum(0) + _DOUBT * neutral.mean) / (people + _DOUBT)
    between = ((weights - mean) ** 2).sum(0) / people
    spread = np.sqrt((people * between + _DOUBT * neutral.spread**2) / (people + _DOUBT))
    return Prior(mean, np.maximum(spread, 0.6 * neutral.spread))
