"""Jinja2 templates that are anybody's: the public escape payloads, then fuzzing for a while.

    python -m benchmarks.prompts_sandbox [--seconds 1800] [--seed 1]

An escape is a text that shows what no template may reach. Into the process that fills templates in a word is planted which nobody
could guess: in its environment, its modules, its builtins, its globals and the name of a class. A text with that word escaped, and so
did one that shows a class, function, frame, module or wrapper other than the few that Jinja2 offers under a name. That these signs
are seen is shown first, with the same payloads and no sandbox. A render may take 100 ms of processor time and 1 MB.
"""

import argparse
import asyncio
import html
import random
import re
import secrets
import sys
import time
from collections import Counter
from typing import Any

from scrivano.core.errors import ScrivanoError
from scrivano.prompts.sandbox import Sandbox
from tests.unit.prompts.test_sandbox import ESCAPES, EXPENSIVE

OFFERED = ("dict", "range", "jinja2.utils.Cycler", "jinja2.utils.Joiner", "jinja2.utils.Namespace")
SIGNS = re.compile(
    rf"<class '(?!(?:{'|'.join(map(re.escape, OFFERED))})')|<function (?!safe_range |(?:str|Markup)\.format)|<(?:module|frame|code|slot wrapper|method-wrapper) "
    r"|<(?:attribute|member|method) '|mappingproxy\(|<generator object|<_io\.|uid=\d|root:"
)
PLANTED = """
import builtins, json, os, resource, sys, types
from scrivano.prompts import sandbox_child as child
word = {word!r}
os.environ[word] = word
sys.modules[word] = types.ModuleType(word)
child.planted = child.jinja_planted = builtins.planted = sys.modules["jinja2"].planted = sys.modules["jinja2.runtime"].planted = word
kept = type(word, (), {{}})
if {open}:
    from jinja2 import Environment
    child._ENVIRONMENT = Environment()
carry_out = child._in_fork
def timed(raw):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    reply = json.loads(carry_out(raw))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    reply["cpu"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.dumps(reply).encode()
child._in_fork = timed
child.main()
"""
VALUES = {"value": "text", "items": ["a", "b", 3], "table": {"a": 1, "b": [1, 2]}, "n": 7}
ATOMS = [
    "value", "items", "table", "n", "''", "()", "[]", "{}", "range", "dict", "namespace", "cycler", "joiner", "self",
    "loop", "caller", "varargs", "kwargs", "none", "true", "1", "10**9", "99999", "'{0.__class__}'", "items[0]",
]  # fmt: skip
NAMES = [
    "__class__", "__mro__", "__base__", "__subclasses__", "__globals__", "__init__", "__builtins__", "__dict__", "func_globals",
    "gi_frame", "f_globals", "cr_frame", "format", "format_map", "join", "mro", "items", "upper", "_TemplateReference__context",
]  # fmt: skip
FILTERS = [
    "attr('__class__')", "map(attribute='__class__')|list", "map('attr','__globals__')|list", "list", "string", "join", "length",
    "batch(2)|list", "groupby('__class__')|list", "format(value)", "tojson", "pprint", "xmlattr", "replace('e','__')", "center(99999999)",
    "indent(9999999)", "sort", "unique|list", "reverse|list", "urlize", "wordwrap(1)", "sum", "select|list", "safe", "escape",
]  # fmt: skip


def expression(draw: random.Random, depth: int = 0) -> str:
    """A random expression, apt to look for a way out or to be expensive."""
    kind = draw.randrange(8 if depth < 4 else 2)
    if kind < 2:
        return draw.choice(ATOMS)
    inner = expression(draw, depth + 1)
    match kind:
        case 2:
            return f"({inner}).{draw.choice(NAMES)}"
        case 3:
            return f"({inner})['{draw.choice(NAMES)}']"
        case 4:
            return f"({inner})|{draw.choice(FILTERS)}"
        case 5:
            return f"({inner}){draw.choice(['()', '(0)', '(value)', '[0]', '[1:]'])}"
        case 6:
            return (
                f"({inner}) {draw.choice(['*', '**', '~', '+', '%', '//'])} ({expression(draw, depth + 1)})"
            )
        case _:
            return f"({inner}) if ({expression(draw, depth + 1)}) else ({expression(draw, depth + 1)})"


