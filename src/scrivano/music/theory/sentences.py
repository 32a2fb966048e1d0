"""One sentence for a musician about each kind of reason."""

from collections.abc import Callable
from typing import Final

from scrivano.music.theory.chord import Chord, Family
from scrivano.music.theory.context import Place

_FUNCTIONS: Final = {
    0: "the tonic, home",
    1: "the lowered second degree",
    2: "the supertonic, which prepares the dominant",
    3: "the mediant",
    4: "the mediant",
    5: "the subdominant, a step away from home",
    6: "the raised fourth degree",
    7: "the dominant, which wants to go home",
    8: "the submediant",
    9: "the submediant, a relative of home",
    10: "the subtonic",
    11: "the leading-tone chord, a dominant without its root",
}


def say(kind: str, place: Place, target: str | None, mode: str = "") -> str:
    """The sentence for this chord; `mode` is the mode a borrowed chord comes from."""
    if kind == "borrowed":
        return f"{place.chord} is borrowed from {place.key.tonic} {mode}, the same tonic in another colour."
    return _SENTENCES[kind](place, target or "")


def _diatonic(p: Place, _: str) -> str:
    text = f"{p.chord} belongs to {_key(p)}: {_FUNCTIONS[p.r]}."
    if p.r == 7 and p.family in {Family.DOMINANT, Family.MAJOR} and p.next_pc == p.key.pc:
        return f"{p.chord} is the dominant of {_key(p)} and resolves to {p.next}."
    if p.r == 2 and p.next is not None and (p.next_pc - p.key.pc) % 12 == 7:
        return f"{p.chord} is the ii of {_key(p)} and prepares its dominant {p.next}."
    if p.r == 0 and p.chord.bass and (p.bass - p.key.pc) % 12 == 7 and p.after_bass == p.bass:
        return f"{p.chord} is the tonic over its fifth, a cadential six-four that leans into {p.after}."
    if p.r == 5 and p.next_pc == p.key.pc:
        return f"{p.chord} is the subdominant of {_key(p)}; going back to {p.next} is the plagal step."
    return text


def _modulation(p: Place, _: str) -> str:
    return f"The key turns to {_key(p)}; {p.chord} is {_FUNCTIONS[p.r].split(',')[0]} there."


def _altered(p: Place, _: str) -> str:
    return f"{p.chord} is the dominant of {_key(p)} with altered tones, which sharpen its pull."


def _passing(p: Place, _: str) -> str:
    way = "up" if (p.after_bass - p.bass) % 12 == 1 else "down"
    return f"{p.chord} fills the whole tone from {_bass(p.before)} {way} to {_bass(p.after)} by semitones."


def _secondary(p: Place, target: str) -> str:
    goal = p.next if p.to_next == 5 else p.after
    return f"{p.chord} is the dominant of {target}: it leads into {goal} as V leads home."


def _tritone(p: Place, target: str) -> str:
    fifth_above = p.chord.moved_to(p.key.spell(p.pc + 6 - p.key.pc))
    return (
        f"{p.chord} stands for {fifth_above.root}7, a tritone away with the same third and seventh, "
        f"and slides down a semitone to {p.next} ({target})."
    )


def _backdoor(p: Place, _: str) -> str:
    return f"{p.chord} comes home to {p.next} by the back door, from a whole tone below."


def _blues(p: Place, _: str) -> str:
    degree = "tonic" if p.r == 0 else "subdominant"
    return f"{p.chord} is the {degree} with the blue seventh: a dominant by sound, at rest by function."


def _deceptive(p: Place, target: str) -> str:
    return f"{p.chord} is the dominant of {target}, but steps up to {p.next} instead."


def _related(p: Place, target: str) -> str:
    return f"{p.chord} is the ii that goes with {p.next}, together a ii–V towards {target}."


def _leading(p: Place, target: str) -> str:
    return f"{p.chord} is the leading-tone chord of {target}, a semitone below its goal."


def _common_tone(p: Place, _: str) -> str:
    held = next(c for c in (p.after, p.before) if c is not None and c.root and c.root.pc in p.chord.pcs)
    return f"{p.chord} embellishes {held}: its root stays while the others move by step and return."


def _neapolitan(p: Place, _: str) -> str:
    return f"{p.chord} is the Neapolitan of {_key(p)}, a major chord on the lowered second degree."


def _mediant(p: Place, _: str) -> str:
    return (
        f"{p.chord} is a chromatic mediant of {_key(p)}: a third away, of the same quality, one tone shared."
    )


def _pedal(p: Place, _: str) -> str:
    degree = "tonic" if p.bass == p.key.pc else "dominant"
    return f"{p.chord} moves over a held bass, the {degree} of {_key(p)}."


def _planing(p: Place, _: str) -> str:
    return f"{p.chord} moves in parallel with its neighbour a semitone away, shape and all."


def _constant(p: Place, _: str) -> str:
    return f"{p.chord} is one of a row of chords of the same kind; the shape holds, the roots move."


def _sixth(p: Place, _: str) -> str:
    return (
        f"{p.chord} sounds as the augmented sixth chord of {_key(p)}: "
        f"its outer tones open to the octave of the dominant in {p.after}."
    )


def _silence(_p: Place, _: str) -> str:
    return "No chord: the band is silent."


_SENTENCES: Final[dict[str, Callable[[Place, str], str]]] = {
    "silence": _silence,
    "modulation": _modulation,
    "diatonic": _diatonic,
    "altered-dominant": _altered,
    "passing-diminished": _passing,
    "secondary-dominant": _secondary,
    "augmented-sixth": _sixth,
    "tritone-substitute": _tritone,
    "backdoor-dominant": _backdoor,
    "blues-dominant": _blues,
    "deceptive-dominant": _deceptive,
    "related-two": _related,
    "secondary-leading-tone": _leading,
    "common-tone-diminished": _common_tone,
    "neapolitan": _neapolitan,
    "chromatic-mediant": _mediant,
    "pedal": _pedal,
    "chromatic-planing": _planing,
    "constant-structure": _constant,
}


def _key(p: Place) -> str:
    return f"{p.key.tonic} {p.key.mode}"


def _bass(chord: Chord | None) -> str:
    return str(chord.bass_name) if chord else ""
