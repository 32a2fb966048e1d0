"""Word lists, written so that people can read them."""


def word_set(listed: str) -> frozenset[str]:
    """The words of `listed`, which white space separates."""
    return frozenset(listed.split())
