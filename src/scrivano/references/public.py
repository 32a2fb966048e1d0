"""References for other features: reading files, cutting them into passages and sentences, searching them."""

from scrivano.references.blocks import Block, split_blocks
from scrivano.references.dto import Passage, PassageKind, Reference
from scrivano.references.passages import passages_of, split_passages
from scrivano.references.reading import MAX_BYTES, read_references
from scrivano.references.search import Bm25, Hit, PassageIndex
from scrivano.references.sentences import split_sentences
from scrivano.references.stemming import STOPWORDS, count_words, stem, terms, words

__all__ = [
    "MAX_BYTES",
    "STOPWORDS",
    "Block",
    "Bm25",
    "Hit",
    "Passage",
    "PassageIndex",
    "PassageKind",
    "Reference",
    "count_words",
    "passages_of",
    "read_references",
    "split_blocks",
    "split_passages",
    "split_sentences",
    "stem",
    "terms",
    "words",
]
