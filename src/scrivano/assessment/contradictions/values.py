"""Values that statements give: numbers with units, dates, colours; and which of them can both be true."""

import re
from dataclasses import dataclass

from scrivano.assessment.wordlists import word_list

_SMALL = word_list("""
        zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
        sixteen seventeen eighteen nineteen
""")
_TENS = word_list("""
        twenty thirty forty fifty sixty seventy eighty ninety
""")
WORD_NUMBERS: dict[str, int] = {
    **{word: value for value, word in enumerate(_SMALL)},
    **{word: 20 + 10 * at for at, word in enumerate(_TENS)},
    **{
        f"{ten}{join}{_SMALL[unit]}": 20 + 10 * at + unit
        for at, ten in enumerate(_TENS)
        for unit in range(1, 10)
        for join in ("-", " ")
    },
    "hundred": 100,
    "a hundred": 100,
    "one hundred": 100,
    "a thousand": 1000,
    "a dozen": 12,
}
_SPELLED = "|".join(sorted((w for w in WORD_NUMBERS if w != "hundred"), key=len, reverse=True))
_MANY = (
    rf"(?:(?:{_SPELLED}) hundred(?: and (?:{_SPELLED}))?(?: thousand)?|(?:{_SPELLED}) (?:thousand|million))"
)
NUMBER = rf"(?:{_MANY}\b|\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|(?:{_SPELLED})\b)"

MONTHS = word_list("""
        january february march april may june july august september october november december
""")
WEEKDAYS = word_list("""
        monday tuesday wednesday thursday friday saturday sunday
""")
_ORDINALS = {
    word: at
    for at, word in enumerate(
        word_list("""
        first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
        fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first
        twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth
        twenty-ninth thirtieth thirty-first
"""),
        start=1,
    )
}
_MONTH = "|".join(m.capitalize() for m in MONTHS)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?|" + "|".join(sorted(_ORDINALS, key=len, reverse=True))
_YEAR = r"1\d{3}|20\d{2}"
DAY = rf"(?:{_DAY})(?: of)? (?:{_MONTH})(?:,? (?:{_YEAR}))?"
DATE = re.compile(
    rf"\b(?:(?:the )?(?P<d1>{_DAY})(?: of)? (?P<m1>{_MONTH})(?:,? (?P<y1>{_YEAR}))?"
    rf"|(?P<m2>{_MONTH}) (?P<d2>\d{{1,2}}(?:st|nd|rd|th)?)(?!\d)(?:,? (?P<y2>{_YEAR}))?"
    rf"|(?P<m3>{_MONTH}) (?P<y3>{_YEAR})"
    rf"|(?P<y5>\d{{4}})-(?P<m5>\d\d)-(?P<d5>\d\d)"
    rf"|(?:(?:[Ii]n|[Ss]ince|of|by|from|until|till) )(?P<y4>{_YEAR})\b"
    rf"|(?:(?:[Ii]n|[Ss]ince) )(?P<y6>2[1-9]\d\d)\b(?= and\b|[.,;]|$)"
    rf"|(?:(?:in|since|every|each) )(?P<m4>{_MONTH})\b"
    rf"|(?:on|every|each|on a|next|last) (?P<w>{'|'.join(w.capitalize() for w in WEEKDAYS)})\b)"
)


def number_of(text: str) -> float | None:
    """The number that digits or words give; None if they give none."""
    text = text.strip().lower()
    if text in WORD_NUMBERS:
        return float(WORD_NUMBERS[text])
    for word, size in (("million", 1_000_000), ("thousand", 1_000), ("hundred", 100)):
        many, found, more = text.partition(f" {word}")
        if found and (times := number_of(many)) is not None:
            rest = number_of(more.removeprefix(" and")) if more.strip() else 0.0
            return None if rest is None else times * size + rest
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None


