"""The eight genres as data: who plays them how, their phrases, colours, elaborations, forms and meters."""

from typing import Final

from scrivano.music.dto import Genre
from scrivano.music.genres.blues import BLUES
from scrivano.music.genres.classical import CLASSICAL
from scrivano.music.genres.gospel import GOSPEL
from scrivano.music.genres.jazz import JAZZ
from scrivano.music.genres.latin import LATIN
from scrivano.music.genres.model import Application, GenreData, Part, Phrase
from scrivano.music.genres.neo_soul import NEO_SOUL
from scrivano.music.genres.reggae import REGGAE
from scrivano.music.genres.rnb import RNB

GENRES: Final[dict[Genre, GenreData]] = {
    data.genre: data for data in (GOSPEL, JAZZ, BLUES, CLASSICAL, NEO_SOUL, REGGAE, LATIN, RNB)
}


def genre_data(genre: Genre | str) -> GenreData:
    """The data of a genre by slug; raises ValueError for an unknown one."""
    return GENRES[Genre(genre)]


__all__ = ["GENRES", "Application", "GenreData", "Part", "Phrase", "genre_data"]
