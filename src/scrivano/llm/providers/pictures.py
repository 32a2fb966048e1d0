"""Pictures inside of messages, as wire formats other than OpenAI's want them."""

import re

_DATA_URL = re.compile(r"data:(?P<type>[\w.+-]+/[\w.+-]+)?(?:;[\w=.+-]+)*;base64,(?P<data>.*)", re.S | re.I)


def inline_picture(url: str) -> tuple[str, str] | None:
    """Media type and base64 text of a `data:` URL; None for an address elsewhere."""
    found = _DATA_URL.fullmatch(url)
    return (found["type"] or "image/png", found["data"]) if found else None
