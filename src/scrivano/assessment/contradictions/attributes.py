"""What prose says of people: their age, the colour of their eyes and hair."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scrivano.assessment.contradictions.people import NAME, Key, key_of
from scrivano.assessment.contradictions.values import EYE_WORDS, HAIR_WORDS, NUMBER, Span, colour, number_of
from scrivano.assessment.wordlists import word_list
from scrivano.core.patterns import late
from scrivano.references.public import STOPWORDS, stem


@dataclass(frozen=True)
class Attribute:
    """One thing that is said of one person. `value` is a span of years, or the name of a colour."""

    person: Key
    kind: str  # "age", "age at death", "age when …", "eyes", "hair", "shape of hair", "length of hair"
    value: Span | str


_N = rf"(?P<n>{NUMBER})"
_OLD = r"(?: (?:[a-z]+ )?years? old| years of age| summers| winters)?"
_DECADE = (
    r"in (?:his|her|their|[A-Z][\w ]*'s) (?P<part>early |mid-?|late )?"
    r"(?P<decade>twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties)"
)
_SOFT = r"(?: still| only| just| already| now| barely| about| almost| nearly| then)*"
_STOP = r"(?=[.,;:!?)\"]|$| and | but | when | that | this | now| in | or | years| by | with | at | for )"
_WHO = rf"(?P<who>{NAME})(?: the [a-z]+(?= (?:is|was)\b))?"
_TENS = {
    w: 20 + 10 * i
    for i, w in enumerate(
        word_list("""
        twenties thirties forties fifties sixties seventies eighties nineties
