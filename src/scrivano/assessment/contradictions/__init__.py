"""Statements of fact in prose, and whether two of them can both be true."""
