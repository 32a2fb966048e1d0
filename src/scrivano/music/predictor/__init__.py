"""The next-chord predictor: what it learns from, its tables and memory, the mixing, and the suggestions."""
