"""What the edges may use of the context of chapters."""

from scrivano.books.context.dto import ChapterContext, ContextTaken, NoContext
from scrivano.books.context.service import ChapterContexts

__all__ = ["ChapterContext", "ChapterContexts", "ContextTaken", "NoContext"]