@dataclass(frozen=True)
class Day:
    """A date as far as it is told."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None

    def fits(self, other: "Day") -> bool:
        """Whether both can be the same day."""
        pairs = (
            (self.year, other.year),
            (self.month, other.month),
            (self.day, other.day),
            (self.weekday, other.weekday),
        )
        return all(a is None or b is None or a == b for a, b in pairs)


def day_of(match: re.Match[str]) -> Day:
    """The date that `DATE` matched."""
    found = {k[0] + k[1:]: v for k, v in match.groupdict().items() if v}
    year = next((int(v) for k, v in found.items() if k[0] == "y"), None)
    month = next((_month(v) for k, v in found.items() if k[0] == "m"), None)
    day = next((_day(v) for k, v in found.items() if k[0] == "d"), None)
    weekday = WEEKDAYS.index(found["w"].lower()) if "w" in found else None
    return Day(year, month, day, weekday)


def _month(text: str) -> int:
    return int(text) if text.isdecimal() else MONTHS.index(text.lower()) + 1


def _day(text: str) -> int:
    return _ORDINALS.get(text.lower()) or int(re.sub(r"\D", "", text))


@dataclass(frozen=True)
class Span:
    """A number known within bounds, such as an age "in the early fifties"."""

    low: float
    high: float

    def fits(self, other: "Span") -> bool:
        """Whether one number can be meant by both."""
        return self.low <= other.high and other.low <= self.high


# To one unit a kind, so that two weeks are fourteen days. Months and years stay as they are: nobody means 30 days.
_SIZES: dict[str, dict[str, float]] = {
    "second": {"second": 1, "minute": 60, "min": 60, "hour": 3600, "day": 86400, "week": 604800},
    "month": {"month": 1, "year": 12, "decade": 120},
    "gram": {
        "gram": 1,
        "g": 1,
        "kilogram": 1e3,
        "kg": 1e3,
        "kilo": 1e3,
        "ton": 1e6,
        "tonne": 1e6,
        "mg": 1e-3,
    },
    "metre": {
        "metre": 1,
        "meter": 1,
        "m": 1,
        "km": 1e3,
        "kilometre": 1e3,
        "kilometer": 1e3,
        "cm": 0.01,
        "mm": 1e-3,
    },
    "foot": {"foot": 1, "feet": 1, "mile": 5280, "yard": 3, "inch": 1 / 12, "inche": 1 / 12},
    "byte": {"kb": 1e3, "mb": 1e6, "gb": 1e9, "kilobyte": 1e3, "megabyte": 1e6, "gigabyte": 1e9},
    "percent": {"%": 1, "percent": 1, "per cent": 1},
    "dollar": {"$": 1, "dollar": 1, "usd": 1},
    "euro": {"€": 1, "euro": 1, "eur": 1},
    "pound": {"£": 1, "pound": 1},
    "degree": {"°c": 1, "°": 1, "degree": 1},
    "litre": {"litre": 1, "liter": 1, "l": 1, "ml": 1e-3},
}
_UNITS: dict[str, tuple[str, float]] = {
    name: (kind, factor) for kind, sizes in _SIZES.items() for name, factor in sizes.items()
}


def measured(value: float, unit: str) -> tuple[float, str]:
    """The value in the unit that all of its kind are compared in."""
    unit = unit.lower().rstrip(".")
    for name in (unit, unit.removesuffix("s"), unit.removesuffix("es")):
        if name in _UNITS:
            kind, factor = _UNITS[name]
            return round(value * factor, 6), kind
    return value, unit


_EYES = {
    "blue": ["blue", "violet"],
    "violet": ["blue", "violet"],
    "grey": ["grey"],
    "green": ["green", "hazel"],
    "hazel": ["hazel", "brown", "green", "amber"],
    "brown": ["brown", "dark", "hazel", "amber"],
    "dark": ["dark", "brown", "black"],
    "black": ["black", "dark"],
    "amber": ["amber", "brown", "yellow", "hazel", "golden"],
    "yellow": ["yellow", "amber", "golden"],
    "golden": ["golden", "amber", "yellow"],
}
_HAIR = {
    "blond": ["blond"],
    "red": ["red", "auburn"],
    "auburn": ["auburn", "red", "brown"],
    "brown": ["brown", "auburn", "dark"],
    "dark": ["dark", "brown", "black"],
    "black": ["black", "dark"],
    "grey": ["grey", "white"],
    "white": ["white", "grey"],
    "bald": ["bald"],
}
_SAME = {
    "gray": "grey",
    "silver": "grey",
    "iron-grey": "grey",
    "iron-gray": "grey",
    "slate": "grey",
    "slate-grey": "grey",
    "blonde": "blond",
    "fair": "blond",
    "golden": "blond",
    "flaxen": "blond",
    "straw-coloured": "blond",
    "sandy": "blond",
    "ginger": "red",
    "copper": "red",
    "chestnut": "brown",
    "brunette": "brown",
    "jet-black": "black",
    "raven": "black",
}
EYE_WORDS = "blue|grey|gray|silver|green|hazel|brown|dark|black|amber|yellow|golden|violet"
HAIR_WORDS = (
    "blonde|blond|fair|golden|flaxen|red|ginger|copper|auburn|chestnut|brown|brunette|dark|jet-black|black|raven|"
    "iron-grey|iron-gray|grey|gray|silver|white|sandy"
)


def colour(word: str, part: str) -> str:
    """The name under which a colour of eyes or hair is compared."""
    word = word.lower()
    if part == "eyes" and word == "golden":
        return word
    return _SAME.get(word, word)


def colours_fit(a: str, b: str, part: str) -> bool:
    """Whether both words may be said of the same eyes or hair."""
    if part == "length of hair":
        return a == b or "long" not in (a, b)
    if part == "shape of hair":
        return a == b or "straight" not in (a, b)
    table = _EYES if part == "eyes" else _HAIR
    return a == b or b in table.get(a, ()) or a in table.get(b, ())
