"""The rules that hold in all genres, R-ALL-1 to R-ALL-13 (reasons apart)."""

import itertools
from collections import defaultdict
from typing import Final

from scrivano.music.checker.chords import LETTERS, NATURAL, Chord, Key, Name
from scrivano.music.checker.midi import MidiFacts
from scrivano.music.checker.musicxml import ScoreFacts
from scrivano.music.checker.piece import EPS, QUARTER, FileNote, Piece, Placed

METERS: Final = {
    "gospel": "4/4 3/4 6/8 12/8",
    "jazz": "4/4 3/4 5/4 2/2",
    "blues": "4/4 12/8 6/8 3/4",
    "classical": "4/4 3/4 2/2 6/8 12/8",
    "neo-soul": "4/4 6/8 3/4",
    "reggae": "4/4",
    "latin": "4/4 2/2",
    "rnb": "4/4 6/8 12/8 3/4",
}
_AWKWARD: Final = frozenset({"Cb", "Fb", "E#", "B#"})
# Semitones above the tonic → the degrees that may write it, with their alteration of the major scale.
_SPELLED: Final = {
    0: ((1, 0),), 1: ((2, -1), (1, 1)), 2: ((2, 0),), 3: ((3, -1), (2, 1)), 4: ((3, 0),), 5: ((4, 0),),
    6: ((4, 1), (5, -1)), 7: ((5, 0),), 8: ((6, -1), (5, 1)), 9: ((6, 0),), 10: ((7, -1),), 11: ((7, 0),),
}  # fmt: skip
_LOWEST_FOR: Final = {1: 48, 2: 48, 3: 45, 4: 45, 5: 40, 6: 40}


def check_frame(piece: Piece, midi: MidiFacts, score: ScoreFacts) -> None:
    """R-ALL-1 to R-ALL-3: bars, meter, key and tempo, in both files."""
    if score.bars != piece.bars:
        piece.broken("R-ALL-1", 0, f"the score has {score.bars} bars, {piece.bars} were asked for")
    begun = {placed.bar for placed in piece.chords if abs(placed.start - piece.start_of(placed.bar)) <= EPS}
    for bar in range(1, piece.bars + 1):
        if bar not in begun:
            piece.broken("R-ALL-1", bar, "no chord begins with the bar")
    end = piece.bars * piece.bar_ticks
    for note in piece.notes:
        if note.onset < 0 or note.end > end + EPS:
            piece.broken("R-ALL-1", piece.bar_of(note.onset), f"note {note.midi} sounds outside the piece")
    meters = {meter for _, meter in midi.meters} | {meter for _, meter in score.meters}
    if meters != {piece.meter} or min((tick for tick, _ in midi.meters), default=1) != 0:
        piece.broken("R-ALL-2", 0, f"meters {sorted(meters)} instead of {piece.meter}")
    if piece.meter not in METERS[piece.genre].split():
        piece.broken("R-ALL-2", 0, f"{piece.genre} has no {piece.meter}")
    _key_and_tempo(piece, midi, score)


def _key_and_tempo(piece: Piece, midi: MidiFacts, score: ScoreFacts) -> None:
    wanted = f"{piece.home.tonic}{'m' if piece.home.minor else ''}"
    if [key for _, key in midi.keys[:1]] != [wanted]:
        piece.broken("R-ALL-3", 0, f"the MIDI file is not in {wanted}: {midi.keys[:1]}")
    mode = "minor" if piece.home.minor else "major"
    if any((fifths, given) != (piece.home.fifths, mode) for _, fifths, given in score.keys) or not score.keys:
        piece.broken("R-ALL-3", 0, f"the score is not in {wanted}: {score.keys}")
    quarters = piece.tempo * (1.5 if piece.compound else 1.0)
    first = min(midi.tempos, default=(0, 120.0))[1]
    if abs(first / quarters - 1) > 0.005:
        piece.broken("R-ALL-3", 0, f"{first:.1f} quarters a minute instead of {quarters:.1f}")


