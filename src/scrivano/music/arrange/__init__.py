"""Arranges a progression for two hands, bass and drums."""

from scrivano.music.arrange.again import exchange, make_again
from scrivano.music.arrange.arranging import arrange, default_title
from scrivano.music.arrange.satb import can_follow

__all__ = ["arrange", "can_follow", "default_title", "exchange", "make_again"]
