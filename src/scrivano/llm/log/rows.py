"""Attempts as rows, and rows as what callers see."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from scrivano.llm.dto import (
    CallContext,
    FinishReason,
    Locality,
    Message,
    RequestStatus,
    RequestView,
    Response,
    ToolCall,
    Usage,
)
from scrivano.llm.log.months import moment_of
from scrivano.llm.log.names import Profile, clean
from scrivano.llm.money import dollars

Row = dict[str, Any]

RARE_TOKENS = (
    "cache_write_tokens",
    "audio_prompt_tokens",
    "image_prompt_tokens",
    "audio_completion_tokens",
    "image_completion_tokens",
)


@dataclass(slots=True)
class Opening:
    """An attempt that is about to be sent. `settings` is all that goes out beside the messages."""

    id: UUID
    context: CallContext
    provider: str
    model: str
    locality: Locality
    route: str
    settings: dict[str, Any]
    attempt: int = 1
    previous: UUID | None = None
    counted_tokens: int | None = None
    queued_seconds: float = 0.0
    reserved: int = 0
    kind: str = "text"
    tier: str | None = None


@dataclass(slots=True)
class Closing:
    """How an attempt ended. `cost` is in nano-dollars; `answer` is whole, or what came of it.

    `locality` is how far it went after all, where that is known.
    """

    opening: Opening
    status: RequestStatus
    seconds: float
    locality: Locality | None = None
    cost: int = 0
    usage: Usage = field(default_factory=Usage)
    first_token_seconds: float | None = None
    answer: Message | None = None
    finish_reason: FinishReason | None = None
    error: str | None = None
    would_cost: int | None = None
    """What the cloud tier would have taken for these tokens; None where that is not known."""
    source: UUID | None = None
    """The request that a cached answer came from, and what asking again would have cost."""
    saved: int | None = None


def profile_of(opening: Opening) -> Profile:
    """What the attempt has in common with others."""
    context = opening.context
    return Profile(
        opening.kind,
        context.feature,
        context.purpose,
        context.prompt_name,
        context.prompt_version,
        opening.provider,
        opening.model,
        opening.locality,
        opening.route,
        opening.tier,
    )


def opening_row(opening: Opening, instance: int, head: bytes) -> Row:
    """The row of an attempt as `repo.open_rows` takes it, but for the numbers of names and profile."""
    usual = {"model": opening.model, "streaming": True}
    settings = {k: v for k, v in opening.settings.items() if usual.get(k) != v}
    return {
        "id": opening.id,
        "previous": opening.previous,
        "instance": instance,
        "attempt": opening.attempt,
        "counted_tokens": opening.counted_tokens,
        "queued_ms": round(opening.queued_seconds * 1000) or None,
        "reserved": opening.reserved or None,
        "head": bytea(head),
        "key": clean(opening.context.key),
        "settings": orjson.dumps(settings).decode() if settings else None,
        "labels": opening.context.labels or None,
    }


def closing_row(closing: Closing, answer: bytes | None) -> Row:
    """The row of an end as `repo.close_rows` takes it, but for the number of its profile."""
    usage = closing.usage
    first = closing.first_token_seconds
    return {
        "id": closing.opening.id,
        "key": clean(closing.opening.context.key),
        "status": closing.status,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cached_tokens": usage.cached_tokens or None,
        "reasoning_tokens": usage.reasoning_tokens or None,
        **{name: getattr(usage, name) or None for name in RARE_TOKENS},
        "usage_counted": usage.source == "counted" or None,
        "ms": round(closing.seconds * 1000),
        "first_ms": None if first is None else round(first * 1000),
        "cost": closing.cost,
        "answer": bytea(answer) if answer is not None else None,
        "finish_reason": closing.finish_reason,
        "error": clean(closing.error[:2000]) if closing.error else None,
        "source": closing.source,
        "saved": closing.saved,
        "would_cost": closing.would_cost,
    }


def usage_of(row: Row) -> Usage:
    """The tokens of a row; zeros where it has none yet."""
    return Usage(
        prompt_tokens=row["prompt_tokens"] or 0,
        completion_tokens=row["completion_tokens"] or 0,
        cached_tokens=row["cached_tokens"] or 0,
        reasoning_tokens=row["reasoning_tokens"] or 0,
        **{name: row[name] or 0 for name in RARE_TOKENS},
        source="counted" if row["usage_counted"] else "reported",
    )


def view_of(
    row: Row, messages: tuple[Message, ...] | None = None, answer: Message | None = None
) -> RequestView:
    """A row as callers see it."""
    parts = (row["key"] or "").split("/")
    return RequestView(
        id=row["id"],
        previous=row["previous"],
        status=row["status"],
        kind=row["kind"],
        feature=row["feature"],
        purpose=row["purpose"],
        item=parts[2] or None if len(parts) > 2 else None,
        key=row["key"],
        run_id=row["run_id"],
        user_id=row["user_id"],
        project_id=row["project_id"],
        prompt_name=row["prompt_name"],
        prompt_version=row["prompt_version"],
        labels=row["labels"] or {},
        provider=row["provider"],
        model=row["model"],
        locality=row["locality"],
        route=row["route"],
        tier=row["tier"],
        source=row["source"],
        saved=dollars(row["saved"] or 0),
        attempt=row["attempt"],
        finish_reason=row["finish_reason"],
        usage=usage_of(row),
        cost=dollars(row["cost"] if row["cost"] is not None else row["reserved"] or 0),
        started_at=moment_of(row["id"]),
        seconds=_seconds(row["ms"]),
        queued_seconds=(row["queued_ms"] or 0) / 1000,
        first_token_seconds=_seconds(row["first_ms"]),
        error=row["error"],
        settings={
            "model": row["model"],
            "streaming": True,
            **(orjson.loads(row["settings"]) if row["settings"] else {}),
        },
        messages=messages,
        answer=answer,
    )


def response_of(row: Row, answer: Message) -> Response:
    """The answer that a finished row holds, as it was given then."""
    return Response(
        text=answer.text,
        request_id=row["id"],
        model=row["model"],
        provider=row["provider"],
        finish_reason=row["finish_reason"],
        usage=usage_of(row),
        cost=dollars(row["cost"] or 0),
        route=row["route"],
        from_log=True,
        tool_calls=answer.tool_calls,
        seconds=(row["ms"] or 0) / 1000,
    )


def message_of(body: str) -> Message:
    """A message from its canonical JSON."""
    fields: dict[str, Any] = orjson.loads(body)
    calls = tuple(ToolCall(**call) for call in fields.pop("tool_calls", ()))
    return Message(**fields, tool_calls=calls)


def bytea(value: bytes) -> str:
    """Bytes as PostgreSQL reads them from text."""
    return "\\x" + value.hex()


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
