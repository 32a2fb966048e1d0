"""Jinja2 templates that are anybody's: the public escape payloads, then fuzzing for a while.

    python -m benchmarks.prompts_sandbox [--seconds 1800] [--seed 1] [--holes 1500]

An escape is a text that shows what no template may reach. Into the process that fills templates in is planted a word that nobody could
guess: in its environment, its modules, its builtins, its globals and the name of a class. A text with that word escaped, and so did one
that describes a class, function, frame, module, method or other object, unless what it describes is among the things that a template is
given, their public attributes, or those attributes' own. What those are is found out by walking over them by name, by a rule of this
file and not by that of the sandbox. That these signs can tell is shown first: by the payloads without a sandbox, and by the same fuzzing
of sandboxes of which one wall each was taken away. A render may take 100 ms of processor time and 1 MB.
"""

import argparse
import asyncio
import html
import random
import re
import secrets
import sys
import time
import types
from collections import Counter
from typing import Any

from jinja2.exceptions import UndefinedError
from markupsafe import Markup

from scrivano.core.errors import ScrivanoError
from scrivano.prompts import sandbox_child
from scrivano.prompts.sandbox import Sandbox
from tests.unit.prompts.test_sandbox import ESCAPES, EXPENSIVE

DESCRIBED = re.compile(
    r"class '[^']*'|mappingproxy\(|_io\.\w+|uid=\d+|root:\w*:0|<Context \{|\w+(?:\.\w+)+ object at"
    r"|(?:function|frame|code|generator|coroutine|module|slot wrapper|method-wrapper|built-in function|built-in method|bound method"
    r"|\bmethod|member|attribute) (?:object )?'?[\w.<>]+'?(?: of '?\w+'?)?"
)
"""What Python calls an object, without its address and without the bracket before, which a template may cut off."""

UNVEILED = "child._ENVIRONMENT.finalize = None; "
"""Templates that would show code are refused; here they are let, so that what they got hold of is seen."""
HOLES = {
    "no sandbox at all": "import jinja2; child._ENVIRONMENT = jinja2.Environment()",
    "names with underscores are not guarded": "child._ENVIRONMENT.is_safe_attribute = lambda *_: True",
    "str.format is not guarded": "child._ENVIRONMENT.wrap_str_format = lambda _: None",
    "the filter attr is not guarded": "child._ENVIRONMENT.filters['attr'] = getattr",
}
"""What takes a wall away."""

