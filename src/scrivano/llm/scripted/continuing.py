"""How the scripted model goes on from an answer of which it is shown the beginning."""

import re
from dataclasses import dataclass, replace

from scrivano.llm.scripted.asked import Asked, text_of
from scrivano.llm.scripted.replies import Reply, compose
from scrivano.llm.scripted.script import Rule
from scrivano.llm.scripted.tokens import tokenize

_ANCHOR = re.compile(r"<begin>\s*(.*?)\s*</begin>", re.S)
_PREFACE = "Of course, here is the rest of it:\n\n"


@dataclass(frozen=True)
class Continuation:
    """A request for the rest of an answer: what was asked first, how the answer began, and the words with which
    the rest shall begin (none where the answer was prefilled)."""

    first: Asked
    begun: str
    anchor: str | None


def continuation_of(asked: Asked) -> Continuation | None:
    """What a request wants to be continued, if that is what it wants."""
    messages = asked.messages
    if asked.prefilled:
        return Continuation(replace(asked, messages=messages[:-1]), text_of(messages[-1]), None)
    if len(messages) > 2 and messages[-2].get("role") == "assistant":
        found = _ANCHOR.search(asked.last)
        if found is not None:
            return Continuation(replace(asked, messages=messages[:-2]), text_of(messages[-2]), found[1])
    return None


def go_on(continuation: Continuation, rule: Rule, seed: int) -> Reply:
    """The rest of the answer that the first request gets: what follows its beginning, where it began so, else as
    many tokens as are left of another one."""
    first = replace(continuation.first, max_tokens=None)
    whole = compose(first, rule, f"{seed}:{first.hash()}")
    text, begun = whole.text, continuation.begun
    rest = text[len(begun) :] if text.startswith(begun) else "".join(whole.tokens[len(tokenize(begun)) :])
    anchor = continuation.anchor
    if rule.goes_on == "anew":
        rest = text
    elif anchor is not None and rule.goes_on != "unasked":
        rest = (_PREFACE if rule.goes_on == "chatty" else "") + anchor + begun[len(begun.rstrip()) :] + rest
    tokens = tokenize(rest)
    most = continuation.first.max_tokens
    if most is not None and len(tokens) > most:
        return Reply(tokens[:most], rule.finish_reason or "length", [])
    return Reply(tokens, whole.finish_reason, whole.tool_calls)
