"""From a request to chords with reasons: settling, generating, mending what a model sent, editing,
suggesting.
"""

from scrivano.music.progression.analyse import find_key, key_regions
from scrivano.music.progression.chart import WrittenChord, explain_chart
from scrivano.music.progression.edit import regenerate, reharmonize, substitute, transpose
from scrivano.music.progression.generate import NoProgression, generate
from scrivano.music.progression.harmonize import harmonize, melody_key
from scrivano.music.progression.repair import Repaired, repair
from scrivano.music.progression.reply import ModelReply, read_reply
from scrivano.music.progression.request import read_request, settle
from scrivano.music.progression.rules import Broken
from scrivano.music.progression.suggest import Suggestion, suggest

__all__ = [
    "Broken",
    "ModelReply",
    "NoProgression",
    "Repaired",
    "Suggestion",
    "WrittenChord",
    "explain_chart",
    "find_key",
    "generate",
    "harmonize",
    "key_regions",
    "melody_key",
    "read_reply",
    "read_request",
    "regenerate",
    "reharmonize",
    "repair",
    "settle",
    "substitute",
    "suggest",
    "transpose",
]
