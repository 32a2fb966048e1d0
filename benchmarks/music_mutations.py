"""Seeded damage to good files, each kind breaking a hard rule for certain. A mutation that finds nothing to damage in a
piece (no drums, no chord of that sort) gives None.

What is damaged are the files as read back: notes, tempo, meter, key and markers of the MIDI file, and the XML tree of
the score. Each mutation says which rules the damage may be reported as.
"""

import copy
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from benchmarks.music_band import write_midi
from scrivano.music.checker.check import assemble
from scrivano.music.checker.midi import MidiFacts, read_midi
from scrivano.music.checker.musicxml import read_musicxml
from scrivano.music.checker.piece import FileNote, Piece, Placed
from scrivano.music.dto import Settled


@dataclass
class Files:
    """A pair of files, opened for damage."""

    midi: MidiFacts
    score: ET.Element
    piece: Piece
    settled: Settled

    @classmethod
    def open(cls, midi: bytes, score: bytes, settled: Settled) -> "Files":
        facts = read_midi(midi)
        return cls(facts, ET.fromstring(score), assemble(facts, read_musicxml(score), settled), settled)

    def copy(self) -> "Files":
        return Files(copy.deepcopy(self.midi), copy.deepcopy(self.score), self.piece, self.settled)

    def bytes(self) -> tuple[bytes, bytes]:
        return write_midi(self.midi), ET.tostring(self.score)

    def replace(self, old: FileNote, new: FileNote | None) -> None:
        self.midi.notes.remove(old)
        if new is not None:
            self.midi.notes.append(new)

    def under(self, placed: Placed, *parts: str) -> list[FileNote]:
        return [
            n for n in self.midi.notes if n.part in parts and n.onset < placed.end and n.end > placed.start
        ]

    def fields(self) -> list[ET.Element]:
        every = self.score.iterfind("identification/miscellaneous/miscellaneous-field")
        return [field for field in every if field.get("name", "").startswith("chord-")]

    def harmonies(self) -> list[ET.Element]:
        return list(self.score.iter("harmony"))


Mutation = Callable[[Files, random.Random], bool]
PITCHED: Final = ("right", "left", "bass")


def wrong_note(files: Files, rng: random.Random) -> bool:
    """A note of a hand goes to a tone that neither its chord nor the next has."""
    notes = [n for n in files.midi.notes if n.part in {"right", "left"} and n.end - n.onset >= 120]
    rng.shuffle(notes)
    for note in notes:
        near = {pc for p in files.piece.sounding if p.chord and p.end > note.onset - 1 and p.start < note.end + 960
                for pc in p.chord.pcs}  # fmt: skip
        free = [step for step in (1, -1, 2, -2, 3, -3) if (note.midi + step) % 12 not in near]
        if free:
            files.replace(note, note._replace(midi=note.midi + rng.choice(free)))
            return True
    return False


def lost_third(files: Files, rng: random.Random) -> bool:
    """The third of a chord is nowhere in the hands."""
    return _lose(files, rng, seventh=False)


def lost_seventh(files: Files, rng: random.Random) -> bool:
    """The seventh of a chord is nowhere in the hands."""
    return _lose(files, rng, seventh=True)


def _lose(files: Files, rng: random.Random, *, seventh: bool) -> bool:
    for placed in rng.sample(files.piece.sounding, len(files.piece.sounding)):
        assert placed.chord is not None
        step = placed.chord.seventh if seventh else placed.chord.third
        if step is None or placed.end - placed.start < files.piece.beat:
            continue
        pc = (placed.chord.root.pc + step) % 12
        gone = [n for n in files.under(placed, "right", "left") if n.midi % 12 == pc]
        for note in gone:
            files.replace(note, None)
        return bool(gone)
    return False


