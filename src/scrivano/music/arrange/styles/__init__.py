"""How each genre is played, as data."""

from typing import Final

from scrivano.music.arrange.styles.blues import BLUES
from scrivano.music.arrange.styles.islands import LATIN, REGGAE
from scrivano.music.arrange.styles.jazz import JAZZ
from scrivano.music.arrange.styles.model import LANES, Groove, Levels, Style, level
from scrivano.music.arrange.styles.soul import GOSPEL, NEO_SOUL, RNB
from scrivano.music.dto import Genre

# Classical is four voices with figuration and has a room of its own, figures.py.
STYLES: Final[dict[Genre, dict[str, Style]]] = {
    Genre.GOSPEL: GOSPEL,
    Genre.JAZZ: JAZZ,
    Genre.BLUES: BLUES,
    Genre.NEO_SOUL: NEO_SOUL,
    Genre.REGGAE: REGGAE,
    Genre.LATIN: LATIN,
    Genre.RNB: RNB,
}

__all__ = ["LANES", "STYLES", "Groove", "Levels", "Style", "level"]
