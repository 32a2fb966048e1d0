"""Providers and models: where they are, what they can, what they cost, whether they answer."""
