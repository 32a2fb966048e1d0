"""What other rooms may use of music.

The service (with the database behind it), the planner and the request reader are loaded when they are first asked for,
as are engraving and the predictor: who only needs the shapes pays for the shapes.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from scrivano.music.dto import Arrangement, Genre, MusicRequest, Settled

if TYPE_CHECKING:
    from scrivano.music.progression import Suggestion, read_request, settle
    from scrivano.music.service import GenreView, Music, MusicStatistics, SongFile, SongView, genres
    from scrivano.music.stages import RULES, MusicResult

_FROM: Final = {
    "scrivano.music.progression": ("Suggestion", "read_request", "settle"),
    "scrivano.music.service": ("GenreView", "Music", "MusicStatistics", "SongFile", "SongView", "genres"),
    "scrivano.music.stages": ("RULES", "MusicResult"),
}
_HOME: Final = {name: module for module, names in _FROM.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_HOME[name]), name)
    globals()[name] = found
    return found


__all__ = [
    "RULES",
    "Arrangement",
    "Genre",
    "GenreView",
    "Music",
    "MusicRequest",
    "MusicResult",
    "MusicStatistics",
    "Settled",
    "SongFile",
    "SongView",
    "Suggestion",
    "genres",
    "read_request",
    "settle",
]
