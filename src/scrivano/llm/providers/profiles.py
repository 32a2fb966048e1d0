"""What is known of a server by its host, from `profiles.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


def profile_of(url: str) -> Mapping[str, Any]:
    """The settings for the server at `url`; none for one that nothing is known of."""
    host = urlsplit(url).hostname or ""
    for hosts, settings in _profiles():
        if any(host == name or (name.startswith("*.") and host.endswith(name[1:])) for name in hosts):
            return settings
    return {}


@cache
def _profiles() -> list[tuple[list[str], dict[str, Any]]]:
    text = Path(__file__).with_name("profiles.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text).values()
    return [(table["hosts"], {k: v for k, v in table.items() if k != "hosts"}) for table in tables]