def check_home(piece: Piece) -> None:
    """R-ALL-4: the tonic at the beginning and the end."""
    if not piece.sounding:
        piece.broken("R-ALL-4", 0, "there are no chords")
        return
    for placed in piece.sounding:
        if placed.chord and placed.why and placed.why.key.tonic.pc == placed.chord.root.pc:
            if placed.why.key != piece.home:
                piece.broken("R-ALL-4", placed.bar, "the first tonic is not that of the home key")
            break
    last = piece.sounding[-1]
    chord = last.chord
    assert chord is not None
    if last.why and last.why.key != piece.home:
        piece.broken("R-ALL-4", last.bar, "the last chord is not in the home key")
    if chord.root.pc != piece.home.tonic.pc or chord.bass is not None:
        piece.broken("R-ALL-4", last.bar, "the piece does not end on the tonic in root position")
    if chord.third != (3 if piece.home.minor else 4):
        piece.broken("R-ALL-4", last.bar, "the last chord has not the third of its key")


def check_spelling(piece: Piece) -> None:
    """R-ALL-6: roots as the key writes them."""
    for placed in piece.sounding:
        if placed.chord is None or placed.why is None:
            continue
        later = [piece.other_root(placed, 1), piece.other_symbol(placed, 1)]
        goals = {pc for p in later if p and p.chord for pc in (p.chord.root.pc, p.chord.bass_pc)}
        rises = any((goal - placed.chord.root.pc) % 12 in {1, 2} for goal in goals)
        if not _well_spelled(placed.chord, placed.why.key, rises):
            text = f"{placed.chord.root} is no root in {placed.why.key.tonic}"
            piece.broken("R-ALL-6", placed.bar, text)


def _well_spelled(chord: Chord, key: Key, rises: bool) -> bool:
    root = chord.root
    choices: list[Name] = []
    for number, alter in _SPELLED[key.degree(root.pc)]:
        on_scale = key.minor and key.degree(root.pc) in {3, 8}
        if alter > 0 and (on_scale or not (rises or number == 4)):
            continue
        letter = LETTERS[(LETTERS.index(key.tonic.letter) + number - 1) % 7]
        pc = (key.tonic.pc + NATURAL[number - 1] + alter) % 12
        off = (pc - NATURAL[LETTERS.index(letter)] + 6) % 12 - 6
        choices.append(Name(letter, off))
    usable = [name for name in choices if abs(name.alter) < 2 and not _awkward(name, key)]
    if usable:
        return root in usable
    return abs(root.alter) < 2 and not _awkward(root, key)


def _awkward(name: Name, key: Key) -> bool:
    """Whether it is C♭, F♭, E♯ or B♯ outside the signature; the leading tone of a minor key is at home there."""
    if str(name) not in _AWKWARD or (key.minor and key.degree(name.pc) == 11):
        return False
    order = "FCGDAEB" if name.alter > 0 else "BEADGCF"
    return order.index(name.letter) >= (key.fifths if name.alter > 0 else -key.fifths)


def check_tones(piece: Piece) -> None:
    """R-ALL-7: only tones of the chord, anticipations, and approaches in the bass."""
    bass = piece.by_part.get("bass", [])
    following = {id(note): later for note, later in itertools.pairwise(bass)}
    ahead = QUARTER * 3 // 2 if piece.compound else QUARTER
    for note in piece.pitched:
        for placed in _under(piece, note):
            if placed.chord is None or note.midi % 12 in placed.chord.pcs:
                continue
            if _anticipates(piece, note, ahead) or _approaches(piece, note, following.get(id(note))):
                continue
            text = f"note {note.midi} of the {note.part} is no tone of its chord"
            piece.broken("R-ALL-7", piece.bar_of(note.onset), text)
            break


