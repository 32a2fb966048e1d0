"""The built-in writer for the rest of `books`."""

from scrivano.books.builtin.arrange import prose_of
from scrivano.books.builtin.material import Material
from scrivano.books.builtin.plan import choose_outline
from scrivano.books.builtin.writer import compose

__all__ = [
    "Material",
    "choose_outline",
    "compose",
    "prose_of",
]
