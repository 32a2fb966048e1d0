"""The contract of routing by complexity: scores with reasons, the learned router, its training and its measure."""

from scrivano.llm.routing.complexity import read_text_rules, score_music, score_text
from scrivano.llm.routing.dto import Apgr, Card, Complexity, Example, Reason
from scrivano.llm.routing.evaluation import evaluate
from scrivano.llm.routing.learned import LearnedRouter, packaged_router
from scrivano.llm.routing.rules import Rules, level_of, packaged, tier_of
from scrivano.llm.routing.training import read_examples, train

__all__ = [
    "Apgr",
    "Card",
    "Complexity",
    "Example",
    "LearnedRouter",
    "Reason",
    "Rules",
    "evaluate",
    "level_of",
    "packaged",
    "packaged_router",
    "read_examples",
    "read_text_rules",
    "score_music",
    "score_text",
    "tier_of",
    "train",
]
