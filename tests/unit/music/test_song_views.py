"""Songs from before undoing was kept go back through all of their versions."""

from scrivano.music.models import SongRow
from scrivano.music.views import history_of


def test_an_older_song_goes_back_through_its_versions() -> None:
    assert history_of(SongRow(history={}), 3) == ([1, 2], [])
    assert history_of(SongRow(history={}), None) == ([], [])
    assert history_of(SongRow(history={"before": [1, 4], "after": [2]}), 5) == ([1, 4], [2])
