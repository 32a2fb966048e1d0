"""iReal Pro links, written and unscrambled. The format is described at irealpro.com/ireal-pro-file-format.

A chart there is rows of 16 cells, at most 12 of them. A bar gets a cell for each beat; where a piece is too long
for that, bars are written as narrow as their chords allow.
"""

from functools import lru_cache
from math import gcd
from typing import Final
from urllib.parse import quote

from scrivano.music.dto import Arrangement, ChordSpan, Genre, Mode
from scrivano.music.files.chart import sections_covering
from scrivano.music.files.timing import meter_in
from scrivano.music.theory.chord import Chord
from scrivano.music.theory.interval import Degree
from scrivano.music.theory.key import key_of
from scrivano.music.theory.meter import Meter
from scrivano.music.theory.qualities import read_suffix
from scrivano.music.theory.symbols import parse_chord

PREFIX: Final = "1r34LbKcu7"
_MOST_CELLS: Final = 192

# iReal Pro's qualities and what they are here.
QUALITIES: Final = {
    "": "", "^": "", "-": "m", "+": "aug", "o": "dim", "h": "m7b5", "5": "5", "2": "add9", "add9": "add9",
    "sus": "sus4", "^7": "maj7", "-7": "m7", "7": "7", "7sus": "7sus", "h7": "m7b5", "o7": "dim7", "^9": "maj9",
    "^13": "maj13", "6": "6", "69": "69", "^7#11": "maj7#11", "^9#11": "maj9#11", "^7#5": "maj7#5", "-6": "m6",
    "-69": "m69", "-^7": "mMaj7", "-^9": "mMaj9", "-9": "m9", "-11": "m11", "-7b5": "m7b5", "h9": "m9b5",
    "-b6": "mb6", "-#5": "m#5", "9": "9", "7b9": "7b9", "7#9": "7#9", "7#11": "7#11", "7b5": "7b5", "7#5": "7#5",
    "9#11": "9#11", "9b5": "9b5", "9#5": "9#5", "7b13": "7b13", "7#9#5": "7#5#9", "7#9b5": "7b5#9",
    "7#9#11": "7#9#11", "7b9#11": "7b9#11", "7b9b5": "7b5b9", "7b9#5": "7#5b9", "7b9#9": "7b9#9",
    "7b9b13": "7b9b13", "7alt": "7alt", "13": "13", "13#11": "13#11", "13b9": "13b9", "13#9": "13#9",
    "7b9sus": "7susb9", "7susadd3": "7susadd3", "9sus": "9sus", "13sus": "13sus", "7b13sus": "7susb13", "11": "11",
}  # fmt: skip

_STYLES: Final = {
    (Genre.JAZZ, "ballad"): ("Ballad", "Ballad Swing"),
    (Genre.JAZZ, "fusion"): ("Even 8ths", "Even 8ths"),
    (Genre.JAZZ, "uptempo"): ("Up Tempo Swing", "Up Tempo Swing"),
    (Genre.JAZZ, "bebop"): ("Up Tempo Swing", "Up Tempo Swing"),
    (Genre.BLUES, "slow"): ("Slow Swing", "Slow Rock"),
    (Genre.LATIN, "bossa"): ("Bossa Nova", "Brazil: Bossa Acoustic"),
    (Genre.LATIN, "bolero"): ("Latin", "Cuba: Bolero"),
    (Genre.RNB, "ballad"): ("Pop Ballad", "Smooth"),
}
_GENRE_STYLES: Final = {
    Genre.JAZZ: ("Medium Swing", "Medium Swing"),
    Genre.BLUES: ("Shuffle", "Shuffle"),
    Genre.GOSPEL: ("Pop", "Soul"),
    Genre.CLASSICAL: ("Even 8ths", "Long Notes"),
    Genre.NEO_SOUL: ("RnB", "RnB"),
    Genre.REGGAE: ("Reggae", "Reggae"),
    Genre.LATIN: ("Latin", "Cuba: Son Montuno 2-3"),
    Genre.RNB: ("RnB", "RnB"),
}
# The keys iReal Pro knows, by pitch class.
_KEYS: Final[dict[Mode, list[str]]] = {
    "major": ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"],
    "minor": ["C-", "C#-", "D-", "Eb-", "E-", "F-", "F#-", "G-", "G#-", "A-", "Bb-", "B-"],
}
_TIMES: Final = {"12/8": "12"}


