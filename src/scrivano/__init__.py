"""Scrivano: a self-hosted, local-first studio for long-form work made with language models."""

__version__ = "0.1.0"