""")
    )
}
_AGES = [
    late(rf"{_WHO},?(?: who)? (?:is|was){_SOFT} (?P<soft>almost |nearly |about )?{_N}{_OLD}{_STOP}"),
    late(rf"{_WHO}(?: and (?P<who2>{NAME}))?,? (?:are|were){_SOFT} {_N}{_OLD}{_STOP}"),
    late(rf"{_WHO} [a-z][^.;,]{{0,60}}? and (?:is|was){_SOFT} {_N} years old"),
    late(rf"{_WHO},?(?: is| was)?{_SOFT} {_DECADE}"),
    late(rf"{_WHO}, (?:aged |now )?{_N}{_OLD},"),
    late(rf"{_WHO}, aged {_N}"),
    late(rf"{_WHO} [a-z][^.;,]{{0,60}}? and (?:is|was) now {_N}{_OLD}{_STOP}"),
    late(rf"{_WHO}, {_N}{_OLD} (?:already|by then|now),"),
    late(rf"\b[Aa]ge of (?:the [a-z]+, )?{_WHO}: {_N}"),
    late(rf"{_WHO},? \({_N}\)"),
    late(rf"{_WHO}(?:,| is| was) (?:an? |the )(?:[a-z'-]+ ){{1,4}}of {_N}{_OLD}{_STOP}"),
    late(rf"{_WHO}(?:,| is| was) (?:an? |the )(?:\w+ )?{_N}[- ]year[- ]old"),
    late(rf"\b[Aa]t {_N},? {_WHO} (?![A-Z]|had (?!not|no\b|never)[a-z]+(?:ed|en|un|ne|t|ken)\b|learned)"),
    late(rf"{_WHO}, at {_N},"),
    late(rf"{_WHO} (?:has |had )?(?:just |only |recently )?turned {_N}"),
    late(rf"{_WHO} had been {_N}{_OLD} for"),
    late(rf"\bI am {_N}[,.]?\"? (?:said|says|answered|replied) {_WHO}"),
]
_WHEN = late(r" when (?:he|she|they|the|his|her|it|(?:[A-Z]\w+ ?)+)\b ?(?P<what>[^.;,!?]*)")
_BEGINS = late(r" when the (?:novel|story|book|tale|series) (?:opens?|begins?|starts?|sets in)\b")
_DID_AT = late(rf"{_WHO} (?P<what>[a-z]+ed [^.;,]{{3,40}}?) at {_N}(?=[.,;]|$)")
_MONTHS = late(rf"{_WHO},?(?: is| was)? {_N} months old\b")
_DEATH = late(rf"{_WHO} (?:had )?died (?:at|aged|at the age of) {_N}")
_UNREAL = late(
    r"\b(?:if|were to|wish\w*|would|will|not|n't|never|guess\w*|claim\w*|pretend\w* to|when|before|until|"
    r"since|once|later|earlier|ago|had had|used to|"
    r"lost|remember\w*|as a (?:young|small|boy|girl|child)|in (?:his|her) youth)\b[^,;]*$|"
    r"\b(?:if|later|ago|earlier),? [^;]*$",
    re.IGNORECASE,
)
_DISGUISE = late(
    r"^(?:Before|Until)\b|\bhad worn\b|"
    r"\b(?:dye[ds]?|dyeing|wig|lens|lenses|mask|costume|painted|photograph\w*|portrait|picture|once|"
    r"used to|as a (?:young|small|boy|girl|child)|had had|in (?:his|her) youth)\b",
    re.IGNORECASE,
)


def attributes(text: str, sheet: str = "") -> Iterator[Attribute]:
    """What the sentence (pronouns resolved) says of people. `sheet` is the person whose sheet it stands in."""
    if text.rstrip("\"'”").endswith("?"):
        return
    lower = text.lower()
    yield from _ages(text, sheet)
    if _DISGUISE.search(text):
        return
    if "eye" in lower:
        yield from _coloured(text, "eyes", _EYES, sheet, _SHEET_EYES)
    if "beard" in lower:
        yield from _coloured(text, "beard", _BEARD, "", _SHEET_HAIR)
    for match in _SHAVEN.finditer(text):
        if key_of(match["who"]) and not _UNREAL.search(text[: match.start()]):
            yield Attribute(key_of(match["who"]), "length of hair", "none")
    if any(w in lower for w in ("hair", "blond", "bald", "redhead", "brunette", "curls", "braids", "locks")):
        yield from _coloured(text, "hair", _HAIR, sheet, _SHEET_HAIR)
        yield from _coloured(text, "shape of hair", _SHAPES, "", _SHEET_HAIR)
        yield from _coloured(text, "length of hair", _LENGTHS, "", _SHEET_HAIR)


def _ages(text: str, sheet: str) -> Iterator[Attribute]:
    for pattern in _AGES:
        for match in pattern.finditer(text):
            value = _span(match)
            before = text[: match.end()][: _lead(match)]
            if " and is now " in before or " and was now " in before:
                before = before.rsplit(" and ", 1)[1]
            if value is None or _UNREAL.search(before):
                continue
            when = _WHEN.match(text, match.end("n") if match.groupdict().get("n") else match.end())
            begins = when and _BEGINS.match(when.group())
            kind = f"age when {_told(when['what'])}" if when and not begins else "age"
            for group in ("who", "who2"):
                who = match.groupdict().get(group)
                if who and key_of(who):
                    yield Attribute(key_of(who), kind, value)
    for match in _DID_AT.finditer(text):
        value = _span(match)
        if value is not None and key_of(match["who"]):
            yield Attribute(key_of(match["who"]), f"age when {_told(match['what'])}", value)
    for match in _MONTHS.finditer(text):
        number = number_of(match["n"])
        if number is not None and key_of(match["who"]):
            yield Attribute(key_of(match["who"]), "age", Span(number // 12, number // 12))
    for match in _DEATH.finditer(text):
        value = _span(match)
        if value is not None and key_of(match["who"]):
            yield Attribute(key_of(match["who"]), "age at death", value)
    if sheet:
        match = re.search(rf"\b[Aa]ge:? {_N}|^{_N}(?: years old)?(?=[,.]|$)".replace("(?P<n>", "(", 1), text)
        found = match and next((g for g in match.groups() if g), None)
        number = number_of(found) if found else None
        if number is not None and number <= 120:
            yield Attribute(key_of(sheet), "age", Span(number, number))


def _told(what: str) -> str:
    """The words that tell one event from others."""
    found = (stem(word) for word in re.findall(r"[a-z]+", what.lower()) if word not in STOPWORDS)
    return " ".join(found)


def _lead(match: re.Match[str]) -> int:
    """Up to where what stands before can make the statement unreal: its number."""
    group = "n" if "n" in match.groupdict() and match["n"] else "decade"
    return match.start(group)


def _span(match: re.Match[str]) -> Span | None:
    found = match.groupdict()
    if found.get("decade"):
        low = _TENS[found["decade"]]
        part = (found.get("part") or "").strip().rstrip("-")
        bounds = {"early": (0, 4), "mid": (3, 7), "late": (5, 9)}.get(part, (0, 9))
        return Span(low + bounds[0], low + bounds[1])
    number = number_of(found["n"])
    if number is None or number > 120 or number != int(number):
        return None
    soft = re.search(r"\b(?:almost|nearly|about)\b", match.group())
    return Span(number - 2, number + (2 if "about" in match.group() else 0)) if soft else Span(number, number)


_EYE = rf"(?P<c>{EYE_WORDS})"
_OWNER = rf"(?P<who>{NAME})'s? "
_ADJECTIVES = r"(?:(?!(?:had|and|or|but|with)\b)[a-z-]+,? ){0,3}?"
_BE = r"(?: is| was| were| are| shone| gleamed| glowed| looked)"
_EYES = [
    late(rf"{_OWNER}{_ADJECTIVES}{_EYE} eyes?\b"),
    late(rf"{_WHO} (?:has|had) (?:the |one |a pair of )?{_ADJECTIVES}{_EYE} eyes\b"),
    late(rf"{_WHO} (?:has|had) (?:one )?{_EYE} eye\b(?<!a black eye)"),
    late(rf"{_WHO} (?:has|had) eyes of (?:an? )?(?:[a-z]+ )?{_EYE}\b"),
    late(rf"{_OWNER}(?:[a-z]+ )?eyes?(?:{_BE}|,)(?: still| as| very| a| now)?(?: [a-z]+)??,? {_EYE}\b"),
    late(rf"{_WHO}(?: is| was|,)(?: an?)?(?: [a-z]+){{0,2}}? {_EYE}-eyed\b"),
    late(rf"{_WHO} (?:is|was) [^.;]*?, with (?:[a-z]+ )?{_EYE} eyes\b"),
    late(rf"{_WHO} (?:is|was) an? [a-z ]+? with (?:[a-z]+ )?{_EYE} eyes\b"),
    late(rf"{_WHO} {_EYE} ones\b"),
    late(rf"(?P<c>(?i:{EYE_WORDS}))-eyed {_WHO}"),
    late(rf"{_WHO},? (?:has|had) (?:his|her|their|{NAME}'s) [a-z]+'s {_ADJECTIVES}{_EYE} eyes\b"),
    late(rf"{_WHO}, (?:has|had) {_ADJECTIVES}{_EYE} eyes\b"),
    late(rf"{_WHO}: [^.;]*?\b(?:the|those|his|her) {_EYE} eyes\b"),
    late(
        rf"{_WHO} (?:watch|look|stare|gaze|blink)(?:s|d|ed|es)?(?: (?:up|down|back|out|at [a-z]+))?"
        r"(?: from [a-z ]+?)? with "
        rf"{_ADJECTIVES}{_EYE} eyes\b"
    ),
    late(rf"{_WHO} (?:turned|raised|lifted|lowered|narrowed) (?:his|her|their|{NAME}'s) {_EYE} eyes\b"),
]
_HUE = rf"(?P<c>{HAIR_WORDS})"
_HAIR = [
    late(rf"{_OWNER}{_ADJECTIVES}{_HUE} (?:[a-z]+ )?hair\b"),
    late(rf"{_WHO} (?:has|had) {_ADJECTIVES}(?:[a-z]+ )?{_HUE} hair\b"),
    late(
        rf"{_OWNER}hair(?:{_BE}| had gone| had turned)(?: still| now| already| going| turning| as| all)*"
        rf"(?: [a-z]+)?? {_HUE}\b"
    ),
    late(rf"{_WHO}(?: is| was|,)(?: an?)?(?: [a-z]+){{0,2}}? {_HUE}-haired\b"),
    late(
        rf"{_WHO},? (?:is|was)(?: still| quite)?(?: an?)? (?P<c>blonde|blond|brunette|ginger|bald|redhead)\b"
    ),
    late(
        rf"{_HUE} hair (?:from|out of|off|back from|over) {_OWNER}(?:face|forehead|eyes|brow|neck|shoulders?)\b"
    ),
    late(rf"{_OWNER}(?:[a-z]+ )?(?P<c>bald) head\b"),
    late(rf"{_WHO} (?:has|had) (?P<c>no) hair\b"),
    late(rf"{_WHO} (?:has|had) been (?P<c>bald)\b"),
    late(rf"(?P<c>(?i:{HAIR_WORDS}))-haired {_WHO}"),
    late(rf"\b[Hh]air of {_WHO}: {_ADJECTIVES}{_HUE}\b"),
]
_SHAPE = r"(?P<c>curly|straight|wavy|frizzy)"
_LENGTH = r"(?P<c>long|short|cropped)"
_SHAPES = [
    late(rf"{_OWNER}{_ADJECTIVES}{_SHAPE} (?:[a-z]+ )?hair\b"),
    late(rf"{_WHO} (?:has|had) {_ADJECTIVES}{_SHAPE} (?:[a-z]+ )?hair\b"),
    late(rf"{_OWNER}hair{_BE}(?: [a-z]+)?? {_SHAPE}\b"),
]
_LENGTHS = [
    late(p.pattern.replace(_SHAPE, _LENGTH).replace("hair\\b", "(?:hair|curls|braids|locks|plaits)\\b"))
    for p in [*_SHAPES, late(rf"{_WHO} (?:wears|wore) {_SHAPE} (?:[a-z]+ )?hair\b")]
]
_SHAVEN = late(
    rf"{_WHO} (?:(?:keeps|kept|has|had|with) (?:(?:his|her|their|{NAME}'s|a) )?(?:head shaved|shaved head)"
    rf"|(?:shaves|shaved) (?:his|her|their|{NAME}'s) head)\b"
)
_BEARD = [
    late(rf"{_OWNER}{_ADJECTIVES}{_HUE} beard\b"),
    late(rf"{_WHO} (?:has|had|wears|wore) (?:a |his ){_ADJECTIVES}{_HUE} beard\b"),
    late(rf"{_OWNER}beard{_BE}(?: [a-z]+)?? {_HUE}\b"),
]
_SHEET_EYES = late(
    rf"\b(?:{EYE_WORDS})\b(?=-eyed\b)|"
    rf"\b(?:{EYE_WORDS})\b(?= eyes?\b)|(?<=eyes )(?:{EYE_WORDS})\b|(?<=eyes: )(?:{EYE_WORDS})\b|"
    rf"(?<=colour: )(?:{EYE_WORDS})\b|(?<=color: )(?:{EYE_WORDS})\b"
)
_SHEET_HAIR = late(
    rf"\b(?:{HAIR_WORDS})\b(?= hair\b)|(?<=hair )(?:{HAIR_WORDS})\b|(?<=hair: )(?:{HAIR_WORDS})\b"
)
_NO_HAIR = {"no": "bald", "redhead": "red", "brunette": "brown"}


def _coloured(
    text: str, part: str, patterns: list[re.Pattern[str]], sheet: str, on_sheet: re.Pattern[str]
) -> Iterator[Attribute]:
    for pattern in patterns:
        for match in pattern.finditer(text):
            person = key_of(match["who"])
            if not person or _UNREAL.search(text[: match.start("c")]):
                continue
            word = _NO_HAIR.get(match["c"], match["c"]) if part == "hair" else match["c"]
            yield Attribute(person, part, colour(word, part))
    match = on_sheet.search(text.lower()) if sheet else None
    if match:
        yield Attribute(key_of(sheet), part, colour(match.group(), part))
