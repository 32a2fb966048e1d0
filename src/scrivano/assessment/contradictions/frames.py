"""Statements with a number, a date or a place in them: what is said, with the value taken out.

Two such statements clash where the words around the value are the same and the values are not. Words that narrow what
is spoken of (premium, second, that night) make another statement of it; a longer ending does not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scrivano.assessment.contradictions.people import TITLES
from scrivano.assessment.contradictions.values import DATE, NUMBER, Day, day_of, measured, number_of
from scrivano.assessment.wordlists import word_list
from scrivano.references.public import STOPWORDS, stem

_CAP = r"[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]+(?:[ -][A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]+)?"
_PLACE = re.compile(rf"\b(?P<prep>in|from|at|of|to|near|on) (?P<place>{_CAP})\b")
_QUANTITY = re.compile(
    rf"(?P<sign>[$€£] ?)?(?<![\w.,])(?P<n>{NUMBER})(?![\d])(?: ?(?P<unit>%|°C?\b|°|(?:per cent|percent)\b))?"
    r"(?: (?P<noun>(?!and\b|or\b|of\b|to\b|in\b|on\b|at\b|the\b)[a-zA-Z][a-zA-Z-]*))?",
    re.IGNORECASE,
)
_ON = re.compile(r"\b(?:born|raised|bred|lives?|lived|living|grew up|stands?|stood|lies|lay|built) $")
_SEASON = re.compile(
    r"\b(?:[Ii]n|[Aa]t|for) (?:the )?(?:early |late )?"
    r"(?P<season>spring|summer|autumn|winter|midsummer|midwinter)(?: of)?\b"
)
_CLOCK = re.compile(
    rf"\bat (?P<n>{NUMBER})(?: o'clock)?(?: in the (?P<part>morning|afternoon|evening)| ?(?P<half>[ap])\.?m\b)"
)
_SHARE = re.compile(rf"\b(?:[Oo]ne|1) in (?P<n>{NUMBER})\b")
_WHERE = re.compile(r"\s*(?:On|At|In|Above|Below|Under|Inside|Outside|For) (?:the |an? )?[a-z][a-z ]+$")
_CLAUSE = re.compile(
    r"[;:—–]|,(?! ?\d)|\b(?:before|after|while|because|although|whereas|that|who|which|and then|but)\b|"
    r"\band(?= (?:[A-Z]|the\b|a\b|he\b|she\b|it\b|they\b|\w+ed\b|retired|\d|"
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b))"
)
_UNREAL = re.compile(
    r"\b(?:not|n't|never|if|would|could|might|may|almost went|once|used to|had once|no longer|before|formerly|"
    r"instead of|rather than|between|more than|less than|fewer than|at least|at most|up to|over|under|only|another|"
    r"other|for example|such as|say|imagine|suppose|perhaps|or|per|every|each|some)\b",
    re.IGNORECASE,
)
_UNREAL_DATES = re.compile(
    r"\b(?:not|n't|never|if|would|could|might|once|used to|no longer|formerly|between|perhaps|or|later|again|"
    r"imagine|suppose|for example|wanted|wished|hoped|planned|meant|promised|refused)\b",
    re.IGNORECASE,
)
_AT_ANOTHER_TIME = re.compile(r"(?:Before|Until|Earlier|Previously|Formerly|Once|In the past)\b")
_WHEN_YOUNG = re.compile(
    r"\b(?:as an? (?:girl|boy|child|young|student|apprentice)|in (?:his|her|their) (?:youth|childhood))\b"
)
_OPENS = re.compile(r"\s*(?:(?:about|around|roughly|some|nearly|exactly) )?", re.IGNORECASE)
_RANGE = re.compile(r" ?(?:to|or|and a half|and a quarter|-|–|—)\b| ?[-–—/] ?\d")
_TO = re.compile(r"(?:\d|\b[a-z]+) ?(?:\bto\b|-|–) ?$|\bhalf $")
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_EMPTY = frozenset(
    word_list("""
        is was are were be been being has had have having do does did will shall can the a an of in on
        at to from by with for and or as it its this these there their his her about around roughly some
        just already also still exactly precisely near who called named month day
""")
)
# Of these some forms are among the stop words and others not.
_ALSO_EMPTY = frozenset({"take", "go"})
_COUNTS = frozenset(
    word_list("""
        first second third fourth last next new old other former premium basic later again early late
