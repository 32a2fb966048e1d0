"""Answers given again: to the same question, to one that means the same, and to callers who ask at the same time."""
