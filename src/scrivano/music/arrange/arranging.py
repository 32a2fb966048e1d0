"""From chords to a finished piece: voicings, the hands' rhythm, bass and drums as the genre has them."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import pi, sin
from typing import Final, Literal

from scrivano.music.arrange import bass as basses
from scrivano.music.arrange import figures, hands
from scrivano.music.arrange.drums import play_drums
from scrivano.music.arrange.frame import Frame, frame_for
from scrivano.music.arrange.keeping import join, pinned_fours, pinned_voicings
from scrivano.music.arrange.satb import Four, keeps_apart, set_voices, voice_ranges
from scrivano.music.arrange.spelling import notes_of
from scrivano.music.arrange.strokes import Line, Span, Stroke, end_of, spans_of
from scrivano.music.arrange.styles import STYLES, Groove, Levels, level
from scrivano.music.arrange.voicing import Voicing, voice
from scrivano.music.dto import Arrangement, Genre, Note, PartName, Progression, Section, Settled
from scrivano.music.genres import GENRES
from scrivano.music.theory import Key, Meter, key_of, meter_of

Clave = Literal["2-3", "3-2"]
# Ways for a line to go through four bars, from 0 to 1 in time and from −1 to 1 in height.
_SHAPES: Final[tuple[Callable[[float], float], ...]] = (
    lambda x: 2 * sin(pi * x) - 1,
    lambda x: 1 - 2 * sin(pi * x),
    lambda x: 2 * x - 1,
    lambda x: 1 - 2 * x,
)


def arrange(
    progression: Progression,
    settled: Settled,
    *,
    melody: Sequence[Note] = (),
    title: str = "",
    generation_method: str = "rules",
    previous: Arrangement | None = None,
    locked: Sequence[int] = (),
) -> Arrangement:
    """The arrangement of a progression, as `settled` asks for it; the same input gives the same notes.

    `melody` is played above the hands, unchanged. With `previous`, the bars that are `locked` (from 1) keep every
    note that begins in them; only where their last notes lead into a chord that has gone, they lead into the new one.
    """
    work = _Work(progression, settled, previous, frozenset(locked))
    classical = settled.genre is Genre.CLASSICAL
    notes = work.classical() if classical else work.grooving()
    if previous is not None and locked:
        may = None if classical else work.may_strike()
        notes = join(previous, notes, progression, frozenset(locked), work.home, may)
    notes = [*(n.model_copy(update={"part": "melody"}) for n in melody), *notes]
    order = {part: i for i, part in enumerate(("melody", "right", "left", "bass", "drums"))}
    notes.sort(key=lambda n: (n.onset, order[n.part], n.voice, n.midi))
    return Arrangement(
        title=title or default_title(settled),
        request=settled,
        progression=progression,
        notes=tuple(notes),
        swing=work.swing,
        generation_method=generation_method,
        clave=work.clave,
        locked_bars=tuple(sorted(locked)),
    )


def voices_can(
    progression: Progression, settled: Settled, previous: Arrangement, locked: Sequence[int]
) -> bool:
    """Whether four voices can sing a classical progression with the locked bars as they were; others always can."""
    if settled.genre is not Genre.CLASSICAL:
        return True
    work = _Work(progression, settled, previous, frozenset(locked))
    chords = [span.chord for span in work.sounding]
    return keeps_apart(chords, work.fours(), work.home, voice_ranges(settled.lowest, settled.highest))


def default_title(settled: Settled) -> str:
    """Such as “Bossa nova in F♯ minor”."""
    key = key_of(settled.key, settled.mode)
    data = GENRES[settled.genre]
    application = data.application(settled.application).title
    kind = application if data.title.lower() in application.lower() else f"{data.title} {application.lower()}"
    kind = data.title if application == data.title else kind
    return f"{kind} in {key.tonic.glyphs} {settled.mode}"


@dataclass
class _Work:
    """One arrangement being made."""

    progression: Progression
    settled: Settled
    previous: Arrangement | None
    locked: frozenset[int]

    @cached_property
    def meter(self) -> Meter:
        return meter_of(self.progression.meter)

    @cached_property
    def home(self) -> Key:
        return key_of(self.progression.key, self.progression.mode)

    @cached_property
    def spans(self) -> list[Span]:
        return spans_of(self.progression.chords)

    @cached_property
    def sounding(self) -> list[Span]:
        return [span for span in self.spans if not span.silent]

    @cached_property
    def groove(self) -> Groove:
        style = STYLES[self.settled.genre][self.settled.application]
        return style.groove(self.progression.meter, self.settled.tempo)

    @property
    def swing(self) -> float:
        data = GENRES[self.settled.genre].application(self.settled.application)
        return 0.5 if self.meter.compound or self.settled.genre is Genre.CLASSICAL else data.swing

    @cached_property
    def clave(self) -> Clave | None:
        if self.settled.genre is not Genre.LATIN or not self.groove.clave:
            return None
        if self.previous is not None and self.previous.clave:
            return self.previous.clave
        for direction in ("2-3", "3-2"):
            if direction in self.settled.description:
                return direction
        return self.rng("clave").choice(("2-3", "3-2"))

    def rng(self, *what: object) -> random.Random:
        return random.Random(":".join(map(str, (self.settled.seed, *what))))

    @cached_property
    def last_bar(self) -> int:
        """The tick where the last bar begins."""
        return end_of(self.progression, self.meter) - self.meter.bar

    def _section(self, bar: int) -> tuple[Section | None, int]:
        """The section of a bar (from 0) and the bar's place in it."""
        for section in self.progression.sections:
            if section.first_bar <= bar + 1 < section.first_bar + section.bars:
                return section, bar + 1 - section.first_bar
        return None, bar

    def chosen(self, part: str, levels: Levels) -> list[tuple[str, int]]:
        """The rhythm of each bar and which bar of it is played; a section keeps its rhythms when it returns."""
        rhythms = level(levels, self.settled.difficulty)
        found = list[tuple[str, int]]()
        for bar in range(self.progression.bars):
            section, place = self._section(bar)
            rng = self.rng(part, section.name if section else "", place // 4 % 2)
            which = bar + (self.clave == "3-2") if self.groove.clave else place
            found.append((rng.choice(rhythms), which))
        return found

    # Piano with or without bass and drums

    def grooving(self) -> list[Note]:
        groove, settled = self.groove, self.settled
        frame = frame_for(
            settled.lowest, settled.highest, groove.role, settled.difficulty, right_size=groove.right_size
        )
        voicings = self._voicings(frame)
        right, left = self._hands(voicings)
        lines = [right, left]
        if groove.bass:
            lines.append(self._bass([right, left]))
        notes = self._notes(lines)
        if groove.drums:
            notes += self._drums()
        return notes

    def _voicings(self, frame: Frame) -> dict[int, Voicing]:
        pinned = pinned_voicings(self.previous, self.sounding, self.locked)
        chords = [span.chord for span in self.sounding]
        line = voice(
            chords,
            frame,
            seed=str(self.settled.seed),
            pinned={i: pinned[s.index] for i, s in enumerate(self.sounding) if s.index in pinned},
            contour=self._contour(frame),
        )
        return {span.index: v for span, v in zip(self.sounding, line, strict=True)}

    def _contour(self, frame: Frame) -> list[float]:
        """Where the top of each chord would be: every four bars an arch, a rise, a fall or a dip."""
        sway = min(6, frame.right[1] - frame.top)
        found = list[float]()
        for span in self.sounding:
            section, place = self._section(span.bar - 1)
            shape = self.rng("contour", section.name if section else "", place // 4 % 2).choice(_SHAPES)
            within = (place % 4 + span.start % self.meter.bar / self.meter.bar) / 4
            found.append(frame.top + sway * shape(within))
        return found

    def _hands(self, voicings: dict[int, Voicing]) -> tuple[Line, Line]:
        groove, meter = self.groove, self.meter
        may = self.may_strike()
        right = self._played("right", self.chosen("right", groove.right))
        rhythms = self.chosen("left", groove.left)
        if any(pattern == "=" for pattern, _ in rhythms):
            left = hands.mirrored(right, "left")
        else:
            left = self._played("left", rhythms)
        longest = meter.bar if groove.ring else meter.beat // 2
        hands.fill(right, self.spans, may=may, longest=longest, only=lambda span: True)
        own_bass = not groove.bass
        hands.fill(left, self.spans, may=lambda _: True, longest=longest, only=lambda span: own_bass)
        if own_bass:
            _ground(left, self.sounding, meter)
        for line in (right, left):
            hands.give_notes(line, voicings)
        hands.sound_all(right, left, self.spans, voicings, meter, may=may)
        return right, left

    def _played(self, part: Literal["right", "left"], bars: list[tuple[str, int]]) -> Line:
        line = hands.play(part, bars, self.spans, self.meter, push=self.groove.push)
        return self._ended(line)

    def _ended(self, line: Line) -> Line:
        """The last bar: each chord struck once and held."""
        line.strokes = [s for s in line.strokes if s.start < self.last_bar]
        for stroke in line.strokes:
            stroke.end = min(stroke.end, self.last_bar)
            if self.spans[stroke.span].start >= self.last_bar:
                # What led into the last bar ends with the bar before, on that bar's chord.
                stroke.span = self._span_at(stroke.start)
        line.strokes = [s for s in line.strokes if not self.spans[s.span].silent]
        line.strokes += [
            Stroke(span.start, span.end, "x", span.index)
            for span in self.sounding
            if span.start >= self.last_bar
        ]
        return line

    def _span_at(self, tick: int) -> int:
        return next(s.index for s in self.spans if s.start <= tick < s.end)

    def may_strike(self) -> Callable[[int], bool]:
        """Where the right hand may be given strokes that its pattern hasn't."""
        if not self.groove.free:
            return lambda tick: tick >= self.last_bar
        if self.groove.clave and self.settled.application != "bossa":
            three = 1 if self.clave == "2-3" else 0
            bar = self.meter.bar
            return lambda tick: tick % bar != 0 or tick // bar % 2 != three or tick in {0, self.last_bar}
        return lambda tick: True

    def _bass(self, above: list[Line]) -> Line:
        ceiling = min((s.notes[0] for line in above for s in line.strokes), default=60)
        reach = basses.bass_range(ceiling)
        rng = self.rng("bass")
        groove = self.groove
        if groove.bass == "walk":
            line = basses.walk(self.spans, self.meter, reach, self.home, rng)
        else:
            bars = self.chosen("bass", {1: tuple(groove.bass)})
            line = basses.play_bass(
                bars, self.spans, self.meter, reach, self.home, push=groove.bass_push, rng=rng
            )
        return self._bass_ended(line)

    def _bass_ended(self, line: Line) -> Line:
        first_of = {s.span: s.notes for s in reversed(line.strokes) if s.start <= self.spans[s.span].start}
        kept = [s for s in line.strokes if s.start < self.last_bar]
        for stroke in kept:
            stroke.end = min(stroke.end, self.last_bar)
        kept += [
            Stroke(s.start, s.end, "r", s.index, first_of[s.index])
            for s in self.sounding
            if s.start >= self.last_bar
        ]
        line.strokes = kept
        return line

    def _drums(self) -> list[Note]:
        groove = self.groove
        kits = self.chosen("drums", {1: groove.drums})
        crashes = {s.first_bar - 1 for s in self.progression.sections} if groove.crash else set[int]()
        return play_drums(
            kits, self.meter, velocity=groove.velocity[3], crashes=crashes, rng=self.rng("drums")
        )

    def _notes(self, lines: Sequence[Line]) -> list[Note]:
        right, left, low, _ = self.groove.velocity
        base: dict[PartName, int] = {"right": right, "left": left, "bass": low}
        return [
            note
            for line in lines
            for note in notes_of(
                line, self.spans, self.home, self.meter, base[line.part], self.rng("touch", line.part)
            )
        ]

    # Four voices

    def fours(self) -> list[Four]:
        """The voices of the sounding chords."""
        settled = self.settled
        pinned = pinned_fours(self.previous, self.sounding, self.locked)
        return set_voices(
            [span.chord for span in self.sounding],
            self.home,
            voice_ranges(settled.lowest, settled.highest),
            seed=str(settled.seed),
            pinned={i: pinned[s.index] for i, s in enumerate(self.sounding) if s.index in pinned},
        )

    def classical(self) -> list[Note]:
        settled = self.settled
        voices: dict[int, Four] = {s.index: four for s, four in zip(self.sounding, self.fours(), strict=True)}
        chooser = {bar + 1: self._figure_rng(bar) for bar in range(self.progression.bars)}
        right, left = figures.figured(
            self.spans, voices, self.meter, settled.application, settled.difficulty,
            plain_from=self.last_bar, figure_of=chooser,
        )  # fmt: skip
        return [
            note
            for line, velocity in ((right, 76), (left, 66))
            for note in notes_of(
                line, self.spans, self.home, self.meter, velocity, self.rng("touch", line.part)
            )
        ]

    def _figure_rng(self, bar: int) -> random.Random:
        section, _ = self._section(bar)
        return self.rng("figure", section.name if section else "")


def _ground(left: Line, spans: Sequence[Span], meter: Meter) -> None:
    """Without a bass player, the left hand's lowest note sounds from the beginning of every chord."""
    for span in spans:
        sounding = left.sounding(span.start)
        if sounding is None or sounding.span != span.index:
            left.put(Stroke(span.start, min(span.end, span.start + meter.beat), "x", span.index))
        elif sounding.kind not in {"x", "b", "1"}:
            sounding.kind = "x"
