"""The contract of the LLM service."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from scrivano.llm.breakers import BreakerState
from scrivano.llm.budgets.service import BudgetView
from scrivano.llm.budgets.service import Scope as BudgetScope
from scrivano.llm.cache.service import CachePolicy
from scrivano.llm.cache.service import Mode as CacheMode
from scrivano.llm.dto import (
    CallContext,
    ContentPart,
    CostEstimate,
    Locality,
    Message,
    Options,
    PromptSource,
    RequestStatus,
    RequestView,
    Response,
    RunTotals,
    StructuredResponse,
    Timeouts,
    Tool,
    ToolCall,
    Totals,
    Usage,
)
from scrivano.llm.embeddings import Embeddings
from scrivano.llm.errors import AskDifferently, LLMError, NobodyCould, NotPermitted, TooDear, TryLater
from scrivano.llm.exchange import Begun, ResponseStream
from scrivano.llm.images import GeneratedImage
from scrivano.llm.limits.service import RateLimit
from scrivano.llm.log.keeping import Dropped, Erased, Verification
from scrivano.llm.lookup.service import BreakerView, Counted, Facets, RouteView, Sieve
from scrivano.llm.outlook import Outlook
from scrivano.llm.personal import RequestData
from scrivano.llm.policies.service import ProjectPolicy
from scrivano.llm.providers.base import Schema, forbid_foreign_hosts
from scrivano.llm.registry.dto import Found, ModelChange, ModelView, ProviderChange, ProviderView
from scrivano.llm.registry.service import Registry, Snapshot
from scrivano.llm.router import Rules
from scrivano.llm.routing.complexity import read_text_rules, score_music, score_text
from scrivano.llm.routing.dto import Apgr, Card, Complexity, Example, Reason
from scrivano.llm.routing.rules import level_of, packaged, tier_of
from scrivano.llm.search import SearchHit, SearchResults
from scrivano.llm.service import LLMService
from scrivano.llm.statistics.dto import GroupBy, Statistics, Step, TallyView, UsageRow
from scrivano.llm.structured_stream import StructuredStream
from scrivano.llm.tokens import Count, bound

if TYPE_CHECKING:
    from scrivano.llm.routing.public import (
        LearnedRouter,
        evaluate,
        packaged_router,
        read_examples,
        train,
    )

__all__ = [
    "Apgr",
    "AskDifferently",
    "Begun",
    "BreakerState",
    "BreakerView",
    "BudgetScope",
    "BudgetView",
    "CacheMode",
    "CachePolicy",
    "CallContext",
    "Card",
    "Complexity",
    "ContentPart",
    "CostEstimate",
    "Count",
    "Counted",
    "Dropped",
    "Embeddings",
    "Erased",
    "Example",
    "Facets",
    "Found",
    "GeneratedImage",
    "GroupBy",
    "LLMError",
    "LLMService",
    "LearnedRouter",
    "Locality",
    "Message",
    "ModelChange",
    "ModelView",
    "NobodyCould",
    "NotPermitted",
    "Options",
    "Outlook",
    "ProjectPolicy",
    "PromptSource",
    "ProviderChange",
    "ProviderView",
    "RateLimit",
    "Reason",
    "Registry",
    "RequestData",
    "RequestStatus",
    "RequestView",
    "Response",
    "ResponseStream",
    "RouteView",
    "Rules",
    "RunTotals",
    "Schema",
    "SearchHit",
    "SearchResults",
    "Sieve",
    "Snapshot",
    "Statistics",
    "Step",
    "StructuredResponse",
    "StructuredStream",
    "TallyView",
    "Timeouts",
    "TooDear",
    "Tool",
    "ToolCall",
    "Totals",
    "TryLater",
    "Usage",
    "UsageRow",
    "Verification",
    "bound",
    "evaluate",
    "forbid_foreign_hosts",
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

# They need numpy, which only those wait for who train or ask a learned router.
_LEARNED = frozenset(("LearnedRouter", "evaluate", "packaged_router", "read_examples", "train"))


def __getattr__(name: str) -> Any:
    if name not in _LEARNED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("scrivano.llm.routing.public"), name)
