"""Texts and their versions: every version is kept, compared and restored; none is ever overwritten."""
