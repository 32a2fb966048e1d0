"""What a person can choose from when they order a book, in words."""

from collections.abc import Sequence
from typing import Literal, get_args

from pydantic import BaseModel

from scrivano.books.dto import CoverStyle, Trim
from scrivano.books.files.trims import read_trim

ChoiceKind = Literal["audiences", "tones", "lengths", "languages", "cover_styles", "trims"]


class Choice(BaseModel):
    """Something to choose: `value` goes into the brief."""

    value: str | int
    label: str
    description: str = ""


class Choices(BaseModel):
    """Every list at once. Audience, tone, length and language may also be anything else that a brief allows."""

    audiences: list[Choice]
    tones: list[Choice]
    lengths: list[Choice]
    languages: list[Choice]
    cover_styles: list[Choice]
    trims: list[Choice]


_AUDIENCES = (
    ("general readers", "General readers", "Nothing is taken for granted."),
    ("beginners", "Beginners", "New to the subject; every term is explained."),
    ("practitioners", "Practitioners", "At work in the field; they want what can be done tomorrow."),
    ("experts", "Experts", "They know the basics and want what is new or disputed."),
    ("business owners", "Business owners", "They weigh cost, time and risk."),
    ("parents", "Parents", "They want calm, practical help for life with children."),
    ("teachers", "Teachers", "They want what works with a group."),
    ("young readers", "Young readers", "Short sentences and vivid examples."),
)
_TONES = (
    ("clear and practical", "Clear and practical", "Says what to do, and why."),
    ("warm and encouraging", "Warm and encouraging", "Speaks to the reader as to a friend."),
    ("analytical", "Analytical", "Weighs evidence and alternatives."),
    ("playful", "Playful", "Light, with wit."),
    ("formal", "Formal", "Measured, for reading in an office."),
    ("narrative", "Narrative", "Tells its matter as stories."),
)
_LENGTHS = (
    (5_000, "Short guide", "About 20 pages, read in half an hour."),
    (12_000, "Handbook", "About 50 pages."),
    (30_000, "Short book", "About 110 pages."),
    (60_000, "Book", "About 210 pages."),
    (90_000, "Long book", "About 310 pages, the length of many novels."),
)
_LANGUAGES = (
    ("en", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("it", "Italiano"),
    ("nl", "Nederlands"),
    ("pl", "Polski"),
    ("pt-BR", "Português (Brasil)"),
)
_COVERS: dict[str, str] = {
    "minimalist": "Few shapes, much air.",
    "futuristic": "Light on dark, fine lines.",
    "playful": "Round shapes in bright colours.",
    "elegant": "Thin rules and a classic face.",
    "corporate": "Clear blocks, sober colours.",
    "artistic": "Free shapes, as if painted.",
}
_TRIMS: dict[str, str] = {
    "6x9": "the usual size of non-fiction",
    "5x8": "the usual size of novels",
    "5.5x8.5": "between novel and non-fiction",
    "8.5x11": "workbooks and large tables",
    "A4": "workbooks, where paper is metric",
    "A5": "small books, where paper is metric",
}


def choices() -> Choices:
    """All lists, in the order in which they are to be shown."""
    return Choices(
        audiences=_of(_AUDIENCES),
        tones=_of(_TONES),
        lengths=[Choice(value=v, label=f"{label}, {v:,} words", description=d) for v, label, d in _LENGTHS],
        languages=[Choice(value=value, label=label) for value, label in _LANGUAGES],
        cover_styles=[
            Choice(value=style, label=style.capitalize(), description=_COVERS[style])
            for style in get_args(CoverStyle)
        ],
        trims=[_trim(trim) for trim in get_args(Trim)],
    )


def _of(rows: Sequence[tuple[str, str, str]]) -> list[Choice]:
    return [Choice(value=value, label=label, description=told) for value, label, told in rows]


def _trim(trim: str) -> Choice:
    look = read_trim(trim)
    size = f"{look.width:.3g} × {look.height:.3g} in, {look.width * 25.4:.0f} × {look.height * 25.4:.0f} mm"
    told = _TRIMS.get(trim)
    return Choice(
        value=trim, label=trim.replace("x", " × "), description=f"{size}{f'; {told}' if told else ''}."
    )
