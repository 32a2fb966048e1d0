"""What the built-in writer may draw on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from scrivano.references.public import Passage


class OutlineSampleChapter(Protocol):
    """A chapter of a pack's outline sample."""

    @property
    def title(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def points(self) -> Sequence[str]: ...


class OutlineSample(Protocol):
    """An outline sample of a pack."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def subtitle(self) -> str: ...
    @property
    def audience(self) -> str: ...
    @property
    def tone(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def chapters(self) -> Sequence[OutlineSampleChapter]: ...


class ChapterSample(Protocol):
    """A chapter sample of a pack; `text` is its Markdown body."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def audience(self) -> str: ...
    @property
    def tone(self) -> str: ...
    @property
    def topics(self) -> Sequence[str]: ...
    @property
    def summary(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class Material:
    """Samples of one niche (none for a subject without a pack) and the passages of the author's references.

    `pack_language` is the language of the samples; a book in another language is written from the references.
    """

    outlines: Sequence[OutlineSample] = ()
    chapters: Sequence[ChapterSample] = ()
    passages: Sequence[Passage] = ()
    pack_language: str = "en"
