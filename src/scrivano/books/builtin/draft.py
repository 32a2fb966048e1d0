"""A chapter while it is filled."""

from dataclasses import dataclass, field

from scrivano.books.builtin.pieces import Piece
from scrivano.books.builtin.stock import Unit
from scrivano.books.dto import OutlineChapter
from scrivano.references.public import count_words

SAMPLE_SHARE = 0.4
# Less while a chapter is filled: how many sentences it will have is not known before it is full.
SAFE_SHARE = 0.37


@dataclass(slots=True)
class Chosen:
    """A unit in a chapter; `pieces` may be fewer than the unit's, from its beginning."""

    unit: Unit
    score: float
    pieces: tuple[Piece, ...]

    @property
    def words(self) -> int:
        return sum(piece.words for piece in self.pieces) + count_words(self.unit.heading)

    @property
    def sentences(self) -> int:
        return sum(len(piece.sentences) for piece in self.pieces)


@dataclass(slots=True)
class Draft:
    """A chapter while it is filled: `pace` words make a sentence, `reserve` words are kept free for now.

    Units whose numbers are in `home` stand under the chapter's own headings in their source.
    """

    plan: OutlineChapter
    scores: list[float]
    pace: float = 15.0
    home: set[int] = field(default_factory=set[int])
    reserve: int = 0
    chosen: list[Chosen] = field(default_factory=list["Chosen"])

    @property
    def words(self) -> int:
        return sum(chosen.words for chosen in self.chosen)

    @property
    def sentences(self) -> int:
        return sum(chosen.sentences for chosen in self.chosen)

    def left_for(self, unit: Unit, *, without: Chosen | None = None) -> float:
        """Words that may still come from the unit's sample before it has more than its share of the chapter.

        The share is one of sentences, so a sample that writes short ones may give fewer words.
        """
        if unit.own:
            return float("inf")
        held = sum(
            c.sentences for c in self.chosen if c.unit.source_id == unit.source_id and c is not without
        )
        sentences = SAFE_SHARE * self.plan.words / self.pace - held
        return max(0.0, sentences) * unit.words / max(1, unit.sentences)
