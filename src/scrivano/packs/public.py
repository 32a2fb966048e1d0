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
from scrivano.packs.editing import (
    MOST_BYTES,
    SampleText,
    archive,
    install_archive,
    put_sample,
    remove_sample,
    sample_texts,
)
from scrivano.packs.service import Packs

__all__ = [
    "MOST_BYTES",
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
    "SampleText",
    "archive",
    "install_archive",
    "put_sample",
    "remove_sample",
    "sample_texts",
]
