"""Chord charts as text and as ChordPro: what a player reads from, and what can be read back.

A bar of the chart has one word for each beat: a chord where it begins, a stroke `/` while it holds. `%` is the
bar before once more. Below the bars, the reasons: bar and beat, symbol, numeral and key, kind, and the sentence.
"""

from collections.abc import Iterator

from scrivano.music.dto import Arrangement, ChordSpan, Section
from scrivano.music.files.timing import meter_in, swings
from scrivano.music.theory.key import key_of
from scrivano.music.theory.meter import Meter

_BARS_A_LINE = 4


def write_chart(arrangement: Arrangement) -> str:
    """The chart as plain text, with ASCII chord symbols and the reason of every chord."""
    meter = meter_in(arrangement)
    request, progression = arrangement.request, arrangement.progression
    head = [
        _one_line(arrangement.title),
        "",
        f"Genre: {request.genre.value}, {request.application}",
        f"Key: {_key_words(arrangement)}",
        f"Time: {meter.name}",
        f"Tempo: {request.tempo:g}",
    ]
    if swings(meter, arrangement.swing):
        head.append(f"Swing: {arrangement.swing:g}")
    if arrangement.clave:
        head.append(f"Clave: {arrangement.clave}")
    head += [f"Bars: {progression.bars}", f"Made by: {arrangement.generation_method}"]
    lines = [*head]
    for section, rows in _rows(arrangement, meter):
        lines += ["", f"[{section}]"] if section else [""]
        lines += [f"| {' | '.join(' '.join(bar) for bar in row)} |" for row in rows]
    lines += ["", "Reasons", *(_reason(span, meter) for span in progression.chords), ""]
    return "\n".join(lines)


def write_chordpro(arrangement: Arrangement) -> str:
    """The chart in ChordPro, each section a grid."""
    meter = meter_in(arrangement)
    request = arrangement.request
    key = key_of(arrangement.progression.key, arrangement.progression.mode)
    lines = [
        f"{{title: {_one_line(arrangement.title)}}}",
        f"{{key: {key.tonic}{'m' if key.mode == 'minor' else ''}}}",
        f"{{time: {meter.name}}}",
        f"{{tempo: {request.tempo:g}}}",
        f"{{meta: genre {request.genre.value}}}",
        f"{{meta: arranger {_one_line(arrangement.generation_method)}}}",
    ]
    for section, rows in _rows(arrangement, meter):
        label = f" {_one_line(section)}" if section else ""
        lines += ["", f"{{start_of_grid: {_BARS_A_LINE}x{meter.beats}{label}}}"]
        lines += [f"| {' | '.join(' '.join(_dots(bar)) for bar in row)} |" for row in rows]
        lines.append("{end_of_grid}")
    return "\n".join([*lines, ""])


def _dots(bar: list[str]) -> list[str]:
    """ChordPro has a dot for a cell without a chord, and writes silence as NC."""
    return [{"/": ".", "N.C.": "NC"}.get(word, word) for word in bar]


def bar_words(spans: list[ChordSpan], bar: int, meter: Meter) -> list[str]:
    """The words of a bar, one a beat. A chord off the beat stands behind its beat as `G7@2.5` (beats from 1)."""
    start = (bar - 1) * meter.bar
    words = list[str]()
    for beat in range(meter.beats):
        left, right = start + beat * meter.beat, start + (beat + 1) * meter.beat
        inside = [span for span in spans if left <= span.onset < right]
        on_beat = next((span.symbol for span in inside if span.onset == left), "/")
        words.append(on_beat)
        words += [
            f"{s.symbol}@{1 + (s.onset - start) / meter.beat:.3f}".rstrip("0")
            for s in inside
            if s.onset > left
        ]
    return words


def _rows(arrangement: Arrangement, meter: Meter) -> Iterator[tuple[str, list[list[list[str]]]]]:
    """Each section's name, and its bars in rows of four."""
    progression = arrangement.progression
    by_bar: dict[int, list[ChordSpan]] = {}
    for span in progression.chords:
        by_bar.setdefault(span.bar, []).append(span)
    for section in sections_covering(progression.sections, progression.bars):
        bars = [
            bar_words(by_bar.get(bar, []), bar, meter)
            for bar in range(section.first_bar, section.first_bar + section.bars)
        ]
        rows = [bars[i : i + _BARS_A_LINE] for i in range(0, len(bars), _BARS_A_LINE)]
        yield section.name, rows


def sections_covering(sections: tuple[Section, ...], bars: int) -> list[Section]:
    """The sections in order, with nameless ones where the form leaves bars out."""
    covered, at = list[Section](), 1
    for section in sorted(sections, key=lambda s: s.first_bar):
        if section.first_bar > at:
            covered.append(Section(name="", first_bar=at, bars=section.first_bar - at))
        length = min(section.bars, bars - section.first_bar + 1)
        covered.append(section.model_copy(update={"bars": length}))
        at = section.first_bar + length
    if at <= bars:
        covered.append(Section(name="", first_bar=at, bars=bars - at + 1))
    return covered


def _reason(span: ChordSpan, meter: Meter) -> str:
    start = (span.bar - 1) * meter.bar
    beat = 1 + (span.onset - start) / meter.beat
    reason = span.reason
    leads = f" -> {reason.target}" if reason.target else ""
    return f"{span.bar}.{beat:g}  {span.symbol}  {reason.roman}{leads} in {reason.key} ({reason.kind}): {reason.text}"


def _key_words(arrangement: Arrangement) -> str:
    key = key_of(arrangement.progression.key, arrangement.progression.mode)
    return f"{key.tonic} {key.mode}"


def _one_line(text: str) -> str:
    return " ".join(text.replace("{", "(").replace("}", ")").split())
