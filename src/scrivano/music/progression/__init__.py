"""From a request to chords with reasons: settling, generating, and the hard rules."""

from scrivano.music.progression.generate import NoProgression, generate
from scrivano.music.progression.request import read_request, settle
from scrivano.music.progression.rules import Broken

__all__ = ["Broken", "NoProgression", "generate", "read_request", "settle"]
