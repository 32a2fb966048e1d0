"""Jinja2 templates that are anybody's: what they cannot do, and what happens to those that try."""

import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from scrivano.core.errors import InvalidInput, ScrivanoError
from scrivano.prompts.dto import MissingVariable, TemplateSyntax, TooMuch
from scrivano.prompts.sandbox import Sandbox

# The ways out of a Jinja2 environment that are publicly known, in each of their usual spellings.
ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ '{0.mro}'.format(dict['mr'~'o']) }}",
    "{{ dict['x'].mro() }}",
    "{{ ([dict['x']]|map(attribute='mro')|list)[0]() }}",
    "{{ dict['x']|attr('mro') }}",
    "{{ ''|attr('__class__') }}",
    "{{ ''|attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
    "{{ ()|attr('__cla'~'ss__')|attr('__base__') }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ self.__init__.__globals__.__builtins__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ lipsum|attr('__globals__') }}",
    "{{ range.__class__.__base__.__subclasses__() }}",
    "{{ dict.__base__.__subclasses__() }}",
    "{{ config.items() }}",
    "{{ request.application.__globals__ }}",
    "{{ url_for.__globals__ }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ [].__class__.__base__ }}",
    "{{ {}.__class__.__bases__[0] }}",
    "{{ '{0.__class__}'.format('') }}",
    "{{ '{0.__class__.__mro__}'|format('') if false else '{0.__class__}'.format(value) }}",
    "{{ ('{0.__class__.__init__.__globals__}'|string).format(value) }}",
    "{{ '{x.__class__}'.format_map({'x': value}) }}",
    "{{ [value]|map('attr', '__class__')|list }}",
    "{{ [value]|map(attribute='__class__')|list }}",
    "{{ [value]|groupby('__class__')|list }}",
    "{{ [{'a': value}]|sum(attribute='a.__class__') }}",
    "{{ [value]|sort(attribute='__class__.__name__') }}",
    "{{ [value]|selectattr('__class__')|list }}",
    "{{ [value]|rejectattr('__class__')|list }}",
    "{{ [value]|unique(attribute='__class__')|list }}",
    "{% set x = ''.__class__ %}{{ x }}",
    "{% for c in ''.__class__.__mro__ %}{{ c }}{% endfor %}",
    "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{{ m() }}",
    "{% macro m() %}x{% endmacro %}{{ m.__init__.__globals__ }}",
    "{{ (1).__class__.__base__.__subclasses__() }}",
    "{{ value.__reduce__() }}",
    "{{ value.__getattribute__('__class__') }}",
    "{{ items.append(1) }}",
    "{{ items.__setitem__(0, 1) }}",
    "{{ table.update({'a': 1}) }}",
    "{{ table.clear() }}",
    "{{ items.sort.__self__ }}",
    "{{ value.upper.__self__.__class__ }}",
    "{% include '/etc/passwd' %}",
    "{% extends 'base' %}",
    "{% import 'os' as os %}",
    "{% from 'os' import path %}",
    "{{ open('/etc/passwd').read() }}",
    "{{ __import__('os') }}",
    "{{ ''.join.__func__ }}",
    "{{ (value|string).translate.__class__ }}",
    "{{ (items|batch(1)).gi_frame.f_globals }}",
    "{{ (items|map('upper')).gi_frame }}",
    "{{ (items|map('upper')).gi_code }}",
    "{% for x in items %}{{ loop.__class__ }}{% endfor %}",
    "{% for x in items %}{{ loop._iterable.__class__ }}{% endfor %}",
    "{{ undefined_thing.__class__ }}",
]
EXPENSIVE = [
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{% set n = 99999999 %}{{ n ** n }}",
    "{{ 'a' * 10**9 }}",
    "{{ value.ljust(10**10) }}",
    "{{ ('x' * 700000) ~ ('y' * 700000) }}",
    "{% for i in range(9999) %}{{ 'z' * 1000 }}{% endfor %}",
    "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}",
    "{{ range(10**12) | list }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{{ '(' * 50000 }}" + "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    opened = Sandbox()
    yield opened
    await opened.close()


async def test_no_known_way_leads_out(sandbox: Sandbox) -> None:
    values = {"value": "text", "items": ["a", "b"], "table": {"a": 1}}
    shown: list[str] = []
    for payload in ESCAPES:
        try:
            shown += await sandbox.render("template", [payload], values)  # pyright: ignore[reportArgumentType]
        except ScrivanoError:
            continue
    everything = " ".join(shown)
    for sign in ("<class", "uid=", "root:", "built-in", "<module", "__builtins__", "subclasses", "{'os'"):
        assert sign not in everything, everything
    assert await sandbox.render("template", ["{{ value }}"], {"value": "still here"}) == ["still here"]


@pytest.mark.parametrize("number", range(len(EXPENSIVE)))
async def test_what_takes_too_much_is_ended(sandbox: Sandbox, number: int) -> None:
    await sandbox.render("template", ["ready"], {})
    begun = time.monotonic()
    with pytest.raises((TooMuch, TemplateSyntax, InvalidInput)):
        await sandbox.render("template", [EXPENSIVE[number]], {"value": "v"})
    assert time.monotonic() - begun < 30
    assert await sandbox.render("template", ["{{ 1 + 1 }}"], {}) == ["2"]


async def test_a_value_is_never_read_as_a_template(sandbox: Sandbox) -> None:
    value = "{{ 7 * 7 }} {% raw %} {# x #}"
    assert await sandbox.render("t", ["<{{ value }}>"], {"value": value}) == [f"<{value}>"]


async def test_the_same_template_gives_the_same_text(sandbox: Sandbox) -> None:
    with pytest.raises(TemplateSyntax):
        await sandbox.render("t", ["{{ [1, 2, 3] | random }}"], {})
    with pytest.raises(MissingVariable):
        await sandbox.render("t", ["{{ lipsum() }}"], {})


async def test_code_is_no_text(sandbox: Sandbox) -> None:
    values = {"value": "text", "items": ["a", "b", "c"]}
    for source in ("{{ value.upper }}", "{{ [dict.items] }}", "{{ {'a': range} }}", "{{ items | batch(2) }}"):
        with pytest.raises(TemplateSyntax, match="to be shown"):
            await sandbox.render("t", [source], values)  # pyright: ignore[reportArgumentType]
    made = "{{ items | batch(2) | list }} {{ value.upper() }} {{ none }} {% for i in items %}{{ loop.index }}{% endfor %}"
    assert await sandbox.render("t", [made], values) == [  # pyright: ignore[reportArgumentType]
        "[['a', 'b'], ['c']] TEXT None 123"
    ]


async def test_errors_say_what_and_where(sandbox: Sandbox) -> None:
    with pytest.raises(TemplateSyntax, match="greeting, line 2"):
        await sandbox.check("greeting", ["ok\n{% if %}"])
    with pytest.raises(MissingVariable, match="nobody"):
        await sandbox.render("greeting", ["{{ nobody }}"], {})
    assert await sandbox.check("g", ["{{ a }}{% for b in c %}{{ b }}{% endfor %}"]) == [["a", "c"]]


async def test_a_process_that_was_killed_is_started_anew(sandbox: Sandbox) -> None:
    await sandbox.render("t", ["x"], {})
    child = sandbox._child  # pyright: ignore[reportPrivateUsage]
    assert child is not None
    os.kill(child.pid, 9)
    await child.wait()
    assert await sandbox.render("t", ["{{ 2 }}"], {}) == ["2"]


async def test_the_process_knows_no_secret_of_this_one(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRIVANO_SECRET_KEY", "hidden")
    await sandbox.render("t", ["x"], {})
    child = sandbox._child  # pyright: ignore[reportPrivateUsage]
    assert child is not None
    environ = Path(f"/proc/{child.pid}/environ")
    if environ.exists() and os.access(environ, os.R_OK):
        assert b"hidden" not in environ.read_bytes()


async def test_a_search_that_runs_wild_is_ended(sandbox: Sandbox) -> None:
    assert await sandbox.search(r"\bt[io]des\b", "the tides")
    assert not await sandbox.search("x", "the tides")
    with pytest.raises(TooMuch):
        await sandbox.search("(a+)+$", "a" * 60 + "b")
    with pytest.raises(InvalidInput, match="malformed"):
        await sandbox.search("(", "x")
