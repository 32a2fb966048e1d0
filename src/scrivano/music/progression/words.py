"""Reads musical facts out of a description in plain words: key, mode, tempo, meter, bars, form, difficulty.

English first; keys also in German, the Romance languages and Japanese. What isn't understood is passed over.
Every pattern runs in time proportional to the text.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from scrivano.music.dto import Mode

_KEY_TAIL: Final = r"(?P<mode>major|minor|maj|min|m)?(?![\w#♯♭])"
_SIGN: Final = r"(?P<sign>#|♯|b|♭|[ -]?sharp|[ -]?flat)?"
_KEYS: Final = (
    re.compile(
        rf"\b(?:[Ii]n|[Kk]ey of|[Kk]ey[:=]?|[Tt]onic[:=]?)\s+(?:the key of\s+)?(?P<letter>[A-G]){_SIGN}[ -]?{_KEY_TAIL}"
    ),
    re.compile(rf"\b(?P<letter>[A-G]){_SIGN}[ -]?(?P<mode>major|minor|maj|min)\b"),
    re.compile(
        rf"\b(?P<letter>[a-g]){_SIGN}[ -]?(?P<mode>major|minor)\b(?!\s+(?:key|mode|mood|feel|tune|piece|blues))"
    ),
    re.compile(rf"\b(?:in|key of|key[:=]?)\s+(?P<letter>[b-g]){_SIGN}[ -]?{_KEY_TAIL}"),
    re.compile(r"(?<![\w#♯♭])(?P<letter>[A-G])(?P<sign>#|♯|b|♭)(?P<mode>m)?(?![\w#♯♭/])"),
)
# "in a" is a key only where no word follows.
_LONELY_A: Final = re.compile(r"\bin a(?=\s*(?:[.,;!?)]|$))")
_GERMAN: Final = re.compile(r"\b(?P<name>[a-h](?:is|es)?|as|es)[ -]?(?P<mode>dur|moll)\b", re.IGNORECASE)
_GERMAN_TONES: Final = {"h": "B", "b": "Bb", "as": "Ab", "es": "Eb"}
_ROMANCE: Final = re.compile(
    r"\b(?P<name>do|ut|re|ré|mi|fa|sol|la|si)[ -]?(?P<sign>sostenido|bemol|di[eè]se|b[eé]mol|diesis|bemolle)?[ -]?"
    r"(?P<mode>mayor|menor|majeur|mineur|maggiore|minore|maior)\b",
    re.IGNORECASE,
)
_SOLFEGE: Final = {
    "do": "C",
    "ut": "C",
    "re": "D",
    "ré": "D",
    "mi": "E",
    "fa": "F",
    "sol": "G",
    "la": "A",
    "si": "B",
}
_JAPANESE: Final = re.compile(r"(?P<sign>[嬰変]?)(?P<name>[ハニホヘトイロ])(?P<mode>長調|短調)")
_IROHA: Final = dict(zip("ハニホヘトイロ", "CDEFGAB", strict=True))
_MINOR_WORDS: Final = frozenset({"minor", "min", "m", "moll", "menor", "mineur", "minore", "短調"})

_MODE: Final = re.compile(
    r"\b(?P<mode>minor|major)\b(?!\s*-?\s*(?:\d|second|third|sixth|seventh|ninth|chord|triad|scale|penta|ii|turn))",
    re.IGNORECASE,
)
_TEMPO: Final = re.compile(
    r"(?:\btempo(?:\s+of)?|[♩♪]\.?|\bquarter|テンポ|\bat)\s*[:=]?\s*(?P<a>\d[\d,.]*)(?P<unit>\s*(?:bpm|beats))?"
    # Only from a number's first digit on: from each of them, a long row of digits would take minutes.
    r"|(?<!\d)(?<!\d[,.])(?P<b>\d[\d,.]*)\s*(?:bpm\b|beats per minute)",
    re.IGNORECASE,
)
_METER: Final = re.compile(r"(?<![\w/.])(?P<top>\d{1,2})\s?/\s?(?P<bottom>2|4|8|16)(?![\w/.])")
_METER_JAPANESE: Final = re.compile(r"(?P<bottom>\d)分の(?P<top>\d{1,2})")
_METER_WORDS: Final = (
    (re.compile(r"\b(?:waltz|three[- ]four|in three|triple (?:time|meter|metre))\b", re.IGNORECASE), "3/4"),
    (re.compile(r"\b(?:cut time|alla breve)\b", re.IGNORECASE), "2/2"),
    (re.compile(r"\b(?:six[- ]eight)\b", re.IGNORECASE), "6/8"),
    (re.compile(r"\b(?:twelve[- ]eight)\b", re.IGNORECASE), "12/8"),
    (re.compile(r"\b(?:five[- ]four|in five)\b", re.IGNORECASE), "5/4"),
    (re.compile(r"\b(?:common time|four[- ]four)\b", re.IGNORECASE), "4/4"),
)
_NUMBERS: Final = {
    word: n
    for n, word in (
        (4, "four"), (5, "five"), (6, "six"), (7, "seven"), (8, "eight"), (9, "nine"), (10, "ten"), (12, "twelve"),
        (14, "fourteen"), (16, "sixteen"), (20, "twenty"), (24, "twenty-four"), (32, "thirty-two"), (36, "thirty-six"),
        (40, "forty"), (48, "forty-eight"), (64, "sixty-four"),
    )
}  # fmt: skip
_COUNT: Final = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_BARS: Final = re.compile(
    rf"(?<![\w.,/])(?P<count>\d+(?:[.,]\d+)?|{_COUNT})[ -]?(?:bars?\b|measures?\b|takte?n?\b|compases\b|mesures\b|小節)"
    r"(?!\s+(?:phrase|section|intro|solo|bridge|verse|chorus|loop|vamp|tag|turn))",
    re.IGNORECASE,
)
_CHORUSES: Final = re.compile(r"\b(?P<count>[1-5]|one|two|three|four|five)\s+choruses\b", re.IGNORECASE)
_SMALL: Final = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_LETTER_FORM: Final = re.compile(r"(?<![\w-])(?P<form>[AB][ABCD]{2,7}|ABA?)(?![\w-])")
_DIFFICULTY: Final = re.compile(
    r"\b(?:difficulty|level|grade)\s*(?:of|is|[:=])?\s*(?P<n>[1-5])\b", re.IGNORECASE
)
_DIFFICULTY_WORDS: Final = (
    (re.compile(r"\b(?:absolute beginners?|very easy|very simple|first lesson)\b", re.IGNORECASE), 1),
    (re.compile(r"\b(?:virtuos\w*|expert|very (?:hard|difficult|advanced))\b", re.IGNORECASE), 5),
    (re.compile(r"\b(?:beginners?|easy|simple|basic)\b", re.IGNORECASE), 2),
    (re.compile(r"\b(?:advanced|sophisticated|difficult|hard|challenging|complex)\b", re.IGNORECASE), 4),
    (re.compile(r"\b(?:intermediate|moderate)\b", re.IGNORECASE), 3),
)
_ITALIAN: Final = (
    ("grave", 44), ("larghetto", 62), ("largo", 50), ("lento", 54), ("adagio", 66), ("andantino", 86), ("andante", 78),
    ("moderato", 104), ("allegretto", 112), ("allegro", 128), ("vivace", 148), ("prestissimo", 190), ("presto", 174),
)  # fmt: skip
_SPEEDS: Final = (
    (re.compile(r"\b(?:very|really|extremely) slow(?:ly)?\b", re.IGNORECASE), 0.0),
    (re.compile(r"\b(?:very|really|extremely) fast\b|\bbreakneck\b", re.IGNORECASE), 1.0),
    (re.compile(r"\b(?:slow(?:ly)?|relaxed|laid[- ]back)\b", re.IGNORECASE), 0.2),
    (re.compile(r"\b(?:fast|quick(?![ -]change)|up-?tempo|driving|energetic|lively)\b", re.IGNORECASE), 0.85),
)


@dataclass(frozen=True)
class Speed:
    """How fast, as words have it: 0 is the slowest of the range, 1 the fastest; `word` is what said so."""

    share: float
    word: str


def normal(text: str) -> str:
    """The text with full-width forms folded, control characters as spaces, and runs of spaces as one."""
    folded = unicodedata.normalize("NFKC", text)
    return re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in folded))


def read_key(text: str) -> tuple[str, Mode | None] | None:
    """Tonic and, where it is said with it, mode; None where no key is named."""
    foreign = _foreign_key(text)
    if foreign is not None:
        return foreign
    for pattern in _KEYS:
        match = pattern.search(text)
        if match is not None:
            sign = (match["sign"] or "").strip(" -").lower()
            tonic = match["letter"].upper() + {"sharp": "#", "♯": "#", "flat": "b", "♭": "b"}.get(sign, sign)
            return tonic, _mode_of(match["mode"])
    return ("A", None) if _LONELY_A.search(text) else None


def _foreign_key(text: str) -> tuple[str, Mode | None] | None:
    if match := _GERMAN.search(text):
        name = match["name"].lower()
        tonic = _GERMAN_TONES.get(name) or name[0].upper() + {"is": "#", "es": "b"}.get(name[1:], "")
        tonic = tonic if name[0] != "h" else "B" + tonic[1:]
        return tonic, _mode_of(match["mode"])
    if match := _ROMANCE.search(text):
        sign = (match["sign"] or "").lower()
        accidental = "" if not sign else ("b" if sign.startswith("b") else "#")
        return _SOLFEGE[match["name"].lower()] + accidental, _mode_of(match["mode"])
    if match := _JAPANESE.search(text):
        return _IROHA[match["name"]] + {"嬰": "#", "変": "b"}.get(match["sign"], ""), _mode_of(match["mode"])
    return None


def _mode_of(word: str | None) -> Mode | None:
    if not word:
        return None
    return "minor" if word.lower() in _MINOR_WORDS else "major"


def read_mode(text: str) -> Mode | None:
    """The mode where a word for it stands alone, as in "a minor blues"; chord names don't count."""
    match = _MODE.search(text)
    return _mode_of(match["mode"]) if match else None


