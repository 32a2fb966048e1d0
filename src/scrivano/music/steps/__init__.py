"""The steps of a song."""
