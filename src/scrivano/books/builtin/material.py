"""What the built-in writer may draw on."""

from collections.abc import Sequence
from dataclasses import dataclass

from scrivano.packs.public import ChapterSample, OutlineSample
from scrivano.references.public import Passage


@dataclass(frozen=True)
class Material:
    """Samples of one niche (none for a subject without a pack) and the passages of the author's references.

    `pack_language` is the language of the samples; a book in another language is written from the references.
    """

    outlines: Sequence[OutlineSample] = ()
    chapters: Sequence[ChapterSample] = ()
    passages: Sequence[Passage] = ()
    pack_language: str = "en"
