"""Bars and beats of a piece in ticks, and where a swung note sounds."""

from scrivano.music.dto import PPQ, Arrangement
from scrivano.music.theory.meter import Meter, meter_of

_HALF = PPQ // 2


def meter_in(arrangement: Arrangement) -> Meter:
    """The meter the piece is written in, from its progression."""
    return meter_of(arrangement.progression.meter)


def quarter_tempo(tempo: float, meter: Meter) -> float:
    """Quarter notes a minute: in compound meters `tempo` counts dotted quarters."""
    return tempo * 1.5 if meter.compound else tempo


def swings(meter: Meter, swing: float) -> bool:
    """Whether swing moves anything: not when even, and not where the beat already divides in three."""
    return not meter.compound and abs(swing - 0.5) > 1e-6


def sounding(tick: int, swing: float) -> int:
    """Where a written tick of a simple meter sounds: the off-beat eighth moves to `swing` of its beat.

    What lies between is stretched evenly. Ticks of triplets stay, since they aren't swung. The function is
    monotonic on the grid of 32nd notes and has an inverse, `written`.
    """
    beat, rest = divmod(tick, PPQ)
    if rest == 0 or _in_triplet(rest):
        return tick
    late = round(swing * PPQ)
    if rest <= _HALF:
        return beat * PPQ + round(rest * late / _HALF)
    return beat * PPQ + late + round((rest - _HALF) * (PPQ - late) / _HALF)


def written(tick: int, swing: float, grid: int = 60) -> int:
    """The written tick, on a grid of 32nd notes by default, that sounds at `tick`."""
    beat, rest = divmod(tick, PPQ)
    late = round(swing * PPQ)
    straight = rest * _HALF / late if rest <= late else _HALF + (rest - late) * _HALF / (PPQ - late)
    return beat * PPQ + round(straight / grid) * grid


def _in_triplet(rest: int) -> bool:
    """Whether a place in a quarter belongs to a triplet and to no straight division."""
    return rest % 40 == 0 and rest % 30 != 0
