"""What the scripted model answers, apart from any wire format, and when."""

import asyncio
import re
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from scrivano.llm.scripted.asked import Asked, text_of
from scrivano.llm.scripted.continuing import continuation_of, go_on
from scrivano.llm.scripted.ledger import Entry, Ledger
from scrivano.llm.scripted.replies import Reply, compose
from scrivano.llm.scripted.script import Rule, Script
from scrivano.llm.scripted.tokens import count_prompt

_UNPACED_CHUNK = 24
"""Tokens that go out together where the script sets no speed."""

_SIGN_OF_LIFE = 10.0
"""Seconds between empty pieces of an answer that is held."""


class Dropped(Exception):
    """The script wants the connection to be reset now."""


@dataclass
class Call:
    """A request on its way: what to answer, by which rule, and its line in the ledger."""

    asked: Asked
    rule: Rule
    reply: Reply
    entry: Entry
    arrived: float

    @property
    def prompt_tokens(self) -> int:
        """Tokens of what was asked."""
        return self.entry.prompt_tokens


class Engine:
    """One scripted model server's state: which rules are used up, its slots and its ledger."""

    def __init__(self, script: Script, ledger: Ledger | None = None) -> None:
        self.script = script
        self.ledger = ledger or Ledger()
        self._slots = asyncio.Semaphore(script.slots) if script.slots else None
        self._matched: Counter[int] = Counter()
        self._matched_same: Counter[tuple[int, str]] = Counter()
        self._released: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def begin(self, asked: Asked) -> Call:
        """Note an arrival and decide on its answer."""
        digest = asked.hash()
        number, rule = self._rule_for(asked, digest)
        entry = Entry(
            sequence=len(self.ledger.entries) + 1,
            time=time.time(),
            path=asked.path,
            model=asked.model,
            request_hash=digest,
            messages=asked.messages,
            prompt_tokens=count_prompt(text_of(message) for message in asked.messages),
            stream=asked.stream,
            rule=number,
        )
        self.ledger.open(entry)
        continuation = continuation_of(asked)
        if continuation is not None:
            reply = go_on(continuation, rule, self.script.seed)
        else:
            reply = compose(asked, rule, f"{self.script.seed}:{digest}")
        return Call(asked, rule, reply, entry, time.monotonic())

    def _rule_for(self, asked: Asked, digest: str) -> tuple[int | None, Rule]:
        for number, rule in enumerate(self.script.rules):
            if not matches(rule, asked):
                continue
            if rule.times is not None and self._matched[number] >= rule.times:
                continue
            same = (number, digest)
            if rule.times_per_request is not None and self._matched_same[same] >= rule.times_per_request:
                continue
            self._matched[number] += 1
            self._matched_same[same] += 1
            return number, rule
        return None, Rule()

    @asynccontextmanager
    async def slot(self, call: Call) -> AsyncGenerator[None]:
        """Wait for a slot and hold it; the ledger's line is closed at the end, whatever happens."""
        entry = call.entry
        began = None
        try:
            if self._slots is not None:
                await self._slots.acquire()
            began = time.monotonic()
            entry.queued = began - call.arrived
            yield
        finally:
            if began is not None:
                entry.seconds = time.monotonic() - began
                if self._slots is not None:
                    self._slots.release()
            if entry.outcome == "open":
                entry.outcome = "cut"
            self.ledger.close(entry)

    def release(self, hold: str) -> None:
        """Let go on what is held under this name, and what would be later."""
        self._released[hold].set()

    async def _let_go(self, hold: str) -> bool:
        """Wait for that; false when it is time for a sign of life."""
        try:
            async with asyncio.timeout(_SIGN_OF_LIFE):
                await self._released[hold].wait()
        except TimeoutError:
            return False
        return True

    def refuse(self, call: Call, status: int) -> None:
        """Note that the answer is an error."""
        call.entry.outcome = "refused"
        call.entry.status = status

    def finish(self, call: Call) -> None:
        """Note that the last token was written and the connection took it."""
        call.entry.outcome = "finished"
        call.entry.finish_reason = call.reply.finish_reason

    async def pieces(self, call: Call) -> AsyncIterator[str]:
        """The answer's text in pieces, at the script's speed. Raises Dropped where the script cuts it."""
        rule, tokens = call.rule, call.reply.tokens
        speed = self.script.tokens_per_second if rule.tokens_per_second is None else rule.tokens_per_second
        began = time.monotonic() + rule.first_token_delay
        await _until(began)
        size = 1 if speed else _UNPACED_CHUNK
        position = 0
        while position < len(tokens):
            end = min(position + size, len(tokens))
            for limit in (rule.cut_after, rule.hang_after, rule.stall_after, rule.hold_after):
                # At 0 nothing goes out at all; what pauses does so behind a token, and goes on from there.
                if limit is not None and (position < limit < end or limit == 0):
                    end = limit
            if speed:
                await _until(began + end / speed)
            if end > position:
                call.entry.completion_tokens = end
                yield "".join(tokens[position:end])
            position = end
            if rule.stall_after == position:
                await asyncio.sleep(rule.stall)
            while rule.hold_after == position and not await self._let_go(rule.hold):
                # Whoever reads knows that it is not forgotten, however long it is held.
                yield ""
            if rule.hang_after == position:
                await asyncio.Event().wait()
            if rule.cut_after == position:
                raise Dropped
        if rule.cut_after is not None:
            raise Dropped


def matches(rule: Rule, asked: Asked) -> bool:
    """Whether all of a rule's conditions hold."""
    match = rule.match
    if match.model is not None and match.model != asked.model:
        return False
    if match.prefilled is not None and match.prefilled != asked.prefilled:
        return False
    if match.path is not None and match.path != asked.path:
        return False
    if match.schema_name is not None and match.schema_name != asked.schema_name:
        return False
    if match.contains is not None and match.contains not in asked.text:
        return False
    return match.pattern is None or re.search(match.pattern, asked.text) is not None


async def _until(moment: float) -> None:
    left = moment - time.monotonic()
    if left > 0:
        await asyncio.sleep(left)
