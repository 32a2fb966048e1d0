"""Named points at which a test lets the process die or freeze, instead of guessing with sleeps.

`SCRIVANO_CRASH_AT` holds `kill:NAME#N` or `stop:NAME#N`: the N-th time (from 1) that this process reaches
NAME it sends itself SIGKILL or SIGSTOP. `NAME` may end in `*`. Empty, as always outside tests, it costs one
comparison.
"""

import os
import signal
from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase


@dataclass
class _Plan:
    signal: signal.Signals
    pattern: str
    nth: int
    seen: Counter[str] = field(default_factory=lambda: Counter[str]())


_plan: _Plan | None = None


def configure(spec: str) -> None:
    """Arm the point that `spec` names; an empty `spec` disarms. Raises ValueError for a malformed one."""
    global _plan
    if not spec:
        _plan = None
        return
    action, _, rest = spec.partition(":")
    pattern, _, nth = rest.partition("#")
    signals = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}
    if action not in signals or not pattern:
        raise ValueError(f"SCRIVANO_CRASH_AT is {spec!r}; it should look like kill:NAME#1 or stop:NAME#1")
    _plan = _Plan(signals[action], pattern, int(nth or "1"))


def reach(name: str) -> None:
    """Say that this point was reached; dies or freezes here if the plan says so."""
    if _plan is None or not fnmatchcase(name, _plan.pattern):
        return
    _plan.seen[_plan.pattern] += 1
    if _plan.seen[_plan.pattern] == _plan.nth:
        os.kill(os.getpid(), _plan.signal)
