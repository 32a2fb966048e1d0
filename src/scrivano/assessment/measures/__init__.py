"""Measures that need no judge. Each takes prose and gives a score from 0 to 100 with findings, or None where it has
nothing to go by."""