def wrong_bass(files: Files, rng: random.Random) -> bool:
    """A foreign tone lies under a chord's bass when it begins."""
    for placed in rng.sample(files.piece.sounding, len(files.piece.sounding)):
        assert placed.chord is not None
        others = sorted(placed.chord.pcs - {placed.chord.bass_pc})
        under = [n for n in files.under(placed, *PITCHED) if n.onset <= placed.start]
        if not under or not others or placed.end - placed.start < files.piece.beat:
            continue
        lowest = min(note.midi for note in under)
        midi = lowest - 1 - (lowest - 1 - rng.choice(others)) % 12
        files.midi.notes.append(FileNote("bass", midi, placed.start, placed.end))
        return True
    return False


def stretched_hand(files: Files, rng: random.Random) -> bool:
    """A hand strikes over 17 semitones or more."""
    note = rng.choice([n for n in files.midi.notes if n.part == "right"])
    files.midi.notes.append(note._replace(midi=note.midi + 24))
    return True


def crossed_hands(files: Files, rng: random.Random) -> bool:
    """The right hand reaches below the left where both strike."""
    onsets = {n.onset for n in files.midi.notes if n.part == "left"}
    both = [n for n in files.midi.notes if n.part == "right" and n.onset in onsets]
    if not both:
        return False
    note = rng.choice(both)
    lowest = min(n.midi for n in files.midi.notes if n.part == "left" and n.onset == note.onset)
    files.replace(note, note._replace(midi=lowest - 12 + (note.midi - lowest) % 12))
    return True


