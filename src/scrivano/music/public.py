"""What other rooms may use of music.

The service (with the database behind it), the planner and the request reader are loaded when they are first asked for,
as are engraving and the predictor: who only needs the shapes pays for the shapes.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from scrivano.music.dto import Arrangement, Genre, MusicRequest, Settled

if TYPE_CHECKING:
    from scrivano.music.comparing import BarDiff, SongChange, SongDiff
    from scrivano.music.files import AudioKind
    from scrivano.music.judging import Judgement, judge
    from scrivano.music.learning import Trained, train
    from scrivano.music.material import (
        Analysis,
        ChordReading,
        KeyRegion,
        Material,
        Use,
        analyse,
        decoded,
        take,
    )
    from scrivano.music.progression import Suggestion, read_request, settle
    from scrivano.music.roll import Roll, RollBar, RollChord, RollNote
    from scrivano.music.service import Music
    from scrivano.music.stages import RULES, MusicResult
    from scrivano.music.tastes import (
        NOBODY,
        ChoiceView,
        ComfortView,
        LikingView,
        PreferencesView,
        ReactionKind,
        ReactionView,
        SaidView,
        Tastes,
    )
    from scrivano.music.understanding import ApplicationView, GenreView, Understanding, genres, understand
    from scrivano.music.views import (
        BrokenRule,
        GenreMoney,
        MusicStatistics,
        NextChord,
        SongFile,
        SongVersion,
        SongVersionView,
        SongView,
        SubstituteView,
    )

_FROM: Final[dict[str, tuple[str, ...]]] = {
    "scrivano.music.comparing": ("BarDiff", "SongChange", "SongDiff"),
    "scrivano.music.files": ("AudioKind",),
    "scrivano.music.judging": ("Judgement", "judge"),
    "scrivano.music.learning": ("Trained", "train"),
    "scrivano.music.material": (
        "Analysis",
        "ChordReading",
        "KeyRegion",
        "Material",
        "Use",
        "analyse",
        "decoded",
        "take",
    ),
    "scrivano.music.progression": ("Suggestion", "read_request", "settle"),
    "scrivano.music.roll": ("Roll", "RollBar", "RollChord", "RollNote"),
    "scrivano.music.service": ("Music",),
    "scrivano.music.stages": ("RULES", "MusicResult"),
    "scrivano.music.tastes": (
        "NOBODY",
        "ChoiceView",
        "ComfortView",
        "LikingView",
        "PreferencesView",
        "ReactionKind",
        "ReactionView",
        "SaidView",
        "Tastes",
    ),
    "scrivano.music.understanding": ("ApplicationView", "GenreView", "Understanding", "genres", "understand"),
    "scrivano.music.views": (
        "BrokenRule",
        "GenreMoney",
        "MusicStatistics",
        "NextChord",
        "SongFile",
        "SongVersion",
        "SongVersionView",
        "SongView",
        "SubstituteView",
    ),
}
_HOME: Final = {name: module for module, names in _FROM.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_HOME[name]), name)
    globals()[name] = found
    return found


__all__ = [
    "NOBODY",
    "RULES",
    "Analysis",
    "ApplicationView",
    "Arrangement",
    "AudioKind",
    "BarDiff",
    "BrokenRule",
    "ChoiceView",
    "ChordReading",
    "ComfortView",
    "Genre",
    "GenreMoney",
    "GenreView",
    "Judgement",
    "KeyRegion",
    "LikingView",
    "Material",
    "Music",
    "MusicRequest",
    "MusicResult",
    "MusicStatistics",
    "NextChord",
    "PreferencesView",
    "ReactionKind",
    "ReactionView",
    "Roll",
    "RollBar",
    "RollChord",
    "RollNote",
    "SaidView",
    "Settled",
    "SongChange",
    "SongDiff",
    "SongFile",
    "SongVersion",
    "SongVersionView",
    "SongView",
    "SubstituteView",
    "Suggestion",
    "Tastes",
    "Trained",
    "Understanding",
    "Use",
    "analyse",
    "decoded",
    "genres",
    "judge",
    "read_request",
    "settle",
    "take",
    "train",
    "understand",
]
