"""Arranges a progression for two hands, bass and drums."""

from scrivano.music.arrange.arranging import arrange, default_title

__all__ = ["arrange", "default_title"]
