"""The converter's process: a file on stdin, JSON on stdout.

It limits its own memory, processor time and files before it reads the first byte, and ends when its parent does.
Arguments: the file's name, bytes of memory, seconds of processor time. Exit code 3 means that the file is refused.
"""

import ctypes
import gc
import os
import resource
import signal
import sys

import orjson

from scrivano.references.conversion.reader import read_file
from scrivano.references.conversion.refusal import Refused

REFUSED = 3
_DIE_WITH_PARENT = 1


def main() -> None:
    """Convert one file."""
    name, memory, seconds, parent = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    _end_with(parent)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, 32)
    _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_CPU, seconds)
    gc.disable()
    try:
        answer, code = read_file(sys.stdin.buffer.read(), name), 0
    except Refused as refused:
        answer, code = {"reason": refused.reason, "remedy": refused.remedy}, REFUSED
    except (MemoryError, RecursionError):
        answer, code = {"reason": "", "remedy": ""}, REFUSED
    sys.stdout.buffer.write(orjson.dumps(answer))
    sys.stdout.buffer.flush()
    # Nothing of a hostile file is worth tidying up.
    os._exit(code)


def _end_with(parent: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (value, value))


if __name__ == "__main__":
    main()
