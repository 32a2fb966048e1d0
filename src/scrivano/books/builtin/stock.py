"""The material as units: sections that can stand by themselves, each sentence of them only once."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from scrivano.books.builtin.material import Material
from scrivano.books.builtin.pieces import Piece, is_byline, piece_of, without
from scrivano.packs.public import ChapterSample
from scrivano.references.public import Passage, passages_of, terms, words

PART_WORDS = 230
HEADING_WEIGHT = 3.0
CONTEXT_WEIGHT = 0.4
NEAR = 0.6
LEAST_INTRO = 60
_NOT_FOR_BOOKS = re.compile(
    r"(?:table of contents|contents|references|bibliography|further reading|sources|links|license|licence|"
    r"changelog|acknowledg\w+|about the author|index|literatur|quellen|inhalt(?:sverzeichnis)?)\W*$",
    re.IGNORECASE,
)


@dataclass(slots=True, eq=False)
class Unit:
    """Consecutive pieces of one section of one source; `own` says that it is the author's.

    `section` is shared by the parts of a section that was too long for one unit, `part` counts these.
    An `intro` stands before the first heading of a source that has headings.
    """

    number: int
    source_id: str
    source_title: str
    own: bool
    headings: tuple[str, ...]
    pieces: tuple[Piece, ...]
    section: str
    part: int = 0
    intro: bool = False
    sample: ChapterSample | None = None
    terms: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def heading(self) -> str:
        return self.headings[-1] if self.headings else ""

    @property
    def words(self) -> int:
        return sum(piece.words for piece in self.pieces)

    @property
    def sentences(self) -> int:
        return sum(len(piece.sentences) for piece in self.pieces)


def units_of(material: Material, *, use_pack: bool = True) -> list[Unit]:
    """All units in order: the author's references first, the samples after them.

    What repeats an earlier sentence, word for word or nearly, is taken out, so no two units share one.
    """
    units: list[Unit] = []
    for source, passages in groupby(material.passages, key=lambda p: p.source):
        units += _units(source, list(passages), own=True, sample=None)
    for sample in material.chapters if use_pack else ():
        passages = passages_of(sample.id, sample.title, sample.text)
        units += _units(sample.id, passages, own=False, sample=sample)
    kept = list(_once(units))
    for number, unit in enumerate(kept):
        unit.number = number
        unit.terms = _terms(unit)
    return kept


def _units(
    source: str, passages: Sequence[Passage], *, own: bool, sample: ChapterSample | None
) -> Iterator[Unit]:
    headed = any(passage.headings for passage in passages)
    for number, (headings, group) in enumerate(groupby(passages, key=lambda p: tuple(p.headings))):
        if any(_NOT_FOR_BOOKS.match(heading) for heading in headings):
            continue
        group = list(group)
        pieces = [piece for passage in group if (piece := piece_of(passage))]
        if not headings and headed:
            pieces = [piece for piece in pieces if not is_byline(piece)]
            if own and sum(piece.words for piece in pieces) < LEAST_INTRO:
                continue
        for part, chosen in enumerate(_parts(pieces, whole=not own)):
            yield Unit(
                number=0,
                source_id=source,
                source_title=group[0].source_title,
                own=own,
                headings=headings,
                pieces=tuple(chosen),
                section=f"{source}§{number}",
                part=part,
                intro=headed and not headings,
                sample=sample,
            )


def _parts(pieces: Sequence[Piece], *, whole: bool) -> Iterator[list[Piece]]:
    """Cut a long section between paragraphs; a sample's sections are short and stay whole."""
    part: list[Piece] = []
    size = 0
    for number, piece in enumerate(pieces):
        part.append(piece)
        size += piece.words
        rest = sum(p.words for p in pieces[number + 1 :][:8])
        bound = piece.announces or (number + 1 < len(pieces) and pieces[number + 1].kind != "paragraph")
        if not whole and size >= PART_WORDS and rest >= PART_WORDS / 3 and not bound:
            yield part
            part, size = [], 0
    if part:
        yield part


def _terms(unit: Unit) -> dict[str, float]:
    """Terms with their weights: the text's, the headings' more, those of the source's title a little."""
    found: dict[str, float] = {}
    for piece in unit.pieces:
        for term in terms(piece.markdown):
            found[term] = found.get(term, 0.0) + 1.0
    for depth, heading in enumerate(reversed(unit.headings)):
        for term in terms(heading):
            found[term] = found.get(term, 0.0) + (HEADING_WEIGHT if depth == 0 else 1.0)
    for term in dict.fromkeys(terms(unit.source_title)):
        found[term] = found.get(term, 0.0) + CONTEXT_WEIGHT
    return found


def _once(units: Iterable[Unit]) -> Iterator[Unit]:
    seen = _Seen()
    for unit in units:
        before = unit.words
        pieces = [kept for piece in unit.pieces if (kept := _fresh(piece, seen))]
        pieces = _without_loose_ends(pieces)
        if pieces and sum(p.words for p in pieces) * 2 >= before and any(p.sentences for p in pieces):
            unit.pieces = tuple(pieces)
            yield unit


def _fresh(piece: Piece, seen: "_Seen") -> Piece | None:
    if not piece.sentences:
        return piece if seen.add(piece.markdown) else None
    return without(piece, [sentence for sentence in piece.sentences if not seen.add(sentence)])


def _without_loose_ends(pieces: Sequence[Piece]) -> list[Piece]:
    """Drop an announcement whose list is gone, and a list that would run into the one before it."""
    kept: list[Piece] = []
    for number, piece in enumerate(pieces):
        if kept and kept[-1].kind == "list" == piece.kind:
            continue
        after = pieces[number + 1] if number + 1 < len(pieces) else None
        if piece.announces and (after is None or (after.kind == "paragraph" and piece.kind == "paragraph")):
            shorter = without(piece, piece.sentences[-1:])
            if shorter is not None and not shorter.announces:
                kept.append(shorter)
            continue
        kept.append(piece)
    return kept


class _Seen:
    """Sentences met so far, by their words and by runs of three words."""

    def __init__(self) -> None:
        self._exact: set[str] = set()
        self._runs: dict[str, list[int]] = {}
        self._sizes: list[int] = []

    def add(self, sentence: str) -> bool:
        """Remember `sentence`; False if it, or one very like it, was there."""
        found = words(sentence)
        key = " ".join(found)
        if key in self._exact:
            return False
        runs = {" ".join(found[i : i + 3]) for i in range(len(found) - 2)}
        if len(found) >= 7 and self._is_near(runs):
            return False
        self._exact.add(key)
        number = len(self._sizes)
        self._sizes.append(len(runs))
        for run in runs:
            self._runs.setdefault(run, []).append(number)
        return True

    def _is_near(self, runs: set[str]) -> bool:
        shared: dict[int, int] = {}
        for run in runs:
            having = self._runs.get(run, ())
            # A run that dozens of sentences have is a phrase of the language and tells nothing.
            if len(having) < 40:
                for number in having:
                    shared[number] = shared.get(number, 0) + 1
        least = NEAR * min(len(runs), 5)
        return any(
            count >= least and count >= NEAR * min(len(runs), max(self._sizes[number], 5))
            for number, count in shared.items()
        )
