"""What of the author's references bears on a chapter that is already written, to check it against."""

from collections import Counter
from collections.abc import Sequence

from pydantic import BaseModel

from scrivano.books.context.pieces import told_from
from scrivano.references.public import (
    Bm25,
    Passage,
    Reference,
    count_words,
    passages_of,
    split_passages,
    split_sentences,
    terms,
)

WORDS = 900
"""So many words of references are laid beside a chapter: about 1,200 tokens, which any model has room for."""
_PIECE = 80


class Note(BaseModel):
    """A piece of a reference, word for word."""

    source: str
    heading: str = ""
    text: str


def bearing_on(
    text: str,
    references: Sequence[Reference],
    chapter: int,
    chapters: Sequence[tuple[str, str]] = (),
    words: int = WORDS,
) -> list[Note]:
    """The pieces that share the most telling words with `text`, names among them, in the order of the references.

    What is not to be told before a later chapter is left out: a chapter that keeps a secret does not contradict it.
    `chapters` are others of the book, title and text, that nobody has summed up.
    """
    passages = [
        passage
        for reference in references
        for passage in split_passages(reference)
        if told_from(reference, passage) <= chapter
    ]
    passages += [passage for title, told in chapters for passage in passages_of(title, title, told)]
    pieces = [(passage, piece) for passage in passages for piece in _pieces(passage.text)]
    index = Bm25([Counter([*terms(" ".join(p.headings)), *terms(piece)]) for p, piece in pieces])
    asked = ((term, float(count) ** 0.5) for term, count in Counter(terms(text)).items())
    scores = index.scores(asked)
    chosen: list[int] = []
    for number in sorted(scores, key=lambda n: (-scores[n], n)):
        size = count_words(pieces[number][1])
        if size <= words:
            chosen.append(number)
            words -= size
    return [_note(*pieces[number]) for number in sorted(chosen)]


def _pieces(text: str) -> list[str]:
    """The text whole where it is short, else its sentences together, as many as make a piece."""
    if count_words(text) <= _PIECE:
        return [text]
    pieces: list[str] = []
    size = 0
    for sentence in split_sentences(text):
        more = count_words(sentence)
        if not pieces or size + more > _PIECE:
            pieces.append(sentence)
            size = more
        else:
            pieces[-1] += f" {sentence}"
            size += more
    return pieces


def _note(passage: Passage, piece: str) -> Note:
    return Note(
        source=passage.source_title or passage.source, heading=" / ".join(passage.headings), text=piece
    )