PLANTED = """
import builtins, json, os, resource, sys, types
from scrivano.prompts import sandbox_child as child
word = {word!r}
os.environ[word] = word
sys.modules[word] = types.ModuleType(word)
child.planted = child.jinja_planted = builtins.planted = sys.modules["jinja2"].planted = sys.modules["jinja2.runtime"].planted = word
kept = type(word, (), {{}})
{hole}
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


BEGINNINGS = [
    "''", "()", "[]", "{}", "value", "items", "table", "n", "none", "range", "dict", "cycler", "joiner", "namespace", "self",
    "cycler('a')", "joiner()", "namespace(a=1)", "(items|map('upper'))", "(items|batch(1))", "value.upper", "''.join", "items.index",
    "table.keys()", "('x'|escape)", "''.format", "range(3)",
]  # fmt: skip
FOLLOWS = {
    "": ["__class__", "__class__", "__init__", "__doc__", "__reduce__", "__dir__", "__self__", "__func__", "__globals__",
         "__getattribute__", "gi_frame", "gi_code", "__call__", "__format__", "mro", "__subclasses__", "__dict__", "__module__"],
    "__class__": ["__mro__", "__base__", "__bases__", "__dict__", "__subclasses__", "mro", "__name__", "__init__"],
    "__mro__": ["0", "1"], "__bases__": ["0"], "__base__": ["__subclasses__", "__class__"], "__func__": ["__globals__", "__code__"],
    "__subclasses__": ["()"], "mro": ["()"], "()": ["0", "1", "__class__"], "__reduce__": ["()"], "__dir__": ["()"],
    "__init__": ["__globals__", "__class__", "__func__", "__code__"], "__call__": ["__globals__", "__self__"],
    "__globals__": ["planted", "os", "sys", "__builtins__", "__name__"], "gi_frame": ["f_globals", "f_builtins", "f_back"],
    "f_globals": ["planted", "__builtins__"], "os": ["environ", "getcwd"], "sys": ["modules"], "getcwd": ["()"],
}  # fmt: skip


def way_out(draw: random.Random) -> str:
    """A random way from what a template has towards what it may not have, each step spelled at random."""
    found, last = draw.choice(BEGINNINGS), ""
    for _ in range(draw.randint(1, 6)):
        last = draw.choice(FOLLOWS.get(last, FOLLOWS[""]))
        if last == "()":
            found = f"({found})()"
            continue
        if last.isdigit():
            found = f"({found})[{last}]"
            continue
        cut = draw.randint(1, len(last) - 1)
        spelled = draw.choice([repr(last), f"'{last[:cut]}'~'{last[cut:]}'", repr(last[::-1]) + "|reverse"])
        found = draw.choice(
            [
                f"({found}).{last}",
                f"({found}).{last}",
                f"({found})[{spelled}]",
                f"({found})|attr({spelled})",
                f"([{found}]|map(attribute={spelled})|list)[0]",
                f"([{found}]|map('attr', {spelled})|list)[0]",
                f"([{found}]|groupby({spelled})|list)[0][0]",
            ]
        )
    if draw.random() < 0.2:
        found = f"'{{0.{last}}}'.format({found})" if last.isidentifier() else f"'{{0}}'.format({found})"
    return found


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
    """A random template of one to four pieces, or one way out, by itself."""
    if draw.random() < 0.5:
        way = way_out(draw)
        return draw.choice(
            [
                f"{{{{ {way} }}}}",
                f"{{% set x = {way} %}}{{{{ x }}}}",
                f"{{% for x in {way} %}}{{{{ x }}}}{{% endfor %}}",
            ]
        )
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


def offered() -> set[str]:
    """The descriptions of what a template is given, of its public attributes, and of theirs."""
    environment = sandbox_child._ENVIRONMENT  # pyright: ignore[reportPrivateUsage]
    texts = ("text", Markup("text"), 1, 1.0, True, None, ["a"], {"a": 1}, (1,))
    given: list[Any] = [*texts, *environment.globals.values()]
    given += [make("a") for make in map(environment.globals.get, ("cycler",)) if make]
    given += [environment.globals["joiner"](), environment.globals["namespace"]()]

    def taken(thing: Any) -> str:
        given.append(thing)
        return ""

    source = "{% macro m() %}{{ caller() }}{{ take(caller) }}{% endmacro %}{{ take(m) }}{{ take(self) }}{% call m() %}{% endcall %}"
    source += (
        "{% for i in [1, 2] %}{{ take(loop) }}{% endfor %}{{ take('{}'.format) }}{{ take('{}'.format_map) }}"
    )
    source += "{{ take(('{}'|escape).format) }}{{ take(('{}'|escape).format_map) }}"
    lazy = (
        "batch(2)",
        "slice(2)",
        "map('upper')",
        "select",
        "reject",
        "selectattr('x')",
        "rejectattr('x')",
        "unique",
    )
    source += "".join(f"{{{{ take(['a']|{each}) }}}}" for each in lazy)
    environment.from_string(source).render(take=taken)
    found = list(given)
    for _ in range(2):
        found += [value for thing in found for value in _public(thing)]
    told = {described for thing in found for described in DESCRIBED.findall(_told(thing))}
    return told | {described.replace("e", "__") for described in told}  # as one of `FILTERS` spells them


def _told(thing: Any) -> str:
    try:
        return str(thing)
    except UndefinedError:  # what there is not describes nothing
        return ""


def _public(thing: Any) -> list[Any]:
    """Its attributes without underscores; what code is made of, and what a class comes from, is nobody's business."""
    if isinstance(thing, types.FunctionType | types.GeneratorType | types.FrameType | types.CodeType):
        return []
    names = [name for name in dir(thing) if not name.startswith("_")]
    if isinstance(thing, type):
        names = [name for name in names if name != "mro"]
    return [getattr(thing, name, None) for name in names]


