"""Whether a stage may be entered or left: what is missing, in sentences."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from scrivano.posts.sections import cited_numbers, strange_marks
from scrivano.posts.values import is_filled
from scrivano.posts.workflow import BODY, StageRule, WorkflowContent
from scrivano.references.public import count_words

_SLUG = re.compile(r"[\w]+(-[\w]+)*")


@dataclass(frozen=True, slots=True)
class Standing:
    """What rules look at."""

    fields: Mapping[str, JsonValue]
    kept_sources: Collection[int]
    open_proposals: int


def missing(content: WorkflowContent, rules: Collection[StageRule], post: Standing) -> list[str]:
    """A sentence for each rule that does not hold."""
    return [said for rule in rules if (said := _missing(content, rule, post))]


def _missing(content: WorkflowContent, rule: StageRule, post: Standing) -> str:
    field = content.field(rule.field) if rule.field else None
    title = field.title if field else ""
    value = post.fields.get(rule.field or "")
    body = str(post.fields.get(BODY) or "")
    if rule.test == "filled":
        return "" if is_filled(value) else f"{title} is empty."
    if rule.test == "at_least":
        has = _size(value)
        return "" if has >= rule.value else f"{title} has {has} of at least {rule.value} {_unit(value)}."
    if rule.test == "at_most":
        has = _size(value)
        return "" if has <= rule.value else f"{title} has {has} {_unit(value)}, of at most {rule.value}."
    if rule.test == "slug":
        right = (
            isinstance(value, str) and len(value) <= 120 and value == value.lower() and _SLUG.fullmatch(value)
        )
        return "" if right else f"{title} is no address: lower-case words joined by hyphens."
    if rule.test == "sources":
        has = len(post.kept_sources)
        return (
            ""
            if has >= rule.value
            else f"{has} of at least {rule.value} sources are kept. Add one, or search."
        )
    if rule.test == "cited":
        has = len(set(cited_numbers(body)) & set(post.kept_sources))
        return "" if has >= rule.value else f"The text points at {has} of at least {rule.value} kept sources."
    if rule.test == "cites_kept":
        strange = strange_marks(body, post.kept_sources)
        return f"The text points at what is no kept source: {', '.join(strange[:5])}." if strange else ""
    return f"{post.open_proposals} proposals wait for a decision." if post.open_proposals else ""


def _size(value: JsonValue) -> int:
    if isinstance(value, list):
        return len(value)
    return count_words(value) if isinstance(value, str) else int(is_filled(value))


def _unit(value: JsonValue) -> str:
    return "entries" if isinstance(value, list) or value is None else "words"
