"""The process in which Jinja2 templates are filled in. It reads requests from standard input and answers on standard
output, each a length of four bytes and JSON.

Every request is carried out in a fork of its own, which may open no file or socket, start no process, take no more
memory than `MEMORY` and no more processor time than it is given: then the kernel ends it, whatever it is doing.
"""

import ctypes
import json
import os
import re
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from types import GenericAlias
from typing import Any, cast

from jinja2 import (
    StrictUndefined,
    TemplateError,
    TemplateRuntimeError,
    TemplateSyntaxError,
    Undefined,
    UndefinedError,
    debug,
    meta,
)
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

MEMORY = 192 * 1024 * 1024
OUTPUT = 1_000_000
WALL_SECONDS = 3.0
_SHARE = 0.5
"""The part of the time given that a template gets; beginning and ending the process takes the rest."""

_NOBODY = 65534
_NO_NEW_PRIVILEGES = 38
_DIE_WITH_PARENT = 1
_HEAD = 4
_USUAL_SIZE = 512 * 1024 * 1024
_UNSTEADY_FILTERS = ("random",)
_UNSTEADY_GLOBALS = ("lipsum",)
"""The same template and values give the same text, always."""

Answer = dict[str, Any]


class _Overflow(Exception):
    """The output is longer than it may be."""


