"""A plain band to test the checker with: it plays a progression by the rules, in the simplest way that keeps them."""

import io
from collections.abc import Iterator
from itertools import pairwise, product

import mido

from scrivano.music.checker.chords import Chord, read_symbol
from scrivano.music.checker.midi import MidiFacts
from scrivano.music.checker.piece import FileNote
from scrivano.music.dto import Arrangement, Note, PartName, Progression, Settled, SpelledPitch

Q = 480
NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]


def spelled(midi: int) -> SpelledPitch:
    name = NAMES[midi % 12]
    return SpelledPitch.model_validate(
        {"step": name[0], "alter": len(name) - 1, "octave": midi // 12 - 1},
    )


class Band:
    """Plays `progression` in 4/4, as the genre and application of `settled` ask."""

    def __init__(self, settled: Settled, progression: Progression):
        self.settled, self.progression = settled, progression
        self.notes: list[Note] = []
        self.spans = [(span, chord) for span in progression.chords if (chord := read_symbol(span.symbol))]

    def play(self) -> Arrangement:
        genre = self.settled.genre.value
        if genre == "classical":
            self._choir()
        elif genre == "latin":
            self._salsa()
        elif genre == "reggae":
            self._one_drop()
        else:
            self._combo(genre)
        return Arrangement(
            title="A test",
            request=self.settled,
            progression=self.progression,
            notes=tuple(sorted(self.notes, key=lambda note: (note.onset, note.midi))),
            generation_method="rules",
        )

    def _note(self, part: PartName, midi: int, onset: int, duration: int) -> None:
        pitch = None if part == "drums" else spelled(midi)
        self.notes.append(Note(part=part, midi=midi, pitch=pitch, onset=onset, duration=duration))

    def _drum(self, number: int, bar: int, *ticks: int) -> None:
        for tick in ticks:
            self._note("drums", number, bar * 4 * Q + tick, 60)

    def _stab(self, chord: Chord, onset: int, duration: int) -> None:
        for midi in upper(chord):
            self._note("right", midi, onset, duration)

    def _combo(self, genre: str) -> None:
        for span, chord in self.spans:
            self._stab(chord, span.onset, span.duration)
            self._note("left", low(chord.bass_pc, 41), span.onset, span.duration)
            tones = [chord.bass_pc, *sorted(chord.basic - {chord.bass_pc})]
            for beat in range(span.duration // Q):
                self._note("bass", low(tones[beat % len(tones)], 29), span.onset + beat * Q, Q)
        for bar in range(self.progression.bars):
            if genre == "jazz":
                self._drum(44, bar, Q, 3 * Q)
            self._drum(38, bar, Q, 3 * Q)
            swing = {"blues": 320, "neo-soul": 269}.get(genre, 240)
            self._drum(42, bar, *(beat * Q + off for beat in range(4) for off in (0, swing)))

    def _one_drop(self) -> None:
        for at, (span, chord) in enumerate(self.spans):
            for onset in range(span.onset, span.onset + span.duration, Q):
                if onset // Q % 2:
                    self._stab(chord, onset, Q // 2)
            last = at == len(self.spans) - 1
            self._note("bass", low(chord.bass_pc, 29), span.onset, span.duration - (0 if last else 60))
        for bar in range(self.progression.bars):
            self._drum(36, bar, 2 * Q)
            self._drum(37, bar, 2 * Q)
            self._drum(42, bar, 0, Q, 2 * Q, 3 * Q)

    def _salsa(self) -> None:
        bars = self.progression.bars
        for bar in range(bars):
            two_side = bar % 2 == 0
            self._drum(75, bar, *(eighth * Q // 2 for eighth in ((2, 4) if two_side else (0, 3, 6))))
            inside = [(span, chord) for span, chord in self.spans if span.bar == bar + 1]
            start = bar * 4 * Q
            for span, chord in inside:
                first = (
                    span.onset if two_side or span.onset != start or bar == bars - 1 else span.onset + Q // 2
                )
                self._stab(chord, first, span.onset + span.duration - first)
            second = inside[-1][1].bass_pc
            if bar in {0, bars - 1}:
                self._note("bass", low(inside[0][1].bass_pc, 29), start, 3 * Q // 2 if bar == 0 else 4 * Q)
            if bar < bars - 1:
                coming = next(chord for span, chord in self.spans if span.bar == bar + 2)
                self._note("bass", low(second, 29), start + 3 * Q // 2, 3 * Q // 2)
                length = 5 * Q // 2 if bar < bars - 2 else Q
                self._note("bass", low(coming.bass_pc, 29), start + 3 * Q, length)

    def _choir(self) -> None:
        for (span, _), (s, a, t, b) in zip(self.spans, sung([chord for _, chord in self.spans]), strict=True):
            for part, midis in (("right", {s, a}), ("left", {t, b})):
                for midi in sorted(midis):
                    self._note(part, midi, span.onset, span.duration)


def low(pc: int, floor: int) -> int:
    return floor + (pc - floor) % 12


def upper(chord: Chord) -> list[int]:
    """Third, seventh and what else fits, in one octave from G3; in order, without close seconds in a heap."""
    wanted = [chord.root.pc + step for step in (chord.third, chord.seventh) if step is not None]
    rest = [pc for pc in sorted(chord.pcs) if pc not in {want % 12 for want in wanted}]
    return sorted(low(pc % 12, 55) for pc in [*wanted, *rest][:4])


Voices = tuple[int, int, int, int]
RANGES = ((60, 81), (53, 76), (46, 69), (38, 62))


def sung(chords: list[Chord]) -> list[Voices]:
    """Four voices for each chord, found by dynamic programming over all that may follow each other."""
    best: dict[Voices, tuple[float, list[Voices]]] = {
        voices: (0.0, [voices]) for voices in settings(chords[0])
    }
    for before, chord in pairwise(chords):
        reached: dict[Voices, tuple[float, list[Voices]]] = {}
        starts = sorted(best.items(), key=lambda item: item[1][0])[:120]
        for voices in settings(chord):
            for old, (cost, path) in starts:
                total = cost + sum(abs(x - y) for x, y in zip(voices, old, strict=True))
                known = reached.get(voices)
                if (known is None or total < known[0]) and may_follow(before, old, chord, voices):
                    reached[voices] = (total, [*path, voices])
        best = reached
        assert best, "no four voices for this progression"
    return min(best.values(), key=lambda item: item[0])[1]


def settings(chord: Chord) -> Iterator[Voices]:
    need = {(chord.root.pc + step) % 12 for step in (chord.third, chord.seventh) if step is not None} | {
        chord.bass_pc
    }
    leading = (chord.root.pc + 4) % 12 if chord.third == 4 else -1
    choices = [[m for m in range(lo, hi + 1) if m % 12 in chord.pcs] for lo, hi in RANGES]
    for s, a, t in product(*choices[:3]):
        if not (0 <= s - a <= 12 and 0 <= a - t <= 12):
            continue
        for b in choices[3]:
            sound = [m % 12 for m in (s, a, t, b)]
            close = t - b in {1, 2, 3, 4} and b < 48
            if b % 12 != chord.bass_pc or not 0 <= t - b <= 14 or close or (5 <= t - b <= 6 and b < 40):
                continue
            if need <= set(sound) and sound.count(leading) < 2:
                yield s, a, t, b


def may_follow(before: Chord, old: Voices, chord: Chord, new: Voices) -> bool:
    moves = [y - x for x, y in zip(old, new, strict=True)]
    for i in range(4):
        for j in range(i):
            if moves[i] * moves[j] > 0 and (old[j] - old[i]) % 12 == (new[j] - new[i]) % 12 in {0, 7}:
                return False
    if before.seventh is not None and before != chord:
        seventh = (before.root.pc + before.seventh) % 12
        if {seventh, (seventh - 1) % 12, (seventh - 2) % 12} & chord.pcs:
            return all(-2 <= move <= 0 for x, move in zip(old, moves, strict=True) if x % 12 == seventh)
    return True


def write_midi(facts: MidiFacts) -> bytes:
    """A MIDI file of what another one was found to say."""
    file = mido.MidiFile(type=1, ticks_per_beat=Q, charset="utf-8")
    first: list[tuple[int, mido.MetaMessage]] = []
    for tick, quarters in facts.tempos:
        first.append((tick, mido.MetaMessage("set_tempo", tempo=round(60_000_000 / quarters))))
    for tick, meter in facts.meters:
        top, bottom = map(int, meter.split("/"))
        first.append((tick, mido.MetaMessage("time_signature", numerator=top, denominator=bottom)))
    first += [(tick, mido.MetaMessage("key_signature", key=key)) for tick, key in facts.keys]
    first += [(tick, mido.MetaMessage("marker", text=text)) for tick, text in facts.markers]
    file.tracks.append(_track("", first))
    for channel, part in ((0, "right"), (1, "left"), (2, "bass"), (9, "drums"), (3, "melody"), (4, "other")):
        events = []
        for note in facts.notes:
            if note.part == part:
                on = mido.Message("note_on", channel=channel, note=note.midi, velocity=80)
                off = mido.Message("note_off", channel=channel, note=note.midi)
                events += [(note.end, off), (note.onset, on)]
        file.tracks.append(_track(part, events))
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def _track(name: str, events: list) -> mido.MidiTrack:
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)] if name else [])
    now = 0
    for tick, message in sorted(events, key=lambda event: (event[0], event[1].type != "note_off")):
        track.append(message.copy(time=tick - now))
        now = tick
    return track


def facts_of(arrangement: Arrangement) -> MidiFacts:
    """What the MIDI file of an arrangement says."""
    settled = arrangement.request
    return MidiFacts(
        notes=[FileNote(n.part, n.midi, n.onset, n.onset + n.duration) for n in arrangement.notes],
        tempos=[(0, settled.tempo)],
        meters=[(0, settled.meter)],
        keys=[(0, settled.key + ("m" if settled.mode == "minor" else ""))],
        markers=[((s.first_bar - 1) * 4 * Q, s.name) for s in arrangement.progression.sections],
    )
