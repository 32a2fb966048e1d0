"""Jinja2 templates that are anybody's: the public escape payloads, then fuzzing for a while.

    python -m benchmarks.prompts_sandbox [--seconds 60] [--seed 1]

Prints how many templates were filled in, how many gave something away, the slowest in processor time and the longest text. A
render may take 100 ms of processor time and 1 MB.
"""

import argparse
import asyncio
import random
import time

from scrivano.core.errors import ScrivanoError
from scrivano.prompts.sandbox import Sandbox
from tests.unit.prompts.test_sandbox import ESCAPES, EXPENSIVE

# What only somebody who got out could show. The globals themselves (`range`, `joiner`) may be printed: they lead nowhere.
SIGNS = ("uid=", "root:", "<module", "__builtins__", "subclasses", "Popen", "<frame", "<code", "mappingproxy")
SIGNS += tuple(f"<class '{name}'>" for name in ("str", "object", "type", "tuple", "int", "list"))
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


async def measure(seconds: float, seed: int) -> dict[str, object]:
    """Fill in until the time is up; the figures."""
    draw = random.Random(seed)
    sandbox = Sandbox()
    total = ended = refused = 0
    longest, slowest, escaped = 0, 0.0, list[str]()
    until = time.monotonic() + seconds
    waiting = [*ESCAPES, *EXPENSIVE]
    while waiting or time.monotonic() < until:
        source = waiting.pop() if waiting else template(draw)
        total += 1
        begun = time.monotonic()
        try:
            text = (await sandbox.render("t", [source], VALUES))[0]  # type: ignore[arg-type]
        except ScrivanoError as error:
            ended += type(error).__name__ == "TooMuch"
            refused += type(error).__name__ != "TooMuch"
            text = ""
        slowest = max(slowest, time.monotonic() - begun)
        longest = max(longest, len(text.encode()))
        if any(sign in text for sign in SIGNS):
            escaped.append(source)
    await sandbox.close()
    return {
        "templates": total,
        "escaped": len(escaped),
        "first": escaped[:3],
        "ended for time, memory or length": ended,
        "refused": refused,
        "longest text in bytes": longest,
        "slowest by the clock in seconds": round(slowest, 3),
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    print(asyncio.run(measure(chosen.seconds, chosen.seed)))


if __name__ == "__main__":
    main()
