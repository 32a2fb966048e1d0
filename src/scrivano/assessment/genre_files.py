"""The genres that come with Scrivano, as YAML beside this module. What counts is the database, see `service`."""

from functools import cache
from pathlib import Path

import yaml

from scrivano.assessment.dto import GenreContent, GenreNotFound

FOLDER = Path(__file__).parent / "genres"


@cache
def shipped() -> dict[str, GenreContent]:
    """By slug."""
    read = [
        GenreContent.model_validate(yaml.safe_load(p.read_text("utf-8")))
        for p in sorted(FOLDER.glob("*.yaml"))
    ]
    return {genre.slug: genre for genre in read}


def chosen(genres: dict[str, GenreContent], slug: str, kind: str, domain: str = "") -> GenreContent:
    """The genre of this slug, or the one that suits the domain, or else the kind. Raises GenreNotFound."""
    if slug:
        if slug not in genres:
            raise GenreNotFound(
                f"There is no genre {slug!r}.",
                field="genre",
                remedy=f"There are: {', '.join(sorted(genres))}.",
            )
        return genres[slug]
    for genre in genres.values():
        if domain and domain in genre.domains:
            return genre
    return genres[kind] if kind in genres else next(g for g in genres.values() if g.kind == kind)
