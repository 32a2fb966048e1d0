"""What other features may use of `packs`."""

from scrivano.packs.dto import (
    BrokenPack,
    ChapterSample,
    DomainView,
    Finding,
    LoadReport,
    NicheView,
    OutlineChapter,
    OutlineSample,
    PackInTheWay,
    PackNotFound,
    Sample,
)
from scrivano.packs.service import Packs

__all__ = [
    "BrokenPack",
    "ChapterSample",
    "DomainView",
    "Finding",
    "LoadReport",
    "NicheView",
    "OutlineChapter",
    "OutlineSample",
    "PackInTheWay",
    "PackNotFound",
    "Packs",
    "Sample",
]