def read_tempo(text: str) -> str | None:
    """The number given as tempo, as it was written; None where there is none."""
    for match in _TEMPO.finditer(text):
        number = (match["a"] or match["b"]).rstrip(".,")
        lonely_at = match["a"] and match.group().lower().startswith("at") and not match["unit"]
        if not lonely_at:
            return number
    return None


def read_meter(text: str) -> str | None:
    """The time signature, by figures or by words such as waltz."""
    match = _METER.search(text) or _METER_JAPANESE.search(text)
    if match is not None:
        return f"{int(match['top'])}/{match['bottom']}"
    return next((meter for pattern, meter in _METER_WORDS if pattern.search(text)), None)


def read_bars(text: str) -> str | None:
    """The number of bars as it was written (a whole number is not promised)."""
    match = _BARS.search(text)
    if match is None:
        return None
    word = match["count"].lower()
    return str(_NUMBERS.get(word, word))


def read_choruses(text: str) -> int | None:
    """How many choruses are asked for."""
    match = _CHORUSES.search(text)
    return None if match is None else int(_SMALL.get(match["count"].lower(), match["count"]))


def read_form(text: str, forms: tuple[str, ...]) -> str | None:
    """One of the genre's forms, by letters such as AABA or by name."""
    match = _LETTER_FORM.search(text)
    if match is not None and (match["form"] in forms or len(match["form"]) >= 3):
        return match["form"]
    plain = re.sub(r"[ –—/]+", "-", text.lower()).replace("-and-", "-").replace("-then-", "-")
    named = [
        f for f in forms if not f.isupper() and re.search(rf"(?<![a-z0-9]){re.escape(f)}(?![a-z])", plain)
    ]
    return max(named, key=lambda f: (f == "jazz-blues", len(f)), default=None)


def read_difficulty(text: str) -> int | None:
    """Difficulty 1 to 5, by number or by word."""
    match = _DIFFICULTY.search(text)
    if match is not None:
        return int(match["n"])
    return next((level for pattern, level in _DIFFICULTY_WORDS if pattern.search(text)), None)


def read_italian(text: str) -> int | None:
    """The tempo of an Italian marking such as adagio."""
    lowered = text.lower()
    return next((bpm for word, bpm in _ITALIAN if re.search(rf"\b{word}\b", lowered)), None)


def read_speed(text: str) -> Speed | None:
    """How fast the words want it, None where they don't say."""
    for pattern, share in _SPEEDS:
        match = pattern.search(text)
        if match is not None:
            return Speed(share, match.group().lower())
    return None


def mostly_foreign(text: str) -> bool:
    """Whether most letters are of another script than Latin."""
    letters = [c for c in text if c.isalpha()]
    latin = sum("LATIN" in unicodedata.name(c, "") for c in letters)
    return bool(letters) and 2 * latin < len(letters)