""")
)
_SYNONYM = {
    "lie": "stand", "lay": "stand", "locate": "stand", "situat": "stand", "stood": "stand",
    "reside": "live", "resid": "live", "dwell": "live",
    "born": "bear", "birthplac": "bear", "grew": "grow", "grown": "grow", "rais": "grow", 
    "goe": "go", "spoke": "speak", "spoken": "speak", "elected": "elect",
    "came": "come", "com": "come", "nativ": "bear", "liv": "live", "di": "die", "dy": "die", "buri": "bury",
    "goes": "go", "studi": "study",
    "went": "go", "held": "hold", "began": "begin", "begun": "begin", "start": "begin", "took": "take",
    "built": "build", "sank": "sink", "left": "leave", "sold": "sell", "found": "found", "open": "open",
    "taught": "teach", "wrote": "write", "written": "write", "cost": "cost", "weigh": "weigh", "became": "become",
    "met": "meet", "ran": "run", "inhabit": "inhabitant", "granted": "grant", "bought": "buy",
}  # fmt: skip
_RELATIVES = frozenset(
    stem(w)
    for w in word_list("""
        mother father sister brother husband wife friend son daughter aunt uncle cousin niece nephew
        grandmother grandfather parents children family neighbour teacher wives sons daughters
""")
)
_PLAIN_STATES = frozenset(
    word_list("""
        bear live come grow study work raise die bury ordain