def write_ireal(arrangement: Arrangement) -> str:
    """An `irealb://` link with the chords, sections, meter, key, style and tempo of the piece."""
    meter = meter_in(arrangement)
    request = arrangement.request
    style, groove = _STYLES.get((request.genre, request.application), _GENRE_STYLES[request.genre])
    if arrangement.clave == "3-2" and groove == "Cuba: Son Montuno 2-3":
        groove = "Cuba: Son montuno 3-2"
    key = key_of(arrangement.progression.key, arrangement.progression.mode)
    name = _KEYS[key.mode][key.pc]
    title = arrangement.title.replace("=", "-").strip() or "Untitled"
    chords = PREFIX + scramble(_chord_string(arrangement, meter))
    fields = (title, "Scrivano", "", style, name, "", chords, groove, str(round(request.tempo)), "1")
    return "irealb://" + quote("=".join(fields), safe="")


def scramble(text: str) -> str:
    """Swaps characters within each 50 as iReal Pro does; applied twice it gives the text back."""
    done = list[str]()
    while len(text) > 50:
        block, text = text[:50], text[50:]
        # A rest of a single character stays with an unscrambled block.
        done.append(block if len(text) < 2 else _swapped(block))
    return "".join([*done, text])


def _swapped(block: str) -> str:
    letters = list(block)
    for i in (*range(5), *range(10, 24)):
        letters[i], letters[49 - i] = letters[49 - i], letters[i]
    return "".join(letters)


def _chord_string(arrangement: Arrangement, meter: Meter) -> str:
    progression = arrangement.progression
    by_bar: dict[int, list[ChordSpan]] = {}
    for span in progression.chords:
        by_bar.setdefault(span.bar, []).append(span)
    narrow = meter.beats * progression.bars > _MOST_CELLS
    cells = {
        bar: _cells(by_bar.get(bar, []), bar, meter, narrow=narrow) for bar in range(1, progression.bars + 1)
    }
    time = _TIMES.get(meter.name, meter.name.replace("/", ""))
    out = list[str]()
    for number, section in enumerate(sections_covering(progression.sections, progression.bars)):
        out.append("[")
        if section.name:
            out.append(f"*{_mark(section.name, number)}")
        if number == 0:
            out.append(f"T{time}")
        bars = range(section.first_bar, section.first_bar + section.bars)
        out.append("|".join(cells[bar] for bar in bars))
        out.append("Z" if bars.stop > progression.bars else "]")
    return "".join(out)


def _mark(name: str, number: int) -> str:
    """iReal Pro has marks of one letter: i for an intro, v for a verse, A to D."""
    first = name[:1]
    if first.upper() in "ABCD" and len(name) == 1:
        return first.upper()
    return {"intro": "i", "verse": "v"}.get(name.lower()) or "ABCD"[min(number, 3)]


def _cells(spans: list[ChordSpan], bar: int, meter: Meter, *, narrow: bool) -> str:
    """A bar's cells: a chord or a blank each. A chord directly after another is set off by a comma."""
    start = (bar - 1) * meter.bar
    beats = {round((span.onset - start) / meter.beat): span.symbol for span in spans}
    step = 1
    if narrow:
        step = gcd(meter.beats, *beats)
        step = step if meter.beats // step > 1 else gcd(meter.beats, meter.beats // 2 or 1)
    out, before = "", False
    for beat in range(0, meter.beats, step):
        symbol = beats.get(beat)
        out += ("," if before and symbol else "") + (ireal_symbol(symbol) if symbol else " ")
        before = symbol is not None
    return out


@lru_cache(maxsize=2048)
def ireal_symbol(symbol: str) -> str:
    """The chord as iReal Pro spells it; a quality it hasn't is written out between asterisks."""
    chord = parse_chord(symbol)
    if chord.root is None:
        return "n"
    bass = f"/{chord.bass}" if chord.bass else ""
    quality = _BY_DEGREES.get(chord.degrees)
    return f"{chord.root}{f'*{chord.suffix}*' if quality is None else quality}{bass}"


def house_symbol(root: str, quality: str, bass: str = "") -> Chord:
    """The chord of iReal Pro's root, quality and bass; InvalidInput if it can't be read."""
    plain = quality.replace("*", "").replace("6/9", "69").replace("ø", "h").replace("7add3sus", "7susadd3")
    suffix = QUALITIES.get(plain, plain.replace("^", "maj" if len(plain) > 1 else ""))
    return parse_chord(f"{root}{suffix}{bass}")


def _by_degrees() -> dict[tuple[Degree, ...], str]:
    found: dict[tuple[Degree, ...], str] = {}
    for theirs, ours in QUALITIES.items():
        found.setdefault(tuple(sorted(read_suffix(ours))), theirs)
    return found


_BY_DEGREES: Final = _by_degrees()
