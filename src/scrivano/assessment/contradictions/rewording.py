"""Other ways to say the same, brought into the one that the patterns read."""

import re

from scrivano.assessment.contradictions.people import NAME
from scrivano.assessment.contradictions.values import DAY

_OF = r"(?:eyes?|hair|father|mother|wife|husband|brother|sister|son|daughter)"
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
    (re.compile(rf"\ban? (?:[a-z]+ )?({_BODY}) of ([\w-]+(?:,\d{{3}})*)"), r"\2 \1"),
    # The eyes of Hrafn; the father of Ada.
    (re.compile(rf"\b[Tt]he ({_OF}) of ({NAME})\b(?!'| [A-Z])"), r"\2's \1"),
    # On the island of Utsira.
    (
        re.compile(
            r"\b(in|on|at) the (?:island|isle|city|town|village|port|county|province|valley) of (?=[A-ZÀ-ÖØ-Þ])"
        ),
        r"\1 ",
    ),
    # In those days the school had 500 pupils.
    (re.compile(r"^(?:In those (?:days|years)|At that time|By then|That (?:year|summer|winter|spring|autumn)),? "), ""),
    # Her birthday, the ninth of October, went by.
    (re.compile(rf"('s (?:birthday|wedding|anniversary|funeral)), ((?:the )?{DAY}),"), r"\1 is on \2,"),
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
