"""Which processes were started by this one, told without a race."""

import os
from pathlib import Path


def children(pid: int | None = None) -> set[int]:
    """The ids of a process's direct children, of this one's unless told otherwise; ended ones count until waited for.

    Read from each process's own line, since `/proc/self/task/*/children` loses those of a thread that ends
    between the listing and the reading (proc_pid_children(5)).
    """
    parent = os.getpid() if pid is None else pid
    found: set[int] = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            status = (entry / "stat").read_text(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended since it was listed
        # The name stands in brackets and may hold anything: state and parent come after the last of them.
        if int(status.rpartition(")")[2].split()[1]) == parent:
            found.add(int(entry.name))
    return found
