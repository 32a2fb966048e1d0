"""References for other features: reading files, cutting them into passages and sentences, searching them."""

from scrivano.references.blocks import Block, split_blocks
from scrivano.references.checks import too_large
from scrivano.references.dto import (
    Found,
    Passage,
    PassageKind,
    ReadingProblem,
    Reference,
    ReferenceExists,
    ReferenceKind,
    ReferenceNotFound,
    ReferenceNotReady,
    ReferenceRead,
    ReferenceSort,
    ReferenceStatus,
    ReferenceTooLarge,
    ReferenceView,
    Use,
)
from scrivano.references.intake import Intake
from scrivano.references.languages import language_of
from scrivano.references.meaning import meanings
from scrivano.references.passages import passages_of, split_passages
from scrivano.references.reading import MAX_BYTES, read_references
from scrivano.references.search import Bm25, Hit, PassageIndex
from scrivano.references.sentences import split_sentences
from scrivano.references.service import Library
from scrivano.references.stemming import STOPWORDS, count_words, stem, terms, words

__all__ = [
    "MAX_BYTES",
    "STOPWORDS",
    "Block",
    "Bm25",
    "Found",
    "Hit",
    "Intake",
    "Library",
    "Passage",
    "PassageIndex",
    "PassageKind",
    "ReadingProblem",
    "Reference",
    "ReferenceExists",
    "ReferenceKind",
    "ReferenceNotFound",
    "ReferenceNotReady",
    "ReferenceRead",
    "ReferenceSort",
    "ReferenceStatus",
    "ReferenceTooLarge",
    "ReferenceView",
    "Use",
    "count_words",
    "language_of",
    "meanings",
    "passages_of",
    "read_references",
    "split_blocks",
    "split_passages",
    "split_sentences",
    "stem",
    "terms",
    "too_large",
    "words",
]
