"""What a text is called when nobody said it."""

import re
from pathlib import PurePath


def title_of(text: str, name: str, declared: str = "") -> str:
    """The first heading of the first level of the Markdown `text`, else what it is `declared` to be called, else the
    file's name made readable."""
    match = re.search(r"^# +(.+?)[ #]*$", text, re.MULTILINE)
    if match:
        return re.sub(r"\\(.)", r"\1", match.group(1)).strip("*_ ")
    if declared:
        return declared
    stem = re.sub(r"[-_\s]+", " ", PurePath(name).stem).strip()
    return (stem[:1].upper() + stem[1:]) or name