class Watched(Sandbox):
    """A sandbox with the planted word, which tells how long each render took the processor. `hole` takes a wall away."""

    def __init__(self, word: str, allowed: set[str], hole: str = "") -> None:
        super().__init__((sys.executable, "-I", "-c", PLANTED.format(word=word, hole=hole)))
        self.word = word
        self.allowed = allowed
        self.slowest = 0.0

    async def _exchange(self, raw: bytes) -> dict[str, Any]:
        reply = await super()._exchange(raw)
        self.slowest = max(self.slowest, float(reply.get("cpu", 0)))
        return reply

    async def escaped(self, source: str) -> tuple[list[str], str, str]:
        """What a template's text shows that it may not; the text; how it was refused, if it was."""
        try:
            text, refused = (await self.render("t", [source], VALUES))[0], ""
        except ScrivanoError as error:
            text, refused = "", type(error).__name__
            return (["the word, in an error"] if self.word in error.message else []), text, refused
        plain = html.unescape(text)
        shown = [each for each in DESCRIBED.findall(plain) if each not in self.allowed]
        if self.word in plain or self.word in re.sub(r"\s", "", plain):
            shown.append("the word")
        return shown, text, refused


async def controls(word: str, allowed: set[str], count: int, seed: int) -> dict[str, str]:
    """How many escapes the signs tell of the payloads and of so many random templates, with one wall less each time.

    Raises AssertionError where a missing wall is not told: then the signs are blind.
    """
    told: dict[str, str] = {}
    for name, hole in HOLES.items():
        draw, sandbox = random.Random(seed), Watched(word, allowed, UNVEILED + hole)
        public = [await sandbox.escaped(source) for source in ESCAPES]
        fuzzed = [await sandbox.escaped(template(draw)) for _ in range(count)]
        await sandbox.close()
        seen, of = sum(bool(shown) for shown, _, _ in public), sum(not refused for _, _, refused in public)
        more = sum(bool(shown) for shown, _, _ in fuzzed)
        assert seen or more, f"{name}, and no sign told it"
        told[name] = f"{seen} of {of} payloads that gave a text, {more} of {count} random templates"
    return told


async def measure(seconds: float, seed: int, holes: int) -> dict[str, object]:
    """Fill in until the time is up; the figures."""
    draw, word = random.Random(seed), f"planted{secrets.token_hex(16)}"
    allowed = offered()
    seen = await controls(word, allowed, holes, seed)
    sandbox = Watched(word, allowed, UNVEILED)
    ended: Counter[str] = Counter()
    showed: Counter[str] = Counter()
    longest, found = 0, list[str]()
    until = time.monotonic() + seconds
    waiting = [*ESCAPES, *EXPENSIVE]
    while waiting or time.monotonic() < until:
        source = waiting.pop() if waiting else template(draw)
        shown, text, refused = await sandbox.escaped(source)
        ended[refused or "filled in"] += 1
        longest = max(longest, len(text.encode()))
        if shown:
            found.append(source)
            showed.update(shown)
    await sandbox.close()
    return {
        "escapes told with a wall less": seen,
        "descriptions that are offered": len(allowed),
        "templates": ended.total(),
        "escaped": len(found),
        "first": found[:3],
        "what they showed": dict(showed),
        "how they ended": dict(ended),
        "longest text in bytes": longest,
        "most processor time of a render in seconds": round(sandbox.slowest, 3),
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--holes", type=int, default=1500, help="Random templates for each missing wall.")
    chosen = parser.parse_args()
    for name, figure in asyncio.run(measure(chosen.seconds, chosen.seed, chosen.holes)).items():
        print(f"{name}: {figure}", flush=True)


if __name__ == "__main__":
    main()
