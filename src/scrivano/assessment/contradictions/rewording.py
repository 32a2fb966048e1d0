"""Other ways to say the same, brought into the one that the patterns read."""

import re

_HOLDING = r"(?:carries|carried|carry|contains|contained|numbers|numbered|employs|employed|counts|counted|holds|held)"
_BODY = r"(?:crew|staff|population|garrison|company|congregation|membership|workforce)"
_DONE = r"(?:buried|elected|crowned|hanged|found|built|baptized|baptised|married|signed|fought|held)"
_WAYS = [
    # It was in 1891 that the library burned down.
    (re.compile(r"^It was (?:in )?(1\d{3}|20\d\d) (?:when|that) ([^,.;!?]+)"), r"\2 in \1"),
    # There were 212 steps in the lighthouse.
    (
        re.compile(
            r"^There (?:is|are|was|were) (?!no\b)([^,.;!?]+?) (?:in|at|on|aboard) "
            r"(?:the )?([\w' -]+)(?=[,.;!?])"
        ),
        r"The \2 has \1",
    ),
    # The ship carries a crew of forty.
    (re.compile(rf"\b{_HOLDING} (?=an? (?:[a-z]+ )?{_BODY} of\b)"), "has "),
    (re.compile(rf"\ban? (?:[a-z]+ )?({_BODY}) of ([\w,-]+)"), r"\2 \1"),
    # They buried the widow in Arles.
    (re.compile(rf"^They ({_DONE}) ([^,.;!?]+?) (?=(?:in|at|on) )"), r"\2 was \1 "),
    # She spent her childhood in Enugu.
    (
        re.compile(
            r"\b(?:had )?spent (?:his|her|their|[\w ]+'s) (?:whole |entire )?(?:childhood|youth|early years) "
            r"(?=in|at|on)"
        ),
        "grew up ",
    ),
]  # fmt: skip


def reworded(text: str) -> str:
    """The sentence as the patterns read it."""
    for pattern, plain in _WAYS:
        text = pattern.sub(plain, text)
    return text