def out_of_range(files: Files, rng: random.Random) -> bool:
    """A hand leaves the instrument."""
    note = rng.choice([n for n in files.midi.notes if n.part in {"right", "left"}])
    octaves = -(-(files.settled.highest + 1 - note.midi) // 12)
    files.replace(note, note._replace(midi=min(127, note.midi + 12 * octaves)))
    return True


def six_notes(files: Files, rng: random.Random) -> bool:
    """A hand strikes six notes."""
    note = rng.choice([n for n in files.midi.notes if n.part == "right"])
    have = {n.midi for n in files.midi.notes if n.part == "right" and abs(n.onset - note.onset) < 20}
    for midi in [m for m in range(min(have), min(have) + 13) if m not in have][: 6 - len(have)]:
        files.midi.notes.append(note._replace(midi=midi))
    return True


def past_the_end(files: Files, rng: random.Random) -> bool:
    """The last note sounds on after the last bar."""
    note = max(files.midi.notes, key=lambda n: (n.end, n.midi))
    files.replace(note, note._replace(end=note.end + 480))
    return True


def other_tempo(files: Files, rng: random.Random) -> bool:
    """The tempo is off by 2 to 10 %."""
    files.midi.tempos[0] = (0, files.midi.tempos[0][1] * rng.choice([0.9, 0.95, 0.98, 1.02, 1.05, 1.1]))
    return True


def other_meter(files: Files, rng: random.Random) -> bool:
    """Another time signature, from the start or later."""
    other = rng.choice([m for m in ("3/4", "4/4", "6/8", "5/4") if m != files.settled.meter])
    files.midi.meters.append((files.piece.bar_ticks, other))
    return True


def other_key(files: Files, rng: random.Random) -> bool:
    """Another key signature."""
    files.midi.keys[0] = (0, rng.choice([k for k in ("C", "F#", "Am", "Ebm") if k != files.midi.keys[0][1]]))
    return True


def moved_marker(files: Files, rng: random.Random) -> bool:
    """A section begins a bar later."""
    at = rng.randrange(len(files.midi.markers))
    tick, text = files.midi.markers[at]
    files.midi.markers[at] = (tick + files.piece.bar_ticks, text)
    return True


def lost_bar(files: Files, rng: random.Random) -> bool:
    """The score ends a bar early."""
    for part in files.score.findall("part"):
        part.remove(part.findall("measure")[-1])
    return True


def lost_chord(files: Files, rng: random.Random) -> bool:
    """A bar begins without a chord symbol."""
    measures = [m for m in files.score.iter("measure") if m.find("harmony") is not None]
    measure = rng.choice(measures)
    measure.remove(measure.findall("harmony")[0])
    return True


def other_root(files: Files, rng: random.Random) -> bool:
    """A chord symbol of the score has another root."""
    step = next(rng.choice(files.harmonies()).iter("root-step"))
    step.text = rng.choice([letter for letter in "CDEFGAB" if letter != step.text])
    return True


def other_kind(files: Files, rng: random.Random) -> bool:
    """A chord symbol of the score is of another kind."""
    kind = next(rng.choice(files.harmonies()).iter("kind"))
    kind.text = rng.choice([k for k in ("major", "minor", "diminished", "augmented") if k != kind.text])
    return True


def no_reason(files: Files, rng: random.Random) -> bool:
    """A chord has no reason."""
    fields = files.score.find("identification/miscellaneous")
    assert fields is not None
    fields.remove(rng.choice(files.fields()))
    return True


def false_reason(files: Files, rng: random.Random) -> bool:
    """A chord is given a reason that cannot hold on its degree."""
    fields = files.fields()
    needs = {"neapolitan": {1}, "backdoor-dominant": {10}, "augmented-sixth": {8}, "blues-dominant": {0, 5}}
    for at in rng.sample(range(len(fields)), len(fields)):
        placed = files.piece.chords[at]
        if placed.chord is None or placed.why is None:
            continue
        degree = placed.why.key.degree(placed.chord.root.pc)
        kind = rng.choice([kind for kind, degrees in needs.items() if degree not in degrees])
        told = json.loads(fields[at].text or "")
        fields[at].text = json.dumps({**told, "kind": kind})
        return True
    return False


def other_ending(files: Files, rng: random.Random) -> bool:
    """The last chord is no tonic, in score and reason; its notes follow."""
    last = files.piece.sounding[-1]
    for harmony in files.harmonies()[last.index :][:1]:
        step = next(harmony.iter("root-step"))
        told = json.loads(files.fields()[last.index].text or "")
        letter = "CDEFGAB"[("CDEFGAB".index(step.text or "C") + 3) % 7]
        told["symbol"] = letter + told["symbol"][1:]
        step.text = letter
        files.fields()[last.index].text = json.dumps(told)
    return True


def respelled_root(files: Files, rng: random.Random) -> bool:
    """A root on the scale is written as its enharmonic twin."""
    twins = {
        "Bb": "A#",
        "Eb": "D#",
        "Ab": "G#",
        "Db": "C#",
        "F#": "Gb",
        "C#": "Db",
        "G#": "Ab",
        "D#": "Eb",
        "A#": "Bb",
    }
    order = rng.sample(files.piece.sounding, len(files.piece.sounding))
    for placed in order:
        assert placed.chord is not None
        twin = twins.get(str(placed.chord.root))
        if twin is None or placed.why is None or not placed.why.key.has_degree(placed.chord.root.pc):
            continue
        if placed.why.key.minor and placed.why.key.degree(placed.chord.root.pc) in {9, 11}:
            continue
        harmony, field = files.harmonies()[placed.index], files.fields()[placed.index]
        root = harmony.find("root")
        assert root is not None
        for child in list(root):
            root.remove(child)
        ET.SubElement(root, "root-step").text = twin[0]
        ET.SubElement(root, "root-alter").text = "1" if twin[1] == "#" else "-1"
        told = json.loads(field.text or "")
        told["symbol"] = twin + told["symbol"][len(str(placed.chord.root)) :]
        field.text = json.dumps(told)
        return True
    return False


_GROOVE: Final = {
    "gospel": {37, 38, 39, 40}, "jazz": {44}, "blues": {37, 38, 40}, "neo-soul": {37, 38, 39, 40},
    "rnb": {37, 38, 39, 40}, "reggae": {35, 36}, "latin": {75},
}  # fmt: skip


def lost_stroke(files: Files, rng: random.Random) -> bool:
    """The drum that carries the groove misses a whole bar."""
    numbers = _GROOVE.get(files.settled.genre.value, set())
    free = files.settled.application in {"practice", "ballad", "bossa", "bolero", "fusion"}
    strict = files.settled.genre.value not in {"gospel", "jazz", "latin"}
    if not any(n.part == "drums" for n in files.midi.notes) or (free and not strict):
        return False
    if files.settled.genre.value == "jazz" and files.settled.meter != "4/4":
        # The foot on 2 and 4 is a rule of 4/4 alone.
        return False
    bar = rng.randrange(1, files.piece.bars)
    start, end = files.piece.start_of(bar), files.piece.start_of(bar + 1)
    gone = [n for n in files.midi.notes if n.part == "drums" and n.midi in numbers and start <= n.onset < end]
    for note in gone:
        files.replace(note, None)
    return bool(gone)


def turned_clave(files: Files, rng: random.Random) -> bool:
    """From some bar on the clave runs the other way."""
    if not any(n.part == "drums" and n.midi == 75 for n in files.midi.notes) or files.piece.bars < 4:
        return False
    bar = files.piece.start_of(rng.randrange(2, files.piece.bars - 1))
    claves = [n for n in files.midi.notes if n.part == "drums" and n.midi == 75 and n.onset >= bar]
    for note in claves:
        files.replace(note, None)
    length = files.piece.bar_ticks
    for note in claves:
        if note.onset + length < files.piece.bars * length:
            files.midi.notes.append(note._replace(onset=note.onset + length, end=note.end + length))
    return True


def kick_on_one(files: Files, rng: random.Random) -> bool:
    """A one-drop gets a kick on the first beat."""
    if files.settled.genre.value != "reggae" or files.settled.application == "dancehall":
        return False
    start = files.piece.start_of(rng.randrange(1, files.piece.bars))
    files.midi.notes.append(FileNote("drums", 36, start, start + 60))
    return True


def bass_stands_still(files: Files, rng: random.Random) -> bool:
    """Walking bass and tumbao lose a stroke that they need."""
    walks = files.settled.genre.value == "jazz" and files.settled.application in {
        "swing",
        "standard",
        "bebop",
        "uptempo",
    }
    tumbao = files.settled.genre.value == "latin" and files.settled.application in {"salsa", "uptempo"}
    if files.settled.meter != "4/4" or not (walks or tumbao) or files.piece.bars < 3:
        return False
    start = files.piece.start_of(rng.randrange(2, files.piece.bars))
    beat = rng.choice([1, 2, 3]) * 480 if walks else 720
    gone = [n for n in files.midi.notes if n.part == "bass" and abs(n.onset - start - beat) <= 12]
    for note in gone:
        files.replace(note, None)
    return bool(gone)


def crossed_voices(files: Files, rng: random.Random) -> bool:
    """The tenor sings above the soprano."""
    if files.settled.genre.value != "classical":
        return False
    placed = rng.choice(files.piece.sounding)
    tenors = [n for n in files.midi.notes if n.part == "left" and placed.start <= n.onset < placed.end]
    if not tenors:
        return False
    highest = max(note.midi for note in tenors)
    for note in [n for n in tenors if n.midi == highest]:
        files.replace(note, note._replace(midi=note.midi + 24))
    return True


MUTATIONS: Final[tuple[Mutation, ...]] = (
    wrong_note, lost_third, lost_seventh, wrong_bass, stretched_hand, crossed_hands, out_of_range, six_notes,
    past_the_end, other_tempo, other_meter, other_key, moved_marker, lost_bar, lost_chord, other_root, other_kind,
    no_reason, false_reason, other_ending, respelled_root, lost_stroke, turned_clave, kick_on_one, bass_stands_still,
    crossed_voices,
)  # fmt: skip
