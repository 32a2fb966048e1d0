"""Scripted servers that speak what real ones do: for tests, demonstrations and dry runs without a network."""
