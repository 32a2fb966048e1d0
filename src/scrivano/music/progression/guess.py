"""Which genre and application a description speaks of."""

import re
from typing import Final

from scrivano.music.dto import Genre
from scrivano.music.genres import GENRES, Application, GenreData

_LEANINGS: Final = {
    Genre.RNB: ("soul", "funk", "song", "singer"),
    Genre.BLUES: ("rock", "rock and roll", "rock'n'roll"),
    Genre.GOSPEL: ("choir", "hymn", "church"),
    Genre.LATIN: ("tango", "rumba", "conga"),
    Genre.NEO_SOUL: ("chill",),
}
# Words of pace and mood that every genre has: they choose an application, never a genre.
_COMMON: Final = frozenset(
    {
        "slow", "fast", "ballad", "uptempo", "up-tempo", "medium", "dance", "party", "practice", "exercise", "drill",
        "study", "warm-up", "standard", "upbeat", "groove", "groovy", "smooth", "mellow", "chill", "lyrical",
        "romantic", "tender", "concert", "rock", "trio", "echo", "version", "burner", "prayer", "funky",
    }
)  # fmt: skip


def genre_scores(text: str) -> dict[Genre, float]:
    """How strongly the words speak for each genre; of two names the later is the noun, as in "gospel blues"."""
    lowered = text.lower()
    scores: dict[Genre, float] = {}
    for genre, data in GENRES.items():
        score, last = 0.0, 0
        for word, weight in _genre_words(data):
            at = _find(lowered, word)
            if at is not None:
                score, last = max(score, weight), max(last, at)
        if score:
            scores[genre] = score + last / (len(lowered) + 1) * 0.5
    return scores


def _genre_words(data: GenreData) -> list[tuple[str, float]]:
    named = {data.genre.value, data.title.lower(), data.genre.value.replace("-", " ")}
    found = [(word, 3.0) for word in named]
    found += [(word, 2.0) for word in data.words if word not in named]
    for application in data.applications:
        own = {application.slug, application.title.lower(), *application.words} - _COMMON
        found += [(word, 1.0) for word in own]
    return found + [(word, 0.5) for word in _LEANINGS.get(data.genre, ())]


def application_score(text: str, application: Application) -> float:
    """How strongly the words speak for an application: its name more than words that hint at it."""
    lowered = text.lower()
    score = 0.0
    for word in (application.slug, application.title.lower()):
        if _find(lowered, word) is not None:
            score = max(score, 2.0 + len(word) / 100)
    for word in application.words:
        if _find(lowered, word) is not None:
            score = max(score, 1.0 + len(word) / 100)
    return score


def fits_tempo(tempo: float | None, application: Application) -> float:
    """A tempo that was asked for speaks for the applications that are played at it."""
    return 1.5 if tempo is not None and application.tempo[0] <= tempo <= application.tempo[2] else 0.0


def number_in(text: str | None) -> float | None:
    """The number that was written, None for anything else."""
    try:
        return float(text.replace(",", "")) if text else None
    except ValueError:
        return None


def _find(text: str, word: str) -> int | None:
    """Where a word begins in the text; whole words only, except in scripts that don't part them."""
    if not word.isascii():
        at = text.find(word)
        return at if at >= 0 else None
    match = re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text)
    return match.start() if match else None