def template(draw: random.Random) -> str:
    """A random template of one to four pieces."""
    pieces: list[str] = []
    for _ in range(draw.randint(1, 4)):
        one, two = expression(draw), expression(draw)
        pieces.append(
            draw.choice(
                [
                    f"{{{{ {one} }}}}",
                    f"{{% set x = {one} %}}{{{{ x }}}}",
                    f"{{% for i in {one} %}}{{{{ {two} }}}}{{% endfor %}}",
                    f"{{% for i in range(9999) %}}{{% for j in range(9999) %}}{{{{ {one} }}}}{{% endfor %}}{{% endfor %}}",
                    f"{{% macro m(a) %}}{{{{ {one} }}}}{{{{ m(a) if n > {draw.randrange(9)} }}}}{{% endmacro %}}{{{{ m({two}) }}}}",
                    f"{{% if {one} %}}{{{{ {two} }}}}{{% endif %}}",
                    f"{{% filter {draw.choice(FILTERS)} %}}{{{{ {one} }}}}{{% endfilter %}}",
                    f"{{% with x = {one} %}}{{{{ x }}}}{{% endwith %}}",
                ]
            )
        )
    return "".join(pieces)


class Watched(Sandbox):
    """A sandbox with the planted word, which tells how long each render took the processor. `open` is without walls."""

    def __init__(self, word: str, *, open: bool = False) -> None:
        super().__init__((sys.executable, "-I", "-c", PLANTED.format(word=word, open=open)))
        self.word = word
        self.slowest = 0.0

    async def _exchange(self, raw: bytes) -> dict[str, Any]:
        reply = await super()._exchange(raw)
        self.slowest = max(self.slowest, float(reply.get("cpu", 0)))
        return reply

    async def escaped(self, source: str) -> tuple[bool, str, str]:
        """Whether a template's text shows what it may not; the text; how it was refused, if it was."""
        try:
            text = (await self.render("t", [source], VALUES))[0]
        except ScrivanoError as error:
            return self.word in error.message, "", type(error).__name__
        plain = html.unescape(text)
        return self.word in plain or SIGNS.search(plain) is not None, text, ""


async def control(word: str) -> str:
    """How many of the public payloads the signs tell where nothing holds them."""
    sandbox = Watched(word, open=True)
    seen = [await sandbox.escaped(source) for source in ESCAPES]
    await sandbox.close()
    came = [escaped for escaped, _, refused in seen if not refused]
    return f"{sum(came)} of {len(came)} that gave a text"


async def measure(seconds: float, seed: int) -> dict[str, object]:
    """Fill in until the time is up; the figures."""
    draw, word = random.Random(seed), f"planted{secrets.token_hex(16)}"
    seen = await control(word)
    sandbox = Watched(word)
    ended: Counter[str] = Counter()
    longest, found = 0, list[str]()
    until = time.monotonic() + seconds
    waiting = [*ESCAPES, *EXPENSIVE]
    while waiting or time.monotonic() < until:
        source = waiting.pop() if waiting else template(draw)
        escaped, text, refused = await sandbox.escaped(source)
        ended[refused or "filled in"] += 1
        longest = max(longest, len(text.encode()))
        if escaped:
            found.append(source)
    await sandbox.close()
    return {
        "escapes seen without a sandbox": seen,
        "templates": ended.total(),
        "escaped": len(found),
        "first": found[:3],
        "how they ended": dict(ended),
        "longest text in bytes": longest,
        "most processor time of a render in seconds": round(sandbox.slowest, 3),
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    print(asyncio.run(measure(chosen.seconds, chosen.seed)))


if __name__ == "__main__":
    main()
