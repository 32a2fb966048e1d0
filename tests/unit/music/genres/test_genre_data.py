"""The genres' data: complete, consistent with the rules document, and readable."""

import re
from pathlib import Path

import pytest

from scrivano.music.dto import Genre
from scrivano.music.genres import GENRES, genre_data
from scrivano.music.genres.model import read_phrases
from scrivano.music.progression.form import form_sections
from scrivano.music.progression.moves import MOVES
from scrivano.music.theory import METERS
from scrivano.music.theory.explain import KINDS
from scrivano.music.theory.qualities import read_suffix

RULES = (Path(__file__).parents[4] / "docs" / "concepts" / "music-rules.md").read_text("utf-8")


def test_all_eight_genres_with_the_applications_of_the_rules_document() -> None:
    table = dict(
        re.findall(r"^\| (gospel|jazz|blues|classical|neo-soul|reggae|latin|rnb) \| (.+) \|$", RULES, re.M)
    )
    assert set(GENRES) == set(Genre)
    for genre, data in GENRES.items():
        meters, applications = table[genre.value].split(" | ")
        assert tuple(meters.split()) == data.meters
        assert set(applications.split(", ")) == set(data.by_slug)


def test_every_kind_of_reason_is_in_the_rules_document() -> None:
    written = set(re.findall(r"^\| ([a-z-]+) \|", RULES.split("## Reasons")[1], re.M))
    assert set(KINDS) <= written


@pytest.mark.parametrize("genre", list(Genre))
def test_data_are_consistent(genre: Genre) -> None:
    data = genre_data(genre)
    assert set(data.meters) <= set(METERS)
    for application in data.applications:
        low, usual, high = application.tempo
        assert 30 <= low < usual < high <= 320
        assert application.meter in data.meters
        assert 0.5 <= application.swing < 0.7
        assert set(data.elaborations(application.slug)) <= set(MOVES)
        for part in data.colours:
            assert all(read_suffix(suffix) for suffix in data.palette(application.slug, part))
        for mode in ("major", "minor"):
            roles = ("chorus", "turnaround", "ending") if genre is Genre.BLUES else ("open", "half", "close")
            for role in roles:
                assert len(data.phrases_for(mode, role, 2, application.slug)) >= 3
    if genre is not Genre.BLUES:
        assert all(form_sections(form) for form in data.forms)


@pytest.mark.parametrize(
    "line", ["major nowhere: I | V7", "dorian open: i | IV7", "major open: I || V7", "major open"]
)
def test_bad_phrases_are_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"phrase|chord"):
        read_phrases(line)