""")
)


@dataclass(frozen=True)
class Frame:
    """What is said around a value: the words before it (or, where there are none, after it) and those that follow."""

    kind: str  # "number", "date", "place", "season", "clock", "share"
    unit: str
    core: frozenset[str]
    more: frozenset[str]
    value: float | Day | str
    names: frozenset[str] = frozenset()

    @property
    def bucket(self) -> tuple[str, str]:
        """What only frames of the same sort share."""
        return self.kind, self.unit


def frames(text: str) -> Iterator[Frame]:
    """The statements of one sentence that hold a number, a date or a place."""
    if text.rstrip("\"'”").endswith("?") or _AT_ANOTHER_TIME.match(text):
        return
    clauses = _clauses(text)
    for at, clause in enumerate(clauses):
        subject = _subject(clauses, at)
        taken: list[tuple[int, int]] = []
        for match in DATE.finditer(clause):
            taken.append(match.span())
            if not _UNREAL_DATES.search(clause[: match.start()]):
                yield from _frame("date", "", day_of(match), clause, match.span(), subject)
        for match in _PLACE.finditer(clause):
            if any(a < match.end() and match.start() < b for a, b in taken):
                continue
            taken.append(match.span())
            if _WHEN_YOUNG.search(clause):
                continue
            place = match["place"].lower()
            if match["prep"] == "on" and not _ON.search(clause[: match.start()]):
                continue
            if _UNREAL_DATES.search(clause[: match.start()]) or (
                match["prep"] in ("of",) and "native" not in clause
            ):
                continue
            yield from _frame("place", "", place, clause, match.span(), subject, match["prep"])
        for kind, value, span in _others(clause):
            if not _UNREAL_DATES.search(clause[: span[0]]):
                taken.append(span)
                yield from _frame(kind, "", value, clause, span, subject)
        where = clauses[at - 1] if at and _WHERE.fullmatch(clauses[at - 1]) else ""
        for match in _QUANTITY.finditer(clause):
            inside = any(a < match.end("n") and match.start("n") < b for a, b in taken)
            if inside or _UNREAL.search(clause[: match.end()]):
                continue
            value = number_of(match["n"])
            if value is None or _RANGE.match(clause, match.end("n")) or _TO.search(clause[: match.start()]):
                continue
            unit = (match["sign"] or match["unit"] or match["noun"] or "").strip()
            end = (
                match.end()
                if not (match["sign"] or match["unit"])
                else match.end("unit" if match["unit"] else "n")
            )
            if not unit:
                continue
            amount, unit = measured(value, unit)
            yield from _frame(
                "number", _root(unit), amount, clause, (match.start(), end), subject, where=where
            )


def _others(clause: str) -> Iterator[tuple[str, float | str, tuple[int, int]]]:
    """Seasons, hours of the clock, and shares such as "one in four"."""
    for match in _SEASON.finditer(clause):
        yield "season", match["season"], match.span()
    for match in _CLOCK.finditer(clause):
        hour = number_of(match["n"])
        late = match["part"] in ("afternoon", "evening") or match["half"] == "p"
        if hour is not None and hour <= 12:
            yield "clock", hour % 12 + (12 if late else 0), match.span()
    for match in _SHARE.finditer(clause):
        count = number_of(match["n"])
        if count:
            yield "share", count, match.span()


def _clauses(text: str) -> list[str]:
    pieces: list[str] = []
    at = 0
    for match in _CLAUSE.finditer(text):
        pieces.append(text[at : match.start()])
        at = match.end() if not match.group()[0].isalpha() else match.start()
    return [*pieces, text[at:]]


def _subject(clauses: list[str], at: int) -> str:
    """Whom a clause without a subject ("built in 1790") speaks of: what opens the clause before, or else after, it."""
    own = clauses[at].strip()
    if not re.match(
        r"(?:[Bb]orn|[Ff]ounded|[Bb]uilt|[Oo]pened|[Gg]ranted|[Rr]aised|[Ll]aunched|[Ss]igned|a native)\b",
        own,
    ):
        return ""
    if at > 0 and clauses[at - 1].strip():
        return clauses[at - 1]
    words = (clauses[at + 1] if at + 1 < len(clauses) else "").split()
    cut = next(
        (i for i, w in enumerate(words) if i and not w[0].isupper() and words[0].lower() not in ("the", "a")),
        None,
    )
    return " ".join(words[: cut if cut is not None else 2])


def _frame(
    kind: str,
    unit: str,
    value: float | Day | str,
    clause: str,
    span: tuple[int, int],
    subject: str,
    preposition: str = "",
    where: str = "",
) -> Iterator[Frame]:
    before, after = _roots(f"{subject} {clause[: span[0]]}"), _roots(clause[span[1] :])
    core, more = (before, after | _roots(where)) if before else (after, _roots(where))
    if kind == "number" and not before and (len(core) < 2 or not _OPENS.fullmatch(clause[: span[0]])):
        return
    names = frozenset(
        w.lower()
        for w in re.findall(r"\b[A-ZÀ-ÖØ-Þ][a-zà-ÿ]+", f"{subject} {clause}")
        if w.lower() not in STOPWORDS
    )
    lone = len(core) == 1 and kind in ("date", "place")
    if preposition in ("from", "to") or (lone and preposition):
        if not re.search(r"\b(?:is|was|are|were|come|comes|came|native|go|goes|went)\b", clause):
            return
        core |= {"come" if preposition == "from" else f"({preposition})"}
    if preposition == "of":
        core |= {"come"}
    if core:
        yield Frame(kind, unit, core, more, value, names)


def _roots(text: str) -> frozenset[str]:
    found = (w.removesuffix("'s").removesuffix("'") for w in _WORD.findall(text.replace("'s ", " ")))
    return frozenset(_root(w) for w in found if _tells(w)) - _ALSO_EMPTY


def _tells(word: str) -> bool:
    lower = word.lower()
    if lower in _COUNTS:
        return True
    return not (lower in _EMPTY or lower in STOPWORDS or (word[0].isupper() and lower in TITLES))


def _root(word: str) -> str:
    root = stem(word.lower())
    return _SYNONYM.get(word.lower()) or _SYNONYM.get(root, root)


def frames_clash(a: Frame, b: Frame) -> bool:
    """Whether the two say different things of the same."""
    if a.bucket != b.bucket or _values_fit(a, b) or not _about_the_same(a, b):
        return False
    if a.kind == "number" and a.more and b.more and not a.more & b.more:
        return False
    return _same_ending(a.more, b.more)


def _values_fit(a: Frame, b: Frame) -> bool:
    if isinstance(a.value, Day) and isinstance(b.value, Day):
        return a.value.fits(b.value)
    if isinstance(a.value, str) and isinstance(b.value, str):
        return a.value == b.value or a.value in b.value or b.value in a.value
    return a.value == b.value


def _about_the_same(a: Frame, b: Frame) -> bool:
    if not a.core - _COUNTS or not b.core - _COUNTS:
        return False
    left, right = a.core - b.core, b.core - a.core
    if not left and not right:
        return len(a.core) > 1 or a.kind == "number" or bool(a.more & b.more)
    if left and right:
        return False
    extra, common = left or right, a.core & b.core
    if a.kind == "place" and common & _PLAIN_STATES and common & (a.names | b.names) and not extra & _COUNTS:
        # "studied medicine in" and "studied in": of a person that is the same.
        return not extra & _RELATIVES
    names = a.names | b.names
    return extra <= names and len(common) > (1 if common & names else 2)


def _same_ending(a: frozenset[str], b: frozenset[str]) -> bool:
    if a & b or not a or not b:
        return not (a ^ b) & _COUNTS
    return len(a) + len(b) <= 2 and not (a | b) & _COUNTS
