"""Forms: which sections a piece of so many bars has, and how long each is."""

import random
from typing import Final

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import Genre, Settled
from scrivano.music.progression.draft import Part

_NAMED: Final = {
    "verse-chorus": ("Verse", "Chorus"),
    "verse-chorus-bridge": ("Verse", "Chorus", "Bridge", "Chorus"),
    "verse-prechorus-chorus": ("Verse", "Pre-chorus", "Chorus"),
    "verse-chorus-vamp": ("Verse", "Chorus", "Vamp"),
    "verse-montuno": ("Verse", "Montuno"),
    "period": ("Antecedent", "Consequent"),
    "sentence": ("Presentation", "Continuation"),
    "rondo": ("A", "B", "A", "C", "A"),
    "intro-AABA-coda": ("Intro", "A", "A", "B", "A", "Coda"),
    "loop": ("Loop", "Loop"),
    "riddim": ("Riddim", "Riddim"),
}
_BLUES_FORMS: Final = frozenset({"12-bar", "8-bar", "quick-change", "jazz-blues", "minor"})
BRIDGES: Final = frozenset({"B", "Bridge", "Pre-chorus", "Continuation", "C", "D"})
_SHORTEST = 2

_JAZZ: Final = {2: ("A", "B"), 3: ("A", "A", "B"), 4: ("A", "A", "B", "A"), 5: ("A", "A", "B", "A", "C")}
_JAZZ_OTHER: Final = {4: ("A", "B", "A", "C")}
_SONG: Final = {
    2: ("Verse", "Chorus"),
    3: ("Verse", "Verse", "Chorus"),
    4: ("Verse", "Chorus", "Verse", "Chorus"),
    5: ("Verse", "Chorus", "Verse", "Bridge", "Chorus"),
    6: ("Verse", "Chorus", "Verse", "Chorus", "Bridge", "Chorus"),
    7: ("Verse", "Verse", "Chorus", "Verse", "Chorus", "Bridge", "Chorus"),
    8: ("Verse", "Verse", "Chorus", "Verse", "Chorus", "Bridge", "Chorus", "Chorus"),
}
_CLASSICAL: Final = {
    2: ("A", "B"),
    3: ("A", "B", "A"),
    4: ("A", "A", "B", "A"),
    5: ("A", "B", "A", "C", "A"),
    6: ("A", "A", "B", "B", "A", "A"),
    7: ("A", "A", "B", "A", "C", "A", "A"),
    8: ("A", "A", "B", "B", "C", "C", "A", "A"),
}


def plan(settled: Settled) -> tuple[Part, ...]:
    """The sections of the piece in order; their lengths add up to its bars.

    Raises InvalidInput for the field `form` when the form doesn't fit into so few bars.
    """
    rng = random.Random(f"{settled.genre}/{settled.application}/{settled.seed}/form")
    if settled.genre is Genre.BLUES:
        return _blues(settled)
    if settled.form:
        return _asked(settled, settled.form)
    return _usual(settled, rng)


def form_sections(form: str) -> tuple[str, ...]:
    """The names of a form's sections in order; raises KeyError for an unknown form."""
    if form in _NAMED:
        return _NAMED[form]
    if form and len(form) <= 8 and set(form) <= set("ABCD"):
        return tuple(form)
    raise KeyError(form)


def _asked(settled: Settled, form: str) -> tuple[Part, ...]:
    names = form_sections(form)
    count = len(names)
    if settled.bars < count * _SHORTEST:
        raise InvalidInput(
            f"The form {form} has {count} sections; {settled.bars} bars are too few for it.",
            field="form",
            remedy=f"Ask for at least {count * _SHORTEST} bars, or leave the form open.",
        )
    rounds = max(1, settled.bars // (count * 8)) if count <= 2 else 1
    names *= rounds
    count = len(names)
    fours = settled.bars // count // 4 * 4
    step = settled.bars // count
    if settled.genre is Genre.LATIN and step > 1:
        step -= step % 2
    base = fours if fours and settled.bars - fours * (count - 1) <= 2 * fours else step
    lengths = [base] * (count - 1) + [settled.bars - base * (count - 1)]
    return _parts(names, lengths)


def _usual(settled: Settled, rng: random.Random) -> tuple[Part, ...]:
    eights, rest = divmod(settled.bars, 8)
    if settled.genre is Genre.CLASSICAL and settled.bars == 8 and rng.random() < 0.6:
        return _parts(("Antecedent", "Consequent"), (4, 4))
    if eights < 2:
        return _parts(("A",), (settled.bars,))
    if settled.genre is Genre.JAZZ:
        table = {**_JAZZ, **(_JAZZ_OTHER if rng.random() < 0.35 else {})}
        names = table.get(eights) or (table[4] * 2)[:eights]
    elif settled.genre is Genre.CLASSICAL:
        names = _CLASSICAL[eights]
    else:
        names = _SONG[eights]
    lengths = [8] * eights
    if rest >= 4:
        return _parts((*names, "Coda"), (*lengths, rest))
    lengths[-1] += rest
    return _parts(names, lengths)


def _blues(settled: Settled) -> tuple[Part, ...]:
    whole, tag = settled.bars // 4 * 4, settled.bars % 4
    lengths = _choruses(whole, eights_first=settled.form == "8-bar")
    names = [f"Chorus {i}" for i in range(1, len(lengths) + 1)]
    if tag:
        names.append("Tag")
        lengths.append(tag)
    last = len(names) - 1
    return tuple(
        Part(name, name.split()[0], length, closes=i == last)
        for i, (name, length) in enumerate(zip(names, lengths, strict=True))
    )


def _choruses(bars: int, *, eights_first: bool) -> list[int]:
    if bars == 4:
        return [4]
    if eights_first and bars % 8 == 0:
        return [8] * (bars // 8)
    twelves = next(n for n in range(bars // 12, -1, -1) if (bars - 12 * n) % 8 == 0)
    return [12] * twelves + [8] * ((bars - 12 * twelves) // 8)


def _parts(names: tuple[str, ...], lengths: list[int] | tuple[int, ...]) -> tuple[Part, ...]:
    last = len(names) - 1
    return tuple(
        Part(name, name, length, closes=i == last)
        for i, (name, length) in enumerate(zip(names, lengths, strict=True))
    )


def allowed_forms(genre: Genre, forms: tuple[str, ...]) -> tuple[str, ...]:
    """The forms that may be asked for in a genre."""
    return tuple(f for f in forms if f in _NAMED or f in _BLUES_FORMS or set(f) <= set("ABCD"))
