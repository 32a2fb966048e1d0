"""Where what was sent to a model comes from: every system and user message has to stand in a template version."""

import re
from collections.abc import Iterable

from sqlalchemy import text

from scrivano.llm.public import Message, RequestView
from scrivano.prompts.public import TemplateVersion
from scrivano.wiring import House

LONG = 24
# What people and programs write themselves, and the question of a model's test: their own words need no template.
OWN_WORDS = ("gateway", "ask", "llm")


def literals(version: TemplateVersion, role: str) -> set[str]:
    """The long stretches of a template's own words, without what stands between braces; where a message has no long one,
    the longest that it has."""
    found: set[str] = set()
    for message in version.content.messages:
        if message.role != role:
            continue
        texts = "\n".join(item_texts(version, message.content, role))
        pieces = [p.strip() for line in texts.splitlines() for p in re.split(r"\{\{.*?\}\}|\{%.*?%\}", line)]
        found |= {p for p in pieces if len(p) >= LONG} or {max(pieces, key=len, default="")}
    return found


def item_texts(version: TemplateVersion, content: Iterable[object], role: str) -> list[str]:
    """The texts, parts and templates that a message is made of."""
    found: list[str] = []
    for item in content:
        own, part = getattr(item, "text", None), getattr(item, "part", None)
        if own is not None:
            found.append(own)
        elif part is not None:
            found.append(version.parts[part].content.text)
        elif inner := version.templates.get(getattr(item, "template", "")):
            for message in inner.content.messages:
                found += item_texts(inner, message.content, role) if message.role == role else []
    return found


async def stray_messages(house: House) -> list[str]:
    """Of all calls in the log of `house`, the system and user messages that no template version holds."""
    async with house.database.begin() as session:
        found = await session.execute(text("SELECT id FROM llm_requests ORDER BY id LIMIT 400"))
        requests = [await house.llm.get_request(row.id) for row in found]
    asked = [r for r in requests if r.kind == "text" and r.messages and not _own_words(r)]
    stray = [f"{r.feature} {r.purpose}: no template version" for r in asked if r.prompt_version is None]
    # A call that asks again has the messages of the first one in it.
    names = sorted({r.prompt_version for r in asked if r.prompt_version})
    versions = [await house.prompts.show_version(name) for name in names]
    for request in asked:
        stray += strays_of(versions, request.purpose, request.messages or ())
    return stray


def _own_words(request: RequestView) -> bool:
    typed = request.feature == "tasks" and request.prompt_name is None
    return typed or request.feature in OWN_WORDS


def strays_of(versions: list[TemplateVersion], purpose: str, messages: Iterable[Message]) -> list[str]:
    """The messages of one call that hold nothing of what the templates say in their role."""
    own = {role: set[str]().union(*(literals(v, role) for v in versions)) for role in ("system", "user")}
    return [
        f"{purpose}, {message.role}: {message.text[:120]!r} stands in no template"
        for message in messages
        if message.role in own and not any(piece in message.text for piece in own[message.role])
    ]