def _shown(value: Any) -> Any:
    """The value that is to stand in the text.

    Raises TemplateRuntimeError for code, whose description has an address in it that is another one each time.
    """
    if isinstance(value, Undefined):
        return value
    if callable(value) or isinstance(value, Iterator):
        kind = (
            "a list that is not made yet; add `| list`"
            if isinstance(value, Iterator)
            else "no value but code"
        )
        raise TemplateRuntimeError(f"What is to be shown is {kind}.")
    inside: Iterable[Any] = ()
    if isinstance(value, dict):
        inside = cast("dict[Any, Any]", value).values()
    elif isinstance(value, list | tuple):
        inside = cast("Iterable[Any]", value)
    for each in inside:
        _shown(each)
    return cast("Any", value)


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja2's own walls, and one more: `dict["x"]` makes a generic alias, which hands on whatever is asked of it,
    `mro` too, to the class that it stands for, and which Jinja2 does not take for a class."""

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, type):
            return self.unsafe_undefined(obj, str(argument))
        return super().getitem(obj, argument)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return not isinstance(obj, GenericAlias) and super().is_safe_attribute(obj, attr, value)


def _environment() -> ImmutableSandboxedEnvironment:
    environment = _Environment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False, finalize=_shown
    )
    for name in _UNSTEADY_FILTERS:
        environment.filters.pop(name, None)
    for name in _UNSTEADY_GLOBALS:
        environment.globals.pop(name, None)
    return environment


_ENVIRONMENT = _environment()


def _render(request: dict[str, Any]) -> Answer:
    """The text of each source."""
    texts: list[str] = []
    size = 0
    for source in request["sources"]:
        pieces: list[str] = []
        for piece in _ENVIRONMENT.from_string(source).generate(request["values"]):
            size += len(piece.encode())
            if size > OUTPUT:
                raise _Overflow
            pieces.append(piece)
        texts.append("".join(pieces).strip("\n"))
    return {"texts": texts}


def _check(request: dict[str, Any]) -> Answer:
    """The variables that each source reads."""
    names: list[list[str]] = []
    for source in request["sources"]:
        _ENVIRONMENT.compile(source)
        found = meta.find_undeclared_variables(_ENVIRONMENT.parse(source))
        names.append(sorted(found - set(_ENVIRONMENT.globals)))
    return {"names": names}


def _search(request: dict[str, Any]) -> Answer:
    """Whether a regular expression is found in a text."""
    return {"found": re.search(request["pattern"], request["text"]) is not None}


_WORK: dict[str, Callable[[dict[str, Any]], Answer]] = {
    "render": _render,
    "check": _check,
    "search": _search,
}


def _answer(request: dict[str, Any]) -> Answer:
    """What the request gives, or the kind of what went wrong with it."""
    try:
        return _WORK[request["op"]](request)
    except UndefinedError as error:
        return {"error": "undefined", "message": str(error)}
    except SecurityError as error:
        return {"error": "syntax", "message": f"{error} This is not allowed in templates."}
    except TemplateSyntaxError as error:
        return {"error": "syntax", "message": str(error.message), "line": error.lineno}
    except TemplateError as error:
        return {"error": "syntax", "message": str(error)}
    except _Overflow:
        return {"error": "output"}
    except (MemoryError, RecursionError):
        return {"error": "memory"}
    except re.error as error:
        return {"error": "pattern", "message": str(error)}
    except Exception as error:
        return {"error": "value", "message": f"{type(error).__name__}: {error}"[:500]}


def _confine(seconds: float) -> None:
    """From here on this process has nothing but its memory, a pipe and so much time."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    try:
        with open("/proc/self/statm") as file:  # noqa: PTH123 - the last file that is opened here
            taken = int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        taken = _USUAL_SIZE
    for what, most in (
        (resource.RLIMIT_AS, taken + MEMORY),
        (resource.RLIMIT_CPU, 2),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        with suppress(
            ValueError, OSError
        ):  # a kernel that does not know this limit, or has a lower one already
            resource.setrlimit(what, (most, most))
    signal.setitimer(signal.ITIMER_PROF, seconds * _SHARE)


def _in_fork(raw: bytes) -> bytes:
    """Carry a request out in a fork; what it says, or how it was ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reading)
            os.close(0)
            request = json.loads(raw)
            _confine(float(request["seconds"]))
            reply = json.dumps(_answer(request)).encode()
            signal.setitimer(signal.ITIMER_PROF, 0)
            sent = 0
            while sent < len(reply):
                sent += os.write(writing, reply[sent : sent + 65_536])
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    reply, timely = _read_all(reading)
    os.close(reading)
    if not timely:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if timely and os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
        return reply
    ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    slow = not timely or ended in (signal.SIGPROF, signal.SIGXCPU)
    return json.dumps({"error": "time" if slow else "memory"}).encode()


def _read_all(descriptor: int) -> tuple[bytes, bool]:
    """What comes until the other end is closed, and whether that happened in time."""
    pieces: list[bytes] = []
    until = time.monotonic() + WALL_SECONDS
    while (left := until - time.monotonic()) > 0:
        ready, _, _ = select.select([descriptor], [], [], left)
        if not ready:
            break
        piece = os.read(descriptor, 1 << 20)
        if not piece:
            return b"".join(pieces), True
        pieces.append(piece)
    return b"", False


def _take(size: int) -> bytes:
    pieces = b""
    while len(pieces) < size:
        piece = os.read(0, size - len(pieces))
        if not piece:
            return b""
        pieces += piece
    return pieces


def _give(reply: bytes) -> None:
    whole = len(reply).to_bytes(_HEAD, "big") + reply
    while whole:
        whole = whole[os.write(1, whole) :]


def _give_up_rights() -> None:
    """No rights beyond those of nobody, and an end with the process that began it."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)
    if sys.platform == "linux":
        control = ctypes.CDLL(None).prctl
        control(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        control(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def main() -> None:
    """Answer until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What is imported only when something goes wrong cannot be imported without opening files.
    assert debug is not None
    for source in ("{{ nothing }}", "{{ 1 // 0 }}", "{% for %}", "{{ {'a': 1} | tojson | upper }}"):
        _answer({"op": "render", "sources": [source], "values": {}})
    _answer({"op": "check", "sources": ["{{ x | nosuchfilter }}"]})
    _give_up_rights()
    while head := _take(_HEAD):
        _give(_in_fork(_take(int.from_bytes(head, "big"))))


if __name__ == "__main__":
    main()
