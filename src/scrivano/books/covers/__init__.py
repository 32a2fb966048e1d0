"""Covers to choose from: drawn in six styles, painted by a model, or brought by the author; and the print wrap."""