def _under(piece: Piece, note: FileNote) -> list[Placed]:
    """The chords under which a note sounds for more than a moment."""
    return [
        placed
        for placed in piece.between(note.onset, note.end)
        if min(note.end, placed.end) - max(note.onset, placed.start) > min(60, (note.end - note.onset) // 2)
    ]


def _anticipates(piece: Piece, note: FileNote, ahead: int) -> bool:
    near = piece.between(note.onset, note.onset + ahead + EPS + 1)
    coming = [p for p in near if p.chord is not None and EPS < p.start - note.onset <= ahead + EPS]
    return any(p.chord is not None and note.midi % 12 in p.chord.pcs for p in coming[:1])


def _approaches(piece: Piece, note: FileNote, following: FileNote | None) -> bool:
    if note.part != "bass" or following is None or note.end - note.onset > piece.beat + EPS:
        return False
    holds = piece.at(note.onset)
    late = holds is not None and note.onset - holds.start >= piece.beat - EPS
    return late and 1 <= abs(following.midi - note.midi) <= 2


def check_sounding(piece: Piece) -> None:
    """R-ALL-8 and R-ALL-9: what makes the chord sounds, and its bass is the lowest."""
    for placed in piece.sounding:
        chord = placed.chord
        if chord is None or placed.end - placed.start < piece.beat - EPS:
            continue
        under = piece.sounding_between(placed.start + EPS, placed.end - EPS)
        hands = {note.midi % 12 for note in under if note.part != "bass"}
        for name, step in (("third", chord.third), ("seventh", chord.seventh)):
            if step is not None and (chord.root.pc + step) % 12 not in hands:
                piece.broken("R-ALL-8", placed.bar, f"the {name} of {chord.root} does not sound in the hands")
        if chord.bass_pc not in {note.midi % 12 for note in under}:
            piece.broken("R-ALL-8", placed.bar, f"the bass of {chord.root} does not sound")
        at_onset = [n for n in under if n.onset <= placed.start + EPS]
        if not at_onset and under:
            first = min(note.onset for note in under)
            at_onset = [note for note in under if note.onset - first <= EPS]
        if at_onset and min(note.midi for note in at_onset) % 12 != chord.bass_pc:
            piece.broken("R-ALL-9", placed.bar, f"the lowest note is not the bass of {chord.root}")


def strokes(notes: list[FileNote]) -> list[list[FileNote]]:
    """Notes of one hand that begin together, lowest first."""
    grouped: list[list[FileNote]] = []
    for note in sorted(notes, key=lambda note: note.onset):
        if grouped and note.onset - grouped[-1][0].onset <= EPS:
            grouped[-1].append(note)
        else:
            grouped.append([note])
    return [sorted(group, key=lambda note: note.midi) for group in grouped]


def check_hands(piece: Piece) -> None:
    """R-ALL-10 to R-ALL-12: what hands can play, ranges, and no mud in the depth."""
    struck = {hand: strokes(piece.by_part.get(hand, [])) for hand in ("right", "left")}
    wide = several = 0
    for stroke in (*struck["right"], *struck["left"]):
        bar = piece.bar_of(stroke[0].onset)
        span = stroke[-1].midi - stroke[0].midi
        several += len(stroke) > 1
        wide += span > 14
        if len(stroke) > 5 or span > 16:
            text = f"the {stroke[0].part} hand strikes {len(stroke)} notes over {span} semitones"
            piece.broken("R-ALL-10", bar, text)
        for low, high in itertools.pairwise(stroke):
            if low.midi < _LOWEST_FOR.get(high.midi - low.midi, 0):
                piece.broken("R-ALL-12", bar, f"notes {low.midi} and {high.midi} lie too close so low")
    if wide > several * 0.01:
        piece.broken("R-ALL-10", 0, f"{wide} of {several} strokes span more than 14 semitones")
    _check_crossing(piece, struck)
    limits = {
        "right": (piece.lowest, piece.highest), "left": (piece.lowest, piece.highest),
        "bass": (23, 67), "drums": (35, 81),
    }  # fmt: skip
    for note in piece.notes:
        low, high = limits.get(note.part, (0, 127))
        if not low <= note.midi <= high:
            text = f"note {note.midi} of {note.part} is out of range"
            piece.broken("R-ALL-11", piece.bar_of(note.onset), text)


def _check_crossing(piece: Piece, struck: dict[str, list[list[FileNote]]]) -> None:
    left_at = defaultdict[int, list[list[FileNote]]](list)
    for stroke in struck["left"]:
        left_at[round(stroke[0].onset / EPS)].append(stroke)
    for right in struck["right"]:
        place = round(right[0].onset / EPS)
        for left in left_at[place] + left_at[place - 1] + left_at[place + 1]:
            if right[0].midi < left[0].midi or right[-1].midi < left[-1].midi:
                piece.broken("R-ALL-10", piece.bar_of(right[0].onset), "the hands cross")


def check_sections(piece: Piece) -> None:
    """R-ALL-13: sections of one name have one length, but for the last."""
    by_name: dict[str, list[int]] = {}
    for section in piece.sections:
        by_name.setdefault(section.name, []).append(section.bars)
    for name, lengths in by_name.items():
        if len(set(lengths[:-1] or lengths)) > 1:
            piece.broken("R-ALL-13", 0, f"section {name} has {lengths} bars")
