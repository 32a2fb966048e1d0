"""What texts mean, as directions, without any model server: static vectors of word pieces that come with a package.

The vectors are those of WordLlama (github.com/dleemiller/WordLlama, MIT): 32,000 word pieces in 256 dimensions, made so
that the mean of a text's pieces stands for the text. They know that fuel is near diesel and a surgeon near a doctor, in
English and a little in other languages; they know nothing of the order of words, of negation or of numbers. A model of
embeddings is better wherever one is in reach.
"""

import importlib.util
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

DIMENSIONS = 256

BUILT_IN = "built-in"
"""Stands where a model's name stands, beside vectors that were made here. Models are named `provider/name`, none so."""

_WORD = re.compile(r"[^\W_]")


def meanings(texts: Sequence[str]) -> NDArray[np.float32]:
    """One row of length 1 a text, so that the product of two rows is their cosine; zeros for a text without a word.

    30 microseconds a sentence, 80 a passage of 60 words. The first call reads 16 MB and keeps 33 MB.
    """
    tokenizer, table = _loaded()
    rows = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        if _WORD.search(text):
            mean = table[tokenizer.encode(text, add_special_tokens=False).ids].mean(axis=0)
            row[:] = mean / (np.linalg.norm(mean) or 1.0)
    return rows


def understood(language: str, text: str) -> bool:
    """Whether these vectors tell enough of a text to search in it: of an English one, or of one whose language nobody
    knows if it is in plain letters. In others they find hardly more than chance would."""
    return language[:2].lower() == "en" or (not language and text.isascii())


@cache
def _loaded() -> "tuple[Tokenizer, NDArray[np.float32]]":
    # Whoever only imports this pays nothing.
    from safetensors.numpy import load_file  # pyright: ignore[reportUnknownVariableType]
    from tokenizers import Tokenizer

    # The package's own loader looks for its tokenizer on the network; its files are read as they lie.
    found = importlib.util.find_spec("wordllama")
    assert found is not None and found.origin is not None
    folder = Path(found.origin).parent
    tokenizer = Tokenizer.from_file(str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    table = load_file(folder / "weights" / "l2_supercat_256.safetensors")["embedding.weight"]
    return tokenizer, table.astype(np.float32)
