"""The author's own files: read, cut into passages, searched."""
