"""What other rooms may use of music. Theory, engraving and the predictor load what is heavy when they are used."""

from scrivano.music.dto import Arrangement, Genre, MusicRequest, Settled
from scrivano.music.progression import Suggestion, read_request, settle
from scrivano.music.service import GenreView, Music, MusicStatistics, SongFile, SongView, genres
from scrivano.music.stages import RULES, MusicResult

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
