"""The contract of the LLM service."""

from scrivano.llm.budgets.service import BudgetView
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
from scrivano.llm.errors import AskDifferently, LLMError, NobodyCould, NotPermitted, TooDear, TryLater
from scrivano.llm.exchange import ResponseStream
from scrivano.llm.providers.base import forbid_foreign_hosts
from scrivano.llm.registry.dto import Found, ModelChange, ModelView, ProviderChange, ProviderView
from scrivano.llm.registry.service import Registry
from scrivano.llm.service import LLMService

__all__ = [
    "AskDifferently",
    "BudgetView",
    "CallContext",
    "ContentPart",
    "CostEstimate",
    "Found",
    "LLMError",
    "LLMService",
    "Locality",
    "Message",
    "ModelChange",
    "ModelView",
    "NobodyCould",
    "NotPermitted",
    "Options",
    "PromptSource",
    "ProviderChange",
    "ProviderView",
    "Registry",
    "RequestStatus",
    "RequestView",
    "Response",
    "ResponseStream",
    "RunTotals",
    "StructuredResponse",
    "Timeouts",
    "TooDear",
    "Tool",
    "ToolCall",
    "Totals",
    "TryLater",
    "Usage",
    "forbid_foreign_hosts",
]
