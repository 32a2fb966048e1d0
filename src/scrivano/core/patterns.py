"""Regular expressions that are compiled when they are first used.

For rooms with many large ones: compiling them takes longer than importing all the rest of the room, and most
processes never need them.
"""

import re
from typing import Any, cast


class _Late:
    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        pattern = re.compile(self._source, self._flags)
        for method in ("finditer", "search", "match", "fullmatch", "findall", "sub", "split", "pattern"):
            setattr(self, method, getattr(pattern, method))
        return getattr(pattern, name)


def late(source: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` gives, as far as its own methods go; an error in `source` shows at first use."""
    return cast("re.Pattern[str]", _Late(source, flags))
